import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(4)
digits = load_digits(n_class=4)
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
labels = torch.tensor(digits.target)
train_data = TensorDataset(images[:320], labels[:320])
test_images, test_labels = images[320:400], labels[320:400]
train_loader = DataLoader(train_data, batch_size=40, shuffle=True)


class TinyCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3, padding=1)   # 8 x 8 x 8
        self.pool = nn.MaxPool2d(2)                              # 8 x 4 x 4
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3)             # 16 x 2 x 2
        self.relu = nn.ReLU()
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(16 * 2 * 2, 4)

    def forward(self, x):
        x = self.pool(self.relu(self.conv1(x)))
        x = self.relu(self.conv2(x))
        x = self.flatten(x)
        return self.fc(x)


cnn = TinyCNN()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(cnn.parameters(), lr=0.005)
for epoch in range(8):
    running = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(cnn(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(epoch, running / len(train_loader))

cnn.eval()
with torch.no_grad():
    print("test", (cnn(test_images).argmax(1) == test_labels).float().mean().item())
