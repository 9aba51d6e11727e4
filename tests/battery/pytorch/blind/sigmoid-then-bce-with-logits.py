import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(0)
X, y = make_circles(n_samples=250, noise=0.06, factor=0.4, random_state=42)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
X_train, X_test, y_train, y_test = X[:200], X[200:], y[:200], y[200:]


class CircleModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(2, 24)
        self.layer_2 = nn.Linear(24, 1)
        self.relu = nn.ReLU()
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        return self.sigmoid(self.layer_2(self.relu(self.layer_1(x))))


model_0 = CircleModel()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model_0.parameters(), lr=0.02)

for epoch in range(200):
    model_0.train()
    y_pred = model_0(X_train)
    loss = loss_fn(y_pred, y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    if epoch % 40 == 39:
        model_0.eval()
        with torch.inference_mode():
            test_pred = torch.round(model_0(X_test))
            acc = (test_pred == y_test).float().mean().item()
        print(f"epoch {epoch + 1} | loss {loss.item():.4f} | test acc {acc:.3f}")
