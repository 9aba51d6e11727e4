import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(102)
X, y = make_moons(n_samples=200, noise=0.1, random_state=102)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)

model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)

losses = []
for epoch in range(300):
    loss = loss_fn(model(X), y)
    losses.append(loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("first", losses[0], "last", losses[-1])
