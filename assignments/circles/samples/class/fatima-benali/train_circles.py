"""Train a small network on the two circles. Run: python train_circles.py"""

import time

import numpy as np
import torch
from torch import nn, optim

HIDDEN = 32
STEPS = 400
LEARNING_RATE = 0.01


def load(name):
    data = np.load(name)
    return torch.from_numpy(data["inputs"]), torch.from_numpy(data["labels"])


class Classifier(nn.Module):
    def __init__(self, hidden=HIDDEN):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, hidden), nn.LeakyReLU(0.1), nn.Linear(hidden, hidden), nn.LeakyReLU(0.1))
        self.head = nn.Linear(hidden, 1)

    def forward(self, points):
        return self.head(self.body(points))


def fit(model, inputs, labels):
    targets = labels.float().unsqueeze(1)
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)
    model.train()
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step}: loss {loss.item():.4f}")


def score(model, inputs, labels):
    model.eval()
    with torch.no_grad():
        decided = (model(inputs).squeeze(1) > 0).long()
    return (decided == labels).float().mean().item()


def main():
    torch.manual_seed(1)
    start = time.perf_counter()
    inputs, labels = load("train.npz")
    val_inputs, val_labels = load("validation.npz")

    model = Classifier()
    fit(model, inputs, labels)

    print(f"training accuracy:   {score(model, inputs, labels):.3f}")
    print(f"validation accuracy: {score(model, val_inputs, val_labels):.3f}")
    print(f"took {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
