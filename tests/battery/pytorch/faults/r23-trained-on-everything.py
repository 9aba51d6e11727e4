import torch
from torch import nn
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

torch.manual_seed(42)
X, y = make_moons(n_samples=250, noise=0.1, random_state=42)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)


class MoonModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.Linear(2, 20), nn.ReLU(), nn.Linear(20, 1))

    def forward(self, x):
        return self.block(x)


model_0 = MoonModel()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model_0.parameters(), lr=0.03)

for epoch in range(150):
    model_0.train()
    y_logits = model_0(X).squeeze()
    loss = loss_fn(y_logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model_0.eval()
with torch.inference_mode():
    test_pred = torch.round(torch.sigmoid(model_0(X_test).squeeze()))
print("Test accuracy:", (test_pred == y_test).float().mean().item())
