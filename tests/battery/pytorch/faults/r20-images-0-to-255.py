import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(3)
rng = np.random.default_rng(3)

# 12x12 grey images: bright square in the left or in the right half
images = rng.integers(0, 100, size=(200, 1, 12, 12))
labels = rng.integers(0, 2, size=200)
for image, label in zip(images, labels):
    r, c = rng.integers(0, 7), rng.integers(0, 2) + 6 * label
    image[0, r:r + 5, c:c + 5] += 150

train_ds = TensorDataset(torch.tensor(images[:160]).float(), torch.tensor(labels[:160]))
test_images, test_labels = torch.tensor(images[160:]).float(), torch.tensor(labels[160:])
train_dl = DataLoader(train_ds, batch_size=32, shuffle=True)

model = nn.Sequential(
    nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3),
    nn.Flatten(),
    nn.Linear(6 * 4 * 4, 2),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(12):
    model.train()
    for xb, yb in train_dl:
        loss = loss_fn(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
with torch.inference_mode():
    print("accuracy:", (model(test_images).argmax(1) == test_labels).float().mean().item())
