import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(0)
X, y = make_circles(n_samples=160, noise=0.04, factor=0.4, random_state=0)
X = torch.tensor(X).float()
y = torch.tensor(y).float().reshape(-1, 1)

network = nn.Sequential(
    nn.Linear(2, 20),
    nn.ReLU(),
    nn.Linear(20, 1),
    nn.Softmax(dim=1),
)
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)

for epoch in range(200):
    predictions = network(X)
    loss = loss_fn(predictions, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 50 == 0:
        print("loss:", loss.item())
