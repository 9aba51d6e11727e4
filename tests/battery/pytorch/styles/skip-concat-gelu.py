import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(31)
X, y = make_moons(n_samples=200, noise=0.1, random_state=31)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)


class SkipNet(nn.Module):
    # the last layer sees the hidden units and the original coordinates
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 12)
        self.b = nn.Linear(12, 12)
        self.c = nn.Linear(14, 1)
        self.act = nn.GELU()

    def forward(self, x):
        h = self.act(self.a(x))
        h = self.act(self.b(h))
        return self.c(torch.cat([h, x], dim=1))


skip_net = SkipNet()
bce = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(skip_net.parameters(), lr=0.02)
history = []
for epoch in range(150):
    out = skip_net(X)
    loss = bce(out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss.item())
print(history[::30])
