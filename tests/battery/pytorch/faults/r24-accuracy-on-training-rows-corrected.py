import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split

torch.manual_seed(16)
X, y = make_blobs(n_samples=200, centers=[[0, 0], [2, 2], [0, 3], [3, 0]], cluster_std=0.5, random_state=16)
X_train, X_test, y_train, y_test = train_test_split(
    torch.tensor(X).float(), torch.tensor(y), test_size=0.2, random_state=16)

net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 4))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)

for epoch in range(120):
    optimizer.zero_grad()
    loss = criterion(net(X_train), y_train)
    loss.backward()
    optimizer.step()

net.eval()
with torch.no_grad():
    predicted = net(X_test).argmax(dim=1)
    print("Accuracy of the model: %.1f %%" % (100 * (predicted == y_test).float().mean()))
