import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_circles

torch.manual_seed(11)
X, y = make_circles(n_samples=240, noise=0.05, factor=0.4, random_state=11)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)


class CircleNet(nn.Module):
    def __init__(self):
        super(CircleNet, self).__init__()
        self.fc1 = nn.Linear(2, 10)
        self.fc2 = nn.Linear(10, 10)
        self.out = nn.Linear(10, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return torch.sigmoid(self.out(x))


model = CircleNet()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

losses = []
for epoch in range(120):
    optimizer.zero_grad()
    probs = model(X)
    loss = criterion(probs, y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print("first", losses[0], "last", losses[-1])
