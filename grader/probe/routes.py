"""How raw rows reach a model: the student's ``predict``, the model itself, or a transformer."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from grader.evidence import (
    ExerciseBrief,
    Fact,
    HiddenProblem,
    Provenance,
    Route,
    Task,
    known,
    unknown,
)
from grader.probe.describe import CHAINED, adapter_of
from grader.probe.naming import framework_of, variables
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord, Recorder, Watch
from grader.probe.rows import (
    PublicRows,
    as_labels,
    as_scores,
    is_among,
    is_of_similar_scale,
    numbers,
)
from grader.probe.tallies import Array
from grader.probe.wording import class_name, described, printable

_MOST = 0.99
ADVICE = "Offer predict(inputs), which takes the rows as they are in the file and returns labels."


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for the rows of one split.

    Attributes:
        scores: float32 ``(N, C)``; ``None`` with the problem beside it.
        labels: int64 ``(N,)`` or ``(N, L)``, on the route ``predict`` only.
        scores_problem: Why there are no scores.
        labels_problem: Why there are no labels.
        error: What was raised, for the time before hidden rows.
        refused: What ``predict`` returned where that was no label for each row; likewise.
    """

    scores: Array | None = None
    labels: Array | None = None
    scores_problem: HiddenProblem = HiddenProblem.NO_ROUTE
    labels_problem: HiddenProblem = HiddenProblem.NOT_USED
    error: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """The way from raw rows to one model for one exercise.

    Attributes:
        route: ``None`` where there is none, with the reason beside it.
        reason: For the student.
        trained_on: Which rows the model was trained on.
        transformer: On that route: turns raw rows into what the model takes.
        predict: On that route: the student's function.
        is_proba: Whether that function returns probabilities instead of labels.
        refused: What ``predict`` returned for the validation rows where that was no labels.
    """

    route: Route | None
    reason: str = ""
    trained_on: Fact[str] = field(default_factory=lambda: unknown("no training was recorded"))
    transformer: Callable[[Array], Array] | None = None
    predict: Callable[..., Opaque] | None = None
    is_proba: bool = False
    refused: str = ""

    def fact(self) -> Fact[Route]:
        """The route as a fact."""
        if self.route is not None:
            return known(self.route)
        return unknown(f"{printable(self.reason, limit=600)}. {ADVICE}")


def predict_functions(
    namespace: Mapping[str, Opaque], brief: ExerciseBrief
) -> Iterator[tuple[Callable[..., Opaque], bool]]:
    """The student's functions that could predict for an exercise, best first."""
    suffix = f"_{brief.id.replace('-', '_')}"
    for name, is_proba in (
        (f"predict{suffix}", False),
        ("predict", False),
        (f"predict_proba{suffix}", True),
        ("predict_proba", True),
    ):
        function = namespace.get(name)
        if (
            callable(function)
            and not issubclass(type(function), type)
            and framework_of(function) is None
        ):
            try:
                inspect.signature(function).bind(None)
            except (TypeError, ValueError):
                continue
            yield function, is_proba


def find_way(
    record: ModelRecord,
    brief: ExerciseBrief,
    public: PublicRows,
    namespace: Mapping[str, Opaque],
    recorder: Recorder,
) -> Way:
    """Find out how raw rows of an exercise reach a model.

    Args:
        record: Of the model.
        brief: The exercise.
        public: Its public rows.
        namespace: What the last cell left.
        recorder: Watches the model while ``predict`` runs.
    """
    direct = _direct_way(record, public, namespace, brief)
    unseen: Way | None = None
    problem = refused = ""
    for function, is_proba in predict_functions(namespace, brief):
        way = Way(Route.PREDICT, trained_on=direct.trained_on, predict=function, is_proba=is_proba)
        answer = ask(way, record, brief, public.validation_inputs, recorder)
        if answer.scores is not None and answer.labels is not None:
            return way
        if answer.labels is not None:
            unseen = unseen or way
        elif not problem:
            name = getattr(function, "__name__", "predict")
            problem = f"{name} {answer.error or answer.labels_problem.value}"
            refused = answer.refused
    direct = replace(direct, refused=refused)
    if direct.route is not None:
        return direct
    if unseen is not None:
        return unseen
    reason = direct.reason + (f"; {problem}" if problem else "")
    return Way(None, reason=reason, trained_on=direct.trained_on, refused=refused)


def _direct_way(
    record: ModelRecord,
    public: PublicRows,
    namespace: Mapping[str, Opaque],
    brief: ExerciseBrief,
) -> Way:
    sample = record.training.sample()
    raw = np.concatenate([public.train_inputs, public.validation_inputs])
    raw = raw.reshape(len(raw), -1)
    if sample is None or record.is_part:
        reason = record.training.problem or "the rows it was trained on were not recorded"
        reason = CHAINED if record.is_part else reason
        return Way(None, reason=reason, trained_on=unknown(reason, provenance=Provenance.RECORDED))
    share = float(is_among(sample, raw).mean()) if sample.shape[1] == raw.shape[1] else 0.0
    if share >= _MOST:
        return Way(Route.MODEL, trained_on=_recorded("public data"))
    fitting = list(_fitting_transformers(sample, raw, namespace, brief))
    if fitting and all(np.allclose(fitting[0][2], one[2], atol=1e-5) for one in fitting):
        name, transform, _ = fitting[0]
        through = _recorded(f"public data through {name}")
        return Way(Route.TRANSFORMER, trained_on=through, transformer=transform)
    if fitting:
        reason = "several transformers fit the rows it was trained on, and they differ"
        return Way(None, reason=reason, trained_on=_recorded("public data through a transformer"))
    if is_of_similar_scale(sample, raw):
        words = "public data and own data" if share > 0 else "own data"
        return Way(Route.MODEL, trained_on=_recorded(words))
    reason = (
        "the model was trained on rows that are neither the public ones nor of their scale, "
        "and no fitted transformer in the notebook leads to them"
    )
    return Way(None, reason=reason, trained_on=unknown(reason, provenance=Provenance.RECORDED))


def _recorded(words: str) -> Fact[str]:
    return known(words, provenance=Provenance.RECORDED)


def _fitting_transformers(
    sample: Array, raw: Array, namespace: Mapping[str, Opaque], brief: ExerciseBrief
) -> Iterator[tuple[str, Callable[[Array], Array], Array]]:
    for _, value in variables(namespace):
        if issubclass(type(value), type) or framework_of(value) is not None:
            continue
        transform = _transforming(value, brief)
        try:
            if not callable(getattr(value, "transform", None)):
                continue
            mapped = transform(raw)
            mapped = mapped.reshape(len(mapped), -1)
            if mapped.shape != (len(raw), sample.shape[1]):
                continue
            if float(is_among(sample, mapped).mean()) >= _MOST:
                yield class_name(value), transform, mapped
        except Exception:  # noqa: BLE001, S112  # not fitted, or not for these rows
            continue


def _transforming(transformer: Opaque, brief: ExerciseBrief) -> Callable[[Array], Array]:
    def transform(rows: Array) -> Array:
        given: Opaque = rows.reshape(len(rows), -1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A transformer that was fitted on a table has made sure that pandas is there.
            table = getattr(sys.modules.get("pandas"), "DataFrame", None)
            if table and hasattr(transformer, "feature_names_in_") and brief.input_names:
                given = table(given, columns=list(brief.input_names))
            result = transformer.transform(given)
        result = result.toarray() if hasattr(result, "toarray") else result
        mapped = numbers(result)
        if mapped is None:
            message = "the transformer did not return numbers"
            raise TypeError(message)
        return mapped.astype(np.float32)

    return transform


def ask(
    way: Way, record: ModelRecord, brief: ExerciseBrief, rows: Array, recorder: Recorder
) -> Answer:
    """Ask for scores, and on the route ``predict`` for labels, on rows of one split."""
    if way.route is None:
        return Answer()
    if way.predict is not None:
        return _asked_predict(way, way.predict, record, brief, rows, recorder)
    try:
        given = rows.reshape(len(rows), -1) if way.transformer is None else way.transformer(rows)
        shape = record.training.shape
        given = given.reshape(len(rows), *(shape if shape is not None else given.shape[1:]))
        given = given.astype(record.training.dtype)
        values = numbers(adapter_of(record.framework).scores(record.model, given))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's forward
        return Answer(scores_problem=HiddenProblem.RAISED, error=described(error))
    return _with_scores(values, len(rows))


def _with_scores(values: Array | None, rows: int) -> Answer:
    if values is None:
        return Answer(scores_problem=HiddenProblem.NOT_NUMBERS)
    scores = as_scores(values, rows=rows)
    if scores is None:
        return Answer(scores_problem=HiddenProblem.WRONG_SHAPE)
    if not np.all(np.isfinite(scores)):
        return Answer(scores_problem=HiddenProblem.NOT_FINITE)
    return Answer(scores=scores)


def _asked_predict(
    way: Way,
    predict: Callable[..., Opaque],
    record: ModelRecord,
    brief: ExerciseBrief,
    rows: Array,
    recorder: Recorder,
) -> Answer:
    watch = Watch({id(record.model): []})
    recorder.watch = watch
    try:
        returned = numbers(predict(rows.copy()))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's function
        raised = HiddenProblem.PREDICT_RAISED
        words = f"raised {described(error)}"
        return Answer(scores_problem=raised, labels_problem=raised, error=words)
    finally:
        recorder.watch = None
    labels, problem = _labels(returned, len(rows), brief, is_proba=way.is_proba)
    seen = _with_scores(_joined(watch.outputs[id(record.model)], len(rows)), len(rows))
    scores_problem = seen.scores_problem
    if seen.scores is None and scores_problem is not HiddenProblem.NOT_FINITE:
        scores_problem = HiddenProblem.NOT_SEEN
    refused = "" if labels is not None else _refused(returned, len(rows))
    return Answer(seen.scores, labels, scores_problem, problem, refused=refused)


def _refused(returned: Array | None, rows: int) -> str:
    """What came back instead of labels, in numbers only."""
    if returned is None:
        return "something that does not consist of numbers"
    if returned.ndim == 0:
        return f"one number for {rows} rows"
    if len(returned) != rows or returned.size != rows:
        return f"a result of shape {tuple(returned.shape)} for {rows} rows"
    finite = returned[np.isfinite(returned)]
    if not finite.size:
        return "no finite number"
    return f"values from {finite.min():g} to {finite.max():g}, which are no class numbers"


def _joined(outputs: list[Array], rows: int) -> Array | None:
    """Outputs of the calls that together cover the rows; ``None`` if they do not."""
    whole = [output for output in outputs if output.ndim and len(output) == rows]
    if whole:
        same = all(np.array_equal(whole[0], one, equal_nan=True) for one in whole)
        return whole[0] if same else None
    parts = [output if output.ndim else output.reshape(1) for output in outputs]
    if not parts or sum(len(part) for part in parts) != rows:
        return None
    if len({part.shape[1:] for part in parts}) > 1:
        return None
    return np.concatenate(parts)


def _labels(
    returned: Array | None, rows: int, brief: ExerciseBrief, *, is_proba: bool
) -> tuple[Array | None, HiddenProblem]:
    if returned is None:
        return None, HiddenProblem.NOT_NUMBERS
    if returned.ndim == 0 or len(returned) != rows:
        return None, HiddenProblem.WRONG_SHAPE
    is_multilabel = brief.task is Task.MULTILABEL
    if is_proba:
        probabilities = as_scores(returned, rows=rows)
        if probabilities is None or not np.all(np.isfinite(probabilities)):
            return None, HiddenProblem.NOT_LABELS
        if is_multilabel or probabilities.shape[1] == 1:
            returned = (probabilities >= 0.5).astype(np.int64)
        else:
            returned = probabilities.argmax(axis=1)
    labels = as_labels(returned, rows=rows, classes=len(brief.classes), is_multilabel=is_multilabel)
    return labels, HiddenProblem.NOT_USED if labels is not None else HiddenProblem.NOT_LABELS
