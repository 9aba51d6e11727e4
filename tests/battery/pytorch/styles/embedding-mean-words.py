import numpy as np
import torch
from torch import nn

torch.manual_seed(2)
rng = np.random.default_rng(2)

# "sentences" of 10 word ids out of 30; words 0-9 are friendly, 10-19 unfriendly, 20-29 say nothing
mood = rng.integers(0, 2, 240)
friendly = rng.integers(0, 10, (240, 10))
unfriendly = rng.integers(10, 20, (240, 10))
neutral = rng.integers(20, 30, (240, 10))
words = np.where(mood[:, None] == 1, friendly, unfriendly)
words = np.where(rng.random((240, 10)) < 0.4, neutral, words)

ids = torch.tensor(words, dtype=torch.long)
mood = torch.tensor(mood, dtype=torch.float32).unsqueeze(1)
train_ids, train_mood = ids[:200], mood[:200]
test_ids, test_mood = ids[200:], mood[200:]


class TextClassifier(nn.Module):
    def __init__(self, vocab_size, embed_dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(embed_dim, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, ids):
        x = self.embedding(ids)
        x = x.mean(dim=1)
        x = torch.relu(self.hidden(x))
        return self.out(x)


model = TextClassifier(30, 8)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(60):
    loss = criterion(model(train_ids), train_mood)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    acc = ((model(test_ids) > 0).float() == test_mood).float().mean()
print("accuracy on new sentences:", acc.item())
