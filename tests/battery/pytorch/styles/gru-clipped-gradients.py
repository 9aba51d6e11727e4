import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(29)
# three kinds of curves: rising, falling, swinging
n, length = 240, 12
time = torch.linspace(-1, 1, length)
label = torch.randint(0, 3, (n,))
curves = torch.stack([time, -time, torch.sin(2 * math.pi * time)])[label]
curves = (curves + 0.15 * torch.randn(n, length)).unsqueeze(-1)
loader = DataLoader(TensorDataset(curves[:192], label[:192]), batch_size=32, shuffle=True)
test_curves, test_label = curves[192:], label[192:]


class CurveGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 12, batch_first=True)
        self.classifier = nn.Linear(12, 3)

    def forward(self, sequence):
        _, state = self.gru(sequence)
        return self.classifier(state[-1])


rnn = CurveGRU()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(rnn.parameters(), lr=0.02)
for epoch in range(12):
    for batch, wanted in loader:
        loss = criterion(rnn(batch), wanted)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(rnn.parameters(), max_norm=1.0)
        optimizer.step()

rnn.eval()
with torch.no_grad():
    hits = (rnn(test_curves).argmax(dim=-1) == test_label).sum().item()
print(hits, "of", len(test_label))
