import torch
from torch import nn
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

X, y = make_circles(250, noise=0.03, factor=0.6, random_state=42)
X = torch.from_numpy(X).type(torch.float)
y = torch.from_numpy(y).type(torch.float)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)


class CircleModelV1(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(2, 16)
        self.layer_2 = nn.Linear(16, 16)
        self.layer_3 = nn.Linear(16, 1)

    def forward(self, x):
        return self.layer_3(torch.relu(self.layer_2(torch.relu(self.layer_1(x)))))


torch.manual_seed(42)
model_1 = CircleModelV1()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(params=model_1.parameters(), lr=0.02)

for epoch in range(150):
    model_1.train()
    y_logits = model_1(X_train)
    loss = loss_fn(y_logits, y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model_1.eval()
with torch.inference_mode():
    test_logits = model_1(X_test).squeeze()
    test_pred = torch.round(torch.sigmoid(test_logits))
    print("Test acc:", (test_pred == y_test).float().mean().item())
