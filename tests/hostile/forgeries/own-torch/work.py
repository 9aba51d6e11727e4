"""Brings a torch.py of its own."""

import torch

model = torch.nn.Sequential()
print(torch.__version__)
