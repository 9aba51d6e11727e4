import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(13)
X, y = make_classification(n_samples=320, n_features=8, n_informative=5, n_redundant=0, n_clusters_per_class=1,
                           class_sep=2.0, flip_y=0, random_state=13)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=13)

sc = StandardScaler()
X_train = sc.fit_transform(X_train)
X_test = sc.transform(X_test)

to_float = lambda a: torch.tensor(a, dtype=torch.float32)
loader = DataLoader(TensorDataset(to_float(X_train), to_float(y_train).unsqueeze(1)), batch_size=60, shuffle=True)

model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(30):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()

with torch.no_grad():
    y_pred = (model(to_float(X_test)).squeeze(1) > 0.5).int().numpy()
print("Accuracy:", (y_pred == y_test).mean())
