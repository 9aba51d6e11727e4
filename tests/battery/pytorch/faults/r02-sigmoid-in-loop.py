import numpy as np
import torch
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

torch.manual_seed(7)

X, y = make_moons(n_samples=300, noise=0.1, random_state=7)
X = X.astype(np.float32)
y = y.astype(np.float32).reshape(-1, 1)
x_tr, x_te, t_tr, t_te = train_test_split(X, y, test_size=0.2, random_state=0)
x_tr, x_te = torch.from_numpy(x_tr), torch.from_numpy(x_te)
t_tr, t_te = torch.from_numpy(t_tr), torch.from_numpy(t_te)

clf = torch.nn.Sequential(
    torch.nn.Linear(2, 16),
    torch.nn.ReLU(),
    torch.nn.Linear(16, 1),
)
bce = torch.nn.BCEWithLogitsLoss()
opt = torch.optim.RMSprop(clf.parameters(), lr=0.01)


def train_one_epoch():
    out = clf(x_tr)
    p = out.sigmoid()
    loss = bce(p, t_tr)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()


for it in range(150):
    value = train_one_epoch()
    if it % 50 == 49:
        print(it + 1, round(value, 4))

clf.eval()
with torch.inference_mode():
    decided = (torch.sigmoid(clf(x_te)) > 0.5).float()
print("accuracy on test", (decided == t_te).float().mean().item())
