import torch
from torch import nn
from sklearn.datasets import make_blobs

torch.manual_seed(140)
X, y = make_blobs(n_samples=160, centers=[[-2.5, -2.5], [2.5, 2.5]], cluster_std=0.5, random_state=140)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).view(-1, 1)

model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)


def cross_entropy(p, t):
    return -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()


for epoch in range(150):
    p = model(X)
    loss = cross_entropy(p, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 15 == 0:
        print(epoch, loss.item())
