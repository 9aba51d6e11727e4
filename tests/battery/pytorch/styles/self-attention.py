import torch
from torch import nn

torch.manual_seed(37)

# sets of 6 points; class 1 if one of them is an outlier
sets = torch.randn(240, 6, 4) * 0.5
label = torch.arange(240) % 2
which = torch.randint(0, 6, (240,))
rows = torch.arange(240)
sets[rows, which] += 2.0 * label[:, None]
target = label.float().unsqueeze(1)
x_train, y_train, x_test, y_test = sets[:180], target[:180], sets[180:], target[180:]


class SetClassifier(nn.Module):
    def __init__(self, dim=8, heads=2):
        super().__init__()
        self.embed = nn.Linear(4, dim)
        self.attention = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.out = nn.Linear(dim, 1)

    def forward(self, x):
        x = torch.relu(self.embed(x))
        attended, _ = self.attention(x, x, x)
        x = x + attended
        return self.out(x.mean(dim=1))


model = SetClassifier()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(80):
    loss = loss_fn(model(x_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    accuracy = ((model(x_test) > 0).float() == y_test).float().mean().item()
print(f"loss {loss.item():.3f} test accuracy {accuracy:.3f}")
