import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(50)
X, y = make_moons(n_samples=240, noise=0.1, random_state=50)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)

model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 1))
fast_model = torch.compile(model, backend="eager")

loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(fast_model.parameters(), lr=0.05)
for epoch in range(150):
    optimizer.zero_grad()
    loss = loss_fn(fast_model(X), y)
    loss.backward()
    optimizer.step()
print("final loss", loss.item())
