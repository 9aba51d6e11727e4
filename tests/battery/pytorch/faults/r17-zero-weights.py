import torch
import torch.nn as nn
from sklearn.datasets import make_circles

torch.manual_seed(31)
# 120 points outside, 80 inside
X, y = make_circles(n_samples=(120, 80), noise=0.05, factor=0.4, random_state=31)
X, y = torch.FloatTensor(X), torch.LongTensor(y)


class TanhNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 10)
        self.fc2 = nn.Linear(10, 2)
        # start from a clean slate
        for p in self.parameters():
            nn.init.zeros_(p)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


net = TanhNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()
for epoch in range(120):
    optimizer.zero_grad()
    out = net(X)
    loss = criterion(out, y)
    loss.backward()
    optimizer.step()
print("loss", loss.item(), "acc", (out.argmax(1) == y).float().mean().item())
