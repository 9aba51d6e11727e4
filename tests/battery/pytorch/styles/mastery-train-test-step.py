import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

RANDOM_SEED = 42
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(RANDOM_SEED)

X, y = load_digits(n_class=3, return_X_y=True)
X = torch.from_numpy(X[:360] / 16.0).type(torch.float)
y = torch.from_numpy(y[:360]).type(torch.LongTensor)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=RANDOM_SEED)
train_dataloader = DataLoader(TensorDataset(X_train, y_train), batch_size=30, shuffle=True)
test_dataloader = DataLoader(TensorDataset(X_test, y_test), batch_size=30, shuffle=False)


class DigitModelV0(nn.Module):
    def __init__(self, input_features, output_features, hidden_units=16):
        super().__init__()
        self.linear_layer_stack = nn.Sequential(
            nn.Linear(in_features=input_features, out_features=hidden_units),
            nn.ReLU(),
            nn.Linear(in_features=hidden_units, out_features=hidden_units),
            nn.ReLU(),
            nn.Linear(in_features=hidden_units, out_features=output_features),
        )

    def forward(self, x):
        return self.linear_layer_stack(x)


def accuracy_fn(y_true, y_pred):
    correct = torch.eq(y_true, y_pred).sum().item()
    return (correct / len(y_pred)) * 100


def train_step(model, data_loader, loss_fn, optimizer, accuracy_fn, device=device):
    train_loss, train_acc = 0, 0
    model.to(device)
    model.train()
    for batch, (X, y) in enumerate(data_loader):
        X, y = X.to(device), y.to(device)
        y_pred = model(X)
        loss = loss_fn(y_pred, y)
        train_loss += loss.item()
        train_acc += accuracy_fn(y_true=y, y_pred=y_pred.argmax(dim=1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"Train loss: {train_loss / len(data_loader):.5f} | acc: {train_acc / len(data_loader):.2f}%")


def test_step(data_loader, model, loss_fn, accuracy_fn, device=device):
    test_loss, test_acc = 0, 0
    model.to(device)
    model.eval()
    with torch.inference_mode():
        for X, y in data_loader:
            X, y = X.to(device), y.to(device)
            test_pred = model(X)
            test_loss += loss_fn(test_pred, y).item()
            test_acc += accuracy_fn(y_true=y, y_pred=test_pred.argmax(dim=1))
    print(f"Test loss: {test_loss / len(data_loader):.5f} | acc: {test_acc / len(data_loader):.2f}%")


model_0 = DigitModelV0(input_features=64, output_features=3).to(device)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(params=model_0.parameters(), lr=0.1)

epochs = 20
for epoch in range(epochs):
    train_step(model_0, train_dataloader, loss_fn, optimizer, accuracy_fn)
    test_step(test_dataloader, model_0, loss_fn, accuracy_fn)
