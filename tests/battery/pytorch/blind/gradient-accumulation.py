import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(9)
X, y = make_blobs(n_samples=240, n_features=5, centers=3, cluster_std=2.5, random_state=12)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)
mean, std = X[:192].mean(0), X[:192].std(0)
X = (X - mean) / std
train = DataLoader(TensorDataset(X[:192], y[:192]), batch_size=16, shuffle=True)

model = nn.Sequential(
    nn.Linear(5, 20), nn.GELU(),
    nn.Linear(20, 10), nn.GELU(),
    nn.Linear(10, 3),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
accumulate = 3   # a step for every 48 rows, memory for 16

optimizer.zero_grad()
for epoch in range(24):
    for i, (xb, yb) in enumerate(train, start=1):
        loss = criterion(model(xb), yb) / accumulate
        loss.backward()
        if i % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
    if epoch % 6 == 5:
        print(epoch + 1, loss.item() * accumulate)

model.eval()
with torch.no_grad():
    print("accuracy", (model(X[192:]).argmax(1) == y[192:]).float().mean().item())
