import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(150)
X, y = make_circles(n_samples=200, noise=0.05, factor=0.4, random_state=150)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.long)

model = nn.Sequential(
    nn.Linear(2, 32),
    nn.ReLU(),
    nn.Linear(32, 32),
    nn.ReLU(),
    nn.Linear(32, 2),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

n_epochs = 30
for epoch in range(n_epochs):
    optimizer.zero_grad()
    output = model(X)
    loss = criterion(output, y)
    loss.backward()
    optimizer.step()
    print(f"epoch {epoch + 1}/{n_epochs} loss {loss.item():.4f} acc {(output.argmax(1) == y).float().mean().item():.2f}")
