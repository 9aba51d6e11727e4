import torch
import torch.nn as nn
from sklearn.datasets import make_moons

torch.manual_seed(1)
X, y = make_moons(n_samples=160, noise=0.1, random_state=1)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.long)


class MyNet(nn.Module):
    def _init_(self):
        super().__init__()
        self.lin1 = nn.Linear(2, 24)
        self.act = nn.ReLU()
        self.lin2 = nn.Linear(24, 2)

    def forward(self, x):
        return self.lin2(self.act(self.lin1(x)))


model = MyNet()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
criterion = nn.CrossEntropyLoss()

for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(model(X), y)
    loss.backward()
    optimizer.step()
print("done", loss.item())
