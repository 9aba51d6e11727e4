import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(10)
digits = load_digits()
pixels = torch.tensor(digits.data / 16, dtype=torch.float32)
target = torch.tensor(digits.target)

# 1. learn features on the digits 0 to 4
old = torch.nonzero(target < 5).flatten()[:240]
base = nn.Sequential(nn.Linear(64, 32), nn.ReLU())
old_model = nn.Sequential(base, nn.Linear(32, 5))
optimizer = torch.optim.Adam(old_model.parameters(), lr=0.01)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(40):
    loss = loss_fn(old_model(pixels[old]), target[old])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("base trained, loss", loss.item())

# 2. keep them for the digits 5 to 7, only the head learns
new = torch.nonzero((target >= 5) & (target <= 7)).flatten()
new_train, new_test = new[:180], new[180:240]
for p in base.parameters():
    p.requires_grad = False
head = nn.Linear(32, 3)
model = nn.Sequential(base, head)
optimizer = torch.optim.Adam(head.parameters(), lr=0.02)
for epoch in range(60):
    loss = loss_fn(model(pixels[new_train]), target[new_train] - 5)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    acc = (model(pixels[new_test]).argmax(1) == target[new_test] - 5).float().mean()
print("new head, test accuracy", acc.item())
