import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification

torch.manual_seed(44)
X, y = make_classification(n_samples=200, n_features=4, n_informative=3, n_redundant=0, n_clusters_per_class=1,
                           class_sep=1.8, flip_y=0, random_state=44)
X[::25, 1] = np.nan  # a sensor that fails now and then
X[np.isnan(X[:, 1]), 1] = np.nanmean(X[:, 1])

inputs = torch.tensor(X, dtype=torch.float32)
targets = torch.tensor(y, dtype=torch.float32).view(-1, 1)

model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)

for epoch in range(100):
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    if epoch % 25 == 0:
        print(f"epoch {epoch}: loss {loss.item():.4f}")
