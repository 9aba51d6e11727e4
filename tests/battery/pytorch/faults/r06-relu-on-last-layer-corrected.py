import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_blobs

torch.manual_seed(2)
X, y = make_blobs(n_samples=210, centers=[[-2, 0], [2, 0], [0, 2.5]], cluster_std=0.5, random_state=2)
X, y = torch.Tensor(X), torch.LongTensor(y)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.hidden = nn.Linear(2, 24)
        self.out = nn.Linear(24, 3)

    def forward(self, x):
        x = F.relu(self.hidden(x))
        x = self.out(x)
        return x


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
loss_func = nn.CrossEntropyLoss()

for t in range(100):
    out = net(X)
    loss = loss_func(out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if t % 25 == 0:
        print(t, loss.data.numpy())
