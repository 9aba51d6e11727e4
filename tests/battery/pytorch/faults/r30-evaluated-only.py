import torch
from torch import nn
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split

torch.manual_seed(3)
X, y = make_blobs(n_samples=200, centers=[[-1, -1], [1, 1], [1, -2]], cluster_std=0.4, random_state=42)
X_train, X_test, y_train, y_test = train_test_split(
    torch.tensor(X, dtype=torch.float32), torch.tensor(y), test_size=0.25, random_state=42)

model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)

# TODO: train for 100 epochs

model.eval()
with torch.no_grad():
    y_pred = model(X_test).argmax(dim=1)
print("test accuracy:", (y_pred == y_test).float().mean().item())
