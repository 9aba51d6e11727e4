import torch
from torch import nn
from sklearn.datasets import make_blobs

torch.manual_seed(42)

# three clouds of points
X, y = make_blobs(n_samples=150, centers=[[-2, -2], [0, 2], [2, -2]], cluster_std=0.6, random_state=42)
X = torch.from_numpy(X).type(torch.float)
y = torch.from_numpy(y).type(torch.LongTensor)


class BlobModel(nn.Module):
    def __init__(self, in_features, out_features, hidden_units=16):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden_units)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_units, out_features)

    def forward(self, x):
        x = self.relu(self.fc1(x))
        return self.fc2(x)


model = BlobModel(in_features=2, out_features=3)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(100):
    model.train()
    y_hat = model(X)
    loss = loss_fn(y_hat, y)
    acc = (y_hat.argmax(dim=1) == y).float().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(f"Epoch {epoch} | loss {loss:.4f} | acc {acc:.2f}")
