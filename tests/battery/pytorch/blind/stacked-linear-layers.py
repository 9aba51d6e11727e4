import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

torch.manual_seed(2)
X, y = make_blobs(n_samples=220, n_features=4, centers=3, cluster_std=2.2, random_state=8)
scaler = StandardScaler()
X_train = torch.tensor(scaler.fit_transform(X[:160]), dtype=torch.float32)
X_test = torch.tensor(scaler.transform(X[160:]), dtype=torch.float32)
y_train, y_test = torch.tensor(y[:160]), torch.tensor(y[160:])


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(4, 16)
        self.linear2 = nn.Linear(16, 8)
        self.linear3 = nn.Linear(8, 3)

    def forward(self, x):
        x = self.linear1(x)
        x = self.linear2(x)
        return self.linear3(x)


deep = Deep()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(deep.parameters(), lr=0.01)
for epoch in range(80):
    deep.train()
    optimizer.zero_grad()
    loss = criterion(deep(X_train), y_train)
    loss.backward()
    optimizer.step()

deep.eval()
with torch.no_grad():
    print("loss", loss.item())
    print("accuracy", (deep(X_test).argmax(dim=1) == y_test).float().mean().item())
