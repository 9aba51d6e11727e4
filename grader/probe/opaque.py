"""The type of what a framework or a student made: nothing is assumed about it."""

from __future__ import annotations

from typing import Any, TypeAlias

Opaque: TypeAlias = Any
