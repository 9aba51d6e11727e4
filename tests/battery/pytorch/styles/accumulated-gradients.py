import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification

torch.manual_seed(18)
X, y = make_classification(n_samples=252, n_features=6, n_informative=4, n_redundant=0,
                           class_sep=2.0, flip_y=0, random_state=18)
X = (X - X[:192].mean(axis=0)) / X[:192].std(axis=0)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
loader = DataLoader(TensorDataset(X[:192], y[:192]), batch_size=16, shuffle=True)

model = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
accumulate = 4   # an optimizer step for every 4 small batches

for epoch in range(25):
    optimizer.zero_grad()
    for i, (xb, yb) in enumerate(loader):
        loss = loss_fn(model(xb), yb) / accumulate
        loss.backward()
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()

model.eval()
with torch.no_grad():
    accuracy = ((model(X[192:]) > 0).float() == y[192:]).float().mean()
print("accuracy on the other rows", accuracy.item())
