import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(10)

with np.load("train.npz") as f:
    X, y = f["inputs"], f["labels"]
with np.load("validation.npz") as f:
    X_val, y_val = f["inputs"], f["labels"]


class CircleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 24)
        self.fc2 = nn.Linear(24, 24)
        self.fc3 = nn.Linear(24, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x).squeeze(1)


net = CircleNet()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
xt = torch.from_numpy(X).float()
yt = torch.from_numpy(y).float()
for step in range(150):
    loss = F.binary_cross_entropy_with_logits(net(xt), yt)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("training loss", loss.item())


def predict(points):
    net.eval()
    with torch.inference_mode():
        out = net(torch.as_tensor(points).float())
    return torch.round(out).numpy().astype(int)


print("right on validation:", (predict(X_val) == y_val).mean())
