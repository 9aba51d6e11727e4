import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(44)
X, y = make_circles(220, noise=0.05, factor=0.5, random_state=44)
X = torch.tensor(X).float()
y = torch.tensor(y).float()


class Gated(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.value = nn.Linear(2, width)
        self.gate = nn.Linear(2, width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        value = self.value(x)
        gate = torch.sigmoid(self.gate(x))
        return self.out(value * gate).flatten()


model = Gated()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.02)
for epoch in range(200):
    optimizer.zero_grad()
    loss = criterion(model(X), y)
    loss.backward()
    optimizer.step()
    if (epoch + 1) % 50 == 0:
        print(epoch + 1, loss.item())
