import numpy as np
import torch
from torch import nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

np.random.seed(1)
torch.manual_seed(1)

size = np.random.uniform(20, 200, 300)        # square metres
rooms = np.random.uniform(1, 8, 300)
expensive = (size / 200 + rooms / 8 > 1.1).astype(np.int64)
X = np.column_stack([size, rooms])

X_train, X_test, y_train, y_test = train_test_split(X, expensive, test_size=0.2, random_state=1)

scaler = StandardScaler()
X_train_scaled = scaler.fit_transform(X_train)
X_test_scaled = scaler.transform(X_test)

X_train_t = torch.tensor(X_train_scaled, dtype=torch.float32)
X_test_t = torch.tensor(X_test_scaled, dtype=torch.float32)
y_train_t = torch.tensor(y_train)
y_test_t = torch.tensor(y_test)

model = nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(150):
    optimizer.zero_grad()
    loss = criterion(model(X_train_t), y_train_t)
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    print("accuracy", (model(X_test_t).argmax(1) == y_test_t).float().mean().item())
