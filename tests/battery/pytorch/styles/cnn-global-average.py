import numpy as np
import torch
from torch import nn

torch.manual_seed(19)
rng = np.random.default_rng(19)


def stripes(n):
    """Pictures of 12x12 with horizontal (0) or vertical (1) stripes."""
    labels = rng.integers(0, 2, size=n)
    pictures = rng.uniform(0.0, 0.3, size=(n, 1, 12, 12))
    for picture, label in zip(pictures, labels):
        start = rng.integers(0, 3)
        if label == 0:
            picture[0, start::3, :] += 0.7
        else:
            picture[0, :, start::3] += 0.7
    return torch.tensor(pictures, dtype=torch.float32), torch.tensor(labels)


x_train, y_train = stripes(200)
x_test, y_test = stripes(60)

model = nn.Sequential(
    nn.Conv2d(1, 8, 3),
    nn.ReLU(),
    nn.Conv2d(8, 8, 3),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(8, 2),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(8):
    order = torch.randperm(len(x_train))
    for i in range(0, len(x_train), 25):
        batch = order[i:i + 25]
        loss = loss_fn(model(x_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    print("test accuracy:", (model(x_test).argmax(1) == y_test).float().mean().item())
