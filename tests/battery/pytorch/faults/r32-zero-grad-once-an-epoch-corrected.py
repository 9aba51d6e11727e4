import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import make_moons

torch.manual_seed(72)
X, y = make_moons(n_samples=200, noise=0.1, random_state=72)
X = torch.from_numpy(X.astype(np.float32))
y = torch.from_numpy(y)

model = torch.nn.Sequential(
    torch.nn.Linear(2, 20),
    torch.nn.Tanh(),
    torch.nn.Linear(20, 2),
)
opt = torch.optim.Adam(model.parameters(), lr=0.03)

for epoch in range(60):
    order = torch.randperm(200)
    for i in range(0, 200, 20):
        rows = order[i:i + 20]
        loss = F.cross_entropy(model(X[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, round(loss.item(), 4))
