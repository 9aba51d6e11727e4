import torch
import torch.nn as nn

torch.manual_seed(13)

# does the walk end right or left of the start?
steps = torch.randn(260, 10, 2) * 0.5
target = (steps[:, :, 0].sum(dim=1) > 0).float()
seq_train, seq_test = steps[:200], steps[200:]
y_train, y_test = target[:200], target[200:]


class WalkLSTM(nn.Module):
    def __init__(self, hidden_size=16):
        super().__init__()
        self.lstm = nn.LSTM(input_size=2, hidden_size=hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        last = out[:, -1, :]
        return self.fc(last).squeeze(-1)


model = WalkLSTM()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(60):
    model.train()
    optimizer.zero_grad()
    loss = loss_fn(model(seq_train), y_train)
    loss.backward()
    optimizer.step()
    if epoch % 15 == 0:
        print(epoch, loss.item())

model.eval()
with torch.no_grad():
    acc = ((model(seq_test) > 0).float() == y_test).float().mean()
print("test accuracy", acc.item())
