import torch
import torch.nn as nn
from sklearn.datasets import make_blobs

torch.manual_seed(4)

X, y = make_blobs(n_samples=150, centers=[[-2, 1], [0, -2], [2, 1]], cluster_std=0.5, random_state=4)
inputs = torch.tensor(X, dtype=torch.float32)
targets = torch.tensor(y)


class SmallNet(nn.Module):
    def __init__(self, hidden=10):
        super().__init__()
        self.inp = nn.Linear(2, hidden)
        self.outp = nn.Linear(hidden, 3)

    def forward(self, t):
        return self.outp(torch.relu(self.inp(t)))


net = SmallNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.3)

for epoch in range(100):
    optimizer.zero_grad()
    outputs = net(inputs)
    loss = criterion(outputs, targets)
    loss.backward()
    optimizer.step()

print("Finished Training, loss", loss.item())
