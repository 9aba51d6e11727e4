import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_blobs

torch.manual_seed(71)
X, y = make_blobs(n_samples=240, centers=[[-1, 0], [1, 0], [0, 1.5]], cluster_std=0.35, random_state=71)
dataset = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y))
trainloader = DataLoader(dataset, batch_size=24, shuffle=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 20)
        self.fc2 = nn.Linear(20, 3)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.1)

optimizer.zero_grad()
for epoch in range(15):
    running_loss = 0.0
    for inputs, labels in trainloader:
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    print("[%d] loss: %.3f" % (epoch + 1, running_loss / len(trainloader)))
print("Finished Training")
