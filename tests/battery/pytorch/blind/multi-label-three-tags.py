"""Three tags per row, each of them may hold or not."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

rng = np.random.default_rng(13)
torch.manual_seed(13)

directions = rng.normal(size=(6, 3))
directions /= np.linalg.norm(directions, axis=0)
candidates = rng.normal(size=(1200, 6))
clear = (np.abs(candidates @ directions) > 0.3).all(axis=1)
inputs = candidates[clear][:300].astype("float32")
tags = (inputs @ directions > 0).astype("float32")


class TagData(Dataset):
    def __init__(self, inputs, tags):
        self.inputs = torch.from_numpy(inputs)
        self.tags = torch.from_numpy(tags)

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, i):
        return self.inputs[i], self.tags[i]


train_data = TagData(inputs[:250], tags[:250])
test_data = TagData(inputs[250:], tags[250:])

model = nn.Sequential(nn.Linear(6, 24), nn.SiLU(), nn.Linear(24, 3))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(25):
    for x, t in DataLoader(train_data, batch_size=25, shuffle=True):
        loss = criterion(model(x), t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    for x, t in DataLoader(test_data, batch_size=50):
        hit = ((torch.sigmoid(model(x)) > 0.5).float() == t).float()
        print("per tag", hit.mean(dim=0).tolist())
        print("all three", hit.prod(dim=1).mean().item())
