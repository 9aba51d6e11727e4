import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(42)
X, y = make_moons(n_samples=200, noise=0.1, random_state=42)
X = torch.tensor(X, dtype=torch.float)
y = torch.tensor(y, dtype=torch.float)


class MoonModelV0(nn.Module):
    def __init__(self, in_features, out_features, hidden_units):
        super().__init__()
        self.layer1 = nn.Linear(in_features, hidden_units)
        self.layer2 = nn.Linear(hidden_units, hidden_units)
        self.layer3 = nn.Linear(hidden_units, out_features)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.layer3(self.layer2(self.layer1(x)))


moon_model = MoonModelV0(in_features=2, out_features=1, hidden_units=10)
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(moon_model.parameters(), lr=0.02)

for epoch in range(150):
    moon_model.train()
    logits = moon_model(X).squeeze()
    loss = loss_fn(logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 50 == 0:
        acc = ((logits > 0).float() == y).float().mean()
        print(f"Epoch: {epoch} Loss: {loss.item():.4f} Acc: {acc.item():.3f}")
