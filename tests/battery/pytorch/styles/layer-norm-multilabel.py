import numpy as np
import torch
from torch import nn

torch.manual_seed(12)
rng = np.random.default_rng(12)
signals = rng.normal(size=(320, 6)).astype(np.float32)
# three yes/no questions about every row
answers = np.stack([
    signals[:, 0] + signals[:, 1] > 0,
    signals[:, 2] - signals[:, 3] > 0,
    signals[:, 4] + 0.5 * signals[:, 5] > 0,
], axis=1).astype(np.float32)

x_train, t_train = torch.from_numpy(signals[:260]), torch.from_numpy(answers[:260])
x_valid, t_valid = torch.from_numpy(signals[260:]), torch.from_numpy(answers[260:])

tagger = nn.Sequential(
    nn.Linear(6, 24),
    nn.LayerNorm(24),
    nn.Mish(),
    nn.Linear(24, 3),
)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(tagger.parameters(), lr=0.01)

for epoch in range(80):
    optimizer.zero_grad()
    loss = criterion(tagger(x_train), t_train)
    loss.backward()
    optimizer.step()

tagger.eval()
with torch.no_grad():
    tags = (tagger(x_valid).sigmoid() > 0.5).float()
print("share of right tags", (tags == t_valid).float().mean().item())
