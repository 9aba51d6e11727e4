"""Imports frameworks ahead of time, and lets them look as if nobody had imported them yet.

While they are imported, it is written down which module asks for which others. In the student's
process they are taken out of ``sys.modules``; an import brings a module back together with all that
it would have imported, in the same order, without running anything again. So a file of the
submission shadows what it would shadow in a fresh process, and the recorder's import hooks fire at
the same moment.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from grader.probe.hooks import Callback, PostImportFinder


@dataclass(slots=True)
class Journal:
    """What was imported, and what asked for what.

    Attributes:
        needs: Per module, what it imported while its body ran, in order.
        finished: Modules in the order in which their bodies had run.
    """

    needs: dict[str, dict[str, None]] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)

    def note(self, name: str) -> None:
        """Note that the body that runs now asked for a module."""
        if self.running and name != self.running[-1]:
            self.needs.setdefault(self.running[-1], {})[name] = None


class _Watching(MetaPathFinder):
    """Finds modules as Python would and writes down when their bodies run."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Ask the other finders and wrap what they found."""
        spec = None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is not self and find is not None:
                spec = find(fullname, path, target)
                if spec is not None:
                    break
        loader = spec.loader if spec is not None else None
        if loader is None or isinstance(loader, type):
            return spec
        original = getattr(loader, "exec_module", None)
        if original is None:
            return spec
        journal = self._journal

        def exec_module(module: ModuleType) -> None:
            with contextlib.suppress(AttributeError):
                del loader.exec_module  # the loader's own again
            journal.note(fullname)
            journal.running.append(fullname)
            try:
                original(module)
            finally:
                journal.running.pop()
            journal.finished[fullname] = len(journal.finished)

        with contextlib.suppress(AttributeError):
            setattr(loader, "exec_module", exec_module)  # noqa: B010  # this instance only
        return spec


@contextlib.contextmanager
def _written_down(journal: Journal) -> Iterator[None]:
    """Write down every import statement, also of modules that are there already."""
    statement, function = builtins.__import__, importlib.import_module

    def importing(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        result = statement(name, globals, locals, fromlist or (), level)
        if journal.running:
            absolute = name
            if level:
                package = str((globals or {}).get("__package__") or "")
                absolute = importlib.util.resolve_name("." * level + name, package)
            journal.note(absolute)
            for item in fromlist or ():
                if f"{absolute}.{item}" in sys.modules:
                    journal.note(f"{absolute}.{item}")
        return result

    def import_module(name: str, package: str | None = None) -> ModuleType:
        module = function(name, package)
        journal.note(importlib.util.resolve_name(name, package))
        return module

    finder = _Watching(journal)
    sys.meta_path.insert(0, finder)
    builtins.__import__, importlib.import_module = importing, import_module
    try:
        yield
    finally:
        builtins.__import__, importlib.import_module = statement, function
        sys.meta_path.remove(finder)


@dataclass(slots=True)
class Preloaded:
    """Modules that were imported ahead of time.

    Attributes:
        modules: By name, in the order of ``sys.modules``.
        journal: What asked for what.
        missing: Names that could not be imported: not installed here.
    """

    modules: dict[str, ModuleType]
    journal: Journal
    missing: tuple[str, ...]


def preload(names: Sequence[str]) -> Preloaded:
    """Import modules by name; one that is not installed is left out."""
    before = set(sys.modules)
    journal = Journal()
    missing = []
    with _written_down(journal):
        for name in names:
            try:
                importlib.import_module(name)
            except ImportError:
                missing.append(name)
    modules = {name: one for name, one in sys.modules.items() if name not in before}
    return Preloaded(modules=modules, journal=journal, missing=tuple(missing))


class Hidden(MetaPathFinder):
    """Preloaded modules that come back when they are imported.

    Args:
        preloaded: What was imported ahead of time.
    """

    def __init__(self, preloaded: Preloaded) -> None:
        self._journal = preloaded.journal
        self._all = preloaded.modules
        self._hidden: dict[str, ModuleType] = {}
        self._by_hand: dict[str, list[str]] = {}
        self._depth = 0

    def hide(self) -> None:
        """Take the modules out of ``sys.modules``, in the student's process only."""
        for name, module in self._all.items():
            root = name.partition(".")[0]
            if name not in self._journal.finished:
                if root not in self._all:
                    continue
                # Put there by a package itself, and so to come back with it.
                self._by_hand.setdefault(root, []).append(name)
            self._hidden[name] = module
            sys.modules.pop(name, None)
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a hidden module, unless a file of the submission comes first."""
        del target
        module = self._hidden.get(fullname)
        if module is None or not self._is_meant(fullname, path, module):
            return None
        own = getattr(module, "__spec__", None)
        spec = ModuleSpec(fullname, _Restoring(self, module, own))
        spec.origin = getattr(own, "origin", None)
        spec.submodule_search_locations = getattr(module, "__path__", None)
        return spec

    def _is_meant(self, name: str, path: Sequence[str] | None, module: ModuleType) -> bool:
        if self._depth:
            return True
        parent = name.rpartition(".")[0]
        if parent:
            return sys.modules.get(parent) is self._all.get(parent, sys.modules.get(parent))
        found = PathFinder.find_spec(name, path)
        own = getattr(module, "__spec__", None)
        return found is None or found.origin == getattr(own, "origin", None)

    def bring_back(self, name: str) -> None:
        """Put a module back with all that it imported, in the order in which that happened."""
        if name not in self._hidden:
            return
        parent = name.rpartition(".")[0]
        self.bring_back(parent)
        if name not in self._hidden:
            return
        if any(isinstance(one, PostImportFinder) and one.waits_for(name) for one in sys.meta_path):
            importlib.import_module(name)
            return
        sys.modules[name] = self._hidden.pop(name)
        self.bring_back_needs(name)

    def bring_back_needs(self, name: str) -> None:
        """Put back what a module imported."""
        self._hidden.pop(name, None)
        self._depth += 1
        try:
            for made in self._by_hand.pop(name, ()):
                if made in self._hidden:
                    sys.modules[made] = self._hidden.pop(made)
            for need in self._journal.needs.get(name, ()):
                self.bring_back(need)
        finally:
            self._depth -= 1

    @contextlib.contextmanager
    def following_patches(self) -> Iterator[None]:
        """What is replaced in the module ``copy`` meanwhile, every hidden module will see.

        They would have been imported later, and have bound the replacement.
        """
        with self._rebinding(copy, self._all.values()):
            yield

    def follow_hooks(self) -> None:
        """Do the same for what an import hook replaces in its module."""

        def following(name: str, callback: Callback) -> Callback:
            def called(module: ModuleType) -> None:
                if self._all.get(name) is not module:
                    callback(module)
                    return
                finished = self._journal.finished
                since = finished.get(name, 0)
                later = (self._all[one] for one, at in finished.items() if at > since)
                with self._rebinding(module, later):
                    callback(module)

            return called

        for finder in sys.meta_path:
            if isinstance(finder, PostImportFinder):
                finder.wrap(following)

    @contextlib.contextmanager
    def _rebinding(self, module: ModuleType, others: Iterable[ModuleType]) -> Iterator[None]:
        before = dict(vars(module))
        yield
        after = vars(module)
        changed = {
            id(old): after[key]
            for key, old in before.items()
            if callable(old) and after.get(key, old) is not old
        }
        if not changed:
            return
        for other in others:
            space = getattr(other, "__dict__", None)
            if not isinstance(space, dict) or other is module:
                continue
            for key, value in list(space.items()):
                if id(value) in changed:
                    space[key] = changed[id(value)]


class _Restoring(Loader):
    """Loads one hidden module: nothing is run."""

    def __init__(self, hidden: Hidden, module: ModuleType, spec: ModuleSpec | None) -> None:
        self._hidden = hidden
        self._module = module
        self._spec = spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module as it was imported ahead of time."""
        del spec
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Bring back what the module imported."""
        name = self._spec.name if self._spec else module.__name__
        if self._spec is not None:
            module.__spec__ = self._spec
        self._hidden.bring_back_needs(name)
