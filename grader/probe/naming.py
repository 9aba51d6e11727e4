"""Finds models among the variables that the last cell left."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from grader.evidence import Framework
from grader.probe.hooks import is_real_package
from grader.probe.opaque import Opaque
from grader.probe.wording import printable

_LISTED = 50
_MAX_NAMES = 20
_OF_IPYTHON = {"In", "Out", "exit", "quit", "get_ipython"}


def variables(namespace: Mapping[str, Opaque]) -> Iterator[tuple[str, Opaque]]:
    """Names and values that the student's code bound at the top."""
    for name, value in list(namespace.items()):
        if isinstance(name, str) and not name.startswith("_") and name not in _OF_IPYTHON:
            yield name, value


def reached(namespace: Mapping[str, Opaque]) -> Iterator[tuple[str, Opaque]]:
    """Variables, and what lies in them one level deep: items and plain attributes."""
    listed = list(variables(namespace))
    yield from listed
    for name, value in listed:
        kind = type(value)
        if kind in {list, tuple}:
            for number, item in enumerate(value[:_LISTED]):
                yield f"{name}[{number}]", item
        elif kind is dict:
            for key, item in list(value.items())[:_LISTED]:
                if type(key) in {str, int}:
                    yield f"{name}[{key!r}]", item
        elif kind.__module__ == "__main__" and not is_model(value):
            for key, item in _attributes(value)[:_LISTED]:
                yield f"{name}.{key}", item


def _attributes(value: Opaque) -> list[tuple[str, Opaque]]:
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return []
    return list(attributes.items()) if type(attributes) is dict else []


def is_model(value: Opaque) -> bool:
    """Whether a value is a model of a framework that has been imported."""
    return framework_of(value) is not None


def framework_of(value: Opaque) -> Framework | None:
    """The framework a value is a model of; a student's file of that name is no framework."""
    kinds = type(value).__mro__
    names = {kind.__module__.partition(".")[0] for kind in kinds}
    if not names & {"keras", "torch"}:
        return None
    keras = _class_in("keras", "Model", attributes=("Model", "losses"))
    if isinstance(keras, type) and keras in kinds:
        return Framework.KERAS
    torch = _class_in("torch", "nn", attributes=("nn", "autograd", "optim"))
    module = getattr(torch, "Module", None)
    if isinstance(module, type) and module in kinds:
        return Framework.PYTORCH
    return None


def _class_in(package: str, name: str, *, attributes: tuple[str, ...]) -> Opaque:
    module = sys.modules.get(package)
    return getattr(module, name, None) if is_real_package(module, attributes=attributes) else None


def models_in(namespace: Mapping[str, Opaque]) -> dict[int, tuple[Framework, Opaque, list[str]]]:
    """Every model within reach, by ``id``, with the names it goes by."""
    found: dict[int, tuple[Framework, Opaque, list[str]]] = {}
    for name, value in reached(namespace):
        framework = framework_of(value)
        if framework is None:
            continue
        if framework is Framework.PYTORCH:
            from grader.probe.pytorch import unwrapped

            value = unwrapped(value)  # the model behind the wrapper is meant
            if next(value.parameters(), None) is None:
                continue
        entry = found.setdefault(id(value), (framework, value, []))
        shown = printable(name)
        if shown not in entry[2] and len(entry[2]) < _MAX_NAMES:
            entry[2].append(shown)
    return found
