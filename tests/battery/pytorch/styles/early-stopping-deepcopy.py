import copy

import torch
import torch.nn as nn
from sklearn.datasets import make_circles

torch.manual_seed(33)
X, y = make_circles(n_samples=300, noise=0.04, factor=0.4, random_state=33)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
X_train, y_train = X[:180], y[:180]
X_val, y_val = X[180:240], y[180:240]
X_test, y_test = X[240:], y[240:]

model = nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

best_loss, best_model = float("inf"), None
patience, waited = 15, 0
for epoch in range(80):
    model.train()
    optimizer.zero_grad()
    loss = criterion(model(X_train), y_train)
    loss.backward()
    optimizer.step()

    model.eval()
    with torch.no_grad():
        val_loss = criterion(model(X_val), y_val).item()
    if val_loss < best_loss:
        best_loss, best_model, waited = val_loss, copy.deepcopy(model), 0
    else:
        waited += 1
        if waited >= patience:
            print("stopping early")
            break
print("epochs", epoch + 1)

best_model.eval()
with torch.no_grad():
    print("test", ((best_model(X_test) > 0).float() == y_test).float().mean().item())
