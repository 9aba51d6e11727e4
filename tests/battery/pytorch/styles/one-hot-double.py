import numpy as np
import torch
from torch import nn
from sklearn.datasets import make_blobs

torch.manual_seed(66)
X, y = make_blobs(n_samples=220, centers=[[1, 1], [-1, 1], [-1, -1], [1, -1]], cluster_std=0.35,
                  random_state=66)
one_hot = np.eye(4)[y]
X, one_hot = torch.from_numpy(X), torch.from_numpy(one_hot)
X_train, T_train = X[:170], one_hot[:170]
X_test, T_test = X[170:], one_hot[170:]

# numpy's doubles stay doubles
model = nn.Sequential(nn.Linear(2, 12), nn.Sigmoid(), nn.Linear(12, 4)).double()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.NAdam(model.parameters(), lr=0.05)
for epoch in range(120):
    optimizer.zero_grad()
    loss = loss_fn(model(X_train), T_train)
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    print("test", (model(X_test).argmax(1) == T_test.argmax(1)).double().mean().item())
