"""Small pieces of the sentences that findings are made of."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Put a number and a noun together: ``1 step``, ``20 steps``, ``no steps``.

    Args:
        count: At least 0.
        noun: In the singular; its plural takes an ``s``.
    """
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
