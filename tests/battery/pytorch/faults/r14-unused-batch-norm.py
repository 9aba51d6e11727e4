import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

torch.manual_seed(77)
X, y = make_classification(n_samples=300, n_features=6, n_informative=4, n_redundant=0, class_sep=2.0,
                           n_clusters_per_class=1, flip_y=0.0, random_state=77)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=60, random_state=77, stratify=y)
loader = DataLoader(TensorDataset(X_train, y_train), batch_size=48, shuffle=True)


class BinaryNet(nn.Module):
    def __init__(self):
        super(BinaryNet, self).__init__()
        self.layer_1 = nn.Linear(6, 16)
        self.layer_out = nn.Linear(16, 1)
        self.relu = nn.ReLU()
        self.batchnorm1 = nn.BatchNorm1d(16)

    def forward(self, inputs):
        x = self.relu(self.layer_1(inputs))
        return self.layer_out(x)


model = BinaryNet()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for e in range(1, 31):
    model.train()
    for X_batch, y_batch in loader:
        optimizer.zero_grad()
        loss = criterion(model(X_batch), y_batch)
        loss.backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    y_val_pred = torch.round(torch.sigmoid(model(X_val)))
print("Val acc:", (y_val_pred == y_val).float().mean().item())
