"""Follows rows through scikit-learn's transformers: what was fitted on what, and what came out.

Rows are told apart by their digests as float32, so that a row is found again after it has become
a tensor. Nothing is changed and no row is kept.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from grader.evidence import Fact, Preprocessing, Provenance, absent, known, unknown
from grader.probe.naming import variables
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord, Recorder
from grader.probe.tallies import Array, RowSample
from grader.probe.wording import class_name, printable

MODULES = ("sklearn.preprocessing", "sklearn.compose", "sklearn.pipeline")
SPLITTER = "sklearn.model_selection"
_SCALERS = ("StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler", "QuantileTransformer")
_CLASSES = (*_SCALERS, "PowerTransformer", "Normalizer", "ColumnTransformer")
_MAX_EVENTS = 64
_MOST = 0.99
_FEW = 4


@dataclass(slots=True)
class Fitting:
    """One call of ``fit`` or ``fit_transform``, and what was transformed until the next one.

    Attributes:
        transformer: The student's object; held, so that its ``id`` stays its own.
        rows_fitted: How many rows it was fitted on.
        raw: Those rows.
        outputs: What came out of it since.
        changes: Whether any output differed from its input.
        in_pipeline: Whether a ``Pipeline`` fitted it, perhaps for another kind of model.
    """

    transformer: Opaque
    rows_fitted: int
    in_pipeline: bool
    raw: RowSample = field(default_factory=RowSample)
    outputs: RowSample = field(default_factory=RowSample)
    changes: bool = False

    @property
    def is_scaler(self) -> bool:
        """Whether it does nothing but scale the columns."""
        return class_name(self.transformer) in _SCALERS


class PreprocessingRecorder:
    """Records fits and transforms of scikit-learn.

    Args:
        recorder: Says whether recording is on, and takes our own failures.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._local = threading.local()
        self._split: list[RowSample] = []
        self.fittings: list[Fitting] = []

    def install(self, module: ModuleType) -> None:
        """Wrap the transformers of one of scikit-learn's modules."""
        for name in _CLASSES:
            kind = getattr(module, name, None)
            if not isinstance(kind, type):
                continue
            for method in ("fit", "fit_transform", "transform"):
                original = getattr(kind, method, None)
                if inspect.isfunction(original) and not hasattr(original, "_grader_wrapped"):
                    self._wrap(kind, method, original)

        pipeline = getattr(module, "Pipeline", None)
        original = getattr(pipeline, "_fit", None)
        if inspect.isfunction(original) and not hasattr(original, "_grader_wrapped"):
            setattr(pipeline, "_fit", self._inside_pipeline(original))  # noqa: B010  # a class of any kind

    def _inside_pipeline(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def _fit(*args: Opaque, **kwargs: Opaque) -> Opaque:
            self._local.pipelines = getattr(self._local, "pipelines", 0) + 1
            try:
                return original(*args, **kwargs)
            finally:
                self._local.pipelines -= 1

        _fit._grader_wrapped = True  # type: ignore[attr-defined]  # not to wrap it twice
        return _fit

    def install_splitter(self, module: ModuleType) -> None:
        """Wrap ``train_test_split``."""
        original = module.__dict__.get("train_test_split")
        if original is None:
            return

        @functools.wraps(original)
        def train_test_split(*arrays: Opaque, **options: Opaque) -> Opaque:
            parts = original(*arrays, **options)
            if self._recorder.is_recording and arrays and len(self._split) < _MAX_EVENTS:
                self._noted("train_test_split", lambda: self._split.append(_sample(arrays[0])))
            return parts

        module.__dict__["train_test_split"] = train_test_split

    def _wrap(self, kind: type, method: str, original: Callable[..., Opaque]) -> None:
        @functools.wraps(original)
        def wrapper(transformer: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            if getattr(self._local, "depth", 0) or not self._recorder.is_recording:
                return original(transformer, *args, **kwargs)
            self._local.depth = 1
            try:
                result = original(transformer, *args, **kwargs)
            finally:
                self._local.depth = 0
            given = args[0] if args else kwargs.get("X")
            self._noted(method, lambda: self._note(method, transformer, given, result))
            return result

        wrapper._grader_wrapped = True  # type: ignore[attr-defined]  # not to wrap it twice
        setattr(kind, method, wrapper)

    def _noted(self, where: str, note: Callable[[], None]) -> None:
        try:
            note()
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble(f"after {where}", error)

    def _note(self, method: str, transformer: Opaque, given: Opaque, result: Opaque) -> None:
        if method != "transform":
            if len(self.fittings) >= _MAX_EVENTS:
                return
            raw = _sample(given)
            inside = bool(getattr(self._local, "pipelines", 0))
            self.fittings.append(Fitting(transformer, _length(given), inside, raw=raw))
        fitting = self._fitting_of(transformer)
        if fitting is None or method == "fit":
            return
        before, after = _table(given), _table(result)
        if after is None:
            return
        fitting.outputs.add(after)
        same = before is not None and before.shape == after.shape and np.allclose(before, after)
        fitting.changes = fitting.changes or not same

    def _fitting_of(self, transformer: Opaque) -> Fitting | None:
        return next(
            (one for one in reversed(self.fittings) if one.transformer is transformer), None
        )

    def was_split_after(self, fitting: Fitting) -> bool:
        """Whether rows that came out of a fitted transformer were split only afterwards."""
        return any(
            sample.hashed >= _FEW and sample.shared_with(fitting.outputs) >= _MOST * sample.hashed
            for sample in self._split
        )


def preprocessing_of(
    record: ModelRecord, seen: PreprocessingRecorder | None, namespace: Mapping[str, Opaque]
) -> Preprocessing:
    """What happened to a model's rows before they reached it.

    Args:
        record: Of the model.
        seen: What was recorded of scikit-learn; ``None`` where it was never imported.
        namespace: What the last cell left, for the names of transformers.
    """
    training = record.training
    if training.problem or not training.hashed:
        reason = training.problem or "the rows it was trained on were not recorded"
        return _everywhere(unknown(reason, provenance=Provenance.RECORDED))
    fittings = seen.fittings if seen is not None else []
    on_the_way = [one for one in fittings if _covers(one.outputs, training)]
    if seen is None or not on_the_way:
        none = _everywhere(absent("no transformer of scikit-learn led to the training rows"))
        return none.model_copy(update={"bypassed": _bypassed(training, fittings, namespace)})
    # The last one: in a row of transformers its output is what the model got.
    fitting = on_the_way[-1]
    return Preprocessing(
        applied=_known(_named(fitting.transformer, namespace)),
        bypassed=absent("the training rows went through a transformer"),
        rows_fitted=_known(fitting.rows_fitted),
        split_afterwards=_known(seen.was_split_after(fitting)),
        refitted_on=_refitted(record, fitting, fittings),
        dropped_columns=_dropped(fitting.transformer),
    )


def _known(value: Opaque) -> Fact[Opaque]:
    return known(value, provenance=Provenance.RECORDED)


def _everywhere(fact: Fact[Opaque]) -> Preprocessing:
    return Preprocessing(**dict.fromkeys(Preprocessing.model_fields, fact))


def _covers(rows: RowSample, training: RowSample) -> bool:
    return bool(training.hashed) and rows.shared_with(training) >= _MOST * training.hashed


def _bypassed(
    training: RowSample, fittings: list[Fitting], namespace: Mapping[str, Opaque]
) -> Fact[str]:
    """A scaler that saw the very rows which then went to the model as they were."""
    for fitting in fittings:
        is_meant = fitting.is_scaler and fitting.changes and not fitting.in_pipeline
        if is_meant and _covers(fitting.raw, training):
            return _known(_named(fitting.transformer, namespace))
    return absent("no scaler was fitted on the training rows")


def _refitted(record: ModelRecord, fitting: Fitting, fittings: list[Fitting]) -> Fact[int]:
    """Rows of another fit whose outcome the model was then asked about."""
    evaluated = record.evaluated
    if evaluated.hashed < _FEW or evaluated.problem:
        return absent("the model was not asked about other rows")
    kind = type(fitting.transformer)
    for other in fittings:
        is_later = other is not fitting and type(other.transformer) is kind
        ours = other.outputs.shared_with(evaluated)
        if is_later and ours >= _FEW and not other.outputs.shared_with(record.training):
            return _known(other.rows_fitted)
    return absent("it was fitted once")


def _dropped(transformer: Opaque) -> Fact[int]:
    """Columns that a ``ColumnTransformer`` leaves out."""
    steps = getattr(transformer, "steps", None)
    if isinstance(steps, list) and steps:
        transformer = next(
            (step for _, step in steps if class_name(step) == "ColumnTransformer"), transformer
        )
    listed = getattr(transformer, "transformers_", None)
    if class_name(transformer) != "ColumnTransformer" or not isinstance(listed, list):
        return _known(0)
    taken: set[Opaque] = set()
    dropped: list[Opaque] = []
    for _, step, columns in listed:
        held = list(columns) if isinstance(columns, (list, tuple, np.ndarray)) else None
        if held is None:
            return unknown("the columns of the ColumnTransformer are not a list")
        if isinstance(step, str) and step == "drop":
            dropped.extend(held)
        else:
            taken.update(held)
    return _known(len([column for column in dropped if column not in taken]))


def _named(transformer: Opaque, namespace: Mapping[str, Opaque]) -> str:
    name = next((name for name, value in variables(namespace) if value is transformer), "")
    kind = class_name(transformer)
    return printable(f"{name} ({kind})" if name else f"a {kind}")


def _sample(data: Opaque) -> RowSample:
    sample = RowSample()
    table = _table(data)
    if table is not None:
        sample.add(table)
    return sample


def _length(data: Opaque) -> int:
    shape = getattr(data, "shape", None)
    return int(shape[0]) if shape else len(data)


def _table(data: Opaque) -> Array | None:
    """Numbers with one row per sample; ``None`` for text, sparse matrices and the like."""
    try:
        table = np.asarray(data)
        return table if table.ndim >= 2 and table.dtype.kind in "biuf" else None
    except Exception:  # noqa: BLE001  # a student's object may do anything
        return None
