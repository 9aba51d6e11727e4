import torch
import torch.nn as nn
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

torch.manual_seed(21)
X, y = make_moons(300, noise=0.12, random_state=21)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=60, random_state=21)
X_train = torch.tensor(X_train, dtype=torch.float32)
X_test = torch.tensor(X_test, dtype=torch.float32)
y_train = torch.tensor(y_train, dtype=torch.float32)[:, None]
y_test = torch.tensor(y_test, dtype=torch.float32)[:, None]

model = nn.Sequential(nn.LazyLinear(20), nn.PReLU(), nn.LazyLinear(1))
model(X_train[:1])  # the first call tells the lazy layers their sizes
print(model)

loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(150):
    logits = model(X_train)
    loss = loss_fn(logits, y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    test_acc = ((model(X_test) > 0) == (y_test > 0.5)).float().mean()
print(f"loss {loss:.3f}, test accuracy {test_acc:.3f}")
