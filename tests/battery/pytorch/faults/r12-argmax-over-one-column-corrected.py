import numpy as np
import torch
from torch import nn

torch.manual_seed(0)

train = np.load("train.npz")
X_train = torch.tensor(train["inputs"], dtype=torch.float32)
y_train = torch.tensor(train["labels"], dtype=torch.float32).reshape(-1, 1)

model = nn.Sequential(
    nn.Linear(2, 32),
    nn.ReLU(),
    nn.Linear(32, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(150):
    optimizer.zero_grad()
    loss = criterion(model(X_train), y_train)
    loss.backward()
    optimizer.step()


def predict(inputs):
    model.eval()
    with torch.no_grad():
        out = model(torch.tensor(inputs, dtype=torch.float32)).numpy()
    return (out[:, 0] > 0).astype(int)


val = np.load("validation.npz")
print("validation accuracy:", np.mean(predict(val["inputs"]) == val["labels"]))
