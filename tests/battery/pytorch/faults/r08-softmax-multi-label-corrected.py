import numpy as np
import torch
from torch import nn

np.random.seed(0)
torch.manual_seed(0)

# every row may carry none, one, two or all three of the tags
X = np.random.randn(300, 4).astype("float32")
tags = np.column_stack([X[:, 0] > 0, X[:, 1] > 0, X[:, 2] + X[:, 3] > 0]).astype("float32")
X_train, X_valid = torch.from_numpy(X[:240]), torch.from_numpy(X[240:])
y_train, y_valid = torch.from_numpy(tags[:240]), torch.from_numpy(tags[240:])


class LabelNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 16)
        self.fc2 = nn.Linear(16, 3)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return torch.sigmoid(self.fc2(x))


model = LabelNet()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)

for epoch in range(120):
    optimizer.zero_grad()
    loss = criterion(model(X_train), y_train)
    loss.backward()
    optimizer.step()
print("train loss", loss.item())

with torch.no_grad():
    hits = ((model(X_valid) > 0.5).float() == y_valid).float().mean()
print("share of right tags", hits.item())
