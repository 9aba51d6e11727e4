import torch
from torch import nn
from sklearn.datasets import make_blobs

torch.manual_seed(6)
data, label = make_blobs(n_samples=210, n_features=5, centers=3, cluster_std=2.0, random_state=20)
data = torch.tensor(data).float()
label = torch.tensor(label).long()

x, y = data[:150], label[:150]
x_new, y_new = data[150:], label[150:]
lo, hi = x.min(dim=0).values, x.max(dim=0).values
x = 2 * (x - lo) / (hi - lo) - 1
x_new = 2 * (x_new - lo) / (hi - lo) - 1

net = nn.Sequential()
net.add_module("fc1", nn.Linear(5, 10))
net.add_module("softplus", nn.Softplus())
net.add_module("fc2", nn.Linear(10, 3))

margin = nn.MultiMarginLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.03)

net.train()
for it in range(60):
    opt.zero_grad()
    scores = net(x)
    loss = margin(scores, y)
    loss.backward()
    opt.step()
    if it % 10 == 9:
        print(it + 1, round(loss.item(), 4))

net.eval()
with torch.no_grad():
    print("accuracy on new rows:", (net(x_new).max(dim=1).indices == y_new).float().mean().item())
