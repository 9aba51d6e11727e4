"""Recognises a loss that was written by hand by its gradient with respect to the scores.

The gradient of binary cross-entropy is *p - y* by the scores before the sigmoid, that of
categorical cross-entropy *softmax - one-hot*, that of the mean squared error *2 (p - y)*, all
divided by the number of rows. So labels of exactly 0 and 1 come out of the right formula, and of
no other, for scores that differ between the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from grader.evidence import LossFamily, ScoreKind
from grader.probe.autograd import activation_of, axis_of, following, is_transparent
from grader.probe.autograd_notes import OutputNote
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array, LossUse

BY_HAND = "written by hand"
_UNRECOGNISED = "the loss is a formula of the student's, and its gradient is that of no known loss"
_NO_GRADIENT = "the loss is a formula of the student's, and its gradient was not looked at"
_BOTH = (
    "the formula computes the negative log-likelihood of log-softmax, which is categorical "
    "cross-entropy too"
)
_LIMIT = 3000
_MOST_FACTORS = 16
_MOST_NUMBERS = 100_000
_FEWEST_ROWS = 4
_EXACT = 2e-3
_LEAST_SPREAD = 1e-3
_BINARY = LossFamily.BINARY_CROSS_ENTROPY
_CATEGORICAL = LossFamily.CATEGORICAL_CROSS_ENTROPY
_SQUARED = LossFamily.MEAN_SQUARED_ERROR


@dataclass(frozen=True, slots=True)
class Application:
    """What a formula applies to the model's output first.

    Attributes:
        outside: An activation, or none.
        shape: Of what the formula then goes on with.
        picks: Whether class numbers pick entries (``p[range(n), y]``, ``gather``).
        multiplies: Whether anything is multiplied, as one-hot labels are.
        factors: Tensors that it multiplies by, or picks by, which may be the labels.
    """

    outside: tuple[str, ...]
    shape: tuple[int, ...]
    picks: bool
    multiplies: bool
    factors: tuple[Opaque, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a formula turned out to be.

    Attributes:
        use: How it was used.
        labels: The labels that came out; ``None`` if that is not certain.
        takes_index: Whether they were class numbers.
        is_clear: Whether the numbers were such that a known loss would have been recognised.
    """

    use: LossUse
    labels: Array | None = None
    takes_index: bool = False
    is_clear: bool = True


@dataclass(frozen=True, slots=True)
class _Match:
    family: LossFamily
    expects: ScoreKind
    labels: Array
    is_broadcast: bool = False


def unexamined() -> Verdict:
    """A formula whose gradient was not looked at."""
    return Verdict(LossUse(name=BY_HAND, problem=_NO_GRADIENT), is_clear=False)


def application(roots: list[Opaque], output: Opaque) -> Application | None:
    """Read from the graph what is applied to an output first.

    Args:
        roots: Nodes that gradients are taken of.
        output: The node of the output.

    Returns:
        ``None`` if different things are applied to it.
    """
    users, names, factors = _users(roots, output)
    node, shape = output, _shape_of(output)
    outside: list[str] = []
    for _ in range(8):
        after = users.get(id(node), [])
        kinds = {_step_of(one) for one in after}
        shapes = {_shape_of(one) for one in after}
        if len(kinds) != 1 or len(shapes) != 1 or None in kinds:
            break
        kind = kinds.pop()
        if kind and (outside or any(axis_of(one) not in {None, -1} for one in after)):
            break
        if len(after) > 1 and any(len(users.get(id(one), [])) != 1 for one in after):
            if not kind:
                break
            outside.append(kind)
            shape = shapes.pop()
            break
        if kind:
            outside.append(kind)
        shape = shapes.pop()
        if len(after) > 1:
            break
        node = after[0]
    if shape is None:
        return None
    return Application(
        tuple(outside),
        shape,
        picks=any(name.startswith(("IndexBackward", "GatherBackward")) for name in names),
        multiplies=any(name.startswith("MulBackward") for name in names),
        factors=tuple(factors),
    )


def _users(
    roots: list[Opaque], output: Opaque
) -> tuple[dict[int, list[Opaque]], set[str], list[Opaque]]:
    factors: list[Opaque] = []
    users: dict[int, list[Opaque]] = {}
    names: set[str] = set()
    waiting = [root for root in roots if root is not None]
    seen: dict[int, Opaque] = {}
    while waiting and len(seen) < _LIMIT:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        if node is output:
            continue
        names.add(node.name())
        if len(factors) < _MOST_FACTORS:
            factors.extend(_factors_of(node))
        for below in following(node):
            users.setdefault(id(below), []).append(node)
            waiting.append(below)
    return users, names, factors


def _factors_of(node: Opaque) -> list[Opaque]:
    """What a node multiplied or picked by, where no gradient goes there."""
    name = node.name()
    if name == "MulBackward0":
        used = [below for below, _ in node.next_functions]
        saved = [node._saved_self, node._saved_other]
        found = [one for one, below in zip(saved, used, strict=False) if below is None]
    elif name == "IndexBackward0":
        found = list(node._saved_indices)
    else:
        return []
    return [one.detach() for one in found if one is not None and one.numel() <= _MOST_NUMBERS]


def _step_of(node: Opaque) -> str | None:
    """An activation that turns logits into probabilities; ``""`` for a change of shape alone."""
    activation = activation_of(node)
    if activation in {"sigmoid", "softmax", "log_softmax"}:
        return activation
    return "" if activation is None and is_transparent(node) else None


def _shape_of(node: Opaque) -> tuple[int, ...] | None:
    try:
        return tuple(int(size) for size in node._input_metadata[0].shape)
    except (AttributeError, IndexError, TypeError):
        return None


def recognised(values: Array, gradient: Array, applied: Application | None) -> Verdict:
    """Name the loss whose gradient this is.

    Args:
        values: The model's output, ``(N,)`` or ``(N, C)``.
        gradient: Of the loss with respect to it, of the same shape.
        applied: What the formula does with it first.
    """
    use = LossUse(name=BY_HAND, problem=_UNRECOGNISED)
    unknown = Verdict(use, is_clear=False)
    if applied is None or values.ndim not in {1, 2} or len(values) < _FEWEST_ROWS:
        return unknown
    scores = values.reshape(len(values), -1).astype(np.float64)
    slopes = gradient.reshape(len(values), -1).astype(np.float64)
    if not np.isfinite(scores).all() or not np.isfinite(slopes).all():
        return unknown
    with np.errstate(all="ignore"):
        matches = list(_matches(scores, slopes, applied.outside))
    if len({(one.family, one.expects) for one in matches}) != 1:
        return Verdict(use, is_clear=_is_clear(scores, applied.outside))
    return _verdict(matches[0], applied)


def _is_clear(scores: Array, outside: tuple[str, ...]) -> bool:
    """Whether no score is so near an end of its range that rounding hides the label."""
    is_varied = bool(scores.std() > 10 * _LEAST_SPREAD)
    if not outside and np.all((scores >= 0) & (scores <= 1)):
        return is_varied and bool(np.all((scores > _EXACT) & (scores < 1 - _EXACT)))
    return is_varied and bool(np.abs(scores).max() < 6)


def _verdict(match: _Match, applied: Application) -> Verdict:
    is_classes = match.family is _CATEGORICAL
    is_either = is_classes and match.expects is ScoreKind.LOG_PROBABILITIES
    shape = (None, *applied.shape[1:])
    target_shape: tuple[int | None, ...] | None = shape
    labels: Array | None = match.labels
    takes_index = is_classes and applied.picks
    if match.is_broadcast:
        target_shape, labels = (None,), None
    elif takes_index:
        target_shape, labels = None, match.labels.argmax(axis=1)
    elif is_classes and not applied.multiplies:
        target_shape, labels = None, None
    use = LossUse(
        name=BY_HAND,
        family=None if is_either else match.family,
        expects=match.expects,
        outside=applied.outside,
        target_shape=target_shape,
        input_shape=shape,
        problem=_BOTH if is_either else "the labels of a formula are not seen themselves",
    )
    return _with_seen_labels(Verdict(use, labels, takes_index), match, applied)


def _with_seen_labels(verdict: Verdict, match: _Match, applied: Application) -> Verdict:
    """The labels themselves, where the graph kept them and they are those that came out."""
    wanted = match.labels
    if verdict.takes_index:
        wanted = wanted.argmax(axis=1)
    fitting = []
    for factor in applied.factors:
        numbers = _numpy(factor)
        if match.is_broadcast:
            is_same = (
                bool(np.isin(numbers, (0, 1)).all())
                and numbers.size == len(wanted)
                and abs(numbers.mean() - wanted.mean()) < _EXACT / len(wanted)
            )
        else:
            is_same = numbers.size == wanted.size and np.array_equal(
                numbers.reshape(-1), wanted.reshape(-1)
            )
        if is_same and numbers.ndim:
            fitting.append(factor)
    if len({(one.dtype, tuple(one.shape)) for one in fitting}) != 1:
        return verdict
    labels = fitting[0]
    use = replace(
        verdict.use,
        target_shape=(None, *(int(size) for size in labels.shape[1:])),
        target_dtype=str(labels.dtype).removeprefix("torch."),
    )
    return replace(verdict, use=use, labels=_numpy(labels))


def _matches(scores: Array, slopes: Array, outside: tuple[str, ...]) -> Iterator[_Match]:
    if outside == ("softmax",):
        yield from _classes(_softmax(scores), slopes, ScoreKind.PROBABILITIES)
        return
    if outside == ("log_softmax",):
        yield from _classes(_softmax(scores), slopes, ScoreKind.LOG_PROBABILITIES)
        return
    if outside == ("sigmoid",):
        scores = _sigmoid(scores)
        slopes = slopes / (scores * (1 - scores))
    elif outside:
        return
    if np.all((scores > 0) & (scores < 1)):
        steep = scores * (1 - scores)
        yield from _binary(scores, slopes * steep, _BINARY, ScoreKind.PROBABILITIES)
    yield from _binary(_sigmoid(scores), slopes, _BINARY, ScoreKind.LOGITS)
    yield from _binary(scores, slopes / 2, _SQUARED, ScoreKind.PROBABILITIES)
    if scores.shape[1] > 1 and not outside:
        yield from _classes(_softmax(scores), slopes, ScoreKind.LOGITS)
        yield from _picked(scores, slopes)


def _factors(shape: tuple[int, ...]) -> set[float]:
    rows, columns = shape
    return {1.0, float(rows), float(rows * columns)}


def _binary(
    scores: Array, slopes: Array, family: LossFamily, expects: ScoreKind
) -> Iterator[_Match]:
    """Labels of 0 and 1 for each score by itself."""
    if scores.std() < _LEAST_SPREAD:
        return
    for factor in _factors(scores.shape):
        labels = scores - factor * slopes
        if _are(labels, (0, 1)) and np.abs(slopes).max() > 0:
            yield _Match(family, expects, labels.round())
        elif scores.shape[1] == 1 and _is_share(labels):
            yield _Match(family, expects, labels, is_broadcast=True)


def _is_share(labels: Array) -> bool:
    """Whether all labels came out as one mean of many: they were spread over all rows."""
    share = labels.mean()
    count = share * len(labels)
    return bool(
        len(labels) >= 2 * _FEWEST_ROWS
        and np.abs(labels - share).max() < _EXACT / len(labels)
        and abs(count - round(count)) < _EXACT
        and 0 < round(count) < len(labels)
    )


def _classes(shares: Array, slopes: Array, expects: ScoreKind) -> Iterator[_Match]:
    """One class per row, by the gradient before the softmax."""
    if shares.shape[1] < 2 or shares.std(axis=0).max() < _LEAST_SPREAD:
        return
    for factor in _factors(shares.shape):
        labels = shares - factor * slopes
        if _are(labels, (0, 1)) and np.all(labels.round().sum(axis=1) == 1):
            yield _Match(_CATEGORICAL, expects, labels.round())


def _picked(scores: Array, slopes: Array) -> Iterator[_Match]:
    """One class per row, by the gradient of probabilities or log-probabilities themselves."""
    shares, expects = scores, ScoreKind.PROBABILITIES
    products = slopes * scores
    if np.abs(np.exp(scores).sum(axis=1) - 1).max() < _EXACT:
        shares, expects = np.exp(scores), ScoreKind.LOG_PROBABILITIES
        products = slopes
    if np.any(shares <= 0) or shares.std(axis=0).max() < _LEAST_SPREAD:
        return
    for factor in _factors(scores.shape):
        labels = -factor * products
        if _are(labels, (0, 1)) and np.all(labels.round().sum(axis=1) == 1):
            yield _Match(_CATEGORICAL, expects, labels.round())


def _are(labels: Array, allowed: tuple[int, int]) -> bool:
    near = np.minimum(np.abs(labels - allowed[0]), np.abs(labels - allowed[1]))
    return bool(np.all(near < _EXACT))


def _sigmoid(scores: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-scores)))


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class Gradients:
    """Takes the gradients with respect to a model's outputs while they are computed.

    Args:
        noted: The outputs, with their nodes.
    """

    def __init__(self, noted: list[tuple[OutputNote, Opaque]], roots: list[Opaque]) -> None:
        self.applied = [application(roots, node) for _, node in noted]
        self._notes = [note for note, _ in noted]
        self._found: dict[int, Opaque] = {}
        self._handles = [
            node.register_prehook(self._catcher(place, note.position))
            for place, (note, node) in enumerate(noted)
        ]

    def _catcher(self, place: int, position: int) -> Opaque:
        def catch(gradients: tuple[Opaque, ...]) -> None:
            found = gradients[position]
            if found is not None:
                self._found[place] = found.detach().clone()

        return catch

    def remove(self) -> None:
        """Let go of the graph."""
        for handle in self._handles:
            handle.remove()

    def verdict(self, record: object) -> Verdict:
        """Name the loss of one model."""
        places = [i for i, note in enumerate(self._notes) if note.record is record]
        having = [i for i in places if i in self._found and self._notes[i].values is not None]
        if not places or having != places:
            return unexamined()
        values = _numpy(self._notes[places[0]].values)
        others = [_numpy(self._notes[i].values) for i in places[1:]]
        applied = {self.applied[i] for i in places}
        if len(applied) != 1 or any(not np.array_equal(values, one) for one in others):
            return unexamined()
        gradient = np.sum([_numpy(self._found[i]) for i in places], axis=0)
        return recognised(values, gradient, applied.pop())


def _numpy(tensor: Opaque) -> Array:
    return np.asarray(tensor.detach().cpu().double().numpy())
