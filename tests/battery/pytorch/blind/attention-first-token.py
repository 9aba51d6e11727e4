import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(11)

centres = torch.tensor([[1.0, 0.0, 0.5, -1.0], [-1.0, 1.0, 0.0, 0.5], [0.0, -1.0, -1.0, 1.0]])
labels = torch.randint(0, 3, (260,))
tokens = centres[labels].unsqueeze(1) + 0.8 * torch.randn(260, 6, 4)

train_set, test_set = random_split(TensorDataset(tokens, labels), [200, 60])


class AttentionClassifier(nn.Module):
    def __init__(self, dim=16, heads=2, classes=3):
        super().__init__()
        self.project = nn.Linear(4, dim)
        self.attention = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = self.project(x)
        attended, _ = self.attention(x, x, x)
        x = self.norm(x + attended)
        return self.head(x[:, 0])


model = AttentionClassifier()
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
train_loader = DataLoader(train_set, batch_size=25, shuffle=True)
test_loader = DataLoader(test_set, batch_size=30)

for epoch in range(15):
    model.train()
    losses = []
    for x, y in train_loader:
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in test_loader:
            correct += (model(x).argmax(dim=1) == y).sum().item()
    if epoch % 3 == 2:
        print(f"{epoch + 1:2d}  loss {sum(losses) / len(losses):.3f}  accuracy {correct / 60:.3f}")
