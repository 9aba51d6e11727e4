import numpy as np
import pandas as pd
import torch
from torch import nn
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(9)
torch.manual_seed(9)
table = pd.DataFrame({
    "age": rng.uniform(20, 80, 300),
    "pressure": rng.normal(130, 15, 300),
    "smoker": rng.integers(0, 2, 300),
})
risk = ((table["age"] - 50) / 17 + (table["pressure"] - 130) / 15 + 2 * table["smoker"] - 1 > 0).astype("float32")

X_train, X_test, y_train, y_test = train_test_split(table, risk, test_size=60, random_state=9)
ct = ColumnTransformer([("scale", StandardScaler(), ["age", "pressure"])], remainder="passthrough")
X_train = torch.tensor(ct.fit_transform(X_train), dtype=torch.float32)
X_test = torch.tensor(ct.transform(X_test), dtype=torch.float32)
y_train = torch.tensor(y_train.values).unsqueeze(1)
y_test = torch.tensor(y_test.values).unsqueeze(1)

model = nn.Sequential(nn.Linear(X_train.shape[1], 12), nn.ReLU(), nn.Linear(12, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(120):
    optimizer.zero_grad()
    loss = loss_fn(model(X_train), y_train)
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    right = ((model(X_test) > 0).float() == y_test).float().mean()
print("test accuracy", right.item())
