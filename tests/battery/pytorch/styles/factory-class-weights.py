import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(28)
centers = np.array([[0.0, 0.0], [2.0, 0.5], [0.5, 2.0]])
labels = rng.permutation(np.repeat([0, 1, 2], [180, 40, 30]))
points = centers[labels] + rng.normal(0, 0.35, size=(250, 2))

X = torch.tensor(points, dtype=torch.float32)
y = torch.tensor(labels)
counts = torch.bincount(y[:200]).float()


def build_and_train(width, epochs):
    torch.manual_seed(28)
    net = nn.Sequential(nn.Linear(2, width), nn.SiLU(), nn.Linear(width, 3))
    loss_fn = nn.CrossEntropyLoss(weight=counts.sum() / (3 * counts), label_smoothing=0.05)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(net(X[:200]), y[:200])
        loss.backward()
        optimizer.step()
    return {"network": net, "loss": loss.item()}


results = {"width 18": build_and_train(18, epochs=100)}

for name, result in results.items():
    result["network"].eval()
    with torch.no_grad():
        guess = result["network"](X[200:]).argmax(1)
    recalls = [(guess[y[200:] == c] == c).float().mean().item() for c in range(3)]
    print(name, result["loss"], recalls)
