import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(42)
X, y = make_circles(200, noise=0.05, factor=0.5, random_state=42)
X = torch.from_numpy(X).float()
y = torch.from_numpy(y).float()


class CircleModelV2(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(in_features=2, out_features=10)
        self.layer_2 = nn.Linear(in_features=10, out_features=10)
        self.layer_3 = nn.Linear(in_features=10, out_features=1)
        self.relu = nn.ReLU()  # one relu for both hidden layers

    def forward(self, x):
        z = self.relu(self.layer_1(x))
        z = self.relu(self.layer_2(z))
        return self.layer_3(z)


model_3 = CircleModelV2()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model_3.parameters(), lr=0.02)

epochs = 120
for epoch in range(epochs):
    model_3.train()
    y_logits = model_3(X).squeeze()
    loss = loss_fn(y_logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(f"Epoch: {epoch} | Loss: {loss:.5f}")
