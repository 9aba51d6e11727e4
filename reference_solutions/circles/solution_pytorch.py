# %% [markdown]
# # Two circles: reference solution in PyTorch
#
# The steps of every classification exercise: get the data ready, build a model, pick a loss and an
# optimizer, train in a loop, evaluate on rows the model has not trained on.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.metrics import classification_report, f1_score
from torch import nn

SEED = 42
torch.manual_seed(SEED)
device = "cuda" if torch.cuda.is_available() else "cpu"
print(f"PyTorch {torch.__version__} on {device}")

# %% [markdown]
# ## 1. Data
#
# Two coordinates per point. The loss below wants float labels of the same shape as the model's
# output, `(N, 1)`, so the labels get a second dimension here, once.


# %%
def load_split(path):
    """Return inputs `(N, 2)` and labels `(N, 1)`, both float32 tensors on the device."""
    split = np.load(path)
    inputs = torch.from_numpy(split["inputs"]).to(device)
    labels = torch.from_numpy(split["labels"]).float().unsqueeze(dim=1).to(device)
    return inputs, labels


X_train, y_train = load_split("train.npz")
X_val, y_val = load_split("validation.npz")
print(f"train {tuple(X_train.shape)}, validation {tuple(X_val.shape)}")
print(f"share of inner points: {y_train.mean():.2f}")

# %% [markdown]
# ## 2. Model
#
# No straight line separates two rings, so the network needs something non-linear between its
# layers. The output layer emits one logit: positive means inner, negative means outer.


# %%
class CircleModel(nn.Module):
    def __init__(self, hidden_units=16):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, hidden_units),
            nn.ReLU(),
            nn.Linear(hidden_units, hidden_units),
            nn.ReLU(),
            nn.Linear(hidden_units, 1),
        )

    def forward(self, x):
        return self.layers(x)


model = CircleModel().to(device)
print(model)

# %% [markdown]
# ## 3. Loss and optimizer
#
# `BCEWithLogitsLoss` applies the sigmoid itself, in a numerically stable way. That is why the model
# ends without one. Big steps at the start, tiny ones at the end: the scheduler lowers the learning
# rate to zero.

# %%
EPOCHS = 400

loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)


def labels_from(logits):
    """Logits -> probabilities -> labels 0 or 1."""
    return torch.round(torch.sigmoid(logits))


def accuracy(labels, predicted):
    return (labels == predicted).float().mean().item()


# %% [markdown]
# ## 4. Training loop
#
# 800 points are few enough to use all of them in every step.

# %%
history = {"epoch": [], "train_loss": [], "val_loss": []}

for epoch in range(1, EPOCHS + 1):
    model.train()
    train_logits = model(X_train)
    train_loss = loss_fn(train_logits, y_train)
    optimizer.zero_grad()
    train_loss.backward()
    optimizer.step()
    scheduler.step()

    if epoch % 50 == 0:
        model.eval()
        with torch.inference_mode():
            val_logits = model(X_val)
            val_loss = loss_fn(val_logits, y_val)
        history["epoch"].append(epoch)
        history["train_loss"].append(train_loss.item())
        history["val_loss"].append(val_loss.item())
        print(
            f"epoch {epoch:4d} | train loss {train_loss.item():.4f}, "
            f"accuracy {accuracy(y_train, labels_from(train_logits)):.3f} | "
            f"validation loss {val_loss.item():.4f}, "
            f"accuracy {accuracy(y_val, labels_from(val_logits)):.3f}"
        )

# %% [markdown]
# ## 5. Evaluation
#
# Accuracy alone hides what happens in each class, so look at F1 as well.

# %%
model.eval()
with torch.inference_mode():
    y_pred = labels_from(model(X_val)).cpu().numpy().ravel().astype(int)
y_true = y_val.cpu().numpy().ravel().astype(int)

print(classification_report(y_true, y_pred, target_names=["outer", "inner"]))
print(f"macro F1 on validation data: {f1_score(y_true, y_pred, average='macro'):.3f}")

# %% [markdown]
# Where does the model draw the line? The boundary should be a closed curve between the rings.

# %%
axis = np.linspace(-1.3, 1.3, 120, dtype=np.float32)
grid_x, grid_y = np.meshgrid(axis, axis)
grid = torch.from_numpy(np.stack([grid_x.ravel(), grid_y.ravel()], axis=1)).to(device)
with torch.inference_mode():
    decided = labels_from(model(grid)).cpu().numpy().reshape(grid_x.shape)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
left.plot(history["epoch"], history["train_loss"], label="train")
left.plot(history["epoch"], history["val_loss"], label="validation")
left.set(xlabel="epoch", ylabel="loss", title="Loss")
left.legend()
points = X_val.cpu().numpy()
right.contourf(grid_x, grid_y, decided, cmap="RdYlBu", alpha=0.5)
right.scatter(points[:, 0], points[:, 1], c=y_true, cmap="RdYlBu", s=12)
right.set(xlabel="x1", ylabel="x2", title="Decision boundary", aspect="equal")
plt.show()
