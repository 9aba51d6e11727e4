import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_blobs

torch.manual_seed(104)
X, y = make_blobs(n_samples=200, centers=[[-1, 1], [1, 1], [0, -1]], cluster_std=0.3, random_state=104)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)
train_set, test_X, test_y = TensorDataset(X[:160], y[:160]), X[160:], y[160:]
loader = DataLoader(train_set, batch_size=32, shuffle=True)

ITERATIONS = 150
BATCHES = len(loader)
epochs = BATCHES // ITERATIONS

net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)

for epoch in range(epochs):
    for xb, yb in loader:
        optimizer.zero_grad()
        criterion(net(xb), yb).backward()
        optimizer.step()

net.eval()
with torch.no_grad():
    print("accuracy", (net(test_X).argmax(1) == test_y).float().mean().item())
