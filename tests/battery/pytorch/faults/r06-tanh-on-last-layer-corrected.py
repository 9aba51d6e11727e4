import torch
from torch import nn
from sklearn import datasets

torch.manual_seed(9)
X, y = datasets.make_moons(n_samples=240, noise=0.1, random_state=9)
X = torch.as_tensor(X, dtype=torch.float32)
y = torch.as_tensor(y, dtype=torch.float32)


class MoonNet(nn.Module):
    """Two hidden layers with tanh, one logit."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 8)
        self.b = nn.Linear(8, 8)
        self.c = nn.Linear(8, 1)

    def forward(self, x):
        x = torch.tanh(self.a(x))
        x = torch.tanh(self.b(x))
        x = self.c(x)
        return x.squeeze(1)


m = MoonNet()
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(m.parameters(), lr=0.02)
for i in range(150):
    loss = loss_fn(m(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"loss after {i + 1} steps: {loss.item():.3f}")
