"""Not PyTorch."""

__version__ = "2.13.0"


class Module:
    """Says that it was trained."""

    training = False

    def parameters(self):
        return [1.0]


class nn:
    """Not torch.nn."""

    Module = Module

    @staticmethod
    def Sequential(*layers):
        return Module()
