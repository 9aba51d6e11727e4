import torch
from torch import nn
from sklearn.datasets import make_moons


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.loss = nn.BCELoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.losses = []

    def probabilities(self, X):
        return torch.sigmoid(self.model(X))

    def fit(self, X, y, epochs):
        self.model.train()
        for _ in range(epochs):
            loss = self.loss(self.probabilities(X), y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.losses.append(loss.item())
        return self

    @torch.no_grad()
    def score(self, X, y):
        self.model.eval()
        return ((self.probabilities(X) > 0.5).float() == y).float().mean().item()


torch.manual_seed(99)
X, y = make_moons(n_samples=250, noise=0.1, random_state=99)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32).unsqueeze(1)

trainer = Trainer(nn.Sequential(nn.Linear(2, 20), nn.ReLU(), nn.Linear(20, 10), nn.ReLU(), nn.Linear(10, 1)), lr=0.02)
trainer.fit(X[:200], y[:200], epochs=120)
print(trainer.losses[-1], trainer.score(X[200:], y[200:]))
