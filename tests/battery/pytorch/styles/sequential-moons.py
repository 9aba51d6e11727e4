import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(42)

X, y = make_moons(n_samples=200, noise=0.1, random_state=42)
X = torch.from_numpy(X).type(torch.float)
y = torch.from_numpy(y).type(torch.float).unsqueeze(dim=1)

X_train, X_test = X[:160], X[160:]
y_train, y_test = y[:160], y[160:]

model = nn.Sequential(
    nn.Linear(in_features=2, out_features=16),
    nn.ReLU(),
    nn.Linear(in_features=16, out_features=16),
    nn.ReLU(),
    nn.Linear(in_features=16, out_features=1),
)
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

for epoch in range(150):
    y_logits = model(X_train)
    loss = loss_fn(y_logits, y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.inference_mode():
    y_pred = torch.round(torch.sigmoid(model(X_test)))
print("test accuracy", (y_pred == y_test).float().mean().item())
