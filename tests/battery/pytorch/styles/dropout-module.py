import torch
import torch.nn as nn
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

torch.manual_seed(17)
X, y = make_circles(n_samples=400, noise=0.05, factor=0.4, random_state=17)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, random_state=17)
X_tr, X_te = torch.FloatTensor(X_tr), torch.FloatTensor(X_te)
y_tr, y_te = torch.FloatTensor(y_tr).unsqueeze(1), torch.FloatTensor(y_te).unsqueeze(1)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, 32),
            nn.ReLU(),
            nn.Dropout(p=0.1),
            nn.Linear(32, 16),
            nn.ReLU(),
            nn.Dropout(p=0.1),
            nn.Linear(16, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.net(x)


clf = Classifier()
optimizer = torch.optim.Adam(clf.parameters(), lr=0.01)
loss_fn = nn.BCELoss()

for epoch in range(100):
    clf.train()
    pred = clf(X_tr)
    loss = loss_fn(pred, y_tr)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    clf.eval()
    with torch.no_grad():
        test_loss = loss_fn(clf(X_te), y_te)
    if epoch % 20 == 0:
        print(f"epoch {epoch} | loss {loss:.4f} | test loss {test_loss:.4f}")
