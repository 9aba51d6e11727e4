import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(21)
points, classes = make_moons(n_samples=200, noise=0.1, random_state=21)
points = torch.tensor(points, dtype=torch.float)
classes = torch.tensor(classes, dtype=torch.float).unsqueeze(1)

model = nn.Sequential(
    nn.Linear(2, 12),
    nn.ReLU(),
    nn.Linear(12, 1),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-4)

for epoch in range(150):
    logits = model(points)
    loss = loss_fn(logits, classes)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(f"{epoch:3d}  {loss.item():.4f}")
