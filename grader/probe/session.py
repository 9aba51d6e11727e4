"""One session of recorder and probe: installed before student code, asked after its last cell."""

from __future__ import annotations

import copy
import functools
import random
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from grader.evidence import (
    ArrayRef,
    Candidate,
    Examination,
    ExerciseBrief,
    Fact,
    Framework,
    HiddenAnswers,
    HiddenProblem,
    Notice,
    NoticeKind,
    Prediction,
    Provenance,
    Route,
    Split,
    absent,
    known,
    unknown,
)
from grader.probe.convention import train_by_convention
from grader.probe.describe import (
    Subject,
    adapter_of,
    examine,
    model_description,
    probing_rows,
)
from grader.probe.describe_training import (
    loss_description,
    optimizer_description,
    training_story,
)
from grader.probe.hooks import is_real_package, when_imported
from grader.probe.preprocessing import (
    MODULES,
    SPLITTER,
    PreprocessingRecorder,
    preprocessing_of,
)
from grader.probe.recorder import ModelRecord, Recorder
from grader.probe.routes import Way, ask, find_way
from grader.probe.rows import PublicRows, saved
from grader.probe.selection import chosen, records_with_parts_joined
from grader.probe.tallies import Array
from grader.probe.wording import described, printable

__all__ = ["PublicRows", "Session"]
_TEXT = 2000


class _FrameworkRecorder(Protocol):
    def install(self) -> None: ...

    def finish(self) -> None: ...

    def tampered_with(self) -> list[str]: ...


@dataclass(slots=True)
class _Examined:
    """What is kept of a candidate for the hidden rows."""

    id: str
    record: ModelRecord
    ways: dict[str, Way] = field(default_factory=dict)


class Session:
    """Records training, then examines the models and asks them about rows.

    Args:
        briefs: The exercises.
        public: Their public rows, by exercise id.
        out: Folder for arrays.
        seed: Seeds random, NumPy and the frameworks.
    """

    def __init__(
        self,
        *,
        briefs: tuple[ExerciseBrief, ...],
        public: Mapping[str, PublicRows],
        out: Path,
        seed: int,
    ) -> None:
        self._briefs = briefs
        self._public = public
        self._out = out
        self._seed = seed
        self._recorder = Recorder()
        self._frameworks: dict[Framework, _FrameworkRecorder] = {}
        self._examined: list[_Examined] = []
        self._held: list[Any] = []
        self._preprocessing: PreprocessingRecorder | None = None
        self._notices: list[Notice] = []

    def install(self) -> None:
        """Seed, and install the lazy import hooks; before any student code."""
        self.seed()
        self._recorder.is_recording = True
        self._follow_copies()
        callbacks = {
            "torch": self._torch_imported,
            "tensorflow": self._tensorflow_imported,
            "keras": self._keras_imported,
        }
        callbacks |= dict.fromkeys(MODULES, self._sklearn_imported)
        callbacks[SPLITTER] = self._sklearn_imported
        when_imported(callbacks)

    def seed(self) -> None:
        """Seed Python's and NumPy's global generators; a framework is seeded when imported."""
        random.seed(self._seed)
        np.random.seed(self._seed % 2**32)  # student code uses the global generator

    def examine(self, namespace: dict[str, Any]) -> Examination:
        """Examine every model and ask it about validation and plotting rows.

        Args:
            namespace: What the last cell left.

        Returns:
            An examination with a ``problem`` if that failed as a whole; never raises.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # student code may have made errors of them
                return self._examine(namespace)
        except Exception as error:  # noqa: BLE001  # beside student code anything may be broken
            text = f"the models could not be examined: {described(error)}"
            return Examination(problem=text, notices=tuple(self._notices[:100]))
        finally:
            self._recorder.is_recording = False

    def answer_hidden(
        self, hidden: Mapping[str, np.ndarray], namespace: dict[str, Any]
    ) -> HiddenAnswers:
        """Ask the candidates about hidden rows, the way that was found for the public ones.

        Args:
            hidden: Inputs by exercise id.
            namespace: Not needed again: the ways are known.

        Returns:
            References to arrays and reasons from a closed list, nothing else; never raises.
        """
        del namespace
        predictions: dict[str, tuple[Prediction, ...]] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # student code may have made errors of them
            for candidate in self._examined:
                predictions[candidate.id] = tuple(
                    self._predicted(
                        candidate, brief, candidate.ways[brief.id], hidden, Split.HIDDEN
                    )
                    for brief in self._briefs
                    if brief.id in hidden and brief.id in candidate.ways
                )
        return HiddenAnswers(predictions=predictions)

    # Recording -------------------------------------------------------------------------------

    def _follow_copies(self) -> None:
        """Let a deep copy of a trained model count as trained: the best one is often kept so."""
        original = copy.deepcopy

        @functools.wraps(original)
        def deepcopy(x: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as the original
            twin = original(x, *args, **kwargs)
            if self._recorder.is_recording:
                try:
                    self._recorder.copied(x, twin)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._recorder.trouble("after a deep copy", error)
            return twin

        copy.deepcopy = deepcopy

    def _torch_imported(self, module: ModuleType) -> None:
        if not is_real_package(module, attributes=("nn", "autograd", "optim")):
            return
        try:
            from grader.probe.pytorch import TorchRecorder

            module.manual_seed(self._seed)
            recorder = TorchRecorder(self._recorder, module)
            recorder.install()
            self._frameworks[Framework.PYTORCH] = recorder
        except Exception as error:  # noqa: BLE001  # the student's import must go on
            self._recorder.trouble("at the import of torch", error)

    def _tensorflow_imported(self, module: ModuleType) -> None:
        if not is_real_package(module, attributes=("random",)):
            return
        try:
            module.random.set_seed(self._seed)  # runs no operation
        except Exception as error:  # noqa: BLE001  # the student's import must go on
            self._recorder.trouble("at the import of tensorflow", error)

    def _keras_imported(self, module: ModuleType) -> None:
        if not is_real_package(module, attributes=("Model", "losses")):
            return
        try:
            from grader.probe.keras import KerasRecorder

            recorder = KerasRecorder(self._recorder, module)
            recorder.install()
            self._frameworks[Framework.KERAS] = recorder
        except Exception as error:  # noqa: BLE001  # the student's import must go on
            self._recorder.trouble("at the import of keras", error)

    def _sklearn_imported(self, module: ModuleType) -> None:
        try:
            if self._preprocessing is None:
                self._preprocessing = PreprocessingRecorder(self._recorder)
            if module.__name__ == SPLITTER:
                self._preprocessing.install_splitter(module)
            else:
                self._preprocessing.install(module)
        except Exception as error:  # noqa: BLE001  # the student's import must go on
            self._recorder.trouble("at the import of scikit-learn", error)

    # Examining -------------------------------------------------------------------------------

    def _examine(self, namespace: dict[str, Any]) -> Examination:
        doubt = self._doubt()
        if not any(record.saw_training for record in self._trained_so_far()):
            self._held, notices = train_by_convention(namespace, self._briefs, self._public)
            self._notices.extend(notices)
            self._trained_so_far()
        self._recorder.is_recording = False
        troubles = self._recorder.troubles
        if troubles and not any(one.saw_training for one in self._recorder.in_order()):
            text = f"training could not be recorded: {troubles[0]}"
            return Examination(problem=text, notices=tuple(self._notices[:100]))
        records = records_with_parts_joined(self._recorder, namespace)
        subjects = [examine(record, doubt=doubt) for record, _ in records]
        picked = chosen(subjects, [names for _, names in records])
        trained = {i: subjects[i].record.last_trained for i in picked if subjects[i].is_trained}
        asked = {i: subjects[i].record.last_asked for i in picked}
        ranks, asked_ranks = _ranks(trained), _ranks({i: t for i, t in asked.items() if t})
        candidates = tuple(
            self._candidate(
                f"m{i + 1}", subjects[i], records[i][1], ranks.get(i, 0), namespace
            ).model_copy(
                update={"last_asked": asked_ranks.get(i, 0), "is_copy": subjects[i].record.is_copy}
            )
            for i in picked
        )
        loaded = tuple(sorted(self._frameworks, key=list(Framework).index))
        return Examination(
            modules_loaded=loaded,
            candidates=candidates,
            models_seen=self._recorder.models_seen,
            notices=tuple(self._notices[:100]),
        )

    def _trained_so_far(self) -> list[ModelRecord]:
        for framework in self._frameworks.values():
            framework.finish()
        return list(self._recorder.in_order())

    def _doubt(self) -> str:
        """Why recorded facts must not be trusted; empty if they may."""
        changed = [name for one in self._frameworks.values() for name in one.tampered_with()]
        if changed:
            text = f"the student's code replaced what the recorder had put in place: {changed}"
            self._notices.append(
                Notice(kind=NoticeKind.TAMPERING, text=printable(text, limit=_TEXT))
            )
            return "the recorder was replaced while the code ran"
        if self._recorder.troubles:
            return f"the recorder failed: {self._recorder.troubles[0]}"
        return ""

    def _candidate(
        self,
        name: str,
        subject: Subject,
        names: tuple[str, ...],
        rank: int,
        namespace: dict[str, Any],
    ) -> Candidate:
        record = subject.record
        examined = _Examined(name, record)
        self._examined.append(examined)
        try:
            predictions, trained_on = self._asked_public(examined, subject, namespace)
            return Candidate(
                id=name,
                framework=record.framework,
                names=names,
                last_trained=rank,
                is_trained=subject.is_trained,
                model=model_description(subject, seed=self._seed),
                loss=loss_description(subject, repaired=_is_repaired(subject)),
                optimizer=optimizer_description(subject),
                training=training_story(subject, trained_on=trained_on),
                preprocessing=preprocessing_of(record, self._preprocessing, namespace),
                predictions=tuple(predictions),
                refused={key: way.refused for key, way in examined.ways.items() if way.refused},
                hidden_route={key: way.fact() for key, way in examined.ways.items()},
            )
        except Exception as error:  # noqa: BLE001  # one model must not hide the others
            return _undescribed(name, subject, names, rank, described(error))

    def _asked_public(
        self, examined: _Examined, subject: Subject, namespace: dict[str, Any]
    ) -> tuple[list[Prediction], Fact[str]]:
        predictions: list[Prediction] = []
        trained_on: Fact[str] = unknown("no training was recorded")
        for brief in self._briefs if subject.is_trained else ():
            public = self._public.get(brief.id)
            if public is None:
                continue
            self._seed_again(subject.record)
            way = find_way(subject.record, brief, public, namespace, self._recorder)
            examined.ways[brief.id] = way
            if not trained_on.is_known:
                trained_on = way.trained_on
            rows = {brief.id: public.validation_inputs}
            predictions.append(self._predicted(examined, brief, way, rows, Split.VALIDATION))
            if len(public.plot_inputs) and brief.input_shape == (2,):
                rows = {brief.id: public.plot_inputs}
                predictions.append(self._predicted(examined, brief, way, rows, Split.PLOT))
        return predictions, trained_on

    def _predicted(
        self,
        examined: _Examined,
        brief: ExerciseBrief,
        way: Way,
        inputs: Mapping[str, Array],
        split: Split,
    ) -> Prediction:
        """Ask one candidate about one split; nothing but arrays and closed reasons comes out."""
        stem = f"{split.value}-{brief.id}-{examined.id}"
        try:
            self._seed_again(examined.record)
            answer = ask(way, examined.record, brief, inputs[brief.id], self._recorder)
            scores = self._kept(answer.scores, f"{stem}-scores.npy", answer.scores_problem)
            labels = self._kept(answer.labels, f"{stem}-labels.npy", answer.labels_problem)
        except (Exception, SystemExit):  # noqa: BLE001  # student code runs in there
            scores = self._kept(None, "", HiddenProblem.RAISED)
            labels = self._kept(None, "", HiddenProblem.RAISED)
        return Prediction(
            exercise=brief.id,
            split=split,
            route=way.route or Route.MODEL,
            scores=scores,
            labels=labels,
        )

    def _kept(self, array: Array | None, name: str, problem: HiddenProblem) -> Fact[ArrayRef]:
        if array is not None:
            return known(saved(array, folder=self._out, name=name))
        if problem is HiddenProblem.NOT_USED:
            return absent(problem.value, provenance=Provenance.PROBED)
        return unknown(problem.value)

    def _seed_again(self, record: ModelRecord) -> None:
        random.seed(self._seed)
        np.random.seed(self._seed % 2**32)  # student code uses the global generator
        adapter_of(record.framework).seed_all(self._seed)


def _ranks(ticks: Mapping[int, int]) -> dict[int, int]:
    """Ranks from 1 in the order of the ticks."""
    return {i: rank for rank, i in enumerate(sorted(ticks, key=ticks.__getitem__), start=1)}


def _is_repaired(subject: Subject) -> bool:
    ending = subject.structure.ending
    rows = probing_rows(subject.record)
    if subject.record.framework is not Framework.KERAS or not ending or rows is None:
        return False
    try:
        return bool(adapter_of(Framework.KERAS).repairs_loss(subject.record.model, rows))
    except Exception:  # noqa: BLE001  # a model that was never compiled, or cannot be traced
        return False


def _undescribed(
    name: str, subject: Subject, names: tuple[str, ...], rank: int, why: str
) -> Candidate:
    """A candidate of which nothing but its training is known."""
    reason = f"the model could not be examined ({why})"
    template = Candidate(id=name, framework=subject.record.framework)
    parts = {
        part: type(value)(**{key: unknown(reason) for key, one in value if isinstance(one, Fact)})
        for part, value in template
        if part in {"model", "loss", "optimizer", "training"}
    }
    return template.model_copy(
        update={
            "names": names,
            "last_trained": rank,
            "is_trained": subject.is_trained,
            **parts,
        }
    )
