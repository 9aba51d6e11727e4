import torch
from torch import nn
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

torch.manual_seed(70)
X, y = make_circles(n_samples=240, noise=0.05, factor=0.5, random_state=70)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=70)

model = nn.Sequential(
    nn.Linear(2, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
)
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

for epoch in range(400):
    loss = loss_fn(model(X_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 50 == 0:
        print(epoch, loss.item())

model.eval()
with torch.no_grad():
    print("accuracy", ((model(X_test) > 0).float() == y_test).float().mean().item())
