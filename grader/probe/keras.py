"""Records training in Keras 3: ``fit``, ``train_on_batch``, optimizers and model calls.

Methods are wrapped in the class that defines them, so that Keras's own comparisons between a class
and its base ("has ``compile`` been overridden?") come out as without us.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Callable
from types import ModuleType

import numpy as np

from grader.evidence import Framework
from grader.probe.keras_losses import loss_use
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord, Recorder
from grader.probe.tallies import Array
from grader.probe.wording import class_name

_MAX_APPLIED = 64
_OWN_LOOP_BATCHES = 32
_DATASET_BATCHES = 16


class KerasRecorder:
    """Fills a :class:`Recorder` with what happens in Keras.

    Args:
        recorder: What to fill.
        keras: The imported package.
    """

    def __init__(self, recorder: Recorder, keras: ModuleType) -> None:
        self._recorder = recorder
        self._keras: Opaque = keras
        self._ours: list[tuple[Opaque, str, Opaque]] = []
        self._local = threading.local()
        self._applied: dict[int, tuple[Opaque, set[int]]] = {}
        self._fitted_steps: dict[int, int] = {}

    def install(self) -> None:
        """Put every wrapper in place."""
        model = self._keras.Model
        for name in ("fit", "train_on_batch"):
            self._wrap(model, name, functools.partial(self._training, name))
        self._wrap(model, "make_train_function", self._before_training)
        for name in ("predict", "predict_on_batch"):
            self._wrap(model, name, self._predicting)
        model.__call__ = self._calling(model.__call__)
        self._ours.append((model, "__call__", model.__call__))
        self._wrap(self._keras.optimizers.Optimizer, "apply", self._applying)

    def tampered_with(self) -> list[str]:
        """What is no longer as we left it."""
        return [
            f"keras.{place.__name__}.{name}"
            for place, name, ours in self._ours
            if getattr(place, name, None) is not ours
        ]

    def _wrap(
        self, kind: type, name: str, wrapper: Callable[[Callable[..., Opaque]], Opaque]
    ) -> None:
        home = next(one for one in kind.__mro__ if name in one.__dict__)
        ours = wrapper(getattr(home, name))
        setattr(home, name, ours)
        self._ours.append((kind, name, ours))

    @property
    def _depth(self) -> int:
        return getattr(self._local, "depth", 0)

    # Training through fit --------------------------------------------------------------------

    def _training(self, name: str, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def train(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            if not self._recorder.is_recording or self._depth:
                return original(model, *args, **kwargs)
            record = self._started(model)
            self._local.depth = 1
            try:
                return original(model, *args, **kwargs)
            finally:
                self._local.depth = 0
                self._ended(name, record, args, kwargs)

        return train

    def _started(self, model: Opaque) -> ModelRecord | None:
        try:
            record = self._recorder.record_of(Framework.KERAS, model, size=_bytes(model))
            record.notes["iterations"] = _iterations(getattr(model, "optimizer", None))
            self._digest_before(record)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("before fit", error)
            return None
        return record

    def _before_training(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        # fit and train_on_batch call this once the model has its weights.
        @functools.wraps(original)
        def make_train_function(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            record = self._recorder.records.get(id(model))
            if self._recorder.is_recording and record is not None:
                try:
                    self._digest_before(record)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._recorder.trouble("before the first step", error)
            return original(model, *args, **kwargs)

        return make_train_function

    def _digest_before(self, record: ModelRecord) -> None:
        if record.before is None and record.model.weights:
            record.before = digest(record.model)

    def _ended(
        self,
        name: str,
        record: ModelRecord | None,
        args: tuple[Opaque, ...],
        kwargs: dict[str, Opaque],
    ) -> None:
        if record is None:
            return
        try:
            model = record.model
            optimizer: Opaque = getattr(model, "optimizer", None)
            steps = (_iterations(optimizer) or 0) - (record.notes.get("iterations") or 0)
            if steps <= 0:
                return
            record.steps += steps
            record.gradients += steps
            self._fitted_steps[id(optimizer)] = self._fitted_steps.get(id(optimizer), 0) + steps
            record.last_trained = self._recorder.tick()
            record.add_optimizer(class_name(getattr(optimizer, "inner_optimizer", optimizer)))
            record.learning_rate = _learning_rate(optimizer)
            x = args[0] if args else kwargs.get("x")
            y = args[1] if len(args) > 1 else kwargs.get("y")
            record.add_loss(loss_use(self._keras, model, plain_array(y)))
            self._take_data(record, x, y, kwargs.get("validation_split") or 0.0)
            if name == "fit":
                self._take_history(record)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble(f"after {name}", error)

    def _take_history(self, record: ModelRecord) -> None:
        losses = record.model.history.history.get("loss", [])
        record.curve_of = "loss per epoch"
        done = record.epochs or 0
        for number, loss in enumerate(losses, start=done + 1):
            record.curve.add(number, float(loss))
        record.epochs = done + len(losses)

    def _take_data(self, record: ModelRecord, x: Opaque, y: Opaque, held_out: float) -> None:
        rows, labels = plain_array(x), plain_array(y)
        if rows is None:
            if not isinstance(x, (dict, list, tuple)) and x is not None:
                # Iterating now could change what the student's next fit sees.
                record.notes["dataset"] = x
            else:
                record.training.problem = "the model was trained on several inputs"
            return
        if held_out:
            kept = int(np.floor(len(rows) * (1.0 - held_out)))
            rows = rows[:kept]
            labels = labels[:kept] if labels is not None else None
        record.training.add(rows)
        if labels is not None:
            take_labels(record, labels)

    # Training in loops of the student's own --------------------------------------------------

    def _applying(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def apply(optimizer: Opaque, grads: Opaque, trainable_variables: Opaque = None) -> Opaque:
            result = original(optimizer, grads, trainable_variables)
            if self._recorder.is_recording and not self._depth:
                try:
                    self._note_applied(optimizer, trainable_variables)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._recorder.trouble("after an optimizer step", error)
            return result

        return apply

    def _note_applied(self, optimizer: Opaque, variables: Opaque) -> None:
        if id(optimizer) in self._applied:
            touched = self._applied[id(optimizer)][1]
        elif len(self._applied) < _MAX_APPLIED:
            listed = variables if variables is not None else optimizer._trainable_variables
            touched = {id(variable) for variable in listed}
            self._applied[id(optimizer)] = (optimizer, touched)
        else:
            return
        for record in self._recorder.in_order():
            if record.framework is Framework.KERAS and touched & _variable_ids(record.model):
                record.last_trained = self._recorder.tick()

    def _calling(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def __call__(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:  # noqa: N807  # stands in for it
            if self._depth or (not self._recorder.is_recording and self._recorder.watch is None):
                return original(model, *args, **kwargs)
            self._local.depth = 1
            try:
                output = original(model, *args, **kwargs)
            finally:
                self._local.depth = 0
            try:
                self._called(model, args, output)
            except Exception as error:  # noqa: BLE001  # must not reach student code
                self._recorder.trouble("after a model call", error)
            return output

        return __call__

    def _called(self, model: Opaque, args: tuple[Opaque, ...], output: Opaque) -> None:
        if type(output).__name__ == "KerasTensor":
            return  # a model used as a layer while another one is being built
        if self._recorder.watch is not None:
            self._watch(model, output)
        if not self._recorder.is_recording:
            return
        record = self._recorder.record_of(Framework.KERAS, model, size=_bytes(model))
        record.forwards += 1
        if args and record.called_shape is None and hasattr(args[0], "shape"):
            record.called_shape = tuple(args[0].shape[1:])
        if record.before is None and not record.saw_training:
            self._digest_before(record)
        if not _is_differentiating():
            return
        record.notes["taped"] = self._recorder.tick()
        taken = record.notes.setdefault("called_on", [])
        rows = plain_array(args[0]) if args and len(taken) < _OWN_LOOP_BATCHES else None
        if rows is not None and rows.size:
            taken.append(rows)

    # Predicting ------------------------------------------------------------------------------

    def _predicting(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def predict(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            if self._depth:
                return original(model, *args, **kwargs)
            self._local.depth = 1
            try:
                output = original(model, *args, **kwargs)
            finally:
                self._local.depth = 0
            if self._recorder.watch is not None:
                try:
                    self._watch(model, output)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._recorder.trouble("after predict", error)
            return output

        return predict

    def _watch(self, model: Opaque, output: Opaque) -> None:
        watch = self._recorder.watch
        kept = watch.outputs.get(id(model)) if watch is not None else None
        values = plain_array(output)
        if kept is not None and values is not None:
            kept.append(values.astype(np.float32))

    # After the last cell ---------------------------------------------------------------------

    def finish(self) -> None:
        """Read what could not be read while training ran: own loops, data sets."""
        for optimizer, touched in self._applied.values():
            done = _iterations(optimizer) or 0
            steps = done - self._fitted_steps.get(id(optimizer), 0)
            self._fitted_steps[id(optimizer)] = done
            for record in self._recorder.in_order():
                is_ours = record.framework is Framework.KERAS
                if steps <= 0 or not is_ours or not touched & _variable_ids(record.model):
                    continue
                record.steps += steps
                record.gradients += steps
                record.last_trained = record.last_trained or self._recorder.tick()
                record.add_optimizer(class_name(optimizer))
                record.learning_rate = _learning_rate(optimizer)
                self._finish_own_loop(record)
        for record in self._recorder.in_order():
            taped = record.notes.pop("taped", 0)
            is_changed = taped and record.before and digest(record.model) != record.before
            if is_changed and not record.steps:
                # Parameters were assigned by hand; how often, a traced function does not show.
                record.gradients, record.counts_gradients = 1, False
                record.last_trained = taped
                self._finish_own_loop(record)
            record.notes.pop("called_on", None)
            data = record.notes.pop("dataset", None)
            if data is not None:
                _take_from_dataset(record, data)

    def _finish_own_loop(self, record: ModelRecord) -> None:
        record.add_loss(loss_use(self._keras, None, None))
        for rows in record.notes.pop("called_on", []):
            record.training.add(rows)
        record.training.is_partial = True


def digest(model: Opaque) -> str:
    """Digest of all trainable weights, bit for bit."""
    result = hashlib.blake2b(digest_size=16)
    for variable in model.trainable_variables:
        result.update(np.ascontiguousarray(values_of(variable)).tobytes())
    return result.hexdigest()


def values_of(variable: Opaque) -> Array:
    """The values of a variable, also while TensorFlow traces a function."""
    try:
        return np.asarray(variable.numpy())
    except (NotImplementedError, AttributeError):
        import tensorflow as tf

        with tf.init_scope():
            return np.asarray(variable.numpy())


def plain_array(data: Opaque) -> Array | None:
    """Rows as an array, where they are one already: NumPy, eager tensor, table."""
    if isinstance(data, np.ndarray):
        return data
    for name in ("numpy", "to_numpy"):
        convert = getattr(data, name, None)
        if callable(convert):
            try:
                values = convert()
            except (NotImplementedError, AttributeError, TypeError):
                return None
            return values if isinstance(values, np.ndarray) else None
    return None


def take_labels(record: ModelRecord, labels: Array) -> None:
    """Look at labels, as the loss that was recorded last reads them."""
    use = next(reversed(record.losses), None)
    record.targets.add(
        labels, takes_index=use is not None and use.name.lower().startswith("sparse")
    )


def _take_from_dataset(record: ModelRecord, data: Opaque) -> None:
    """Take rows from a data set that was passed to ``fit``: the first batches."""
    try:
        for number, batch in enumerate(data):
            if number >= _DATASET_BATCHES:
                break
            if not isinstance(batch, (tuple, list)) or not batch:
                break
            rows = plain_array(batch[0])
            labels = plain_array(batch[1]) if len(batch) > 1 else None
            if rows is None:
                break
            record.training.add(rows)
            if labels is not None:
                take_labels(record, labels)
        record.training.is_partial = True
    except Exception as error:  # noqa: BLE001  # a student's data set may do anything
        record.training.problem = f"the data set could not be read again ({class_name(error)})"


def _is_differentiating() -> bool:
    """Whether a gradient tape is open: such a call belongs to training."""
    from tensorflow.python import pywrap_tfe

    return not pywrap_tfe.TFE_Py_TapeSetIsEmpty()


def _iterations(optimizer: Opaque) -> int | None:
    iterations = getattr(optimizer, "iterations", None)
    return None if iterations is None else int(values_of(iterations))


def _learning_rate(optimizer: Opaque) -> float:
    """As the student wrote it: Keras keeps it in float32, where 0.001 reads 0.00100000005."""
    return float(str(np.float32(np.asarray(optimizer.learning_rate))))


def _variable_ids(model: Opaque) -> set[int]:
    return {id(variable) for variable in model.trainable_variables}


def _bytes(model: Opaque) -> int:
    return sum(4 * int(np.prod(w.shape)) for w in getattr(model, "weights", ()))
