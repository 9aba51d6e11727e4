import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, random_split
from sklearn.datasets import make_blobs

torch.manual_seed(90)
X, y = make_blobs(n_samples=250, centers=[[-2, -1], [2, -1], [0, 2]], cluster_std=0.6, random_state=90)
full = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y))
train_set, test_set = random_split(full, [200, 50])
train_loader = DataLoader(train_set, batch_size=40, shuffle=True)
test_loader = DataLoader(test_set, batch_size=50)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 24)
        self.fc2 = nn.Linear(24, 3)
        self.dropout = nn.Dropout(p=0.25)

    def forward(self, x):
        x = self.dropout(F.relu(self.fc1(x)))
        return self.fc2(x)


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
criterion = nn.CrossEntropyLoss()
for epoch in range(20):
    for data, target in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(data), target)
        loss.backward()
        optimizer.step()

correct = 0
with torch.no_grad():
    for data, target in test_loader:
        correct += (net(data).argmax(1) == target).sum().item()
print(f"Test accuracy: {correct / 50:.2f}")
