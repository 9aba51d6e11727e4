import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import make_blobs

torch.manual_seed(27)
X, y = make_blobs(n_samples=180, centers=[[-1, 0], [1, 0], [0, 1.5]], cluster_std=0.3, random_state=27)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)

model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
lr = 0.3

for epoch in range(150):
    loss = F.cross_entropy(model(X), y)
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for param in model.parameters():
            param -= lr * param.grad
    if epoch % 30 == 0:
        print(epoch, loss.item())
print(loss.item())
