import math

import torch
import torch.nn.functional as F
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(14)
data, labels = make_circles(n_samples=260, noise=0.06, factor=0.45, random_state=14)
data = torch.as_tensor(data, dtype=torch.float32)
labels = torch.as_tensor(labels, dtype=torch.float32).view(-1, 1)
train_x, train_y = data[:200], labels[:200]
test_x, test_y = data[200:], labels[200:]


class Net(nn.Module):
    def __init__(self, n_in, n_hidden):
        super().__init__()
        self.weight1 = nn.Parameter(torch.empty(n_hidden, n_in))
        self.bias1 = nn.Parameter(torch.zeros(n_hidden))
        self.weight2 = nn.Parameter(torch.empty(1, n_hidden))
        self.bias2 = nn.Parameter(torch.zeros(1))
        nn.init.kaiming_uniform_(self.weight1, a=math.sqrt(5))
        nn.init.kaiming_uniform_(self.weight2, a=math.sqrt(5))

    def forward(self, x):
        x = F.linear(x, self.weight1, self.bias1)
        x = F.silu(x)
        return F.linear(x, self.weight2, self.bias2)


net = Net(2, 20)
adam = torch.optim.Adam(net.parameters(), lr=0.05)
for _ in range(150):
    adam.zero_grad()
    loss = F.binary_cross_entropy_with_logits(net(train_x), train_y)
    loss.backward()
    adam.step()

net.eval()
with torch.no_grad():
    hit = (net(test_x).sigmoid().round() == test_y).float().mean()
print("loss", loss.item(), "test accuracy", hit.item())
