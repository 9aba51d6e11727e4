import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(19)
x, y = make_circles(n_samples=180, noise=0.05, factor=0.4, random_state=19)
x = torch.from_numpy(x).float()
y = torch.from_numpy(y).float().unsqueeze(1)


class CircleClassifier(nn.Module):
    def __init__(self, n_hidden):
        self.hidden = nn.Linear(2, n_hidden)
        self.output = nn.Linear(n_hidden, 1)

    def forward(self, x):
        x = torch.tanh(self.hidden(x))
        return torch.sigmoid(self.output(x))


clf = CircleClassifier(n_hidden=15)
loss_fn = nn.BCELoss()
optim = torch.optim.Adam(clf.parameters(), lr=0.05)

for step in range(120):
    loss = loss_fn(clf(x), y)
    optim.zero_grad()
    loss.backward()
    optim.step()

print(f"loss = {loss.item():.4f}")
