# %% [markdown]
# ## Circles, Daria Petrova
# The network gives out a plain number. In the loop I squash it with a sigmoid and use BCELoss,
# the way it was on the first slides.

# %%
import numpy as np
import torch
from torch import nn

torch.manual_seed(123)

# %%
train_file = np.load("train.npz")
x = torch.Tensor(train_file["inputs"])
y = torch.Tensor(train_file["labels"])

valid_file = np.load("validation.npz")
x_valid = torch.Tensor(valid_file["inputs"])
y_valid = torch.Tensor(valid_file["labels"])


# %%
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.hidden1 = nn.Linear(2, 20)
        self.hidden2 = nn.Linear(20, 20)
        self.output = nn.Linear(20, 1)
        self.act = nn.Tanh()

    def forward(self, inp):
        inp = self.act(self.hidden1(inp))
        inp = self.act(self.hidden2(inp))
        return self.output(inp).squeeze(1)


model = Net()

# %%
bce = nn.BCELoss()
optim = torch.optim.Adam(model.parameters(), lr=0.02)

losses = []
for step in range(500):
    model.train()
    logits = model(x)
    probs = torch.sigmoid(logits)
    loss = bce(probs, y)

    optim.zero_grad()
    loss.backward()
    optim.step()
    losses.append(loss.item())

    if step % 100 == 99:
        model.eval()
        with torch.no_grad():
            valid_probs = torch.sigmoid(model(x_valid))
        hit = ((valid_probs > 0.5) == y_valid.bool()).float().mean().item()
        print("step", step + 1, "loss", round(losses[-1], 4), "valid", round(hit, 3))

# %%
print("first loss", losses[0], "last loss", losses[-1])
