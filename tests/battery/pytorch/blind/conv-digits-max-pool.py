# Digits 0 to 3 with a small convolutional network
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(1)
digits = load_digits(n_class=4)
images = torch.tensor(digits.images[:300] / 16.0, dtype=torch.float32).unsqueeze(1)
labels = torch.tensor(digits.target[:300])

order = torch.randperm(300)
train, test = order[:240], order[240:]
x_train, y_train = images[train], labels[train]
x_test, y_test = images[test], labels[test]

cnn = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, kernel_size=3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.2),
    nn.Linear(16 * 2 * 2, 4),
)

loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.Adam(cnn.parameters(), lr=5e-3)
batch = 40
for epoch in range(24):
    cnn.train()
    perm = torch.randperm(len(x_train))
    for start in range(0, len(x_train), batch):
        idx = perm[start:start + batch]
        logits = cnn(x_train[idx])
        loss = loss_fn(logits, y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    cnn.eval()
    with torch.inference_mode():
        acc = (cnn(x_test).argmax(1) == y_test).float().mean()
    if epoch % 4 == 3:
        print(epoch + 1, round(loss.item(), 3), round(acc.item(), 3))
