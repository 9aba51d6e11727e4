import torch
import torch.nn as nn
from sklearn.datasets import make_circles

torch.manual_seed(60)
X, y = make_circles(n_samples=140, noise=0.05, factor=0.4, random_state=60)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)

model = nn.Sequential(nn.Linear(2, 14), nn.ReLU(), nn.Linear(14, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

for epoch in range(100):
    optimizer.zero_grad()
    outputs = model(X)
    loss = criterion(outputs, y)
    optimizer.step()
    if epoch % 20 == 0:
        print("epoch", epoch, "loss", loss.item())
