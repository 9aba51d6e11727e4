import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_wine

np.random.seed(6)
torch.manual_seed(6)
wine = load_wine()
shuffled = np.random.permutation(len(wine.target))
train_rows, test_rows = shuffled[:130], shuffled[130:]

mean = wine.data[train_rows].mean(axis=0)
std = wine.data[train_rows].std(axis=0)
features = torch.tensor((wine.data - mean) / std, dtype=torch.float32)
cultivar = torch.tensor(wine.target)


class TwoTowers(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(6, 8)
        self.right = nn.Linear(7, 8)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        left = torch.relu(self.left(x[:, :6]))
        right = torch.relu(self.right(x[:, 6:]))
        both = torch.cat((left, right), dim=1)
        return self.head(both)


towers = TwoTowers()
ce = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(towers.parameters(), lr=0.02)
for epoch in range(60):
    loss = ce(towers(features[train_rows]), cultivar[train_rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

towers.eval()
with torch.no_grad():
    guess = towers(features[test_rows]).argmax(dim=1)
print("accuracy", (guess == cultivar[test_rows]).float().mean().item())
