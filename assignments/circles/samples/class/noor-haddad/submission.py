#!/usr/bin/env python3
# Circles - Noor Haddad
import numpy as np
import torch
import torch.nn as nn

SEED = 21
torch.manual_seed(SEED)


def to_tensors(path):
    npz = np.load(path)
    return torch.from_numpy(npz["inputs"]), torch.from_numpy(npz["labels"]).float()[:, None]


class RingNet(nn.Module):
    """Gives the probability of the inner ring."""

    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(2, 16)
        self.l2 = nn.Linear(16, 16)
        self.l3 = nn.Linear(16, 1)

    def forward(self, x):
        x = torch.relu(self.l1(x))
        x = torch.relu(self.l2(x))
        return torch.sigmoid(self.l3(x))


x_train, y_train = to_tensors("train.npz")
x_val, y_val = to_tensors("validation.npz")

model = RingNet()
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(500):
    model.train()
    opt.zero_grad()
    loss = loss_fn(model(x_train), y_train)
    loss.backward()
    opt.step()
    if epoch % 100 == 0 or epoch == 499:
        model.eval()
        with torch.no_grad():
            acc = ((model(x_val) > 0.5).float() == y_val).float().mean().item()
        print("epoch %3d  loss %.4f  val acc %.3f" % (epoch, loss.item(), acc))
