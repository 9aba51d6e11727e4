import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(22)
X_train, y_train = make_moons(n_samples=150, noise=0.1, random_state=22)
X_train = torch.tensor(X_train, dtype=torch.float32)
y_train = torch.tensor(y_train, dtype=torch.float32).reshape(-1, 1)


class MoonClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(2, 16)
        self.linear2 = nn.Linear(16, 1)

    def forward(self, x):
        h = torch.relu(self.linear1(X_train))
        return self.linear2(h)


model = MoonClassifier()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)

for epoch in range(150):
    y_logits = model(X_train)
    loss = loss_fn(y_logits, y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("Loss:", loss.item())
