import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(14)
np.random.seed(14)

# xor-like checkerboard with two classes
pts = np.random.uniform(-1, 1, size=(240, 2))
lab = ((pts[:, 0] > 0) ^ (pts[:, 1] > 0)).astype(np.int64)
pts, lab = torch.tensor(pts, dtype=torch.float32), torch.tensor(lab)


class XorNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 16)
        self.fc2 = nn.Linear(16, 2)

    def forward(self, x):
        x = self.fc1(x)
        F.relu(x)
        return self.fc2(x)


net = XorNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
criterion = nn.CrossEntropyLoss()

for epoch in range(30):
    perm = torch.randperm(240)
    for batch in perm.split(48):
        optimizer.zero_grad()
        loss = criterion(net(pts[batch]), lab[batch])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print(f"[{epoch + 1}] loss: {loss.item():.3f}")
