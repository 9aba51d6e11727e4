"""Notes left in autograd nodes during training, and how a gradient's story is read from them."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.probe.autograd import (
    activation_of,
    axis_of,
    following,
    has_weights,
    is_leaf,
    is_transparent,
    walked,
)
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord
from grader.probe.tallies import LossUse

_KEY = "grader.probe"
_LIMIT = 20_000
_SUMS = {"MeanBackward", "SumBackward", "AddBackward", "StackBackward", "CatBackward"}
HAND_WRITTEN = "the loss was not computed by one of PyTorch's own loss functions alone"
SEVERAL = "several losses were added up"


@dataclass(slots=True, eq=False, weakref_slot=True)
class OutputNote:
    """Left where a model's output was computed: which model, at which of its calls.

    Attributes:
        record: Of the model.
        number: Of the call.
        is_training: The mode of the model.
        upstream: Outputs of other models that this one was computed from.
        values: A copy of the output, where it was looked at closely.
        position: Which result of its node it is.
    """

    record: ModelRecord
    number: int
    is_training: bool = True
    upstream: tuple[OutputNote, ...] = ()
    values: Opaque = None
    position: int = 0


@dataclass(slots=True, eq=False)
class LossNote:
    """Left where a loss was computed.

    Attributes:
        use: How the loss was used.
        outputs: The model outputs it was computed from.
        labels: The tensor it was given as labels, if it takes labels.
        takes_index: Whether the loss reads whole numbers as class numbers.
        value: Of the loss; ``None`` if it is not one number.
    """

    use: LossUse
    outputs: tuple[OutputNote, ...]
    labels: Opaque
    takes_index: bool
    value: float | None = None


@dataclass(slots=True)
class PathToModel:
    """The way from a loss's input back to the model.

    Attributes:
        outputs: Model outputs that were met.
        outside: Activations on the way, as applied; ``None`` if there is anything else.
        since_weights: Likewise, on to the last layer with weights.
        problem: Why something is ``None``.
    """

    outputs: list[OutputNote] = field(default_factory=list)
    outside: tuple[str, ...] | None = None
    since_weights: tuple[str, ...] | None = None
    problem: str = ""


@dataclass(slots=True)
class BackwardStory:
    """What one call of ``backward`` was about.

    Attributes:
        losses: Losses the gradient was taken of.
        outputs: Every model output that took part.
        records: Models that got a gradient.
        direct: Outputs that took part without a loss of PyTorch's own, with their nodes.
        is_by_hand: Whether anything but sums and means lies between the losses and the root, or
            a model's output takes part without a loss.
        has_loss_kernel: Whether a loss was met that PyTorch computes, but that was not recorded.
        loss: Value at the root.
    """

    losses: list[LossNote] = field(default_factory=list)
    outputs: list[OutputNote] = field(default_factory=list)
    records: list[ModelRecord] = field(default_factory=list)
    direct: list[tuple[OutputNote, Opaque]] = field(default_factory=list)
    is_by_hand: bool = False
    has_loss_kernel: bool = False
    loss: float | None = None

    @property
    def is_formula(self) -> bool:
        """Whether the student wrote the whole loss."""
        return bool(self.direct) and not self.losses and not self.has_loss_kernel

    def use_for(self, record: ModelRecord) -> LossUse:
        """How a loss was used on the output of one model."""
        if self.is_by_hand or not self.losses:
            return LossUse(name="", problem=HAND_WRITTEN)
        only = self.losses[0]
        if len(self.losses) == 1 and len(only.outputs) == 1 and only.outputs[0].record is record:
            return only.use
        uses = {note.use for note in self.notes_of(record)}
        if len(uses) == 1:
            return uses.pop()
        if uses:
            return LossUse(name="", problem=SEVERAL)
        return LossUse(name="", problem="another model stands between this one and the loss")

    def notes_of(self, record: ModelRecord) -> list[LossNote]:
        """The losses of one model's output; those of no known output where it has none."""
        found = [n for n in self.losses if any(o.record is record for o in n.outputs)]
        unplaced = [n for n in self.losses if not n.outputs]
        return found or unplaced


def leave_note(node: Opaque, note: OutputNote | LossNote) -> None:
    """Leave a note in a node of the graph; it dies with the node."""
    metadata = node.metadata
    if metadata and isinstance(note, OutputNote):
        there = metadata.get(_KEY)
        if isinstance(there, LossNote):  # the model itself returns its loss
            there.outputs = (*there.outputs, note)
            return
    metadata[_KEY] = note


def note_in(node: Opaque) -> OutputNote | LossNote | None:
    """The note in a node, if there is one."""
    note: OutputNote | LossNote | None = node.metadata.get(_KEY)
    return note


def trace_to_model(node: Opaque) -> PathToModel:
    """Follow a loss's input back to the model whose output it is.

    Activations, reshapes, casts and slices are followed; anything else ends the path, and the
    model is then looked for over all ways.
    """
    path = PathToModel()
    applied: list[str] = []
    is_inside = False
    for _ in range(1000):
        if node is None:
            break
        note = note_in(node)
        if isinstance(note, OutputNote) and not is_inside:
            path.outputs.append(note)
            path.outside = tuple(reversed(applied))
            is_inside = True
        if has_weights(node) or _adds_bias(node):
            path.since_weights = tuple(reversed(applied))
            break
        activation = activation_of(node)
        if axis_of(node) not in {None, -1}:
            break
        if activation is None and not is_transparent(node):
            break
        if activation is not None:
            applied.append(activation)
        after = following(node)
        node = after[0] if after else None
    if path.outside is None:
        path.outputs = outputs_below(node)
        if path.since_weights is None:
            path.problem = "the training code computes something of its own before the loss"
    return path


def _adds_bias(node: Opaque) -> bool:
    if node.name() != "AddBackward0":
        return False
    after = following(node)
    data = [one for one in after if not is_leaf(one)]
    while len(after) == 2 and len(data) == 1 and is_transparent(data[0]):
        data = following(data[0])
    return len(after) == 2 and len(data) == 1 and has_weights(data[0])


def outputs_below(node: Opaque) -> list[OutputNote]:
    """The model outputs nearest to a node, over all ways."""
    found, waiting = [], [node]
    seen: dict[int, Opaque] = {}
    while waiting and len(seen) < _LIMIT:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen[id(current)] = current
        note = note_in(current)
        if isinstance(note, OutputNote):
            found.append(note)
        else:
            waiting.extend(following(current))
    return found


def plain_loss(node: Opaque) -> LossNote | None:
    """The loss at a node, where it is one number, computed from one output of one model alone."""
    note = None if node is None else node.metadata.get(_KEY)
    if type(note) is not LossNote or note.value is None or len(note.outputs) != 1:
        return None
    return None if note.outputs[0].upstream else note


def read_backward(roots: list[Opaque], owners: dict[int, list[ModelRecord]]) -> BackwardStory:
    """Read from the graph what a gradient is about.

    Args:
        roots: Nodes that gradients are taken of.
        owners: Models by ``id`` of each of their parameters, for outputs that carry no note.
    """
    if len(roots) == 1 and roots[0] is not None:
        note = roots[0].metadata.get(_KEY)
        if isinstance(note, LossNote) and len(note.outputs) == 1 and not note.outputs[0].upstream:
            return BackwardStory([note], list(note.outputs), [note.outputs[0].record])
    return _walked_backward(roots, owners)


def _walked_backward(roots: list[Opaque], owners: dict[int, list[ModelRecord]]) -> BackwardStory:
    story = BackwardStory()
    waiting = [(root, True) for root in roots if root is not None]
    seen: dict[tuple[int, bool], Opaque] = {}
    unplaced: list[Opaque] = []
    while waiting and len(seen) < _LIMIT:
        node, is_plain = waiting.pop()
        if (id(node), is_plain) in seen:
            continue
        seen[id(node), is_plain] = node
        note = node.metadata.get(_KEY)
        if isinstance(note, LossNote):
            story.losses.append(note)
            story.is_by_hand = story.is_by_hand or not is_plain
            story.outputs.extend(note.outputs)
            if not note.outputs:
                unplaced.append(node)
        elif isinstance(note, OutputNote):
            story.is_by_hand = True
            story.outputs.append(note)
            story.direct.append((note, node))
        elif is_leaf(node):
            unplaced.append(node)
        else:
            name = node.name()
            if "Loss" in name or "CrossEntropy" in name:
                story.has_loss_kernel = True
            is_plain = is_plain and _is_plain(node, name)
            for below, _ in node.next_functions:
                if below is not None:
                    waiting.append((below, is_plain))
    _gather(story, unplaced, owners)
    return story


def _gather(
    story: BackwardStory, unplaced: list[Opaque], owners: dict[int, list[ModelRecord]]
) -> None:
    """Each thing once; and the models behind what carries no note."""
    story.losses = list({id(note): note for note in story.losses}.values())
    story.direct = list({id(node): (note, node) for note, node in story.direct}.values())
    outputs = [one for note in story.outputs for one in (note, *note.upstream)]
    story.outputs = list({(id(o.record), o.number): o for o in outputs}.values())
    records = [note.record for note in story.outputs]
    if not records:
        leaves = [leaf for node in unplaced for leaf in walked([node]) if is_leaf(leaf)]
        records = [r for leaf in leaves for r in owners.get(id(leaf.variable), ())]
    story.records = list({id(record): record for record in records}.values())


def _is_plain(node: Opaque, name: str) -> bool:
    """Whether the node sums, averages, reshapes or scales by a constant, as totals of losses do."""
    stem = name.rstrip("0123456789")
    if stem in {"MulBackward", "DivBackward"}:
        return len(following(node)) == 1 and node.next_functions[0][0] is not None
    return stem in _SUMS or is_transparent(node)
