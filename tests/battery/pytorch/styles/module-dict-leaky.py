import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import make_blobs

torch.manual_seed(8)
points, group = make_blobs(n_samples=160, centers=4, n_features=2, cluster_std=1.0, random_state=8)
points = (points - points.mean(axis=0)) / points.std(axis=0)
inputs = torch.tensor(points, dtype=torch.float)
targets = torch.tensor(group, dtype=torch.long)


class DictNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleDict({
            "inner": nn.Linear(2, 14),
            "outer": nn.Linear(14, 4),
        })

    def forward(self, x):
        hidden = F.leaky_relu(self.parts["inner"](x), 0.1)
        return self.parts["outer"](hidden)


network = DictNet()
optimizer = torch.optim.Adam(network.parameters(), lr=0.03)
for step in range(90):
    optimizer.zero_grad()
    loss = F.cross_entropy(network(inputs), targets)
    loss.backward()
    optimizer.step()
print("loss after training:", round(loss.item(), 4))
