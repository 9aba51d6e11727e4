import copy

import torch
from sklearn.datasets import make_circles
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(21)


class CircleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, 20), nn.Tanh(), nn.Dropout(0.1),
            nn.Linear(20, 10), nn.Tanh(),
            nn.Linear(10, 1),
        )

    def forward(self, x):
        return self.layers(x).squeeze(-1)


def train_one_epoch(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, x, y, criterion):
    model.eval()
    logits = model(x)
    return criterion(logits, y).item(), ((logits > 0) == (y > 0.5)).float().mean().item()


def main():
    x, y = make_circles(n_samples=300, noise=0.08, factor=0.4, random_state=1)
    x = torch.tensor(x, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    x_train, x_val, x_test = x[:180], x[180:240], x[240:]
    y_train, y_val, y_test = y[:180], y[180:240], y[240:]
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=30, shuffle=True)

    model = CircleNet()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    best_loss, best_state = float("inf"), None
    for epoch in range(60):
        train_loss = train_one_epoch(model, loader, criterion, optimizer)
        val_loss, val_acc = evaluate(model, x_val, y_val, criterion)
        if val_loss < best_loss:
            best_loss = val_loss
            best_state = copy.deepcopy(model.state_dict())
        if epoch % 10 == 9:
            print(f"{epoch + 1}: train {train_loss:.3f} val {val_loss:.3f} acc {val_acc:.3f}")

    model.load_state_dict(best_state)
    print("test loss and accuracy:", evaluate(model, x_test, y_test, criterion))


if __name__ == "__main__":
    main()
