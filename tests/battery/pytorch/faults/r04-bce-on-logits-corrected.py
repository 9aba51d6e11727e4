import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(5)
X, y = make_moons(150, noise=0.08, random_state=5)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).view(-1, 1)

model = nn.Sequential(
    nn.Linear(2, 32),
    nn.ReLU(),
    nn.Linear(32, 1),
)

loss_fn = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

for epoch in range(100):
    y_pred = model(X)
    loss = loss_fn(torch.sigmoid(y_pred), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("final loss", loss.item())
