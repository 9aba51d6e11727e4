import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_blobs

torch.manual_seed(19)
X, y = make_blobs(n_samples=240, n_features=6, centers=4, cluster_std=2.5, random_state=19)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.long)
X = (X - X[:180].mean(0)) / X[:180].std(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 20)
        self.drop = nn.Dropout(p=0.3)
        self.fc2 = nn.Linear(20, 4)

    def forward(self, x):
        x = torch.tanh(self.fc1(x))
        return self.fc2(x)


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(20):
    net.train()
    for rows in torch.randperm(180).chunk(6):
        loss = F.cross_entropy(net(X[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        acc = (net(X[180:]).argmax(1) == y[180:]).float().mean().item()
    if epoch % 5 == 4:
        print(epoch + 1, loss.item(), acc)
