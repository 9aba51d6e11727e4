import torch
import torch.nn as nn
from sklearn.datasets import make_blobs

torch.manual_seed(81)
X, y = make_blobs(n_samples=180, centers=[[-1.5, 0], [1.5, 0], [0, 2]], cluster_std=0.5, random_state=81)
X = torch.tensor(X).float()
y = torch.tensor(y).long()

model = nn.Sequential(
    nn.Linear(2, 16),
    nn.ReLU(),
    nn.Linear(16, 3),
)
model.eval()

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(model(X), y)
    loss.backward()
    optimizer.step()
print("last loss", loss.item())
