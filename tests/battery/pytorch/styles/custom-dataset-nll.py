import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

torch.manual_seed(16)


class WineDataset(Dataset):
    def __init__(self, features, labels, mean, std):
        self.features = torch.tensor((features - mean) / std, dtype=torch.float32)
        self.labels = torch.tensor(labels, dtype=torch.long)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.features[i], self.labels[i]


X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=38, random_state=16, stratify=y)
mean, std = X_train.mean(axis=0), X_train.std(axis=0)
train_loader = DataLoader(WineDataset(X_train, y_train, mean, std), batch_size=28, shuffle=True)
test_loader = DataLoader(WineDataset(X_test, y_test, mean, std), batch_size=38)

model = nn.Sequential(
    nn.Linear(13, 10),
    nn.ReLU(),
    nn.Linear(10, 3),
    nn.LogSoftmax(dim=1),
)
loss_fn = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(25):
    for wines, kinds in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(wines), kinds)
        loss.backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    for wines, kinds in test_loader:
        print("test accuracy", (model(wines).argmax(1) == kinds).float().mean().item())
