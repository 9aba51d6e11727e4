"""The questions that can be asked about a submission; each is a pure function in its own file.

Importing a check registers nothing: the tuple below lists them by hand. Third parties add theirs
through the entry-point group ``grader.checks``, each entry naming a :class:`Check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from grader.checks import (
    beats_majority,
    hidden_accuracy,
    hidden_activation,
    hidden_f1,
    hidden_layers,
    hidden_precision,
    hidden_recall,
    hidden_units,
    input_shape,
    loss,
    loss_matches_output,
    no_faults,
    optimizer,
    output_activation,
    output_shape,
    was_trained,
)
from grader.checks.base import Check
from grader.errors import CourseError

ENTRY_POINT_GROUP: Final = "grader.checks"

_OWN: Final = (
    was_trained.CHECK,
    input_shape.CHECK,
    output_shape.CHECK,
    hidden_layers.CHECK,
    hidden_units.CHECK,
    hidden_activation.CHECK,
    output_activation.CHECK,
    loss.CHECK,
    loss_matches_output.CHECK,
    no_faults.CHECK,
    optimizer.CHECK,
    beats_majority.CHECK,
    hidden_accuracy.CHECK,
    hidden_precision.CHECK,
    hidden_recall.CHECK,
    hidden_f1.CHECK,
)

CHECKS: Final[Mapping[str, Check]] = MappingProxyType({check.id: check for check in _OWN})


def load_checks(entries: Iterable[EntryPoint] | None = None) -> Mapping[str, Check]:
    """Collect our checks and those that installed packages add.

    Args:
        entries: Entry points to load; those of the group ``grader.checks`` if left out.

    Returns:
        Every check by its id.

    Raises:
        CourseError: An entry cannot be loaded, is no check, requires a check that does not
            exist, or has an id that is taken.
    """
    found = entry_points(group=ENTRY_POINT_GROUP) if entries is None else entries
    checks = dict(CHECKS)
    for entry in found:
        where = f"entry point {entry.name} = {entry.value}"
        try:
            check = entry.load()
        except (ImportError, AttributeError) as exc:
            message = f"{where}: cannot be loaded: {exc}"
            raise CourseError(message, hint="mend or uninstall the package") from exc
        if not isinstance(check, Check):
            message = f"{where}: must name a grader.checks.base.Check, got {type(check).__name__}"
            raise CourseError(message)
        if check.id in checks:
            message = f'{where}: the check id "{check.id}" is taken'
            raise CourseError(message, hint="give it an id that starts with the package's name")
        checks[check.id] = check
    for check in checks.values():
        for required in check.requires:
            if required not in checks:
                message = f'check "{check.id}": requires "{required}", which does not exist'
                raise CourseError(message)
    return MappingProxyType(checks)
