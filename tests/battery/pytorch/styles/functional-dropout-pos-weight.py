import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(25)
rng = np.random.default_rng(25)

# one in five is ill
healthy = rng.normal([-0.5, -0.5, 0.0], 0.6, size=(240, 3))
ill = rng.normal([1.5, 1.5, 0.5], 0.6, size=(60, 3))
X = np.concatenate([healthy, ill]).astype("float32")
y = np.concatenate([np.zeros(240), np.ones(60)]).astype("float32")
order = rng.permutation(300)
X, y = torch.tensor(X[order]), torch.tensor(y[order]).unsqueeze(1)
X_train, y_train, X_val, y_val = X[:240], y[:240], X[240:], y[240:]


class Diagnosis(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 16)
        self.fc2 = nn.Linear(16, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.dropout(x, p=0.2, training=self.training)
        return self.fc2(x)


model = Diagnosis()
loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([4.0]))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

model.train()
for epoch in range(80):
    optimizer.zero_grad()
    loss = loss_fn(model(X_train), y_train)
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    found = model(X_val) > 0
recall = (found & (y_val == 1)).sum() / (y_val == 1).sum()
print("recall of the ill", recall.item())
