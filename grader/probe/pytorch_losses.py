"""Notes what PyTorch's own losses were given, with gradients on and off."""

from __future__ import annotations

from types import CodeType, FrameType

from grader.probe.autograd import axis_of
from grader.probe.autograd_notes import (
    LossNote,
    OutputNote,
    leave_note,
    note_in,
    trace_to_model,
)
from grader.probe.losses import LossKind
from grader.probe.opaque import Opaque
from grader.probe.pytorch_story import Call, KnownUse, story_of
from grader.probe.pytorch_values import as_array, is_round
from grader.probe.recorder import ModelRecord
from grader.probe.tallies import LossUse
from grader.probe.wording import class_name

_SYMMETRIC = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}
_CLASS_WEIGHTS = {"cross_entropy", "nll_loss", "multi_margin_loss", "multilabel_soft_margin_loss"}
_ROW_WEIGHTS = {"binary_cross_entropy", "binary_cross_entropy_with_logits"}
_WEIGHTED = _CLASS_WEIGHTS | _ROW_WEIGHTS
_SHORT_WAY = 5
_MOST_USES = 64
_MOST_ATTEMPTS = 3
_SWAPPED = "the labels stand where the loss wants the model's output"


class Losses:
    """Turns calls of losses into notes.

    Args:
        torch: The imported package.

    Attributes:
        called: The module without parameters that was called last, such as a loss.
    """

    def __init__(self, torch: Opaque) -> None:
        self._torch = torch
        self.called: Opaque = None
        module = torch.nn.modules.loss
        codes = [
            getattr(getattr(one, "forward", None), "__code__", None)
            for one in vars(module).values()
        ]
        self._own_code: set[CodeType] = {code for code in codes if code is not None}
        self._names: dict[type, str] = {}
        self._unused: list[tuple[ModelRecord, Call, int]] = []

    def without_graph(self, record: ModelRecord, call: Call, output: Opaque) -> None:
        """A model was called and built no graph: a loss of its output may follow."""
        self._unused.append((record, call, _address(output)))
        del self._unused[:-4]

    def note(
        self,
        function: str,
        kind: LossKind,
        caller: FrameType,
        args: tuple[Opaque, ...],
        kwargs: dict[str, Opaque],
        result: Opaque,
        *,
        has_raised: bool = False,
    ) -> None:
        """Note one call of a loss.

        Args:
            function: Its name.
            kind: What it computes.
            caller: The frame that called it: ``forward`` of a loss module, or the student's.
            args: Its arguments.
            kwargs: Likewise.
            result: What it returned.
            has_raised: Whether it raised instead: then the attempt is noted.
        """
        tensor = self._torch.Tensor
        given: Opaque = args[0] if args else kwargs.get("input")
        target: Opaque = args[1] if len(args) > 1 else kwargs.get("target")
        if not isinstance(given, tensor) or not isinstance(target, tensor):
            return
        end = None
        if has_raised:
            if given.grad_fn is None and target.grad_fn is None:
                return
        elif not isinstance(result, tensor):
            return
        else:
            end = result.grad_fn
            if end is None:
                self._note_evaluation(given, kwargs, result)
                return
        name = function
        if caller.f_code in self._own_code:
            name = self._name_of(caller)
        use, outputs = self._use(name, function, kind, given, target, args, kwargs)
        labels = target if kind.has_labels else None
        if labels is not None and labels.requires_grad and labels.grad_fn is not None:
            labels = (given if given.grad_fn is None else target).detach()
        # Labels of the scores' own shape are shares of the classes, whatever the loss.
        takes_index = kind.takes_index and target.shape != given.shape
        value = None if has_raised or result.dim() else result.item()
        loss = LossNote(use, outputs, labels, takes_index, value)
        for note in outputs:
            _tell_story(note, loss, has_raised=has_raised)
        if end is not None:
            leave_note(end, loss)

    def _use(
        self,
        name: str,
        function: str,
        kind: LossKind,
        given: Opaque,
        target: Opaque,
        args: tuple[Opaque, ...],
        kwargs: dict[str, Opaque],
    ) -> tuple[LossUse, tuple[OutputNote, ...]]:
        """How the loss was used: looked up by a quick signature, read from the graph if new."""
        weights = _weights_classes(function, args, kwargs)
        way = _short_way(given.grad_fn)
        if way is None:
            return self._read_use(name, function, kind, given, target, weights)
        note, names = way
        signature = (
            name, function, weights, note.is_training, names,
            given.shape, target.shape, target.dtype,
        )  # fmt: skip
        uses = story_of(note.record).uses
        known = uses.get(signature)
        if known is not None:
            known.count += 1
            if not is_round(known.count):
                return known.use, (note,)
        use, outputs = self._read_use(name, function, kind, given, target, weights)
        if known is not None:
            known.use = use if use != known.use else known.use
            return known.use, outputs
        if len(uses) < _MOST_USES and outputs == (note,):
            uses[signature] = KnownUse(use)
        return use, outputs

    def _name_of(self, caller: FrameType) -> str:
        """The class of the loss module whose ``forward`` is running."""
        module, self.called = self.called, None
        # To read the variables of a frame takes long; mostly the module is known already.
        forward = getattr(type(module), "forward", None)
        if getattr(forward, "__code__", None) is not caller.f_code:
            module = caller.f_locals["self"]
        kind = type(module)
        name = self._names.get(kind)
        if name is None:
            name = self._names[kind] = class_name(module)
        return name

    def _read_use(
        self,
        name: str,
        function: str,
        kind: LossKind,
        given: Opaque,
        target: Opaque,
        weights: bool | None,
    ) -> tuple[LossUse, tuple[OutputNote, ...]]:
        is_swapped = given.grad_fn is None and target.grad_fn is not None
        if is_swapped:
            given, target = target, given
        is_swapped = is_swapped and function not in _SYMMETRIC
        path = trace_to_model(given.grad_fn)
        has_labels = kind.has_labels
        use = LossUse(
            name=name,
            family=kind.family,
            expects=kind.expects,
            outside=None if is_swapped else path.outside,
            since_weights=None if is_swapped else path.since_weights,
            target_shape=_shape(target) if has_labels else None,
            target_dtype=str(target.dtype).removeprefix("torch.") if has_labels else None,
            input_shape=_shape(given),
            weights_classes=weights,
            problem=_SWAPPED if is_swapped else path.problem,
        )
        return use, tuple(path.outputs)

    def _note_evaluation(self, given: Opaque, kwargs: dict[str, Opaque], result: Opaque) -> None:
        """A loss without a graph: whose output it was computed from, if that is certain."""
        called, self._unused = self._unused, []
        if result.dim() or not given.dim():
            return
        address = _address(given)
        fitting = [one for one in called if one[1].rows == len(given)]
        same = [one for one in fitting if one[2] == address]
        sure = same[-1:] or (fitting if len(called) == 1 else [])
        for record, call, _ in sure:
            value = result.item()
            if kwargs.get("reduction") == "sum":
                value /= max(1, len(given))
            story_of(record).evaluated_loss(call, value)


def _tell_story(note: OutputNote, loss: LossNote, *, has_raised: bool) -> None:
    """Count a loss for the model whose output it was computed from."""
    story = story_of(note.record)
    if not note.record.gradients and len(story.attempts) < _MOST_ATTEMPTS:
        labels = None if loss.labels is None else as_array(loss.labels)
        story.attempts.append((loss.use, labels, loss.takes_index))
    if has_raised:
        return
    note.record.loss_calls += 1
    if loss.value is not None:
        call = story.pending.get(note.number)
        if call is not None:
            call.loss = loss.value


def _short_way(node: Opaque) -> tuple[OutputNote, tuple[Opaque, ...]] | None:
    """The model's output a few plain steps below, and the names of these steps."""
    if node is not None and type(note := note_in(node)) is OutputNote:
        return note, ()
    names: list[Opaque] = []
    for _ in range(_SHORT_WAY):
        if node is None:
            return None
        note = note_in(node)
        if type(note) is OutputNote:
            return note, tuple(names)
        after = node.next_functions
        if len(after) != 1:
            return None  # among others: a layer with weights
        name = node.name()
        names.append(name)
        if name.endswith("oftmaxBackward0"):
            names.append(axis_of(node))
        elif name.startswith(("Clamp", "Hardtanh", "Elu", "Pow")):
            return None  # their constants matter
        node = after[0][0]
    return None


def _weights_classes(
    function: str, args: tuple[Opaque, ...], kwargs: dict[str, Opaque]
) -> bool | None:
    """Whether classes were weighted; ``None`` where single rows may have been."""
    if kwargs.get("pos_weight") is not None:
        return True
    place = 4 if function == "multi_margin_loss" else 2
    weight = kwargs.get("weight")
    if weight is None and len(args) > place and function in _WEIGHTED:
        weight = args[place]
    if weight is not None:
        return True if function in _CLASS_WEIGHTS else None
    return None if kwargs.get("reduction") == "none" else False


def _shape(tensor: Opaque) -> tuple[int | None, ...]:
    return (None, *tensor.shape[1:]) if tensor.dim() else ()


def _address(tensor: Opaque) -> int:
    return int(tensor.untyped_storage().data_ptr()) if hasattr(tensor, "untyped_storage") else 0
