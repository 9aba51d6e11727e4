import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_blobs

torch.manual_seed(61)
X, y = make_blobs(n_samples=160, centers=[[-2, 2], [2, 2], [-2, -2], [2, -2]], cluster_std=0.6, random_state=61)
loader = DataLoader(TensorDataset(torch.tensor(X).float(), torch.tensor(y).long()), batch_size=20, shuffle=True)


class FourCorners(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 16)
        self.second = nn.Linear(16, 4)

    def forward(self, x):
        return self.second(F.relu(self.first(x)))


net = FourCorners()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(20):
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = F.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 5 == 0:
        print(f"epoch {epoch}: {total / len(loader):.3f}")
