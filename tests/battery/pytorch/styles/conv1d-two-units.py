import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(23)
rng = np.random.default_rng(23)
t = np.linspace(0, 1, 32)
kind = rng.integers(0, 2, 200)
phase = rng.uniform(0, 2 * np.pi, 200)
waves = np.sin(2 * np.pi * np.where(kind == 1, 6, 2)[:, None] * t + phase[:, None])
waves = waves + rng.normal(0, 0.1, waves.shape)

x = torch.tensor(waves, dtype=torch.float32).unsqueeze(1)
y = torch.tensor(kind, dtype=torch.long)
x_train, y_train, x_test, y_test = x[:150], y[:150], x[150:], y[150:]


class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 6, kernel_size=5)
        self.fc = nn.Linear(6 * 14, 2)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = F.max_pool1d(x, 2)
        x = x.view(x.size(0), -1)
        return self.fc(x)


wave_net = WaveNet()
loss_func = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(wave_net.parameters(), lr=0.01)
for epoch in range(60):
    optimizer.zero_grad()
    scores = wave_net(x_train)
    loss = loss_func(scores, y_train)
    loss.backward()
    optimizer.step()

wave_net.eval()
with torch.no_grad():
    probs = torch.softmax(wave_net(x_test), dim=1)
print("test accuracy", (probs.argmax(1) == y_test).float().mean().item())
