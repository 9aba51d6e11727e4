from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.RandomState(8)
torch.manual_seed(8)

corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) * 1.5
y = rng.randint(4, size=200)
X = corners[y] + rng.normal(scale=0.45, size=(200, 2))

X = torch.from_numpy(X).float()
Y = F.one_hot(torch.from_numpy(y), num_classes=4).float()
X_train, Y_train = X[:160], Y[:160]
X_test, Y_test = X[160:], Y[160:]

model = torch.nn.Sequential(OrderedDict([
    ("hidden", torch.nn.Linear(2, 12)),
    ("act", torch.nn.LeakyReLU(0.1)),
    ("scores", torch.nn.Linear(12, 4)),
]))
loss_fn = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.01)

for step in range(100):
    model.train()
    loss = loss_fn(model(X_train), Y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if (step + 1) % 20 == 0:
        print(f"step {step + 1}  loss {float(loss.detach()):.4f}")

model.eval()
with torch.no_grad():
    pred = model(X_test).softmax(dim=1)
print("accuracy:", (pred.argmax(1) == Y_test.argmax(1)).float().mean().item())
