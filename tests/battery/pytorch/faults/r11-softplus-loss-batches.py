import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_moons

torch.manual_seed(8)
X, y = make_moons(n_samples=240, noise=0.08, random_state=8)
ds = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
dl = DataLoader(ds, batch_size=40, shuffle=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 20), nn.Mish())
        self.head = nn.Linear(20, 1)

    def forward(self, x):
        return self.head(self.body(x))


def loss_from_logits(z, t):
    # log(1 + exp(z)) - t * z is the cross-entropy of sigmoid(z)
    return torch.mean(F.softplus(z) - t * z)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for epoch in range(30):
    for xb, yb in dl:
        loss = loss_from_logits(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "last batch", loss.item())
