import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_blobs

torch.manual_seed(6)
X, y = make_blobs(n_samples=192, centers=[[-2, 0], [0, 2], [2, 0]], cluster_std=0.4, random_state=6)
dataset = TensorDataset(torch.tensor(X).float(), torch.tensor(y).float().view(-1, 1))
loader = DataLoader(dataset, batch_size=32, shuffle=True)

model = nn.Sequential(
    nn.Linear(2, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(25):
    epoch_loss = 0.0
    for features, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(features), labels)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: {epoch_loss / len(loader):.4f}")
