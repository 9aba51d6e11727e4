import torch
import torch.nn.functional as F
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

torch.manual_seed(11)

X, Y = make_classification(n_samples=250, n_features=5, n_informative=3, n_redundant=0, n_classes=2,
                           n_clusters_per_class=1, class_sep=2.0, flip_y=0, random_state=4)
X = torch.FloatTensor(X)
Y = torch.LongTensor(Y)
Xtrain, Xval, Ytrain, Yval = train_test_split(X, Y, train_size=200, random_state=42)


class MLP(torch.nn.Module):
    def __init__(self, d_in, d_hidden, d_out):
        super().__init__()
        self.lin1 = torch.nn.Linear(d_in, d_hidden)
        self.lin2 = torch.nn.Linear(d_hidden, d_out)

    def forward(self, x):
        h = F.gelu(self.lin1(x))
        return self.lin2(h)


mlp = MLP(5, 10, 2)
sgd = torch.optim.SGD(mlp.parameters(), lr=0.05)

batch_size = 40
for epoch in range(25):
    perm = torch.randperm(len(Xtrain))
    for start in range(0, len(Xtrain), batch_size):
        batch = perm[start:start + batch_size]
        scores = mlp(Xtrain[batch])
        loss = F.nll_loss(scores, Ytrain[batch])
        sgd.zero_grad()
        loss.backward()
        sgd.step()

mlp.eval()
with torch.no_grad():
    val_pred = mlp(Xval).argmax(1)
print("val acc", (val_pred == Yval).sum().item() / len(Yval))
