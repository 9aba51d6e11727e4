import torch
import torch.nn as nn
from sklearn.datasets import make_moons

torch.manual_seed(70)
X, y = make_moons(n_samples=200, noise=0.1, random_state=70)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
X_train, y_train, X_test, y_test = X[:150], y[:150], X[150:], y[150:]

model = nn.Sequential(nn.Linear(2, 10), nn.Tanh(), nn.Linear(10, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.3, max_iter=5)
calls = 0


def closure():
    global calls
    calls += 1
    optimizer.zero_grad()
    loss = loss_fn(model(X_train), y_train)
    loss.backward()
    return loss


for step in range(12):
    loss = optimizer.step(closure)
    print(step, loss.item())
print("closure called", calls, "times")

model.eval()
with torch.no_grad():
    print("test", ((model(X_test) > 0).float() == y_test).float().mean().item())
