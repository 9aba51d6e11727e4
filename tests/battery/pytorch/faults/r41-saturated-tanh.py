import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(130)
X, y = make_circles(n_samples=200, noise=0.05, factor=0.5, random_state=130)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)


class TanhNet(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.fc2 = nn.Linear(hidden, 1)
        nn.init.normal_(self.fc1.weight, mean=0.0, std=500.0)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x))).squeeze(1)


model = TanhNet()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
for epoch in range(150):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("loss", loss.item())
