import copy

import torch
from torch import nn
from sklearn.datasets import make_blobs
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(15)
X, y = make_blobs(n_samples=300, centers=[[0, 0, 1], [1, 1, -1], [-1, 1, 0]], cluster_std=0.35,
                  random_state=15)
dataset = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y))
train_set, val_set, test_set = random_split(dataset, [200, 50, 50])
train_dl = DataLoader(train_set, batch_size=25, shuffle=True)
val_dl = DataLoader(val_set, batch_size=50)
test_dl = DataLoader(test_set, batch_size=50)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin1 = nn.Linear(3, 10)
        self.lin2 = nn.Linear(10, 3)

    def forward(self, xb):
        return self.lin2(torch.relu(self.lin1(xb)))


def accuracy(net, dl):
    net.eval()
    good = total = 0
    with torch.no_grad():
        for xb, yb in dl:
            good += (net(xb).argmax(1) == yb).sum().item()
            total += len(yb)
    return good / total


net = Net()
loss_func = nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
best_acc, best_state = 0.0, None
for epoch in range(15):
    net.train()
    for xb, yb in train_dl:
        loss = loss_func(net(xb), yb)
        loss.backward()
        opt.step()
        opt.zero_grad()
    acc = accuracy(net, val_dl)
    if acc > best_acc:
        best_acc = acc
        best_state = copy.deepcopy(net.state_dict())

net.load_state_dict(best_state)
print("validation", best_acc, "test", accuracy(net, test_dl))
