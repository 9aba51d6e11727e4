import torch
import torch.nn as nn
from sklearn.datasets import make_blobs

torch.manual_seed(5)
X, y = make_blobs(n_samples=180, centers=[[-2, -2], [2, 2], [-2, 2]], cluster_std=0.7, random_state=5)
X = torch.FloatTensor(X)
y = torch.LongTensor(y)


class Model(nn.Module):
    def __init__(self, input_features=2, hidden_layer1=16, hidden_layer2=8, output_features=3):
        super().__init__()
        self.fc1 = nn.Linear(input_features, hidden_layer1)
        self.fc2 = nn.Linear(hidden_layer1, hidden_layer2)
        self.fc3 = nn.Linear(hidden_layer2, hidden_layer2)
        self.out = nn.Linear(hidden_layer2, output_features)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.out(x)


model = Model()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)

losses = []
for i in range(120):
    y_pred = model.forward(X)
    loss = criterion(y_pred, y)
    losses.append(loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(losses[::30])
