import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader
from sklearn.datasets import make_classification

torch.manual_seed(123)

features, labels = make_classification(n_samples=256, n_features=6, n_informative=4, n_redundant=0,
                                       class_sep=1.8, n_clusters_per_class=1, flip_y=0, random_state=10)
ds = TensorDataset(torch.tensor(features, dtype=torch.float32),
                   torch.tensor(labels, dtype=torch.float32).unsqueeze(1))
dl = DataLoader(ds, batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Linear(6, 20),
    nn.LeakyReLU(),
    nn.Linear(20, 1),
    nn.Sigmoid(),
)
loss_function = nn.BCELoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)

for epoch in range(30):
    total = 0
    for inputs, targets in dl:
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(inputs)
    if epoch % 10 == 9:
        print("epoch %d: %.4f" % (epoch + 1, total / len(ds)))
