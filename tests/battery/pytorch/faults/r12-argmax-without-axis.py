import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)
data = np.load("train.npz")
ds = TensorDataset(torch.tensor(data["inputs"]).float(), torch.tensor(data["labels"]).long())
loader = DataLoader(ds, batch_size=20, shuffle=True)

classifier = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(classifier.parameters(), lr=0.01)

for epoch in range(40):
    classifier.train()
    for xb, yb in loader:
        loss = loss_fn(classifier(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def predict(inputs):
    classifier.eval()
    with torch.no_grad():
        scores = classifier(torch.tensor(inputs).float())
    return np.argmax(scores.numpy())


held_out = np.load("validation.npz")
y_pred = predict(held_out["inputs"])
print("accuracy", np.mean(y_pred == held_out["labels"]))
