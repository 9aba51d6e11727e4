import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_moons

torch.manual_seed(67)
X, y = make_moons(n_samples=320, noise=0.08, random_state=67)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)

train_loader = DataLoader(TensorDataset(X[:240], y[:240]), batch_size=40, shuffle=True)
test_loader = DataLoader(TensorDataset(X[240:], y[240:]), batch_size=40)


class LogReg2(nn.Module):
    def __init__(self):
        super().__init__()
        self.h = nn.Linear(2, 24)
        self.o = nn.Linear(24, 1)

    def forward(self, x):
        return torch.sigmoid(self.o(torch.tanh(self.h(x))))


net = LogReg2()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
for epoch in range(30):
    net.train()
    for inputs, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(inputs), labels)
        loss.backward()
        optimizer.step()

# testing
net.eval()
right = seen = 0
with torch.no_grad():
    for inputs, labels in test_loader:
        right += (net(inputs).round() == labels).sum().item()
        seen += len(labels)
print("test accuracy", right / seen)
