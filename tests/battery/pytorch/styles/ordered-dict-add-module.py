from collections import OrderedDict

import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(3)
data = load_wine()
x_tr, x_te, t_tr, t_te = train_test_split(
    data.data, data.target, test_size=0.2, random_state=3, stratify=data.target)
sc = StandardScaler().fit(x_tr)
x_tr = torch.tensor(sc.transform(x_tr), dtype=torch.float32)
x_te = torch.tensor(sc.transform(x_te), dtype=torch.float32)
t_tr, t_te = torch.tensor(t_tr), torch.tensor(t_te)

features = nn.Sequential(OrderedDict([
    ("fc1", nn.Linear(13, 12)),
    ("act1", nn.ELU()),
    ("fc2", nn.Linear(12, 8)),
    ("act2", nn.ELU()),
]))
net = nn.Sequential()
net.add_module("features", features)
net.add_module("classifier", nn.Linear(8, 3))

criterion = nn.CrossEntropyLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for i in range(80):
    opt.zero_grad()
    err = criterion(net(x_tr), t_tr)
    err.backward()
    opt.step()
    if i % 20 == 0:
        print(i, err.item())

net.eval()
with torch.no_grad():
    print("test:", (net(x_te).argmax(1) == t_te).float().mean().item())
