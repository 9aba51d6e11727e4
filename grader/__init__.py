"""An automated grader for neural-network classification exercises in PyTorch and Keras."""

__version__ = "0.1.0"
