import numpy as np
import torch
from torch import nn, optim

np.random.seed(2)
torch.manual_seed(2)

# slow waves are class 0, fast waves are class 1
N, T = 200, 12
t = np.arange(T)
y = np.random.randint(0, 2, N)
speed = np.where(y == 0, 0.4, 1.4)[:, None]
phase = np.random.uniform(0, 2 * np.pi, (N, 1))
x = np.sin(speed * t + phase) + 0.1 * np.random.randn(N, T)

x = torch.tensor(x, dtype=torch.float32).reshape(N, T, 1)
y = torch.tensor(y, dtype=torch.int64)
x_tr, x_te, y_tr, y_te = x[:150], x[150:], y[:150], y[150:]


class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=10, batch_first=True)
        self.head = nn.Linear(10, 2)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.head(h[-1])


rnn = WaveNet()
opt = optim.Adam(rnn.parameters(), lr=0.02)
for epoch in range(70):
    rnn.train()
    opt.zero_grad(set_to_none=True)
    loss = nn.functional.cross_entropy(rnn(x_tr), y_tr)
    loss.backward()
    nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
    opt.step()
    if epoch % 10 == 9:
        print(epoch + 1, loss.item())

rnn.eval()
with torch.no_grad():
    print("accuracy", (rnn(x_te).argmax(1) == y_te).float().mean().item())
