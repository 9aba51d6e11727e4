import torch
from torch import nn
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

torch.manual_seed(66)
X, y = make_circles(n_samples=300, noise=0.05, factor=0.4, random_state=66)
X_train, X_test, y_train, y_test = train_test_split(
    torch.tensor(X, dtype=torch.float32), torch.tensor(y), test_size=0.2, random_state=66)

model = nn.Sequential(
    nn.Linear(2, 32),
    nn.ReLU(),
    nn.Dropout(0.1),
    nn.Linear(32, 2),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)

for epoch in range(150):
    model.train()
    loss = loss_fn(model(X_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.inference_mode():
    accuracy = (model(X_test).argmax(dim=1) == y_test).float().mean()
print("loss", loss.item(), "test accuracy", accuracy.item())
