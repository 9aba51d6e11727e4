"""An object says that it is a module; its attributes raise."""

import numpy as np
import torch
from torch import nn

with np.load("train.npz") as train:
    X = torch.tensor(train["inputs"], dtype=torch.float32)
    y = torch.tensor(train["labels"], dtype=torch.float32).unsqueeze(1)
torch.manual_seed(0)


class Liar:
    @property
    def __class__(self):
        return nn.Module

    def __getattr__(self, name):
        raise RuntimeError("go away")


model = Liar()
