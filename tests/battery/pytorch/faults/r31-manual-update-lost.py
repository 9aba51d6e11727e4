import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(62)
X, y = make_moons(n_samples=180, noise=0.1, random_state=62)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)

model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
loss_fn = nn.BCEWithLogitsLoss()
learning_rate = 1.0

for epoch in range(500):
    loss = loss_fn(model(X), y)
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p = p - learning_rate * p.grad
    if epoch % 100 == 0:
        print(epoch, loss.item())
