# Is a wider layer better? Both nets end in a sigmoid.
import torch
import torch.nn.functional as F
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

X, y = make_moons(280, noise=0.08, random_state=0)
X_train, X_test, y_train, y_test = [
    torch.tensor(a, dtype=torch.float32)
    for a in train_test_split(X, y, train_size=200, random_state=0)
]
y_train = y_train.unsqueeze(1)
y_test = y_test.unsqueeze(1)


def make_net(width):
    torch.manual_seed(width)
    return torch.nn.Sequential(
        torch.nn.Linear(2, width),
        torch.nn.Tanh(),
        torch.nn.Linear(width, 1),
        torch.nn.Sigmoid(),
    )


def fit(net, epochs=300):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
    for epoch in range(epochs):
        p = net(X_train)
        loss = F.binary_cross_entropy(p, y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = ((net(X_test) > 0.5) == (y_test > 0.5)).float().mean()
    return loss.item(), accuracy.item()


small = make_net(8)
wide = make_net(32)
print("small", fit(small))
print("wide ", fit(wide))
