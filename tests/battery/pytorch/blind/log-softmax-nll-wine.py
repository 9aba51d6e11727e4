import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(7)

wine = load_wine()
xtr, xte, ytr, yte = train_test_split(wine.data, wine.target, train_size=133, random_state=1, stratify=wine.target)
sc = StandardScaler()
xtr = torch.FloatTensor(sc.fit_transform(xtr))
xte = torch.FloatTensor(sc.transform(xte))
ytr = torch.LongTensor(ytr)
yte = torch.LongTensor(yte)


class WineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(13, 16)
        self.l2 = nn.Linear(16, 3)

    def forward(self, x):
        x = F.elu(self.l1(x))
        return F.log_softmax(self.l2(x), dim=1)


net = WineNet()
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=0.01)

for epoch in range(20):
    for idx in torch.split(torch.randperm(len(xtr)), 32):
        net.zero_grad()
        out = net(xtr[idx])
        loss = criterion(out, ytr[idx])
        loss.backward()
        optimizer.step()
    if epoch % 4 == 3:
        print(epoch + 1, loss.item())

net.eval()
with torch.no_grad():
    logp = net(xte)
    probs = logp.exp()
    print("mean confidence", probs.max(dim=1).values.mean().item())
    print("test accuracy", (logp.argmax(dim=1) == yte).float().mean().item())
