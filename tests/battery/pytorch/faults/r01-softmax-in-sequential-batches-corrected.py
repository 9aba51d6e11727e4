import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(2024)
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=28, random_state=7, stratify=y)
scaler = StandardScaler().fit(X_train)

def as_dataset(rows, labels):
    return TensorDataset(torch.tensor(scaler.transform(rows), dtype=torch.float32), torch.tensor(labels))

train_dl = DataLoader(as_dataset(X_train, y_train), batch_size=30, shuffle=True)
test_dl = DataLoader(as_dataset(X_test, y_test), batch_size=28)

model = nn.Sequential()
model.add_module("fc1", nn.Linear(13, 10))
model.add_module("act", nn.SELU())
model.add_module("fc2", nn.Linear(10, 3))

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.NAdam(model.parameters(), lr=0.01)

for epoch in range(20):
    model.train()
    for xb, yb in train_dl:
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()

model.eval()
correct = 0
with torch.no_grad():
    for xb, yb in test_dl:
        correct += (model(xb).argmax(-1) == yb).sum().item()
print("correct:", correct, "of", len(y_test))
