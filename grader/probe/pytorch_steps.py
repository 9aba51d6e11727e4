"""Optimizer steps in PyTorch: whose, at which rate, and from which gradients."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.evidence import Framework
from grader.probe.opaque import Opaque
from grader.probe.pytorch_values import is_round
from grader.probe.recorder import ModelRecord, Recorder
from grader.probe.wording import class_name

_WITNESSES = 3
_MOST_OTHERS = 8


class Owners:
    """Which models hold which parameters.

    Args:
        recorder: Knows the models.

    Attributes:
        of: Models by ``id`` of the parameter; they hold it, so the ``id`` stays its own.
        generation: Grows whenever ``of`` was made anew.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.of: dict[int, list[ModelRecord]] = {}
        self.generation = 0

    def refresh(self) -> None:
        """Look at the models again."""
        self.of = {}
        self.generation += 1
        for record in self._recorder.in_order():
            if record.framework is Framework.PYTORCH:
                for parameter in record.model.parameters():
                    self.of.setdefault(id(parameter), []).append(record)


@dataclass(slots=True, eq=False)
class Witness:
    """A parameter by whose gradient the others are judged.

    Attributes:
        parameter: The parameter.
        held: Its gradient at the step before; held, so that another tensor is another one.
        is_cleared: Whether that gradient was seen to be gone or zero since that step.
        tells: Whether a gradient that is added to stays the same tensor.
        version: Of ``held`` at that step.
        looks: How often it was looked at since that step.
    """

    parameter: Opaque
    held: Opaque = None
    is_cleared: bool = False
    tells: bool = True
    version: int = 0
    looks: int = 0

    def look(self) -> None:
        """Look at the gradient before another one is added to it."""
        self.looks += 1
        if self.held is None or self.is_cleared:
            return
        gradient = self.parameter.grad
        self.is_cleared = gradient is None or not bool(gradient.any())

    def step(self) -> bool | None:
        """Whether the gradient is that of this step alone; ``None`` if that is not known."""
        gradient = self.parameter.grad
        if gradient is None:
            return None
        is_fresh = (
            self.held is None or self.is_cleared or (self.tells and gradient is not self.held)
        )
        version = int(gradient._version)
        was_missed = not self.looks and version != self.version
        self.start_from(gradient)
        return None if was_missed and not is_fresh else is_fresh

    def start_from(self, gradient: Opaque) -> None:
        """Remember the gradient that was used last; ``None`` if it is gone already."""
        self.held, self.looks, self.is_cleared = gradient, 0, False
        if gradient is not None:
            self.version, self.tells = int(gradient._version), not gradient.is_sparse


@dataclass(slots=True, eq=False)
class Part:
    """One model's share of an optimizer's parameters.

    Attributes:
        record: Of the model.
        groups: Groups that hold some of them.
        parameters: The parameters.
        witnesses: Those whose gradients are watched.
        rate: Learning rate of the only group at the last step.
        is_fresh: Whether the last step was seen to use gradients of its own.
    """

    record: ModelRecord
    groups: list[Opaque] = field(default_factory=list)
    parameters: list[Opaque] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    rate: Opaque = None
    is_fresh: bool = False

    def is_touched(self) -> bool:
        """Whether the step used any of its gradients."""
        if self.witnesses and self.witnesses[0].parameter.grad is not None:
            return True
        return any(one.grad is not None for one in self.parameters)


@dataclass(slots=True, eq=False)
class KnownOptimizer:
    """What is known of an optimizer, as long as its groups stay as they are.

    Attributes:
        optimizer: The optimizer.
        sizes: How many parameters its groups have.
        generation: Of the owners by whom the parts were found.
        parts: The models' shares.
        name: Its class.
        steps: How often it stepped.
    """

    optimizer: weakref.ref[Opaque]
    sizes: tuple[int, ...]
    generation: int
    parts: list[Part]
    name: str
    steps: int = 0


class Steps:
    """Follows optimizers.

    Args:
        recorder: Gives the time.
        owners: Which models hold which parameters.
    """

    def __init__(self, recorder: Recorder, owners: Owners) -> None:
        self._recorder = recorder
        self._owners = owners
        self._known: dict[int, KnownOptimizer] = {}
        self._witnesses: dict[int, Witness] = {}
        self._waiting: dict[int, ModelRecord] = {}
        self._watched: dict[int, list[Witness]] = {}

    def before_gradient(self, records: Iterable[ModelRecord], *, builds_graph: bool) -> None:
        """Look at the gradients of models before others are added to them.

        Args:
            records: Models that will get a gradient.
            builds_graph: Whether gradients are computed so that they can be derived again; then
                a gradient that is added to becomes another tensor.
        """
        for record in records:
            for witness in self._watched.get(record.number, ()):
                witness.look()
                if builds_graph:
                    witness.tells = False

    def after_gradient(self, record: ModelRecord) -> None:
        """A model got a gradient."""
        self._waiting[record.number] = record

    def was_cleared(self, witnesses: Iterable[Witness]) -> None:
        """These parameters had no gradient before the one that was just computed."""
        for witness in witnesses:
            witness.is_cleared = True
            witness.looks += 1

    def refresh(self, witnesses: Iterable[Witness]) -> None:
        """Steps were made whose gradients were seen to be their own; go on from the last one."""
        for witness in witnesses:
            witness.start_from(witness.parameter.grad)

    def after_step(self, optimizer: Opaque) -> KnownOptimizer:
        """An optimizer stepped.

        Returns:
            What is known of it.
        """
        known = self._look_up(optimizer)
        known.steps += 1
        touched = [part for part in known.parts if part.is_touched()]
        for part in touched:
            self._count(part, known)
        if not self._waiting:
            return known
        is_other = not any(part.record.number in self._waiting for part in touched)
        for part in touched:
            self._waiting.pop(part.record.number, None)
        if is_other:
            held = {part.record.number for part in known.parts}
            for number, record in self._waiting.items():
                names = record.other_optimizers
                if number not in held and known.name not in names and len(names) < _MOST_OTHERS:
                    names.append(known.name)
        return known

    def _count(self, part: Part, known: KnownOptimizer) -> None:
        record = part.record
        record.steps += 1
        record.last_trained = self._recorder.tick()
        if not record.optimizers or record.optimizers[-1] != known.name:
            record.add_optimizer(known.name)
        self._take_rates(part)
        if record.last_loss is not None:
            record.curve.add(record.steps, record.last_loss)
        if not part.witnesses:
            self._choose_witnesses(part)
        verdicts = [one.step() for one in part.witnesses]
        part.is_fresh = True in verdicts and False not in verdicts
        if part.is_fresh:
            record.fresh_steps += 1
        elif False in verdicts:
            record.stale_steps += 1

    def _take_rates(self, part: Part) -> None:
        if len(part.groups) == 1:
            rate = part.groups[0].get("lr")
            if rate is part.rate and type(rate) is float:
                part.record.learning_rate = rate
                return
            part.rate = rate
        rates = []
        for group in part.groups:
            rate = group.get("lr")
            if rate is None:
                part.record.learning_rate = None
                return
            rates.append(rate if type(rate) is float else float(rate))
        for rate in rates:
            part.record.rates.add(rate)
        part.record.learning_rate = rates[0] if len(set(rates)) == 1 else None

    def _choose_witnesses(self, part: Part) -> None:
        """The first and last parameters with a gradient, and the smallest one."""
        having = [one for one in part.parameters if one.grad is not None]
        if not having:
            return
        chosen = [having[0], having[-1], min(having, key=lambda one: int(one.numel()))]
        part.witnesses = [
            self._witnesses.setdefault(id(one), Witness(one))
            for one in {id(one): one for one in chosen}.values()
        ][:_WITNESSES]
        watched = self._watched.setdefault(part.record.number, [])
        watched.extend(one for one in part.witnesses if one not in watched)

    def _look_up(self, optimizer: Opaque) -> KnownOptimizer:
        groups = optimizer.param_groups
        sizes = tuple([len(group["params"]) for group in groups])
        known = self._known.get(id(optimizer))
        if (
            known is not None
            and known.optimizer() is optimizer
            and known.sizes == sizes
            and known.generation == self._owners.generation
            and not is_round(known.steps)
        ):
            return known
        steps = known.steps if known is not None and known.optimizer() is optimizer else 0
        if any(id(p) not in self._owners.of for group in groups for p in group["params"]):
            self._owners.refresh()
        parts: dict[int, Part] = {}
        for group in groups:
            for parameter in group["params"]:
                for record in self._owners.of.get(id(parameter), ()):
                    part = parts.setdefault(record.number, Part(record))
                    part.parameters.append(parameter)
                    if not any(group is one for one in part.groups):
                        part.groups.append(group)
        known = KnownOptimizer(
            weakref.ref(optimizer),
            sizes,
            self._owners.generation,
            list(parts.values()),
            class_name(optimizer),
            steps,
        )
        for part in known.parts:
            self._choose_witnesses(part)
        self._known[id(optimizer)] = known
        return known
