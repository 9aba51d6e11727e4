import torch
from torch import nn
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

torch.manual_seed(69)
X, y = make_moons(n_samples=250, noise=0.1, random_state=69)
X = torch.tensor(X).float()
y = torch.tensor(y).float().unsqueeze(1)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=50, random_state=69)


class NormNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 20)
        self.bn = nn.BatchNorm1d(20)
        self.out = nn.Linear(20, 1)

    def forward(self, x):
        x = torch.relu(self.bn(self.lin(x)))
        return self.out(x)


model = NormNet()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(100):
    loss = loss_fn(model(X_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    y_pred = (model(X_test) > 0).float()
print("accuracy:", (y_pred == y_test).float().mean().item())
