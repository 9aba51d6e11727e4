import torch
import torch.nn as nn

torch.manual_seed(41)
sequences = torch.randn(200, 8, 3)
classes = (sequences[:, :, 0].mean(dim=1) > 0).long()
sequences[:, :, 1] += (2.0 * classes - 1.0)[:, None]   # a clear hint in the second channel
x_train, x_val = sequences[:150], sequences[150:]
y_train, y_val = classes[:150], classes[150:]


class TransformerClassifier(nn.Module):
    def __init__(self, d_model=16):
        super().__init__()
        self.project = nn.Linear(3, d_model)
        self.encoder = nn.TransformerEncoderLayer(
            d_model=d_model, nhead=2, dim_feedforward=32, dropout=0.1, batch_first=True)
        self.fc = nn.Linear(d_model, 2)

    def forward(self, x):
        x = self.project(x)
        x = self.encoder(x)
        return self.fc(x.mean(dim=1))


transformer = TransformerClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(transformer.parameters(), lr=0.003)

for epoch in range(10):
    transformer.train()
    for idx in torch.randperm(150).split(30):
        loss = criterion(transformer(x_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    transformer.eval()
    with torch.no_grad():
        val_acc = (transformer(x_val).argmax(1) == y_val).float().mean()
    print(epoch, f"{loss.item():.3f} {val_acc.item():.3f}")
