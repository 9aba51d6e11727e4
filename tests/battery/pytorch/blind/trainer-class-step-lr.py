import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR


class Trainer:
    def __init__(self, model, criterion, optimizer, scheduler=None):
        self.model = model
        self.criterion = criterion
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.history = {"loss": [], "accuracy": []}

    def fit(self, x, y, x_test, y_test, epochs, batch_size):
        for _ in range(epochs):
            self.model.train()
            order = torch.randperm(len(x))
            total = 0.0
            for i in range(0, len(x), batch_size):
                rows = order[i:i + batch_size]
                total += self._step(x[rows], y[rows]) * len(rows)
            if self.scheduler is not None:
                self.scheduler.step()
            self.history["loss"].append(total / len(x))
            self.history["accuracy"].append(self.score(x_test, y_test))
        return self.history

    def _step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def score(self, x, y):
        self.model.eval()
        with torch.no_grad():
            return (self.model(x).argmax(dim=1) == y).float().mean().item()


torch.manual_seed(3)
rng = np.random.default_rng(3)
ring = rng.integers(0, 3, 300)
angle = rng.uniform(0, 2 * np.pi, 300)
radius = np.array([0.3, 1.1, 1.9])[ring] + rng.normal(0, 0.08, 300)
x = torch.tensor(np.c_[radius * np.cos(angle), radius * np.sin(angle)], dtype=torch.float32)
y = torch.tensor(ring)

model = nn.Sequential(nn.Linear(2, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 3))
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, StepLR(optimizer, step_size=15, gamma=0.1))
history = trainer.fit(x[:240], y[:240], x[240:], y[240:], epochs=45, batch_size=24)
print([round(v, 3) for v in history["loss"][::5]])
print("final accuracy", history["accuracy"][-1])
