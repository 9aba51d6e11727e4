import torch
from sklearn.datasets import make_moons

torch.manual_seed(30)
X, y = make_moons(n_samples=240, noise=0.1, random_state=30)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
x_train, y_train = X[:180], y[:180]
x_test, y_test = X[180:], y[180:]


def cross_entropy(p, y):
    p = p.clamp(1e-6, 1 - 1e-6)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


net = torch.nn.Sequential(
    torch.nn.Linear(2, 12),
    torch.nn.Tanh(),
    torch.nn.Linear(12, 1),
    torch.nn.Sigmoid(),
)
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)

for epoch in range(100):
    optimizer.zero_grad()
    loss = cross_entropy(net(x_train), y_train)
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())

net.eval()
with torch.no_grad():
    guess = (net(x_test)[:, 0] > 0.5).float()
print("accuracy", (guess == y_test).float().mean().item())
