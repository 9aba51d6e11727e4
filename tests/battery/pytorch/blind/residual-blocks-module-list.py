import torch
import torch.nn as nn
from sklearn.datasets import make_moons

torch.manual_seed(4)
features, target = make_moons(n_samples=300, noise=0.07, random_state=2)
features = torch.as_tensor(features, dtype=torch.float32)
target = torch.as_tensor(target, dtype=torch.float32).view(-1, 1)
train_x, train_y = features[:220], target[:220]
test_x, test_y = features[220:], target[220:]


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)

    def forward(self, x):
        return x + self.fc2(torch.relu(self.fc1(self.norm(x))))


class ResidualNet(nn.Module):
    def __init__(self, width=16, depth=2):
        super().__init__()
        self.stem = nn.Linear(2, width)
        self.blocks = nn.ModuleList([Block(width) for _ in range(depth)])
        self.head = nn.Linear(width, 1)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return self.head(x)


net = ResidualNet()
bce = nn.BCEWithLogitsLoss()
adam = torch.optim.Adam(net.parameters(), lr=0.002)

for epoch in range(10):
    order = torch.randperm(220)
    for idx in order.split(22):
        adam.zero_grad()
        loss = bce(net(train_x[idx]), train_y[idx])
        loss.backward()
        adam.step()

net.eval()
with torch.no_grad():
    probability = torch.sigmoid(net(test_x))
    print("loss", bce(net(test_x), test_y).item())
    print("accuracy", ((probability > 0.5).float() == test_y).float().mean().item())
