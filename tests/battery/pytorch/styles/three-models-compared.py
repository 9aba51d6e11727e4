import torch
from torch import nn
from sklearn.datasets import make_moons

X, y = make_moons(n_samples=280, noise=0.12, random_state=77)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
X_train, X_test, y_train, y_test = X[:220], X[220:], y[:220], y[220:]


def train(model, epochs, lr):
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        model.train()
        loss = loss_fn(model(X_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.inference_mode():
        acc = ((model(X_test) > 0).float() == y_test).float().mean().item()
    print(f"{acc:.3f}")


torch.manual_seed(77)
# a straight line to begin with
model_0 = nn.Linear(2, 1)
train(model_0, epochs=100, lr=0.05)

# one hidden layer
model_1 = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
train(model_1, epochs=100, lr=0.03)

# two hidden layers
model_2 = nn.Sequential(
    nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1))
train(model_2, epochs=120, lr=0.02)
