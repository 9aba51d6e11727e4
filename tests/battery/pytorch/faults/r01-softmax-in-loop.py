import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

torch.manual_seed(0)

data, target = make_classification(
    n_samples=200, n_features=4, n_informative=4, n_redundant=0, n_classes=3,
    n_clusters_per_class=1, class_sep=2.0, random_state=3,
)
X_train, X_test, y_train, y_test = train_test_split(
    torch.tensor(data, dtype=torch.float32), torch.tensor(target), test_size=0.25, random_state=1
)
train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)

net = nn.Sequential(
    nn.Linear(4, 12),
    nn.Tanh(),
    nn.Linear(12, 3),
)
criterion = nn.CrossEntropyLoss()
opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

for epoch in range(20):
    running = 0.0
    for xb, yb in train_loader:
        opt.zero_grad()
        out = net(xb)
        probs = torch.softmax(out, dim=1)  # turn scores into probabilities
        loss = criterion(probs, yb)
        loss.backward()
        opt.step()
        running += loss.item()
    if (epoch + 1) % 5 == 0:
        print("epoch", epoch + 1, "loss", running / len(train_loader))

net.eval()
with torch.no_grad():
    pred = net(X_test).argmax(dim=1)
print("test accuracy:", (pred == y_test).float().mean().item())
