"""Helper functions for circles.ipynb."""

import matplotlib.pyplot as plt
import numpy as np
import torch


def load_points(path):
    """Points (N, 2) and labels (N, 1) as float tensors."""
    data = np.load(path)
    points = torch.tensor(data["inputs"], dtype=torch.float32)
    labels = torch.tensor(data["labels"], dtype=torch.float32).reshape(-1, 1)
    return points, labels


def accuracy(model, points, labels):
    """Share of right labels."""
    model.eval()
    with torch.inference_mode():
        decided = (model(points) > 0).float()
    return (decided == labels).float().mean().item()


def plot_boundary(model, points, labels, steps=150):
    """Colour the plane by what the model says, with the points on top."""
    axis = torch.linspace(-1.3, 1.3, steps)
    xx, yy = torch.meshgrid(axis, axis, indexing="xy")
    model.eval()
    with torch.inference_mode():
        zz = torch.sigmoid(model(torch.stack([xx.flatten(), yy.flatten()], dim=1)))
    plt.figure(figsize=(5, 5))
    plt.contourf(xx, yy, zz.reshape(steps, steps), levels=20, cmap="coolwarm", alpha=0.6)
    plt.scatter(points[:, 0], points[:, 1], c=labels.flatten(), cmap="coolwarm", s=12, edgecolors="k", linewidths=0.3)
    plt.gca().set_aspect("equal")
    plt.show()
