import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(55)
X, y = make_circles(n_samples=240, noise=0.05, factor=0.4, random_state=55)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 18), nn.ReLU(), nn.Linear(18, 18), nn.ReLU())
        self.head = nn.Linear(18, 1)

    def forward(self, x):
        return self.head(self.body(x))


model = Net()
# weight decay for the body only
opt_body = torch.optim.Adam(model.body.parameters(), lr=0.01, weight_decay=1e-4)
opt_head = torch.optim.Adam(model.head.parameters(), lr=0.01)
loss_fn = nn.BCEWithLogitsLoss()

for epoch in range(120):
    opt_body.zero_grad()
    opt_head.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    opt_body.step()
    opt_head.step()
    if epoch % 40 == 0:
        print(epoch, loss.item())
print(loss.item())
