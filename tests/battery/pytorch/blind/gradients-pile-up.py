import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(17)
X, y = make_blobs(n_samples=200, centers=3, n_features=3, cluster_std=2.0, random_state=17)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.long)
X = (X - X[:150].mean(dim=0)) / X[:150].std(dim=0)
loader = DataLoader(TensorDataset(X[:150], y[:150]), batch_size=30, shuffle=True)

model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

for epoch in range(25):
    for inputs, labels in loader:
        outputs = model(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", round(loss.item(), 3))

model.eval()
with torch.no_grad():
    print("accuracy", (model(X[150:]).argmax(1) == y[150:]).float().mean().item())
