import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_moons

torch.manual_seed(51)
X, y = make_moons(n_samples=260, noise=0.06, random_state=50)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
X_train, y_train = X[:200], y[:200]
X_val, y_val = X[200:], y[200:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 16)
        self.fc2 = nn.Linear(16, 16)
        self.fc3 = nn.Linear(16, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return torch.sigmoid(self.fc3(x)).flatten()


def train(model, n_epochs):
    opt = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(n_epochs):
        opt.zero_grad()
        loss = F.binary_cross_entropy(model(X_train), y_train)
        loss.backward()
        opt.step()


def accuracy(model):
    model.eval()
    with torch.no_grad():
        return ((model(X_val) > 0.5).float() == y_val).float().mean().item()


net = Net()
print("validation accuracy", accuracy(net))
