import torch
import torch.nn as nn
from sklearn.datasets import make_blobs

torch.manual_seed(120)
X, y = make_blobs(n_samples=[90, 60, 50], centers=[[-1.5, 0], [1.5, 0], [0, 2]], cluster_std=0.4, random_state=120)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 16)
        self.out = nn.Linear(16, 3)
        nn.init.xavier_uniform_(self.hidden.weight)
        nn.init.constant_(self.hidden.bias, -10.0)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))


net = Net()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for epoch in range(120):
    loss = loss_fn(net(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
