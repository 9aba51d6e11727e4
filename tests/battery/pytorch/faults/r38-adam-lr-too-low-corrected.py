import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_blobs

torch.manual_seed(101)
X, y = make_blobs(n_samples=160, centers=[[-2, -2], [2, 2], [2, -2]], cluster_std=0.7, random_state=101)
dl = DataLoader(TensorDataset(torch.FloatTensor(X), torch.LongTensor(y)), batch_size=32, shuffle=True)

LEARNING_RATE = 0.02
EPOCHS = 20


class SmallNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 3))

    def forward(self, x):
        return self.layers(x)


net = SmallNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    mean_loss = 0.0
    for xb, yb in dl:
        optimizer.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        optimizer.step()
        mean_loss += loss.item() / len(dl)
    print(f"Epoch {epoch + 1:02d}: {mean_loss:.4f}")
