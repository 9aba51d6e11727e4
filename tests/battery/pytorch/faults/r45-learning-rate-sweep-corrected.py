import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(170)
X, y = make_moons(n_samples=200, noise=0.1, random_state=170)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)

model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
# half as much every 50 epochs
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5 ** (epoch // 50))

history = []
for epoch in range(200):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append((scheduler.get_last_lr()[0], loss.item()))
    scheduler.step()
print(history[::20])
