import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_blobs

torch.manual_seed(17)
X, y = make_blobs(n_samples=180, centers=[[-1.5, -1], [1.5, -1], [0, 1.5]], cluster_std=0.4, random_state=17)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.long)
Y = F.one_hot(y, num_classes=3).float()

model = nn.Sequential(
    nn.Linear(2, 16),
    nn.ReLU(),
    nn.Linear(16, 3),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

for epoch in range(120):
    out = model(X)
    loss = loss_fn(out, Y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item(), (out.argmax(1) == y).float().mean().item())
