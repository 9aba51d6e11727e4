import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)
rng = np.random.default_rng(1)

# 8x8 pictures: a vertical bar, a horizontal bar or a diagonal
images = rng.uniform(0, 0.3, size=(180, 1, 8, 8))
labels = np.arange(180) % 3
for img, lab in zip(images, labels):
    k = rng.integers(1, 7)
    if lab == 0:
        img[0, :, k] += 0.7
    elif lab == 1:
        img[0, k, :] += 0.7
    else:
        img[0, np.arange(8), np.arange(8)] += 0.7

images = torch.tensor(images, dtype=torch.float32)
labels = torch.tensor(labels)


class ConvNet(nn.Module):
    def __init__(self):
        super(ConvNet, self).__init__()
        self.conv1 = nn.Conv2d(1, 4, kernel_size=3)
        self.fc1 = nn.Linear(4 * 3 * 3, 3)

    def forward(self, x):
        x = F.relu(self.conv1(x))       # 4 x 6 x 6
        x = F.max_pool2d(x, 2)          # 4 x 3 x 3
        x = torch.flatten(x, 1)
        return F.log_softmax(self.fc1(x), dim=1)


cnn = ConvNet()
optimizer = torch.optim.Adam(cnn.parameters(), lr=0.02)

for epoch in range(15):
    order = torch.randperm(180)
    for i in range(0, 180, 36):
        idx = order[i:i + 36]
        optimizer.zero_grad()
        loss = F.cross_entropy(cnn(images[idx]), labels[idx])
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
