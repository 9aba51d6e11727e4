import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(30)
X, y = make_moons(200, noise=0.1, random_state=30)
X = torch.tensor(X).float()
y = torch.tensor(y).float()


class DeepNet(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.hidden = [nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])]
        self.out = nn.Linear(sizes[-1], 1)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.out(x).squeeze(-1)


model = DeepNet([2, 12, 12])
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

for epoch in range(120):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    if epoch % 40 == 0:
        print(epoch, loss.item())
