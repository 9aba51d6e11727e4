import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import make_circles

torch.manual_seed(52)
coords, ring = make_circles(n_samples=200, noise=0.05, factor=0.35, random_state=52)
coords = torch.tensor(coords, dtype=torch.float32)
ring = torch.tensor(ring, dtype=torch.float32)


class RingNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 20)
        self.output = nn.Linear(20, 1)

    def forward(self, x):
        z = F.softplus(self.hidden(x))
        return self.output(z)[:, 0]


ring_net = RingNet()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(ring_net.parameters(), lr=0.08)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=40, gamma=0.5)
for epoch in range(120):
    loss = loss_fn(ring_net(coords), ring)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if epoch % 30 == 0:
        print(epoch, scheduler.get_last_lr(), loss.item())
print(loss.item())
