import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

torch.manual_seed(3)

X, y = make_blobs(n_samples=160, centers=4, cluster_std=0.8, random_state=8)
X = StandardScaler().fit_transform(X)
X = torch.tensor(X).float()
y = torch.tensor(y).long()


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 4), nn.LogSoftmax(dim=1))

    def forward(self, x):
        return self.stack(x)


model = Classifier()
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

losses = []
for epoch in range(80):
    optimizer.zero_grad()
    output = model(X)
    loss = criterion(output, y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

print("first", losses[0], "last", losses[-1])
