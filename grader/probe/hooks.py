"""Lazy import hooks: call us back when student code has imported a framework, and not before."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np

Callback = Callable[[ModuleType], None]


class PostImportFinder(MetaPathFinder):
    """Finds a module as Python would, and calls back once its body has run.

    The loader stays the module's own; only its ``exec_module`` is wrapped, and only once.

    Args:
        callbacks: By module name; called at most once each.
    """

    def __init__(self, callbacks: Mapping[str, Callback]) -> None:
        self._callbacks = dict(callbacks)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Ask the other finders and wrap what they found."""
        if fullname not in self._callbacks:
            return None
        spec = next(filter(None, self._asked_others(fullname, path, target)), None)
        loader = spec.loader if spec is not None else None
        original = getattr(loader, "exec_module", None)
        if loader is None or original is None:
            return spec

        def exec_module(module: ModuleType) -> None:
            # What a package draws while it is imported is not the student's: a run must not
            # depend on whether somebody imported it before.
            state, arrays = random.getstate(), np.random.get_state()
            try:
                original(module)
            finally:
                random.setstate(state)
                np.random.set_state(arrays)
            callback = self._callbacks.pop(fullname, None)
            if callback is not None:
                callback(module)

        try:
            loader.exec_module = exec_module  # type: ignore[method-assign]  # this instance only
        except AttributeError:
            return spec
        return spec

    def waits_for(self, name: str) -> bool:
        """Whether there is a callback for a module that has not been imported yet."""
        return name in self._callbacks

    def wrap(self, wrapping: Callable[[str, Callback], Callback]) -> None:
        """Replace every callback that has not been called, given its module's name and itself."""
        self._callbacks = {name: wrapping(name, each) for name, each in self._callbacks.items()}

    def _asked_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> list[ModuleSpec | None]:
        found = []
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            found.append(find(fullname, path, target))
            if found[-1] is not None:
                break
        return found


def when_imported(callbacks: Mapping[str, Callback]) -> None:
    """Call back for each module that is imported already, and for the others when they are."""
    waiting = {}
    for name, callback in callbacks.items():
        module = sys.modules.get(name)
        if module is None:
            waiting[name] = callback
        else:
            callback(module)
    if waiting:
        sys.meta_path.insert(0, PostImportFinder(waiting))


def is_real_package(module: object, *, attributes: tuple[str, ...]) -> bool:
    """Tell the framework from a student's file of the same name.

    Args:
        module: What was imported.
        attributes: What the package has besides ``__version__``.
    """
    if not isinstance(module, ModuleType) or getattr(module, "__path__", None) is None:
        return False
    origin = getattr(getattr(module, "__spec__", None), "origin", None) or ""
    installed = "site-packages" in origin or "dist-packages" in origin
    return installed and all(hasattr(module, name) for name in ("__version__", *attributes))
