import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

torch.manual_seed(9)
X, y = make_moons(n_samples=200, noise=0.1, random_state=9)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=9)

train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=20, shuffle=True)
test_loader = DataLoader(TensorDataset(X_test, y_test), batch_size=20)

model = nn.Sequential(
    nn.Linear(2, 16),
    nn.BatchNorm1d(16),
    nn.ReLU(),
    nn.Linear(16, 16),
    nn.BatchNorm1d(16),
    nn.ReLU(),
    nn.Linear(16, 1),
)
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(25):
    model.train()
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        optimizer.step()

model.eval()
right = 0
with torch.no_grad():
    for xb, yb in test_loader:
        right += ((model(xb) > 0).float() == yb).sum().item()
print("test accuracy", right / len(X_test))
