"""Puts a module of its own where torch was."""

import numpy as np
import torch
from torch import nn

with np.load("train.npz") as train:
    X = torch.tensor(train["inputs"], dtype=torch.float32)
    y = torch.tensor(train["labels"], dtype=torch.float32).unsqueeze(1)
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))

import sys
import types

fake = types.ModuleType("torch")
fake.nn = nn
fake.__version__ = torch.__version__
sys.modules["torch"] = fake
model = fake.nn.Sequential(nn.Linear(2, 1))
