import numpy as np
import torch
from torch import nn
from sklearn.model_selection import train_test_split

rng = np.random.default_rng(5)
torch.manual_seed(5)

# share of attended lessons, minutes spent on the course
attendance = rng.uniform(0, 1, 250)
minutes = rng.uniform(0, 1000, 250)
passed = (attendance + minutes / 1000 > 1.0).astype("float32")
X = np.stack([attendance, minutes], axis=1).astype("float32")

X_train, X_test, y_train, y_test = train_test_split(X, passed[:, None], test_size=50, random_state=0)
X_train, X_test, y_train, y_test = map(torch.from_numpy, (X_train, X_test, y_train, y_test))

model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)

for epoch in range(150):
    loss = loss_fn(model(X_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())

model.eval()
with torch.no_grad():
    accuracy = ((model(X_test) > 0).float() == y_test).float().mean().item()
print("accuracy", accuracy)
