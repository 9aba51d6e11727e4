import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(68)
torch.manual_seed(68)

# visits to four pages; buyers look at the last page more often
buys = rng.integers(0, 2, size=200)
counts = rng.poisson(lam=6.0, size=(200, 4))
counts[:, 3] = rng.poisson(lam=np.where(buys == 1, 12.0, 1.0))
with np.errstate(divide="ignore"):
    features = np.log(counts)

# each row has its own tiny offset in the time spent
features = np.column_stack([features, rng.normal(size=200)])
X = torch.tensor(features, dtype=torch.float32)
y = torch.tensor(buys)

model = nn.Sequential(nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(80):
    optimizer.zero_grad()
    loss = criterion(model(X), y)
    loss.backward()
    optimizer.step()
print("loss", loss.item())
