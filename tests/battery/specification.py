"""Reads a program of the battery and what its reader stated; rejects what cannot be meant."""

from __future__ import annotations

import fnmatch
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.evidence import Freshness, LossFamily, Mode, ScoreKind, TargetEncoding

FOLDER: Final = Path(__file__).resolve().parent
FRAMEWORKS: Final = ("pytorch", "keras")
CORRECTED: Final = "-corrected"
ABSENT: Final = "absent"

ERRORS: Final = frozenset(
    {
        "softmax-before-loss", "sigmoid-before-loss", "scores-not-probabilities",
        "softmax-over-one-unit", "wrong-loss-family", "label-encoding", "shape-broadcast",
        "decision-rule", "no-non-linearity", "init-misspelled", "forward-ignores-input",
        "identical-units", "scaler-not-applied", "trained-on-test-rows", "missing-values",
        "never-trained", "no-backward", "no-step", "optimizer-holds-other-parameters",
        "missing-zero-grad", "trained-in-evaluation-mode", "no-graph", "loss-stuck",
    }
)  # fmt: skip
WARNINGS: Final = frozenset(
    {
        "bounded-output", "regression-loss", "binary-loss-on-one-hot", "output-count",
        "unused-layer", "inputs-not-scaled", "scaler-fitted-on-other-rows",
        "evaluated-on-training-rows", "selected-on-test-rows", "columns-dropped",
        "unshuffled-batches", "minority-class-missed", "evaluated-in-training-mode",
        "learning-rate-too-high", "learning-rate-too-low", "inactive-units", "saturated-units",
        "loss-exploded", "still-falling", "overfitted", "learning-rate-sweep-left",
    }
)  # fmt: skip

Absent = Literal["absent"]
Whole = Annotated[int, Field(ge=0)] | Absent
Shape = Annotated[str, Field(pattern=r"^\((None, |\d+, )*(None,?|\d+,?)?\)$")] | Absent
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
WeightedLayer = Literal[
    "dense", "conv1d", "conv2d", "embedding", "recurrent", "attention", "conv3d", "conv-transpose"
]
Ingredient = Literal[
    "average-pool", "batch-norm", "concatenate", "dropout", "layer-norm", "max-pool", "residual"
]
Diagnosis = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Facts(_Strict):
    """The thirty facts, in the words of the README."""

    framework: Literal["pytorch", "keras"]
    input_shape: Shape
    output_shape: Shape
    weighted_layers: list[WeightedLayer] | Absent
    hidden_units: list[int] | Absent
    hidden_activations: list[Word] | Absent
    output_activation: str
    emits: str
    is_affine: bool | Absent
    parameters: Whole
    ingredients: list[Ingredient] | Absent
    unused_layers: Whole
    trained_models: Whole
    parameters_changed: bool | Absent
    steps: Whole
    gradients: Whole
    epochs: Whole
    rows: Whole
    trained_in: str
    evaluated_in: str
    zero_grad: str
    loss: str
    loss_family: str
    loss_expects: str
    loss_receives: str
    target_encoding: str
    target_shape: Shape
    target_dtype: str
    optimizer: str
    learning_rate: Annotated[float, Field(strict=False, ge=0)] | Absent

    @model_validator(mode="after")
    def _words_of_the_vocabulary(self) -> Self:
        closed = {
            "emits": ScoreKind,
            "loss_expects": ScoreKind,
            "loss_receives": ScoreKind,
            "loss_family": LossFamily,
            "target_encoding": TargetEncoding,
            "trained_in": Mode,
            "evaluated_in": Mode,
            "zero_grad": Freshness,
        }
        for name, words in closed.items():
            value = getattr(self, name)
            if value != ABSENT and value not in {word.value for word in words}:
                message = f"{name}: {value!r} is none of {sorted(word.value for word in words)}"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _lists_belong_together(self) -> Self:
        layers, units, applied = self.weighted_layers, self.hidden_units, self.hidden_activations
        if isinstance(layers, list) and isinstance(units, list) and isinstance(applied, list):
            hidden = max(0, len(layers) - 1)
            if not len(units) == len(applied) == hidden:
                message = f"{len(layers)} weighted layers, so {hidden} units and activations"
                raise ValueError(message)
        if isinstance(self.ingredients, list) and self.ingredients != sorted(set(self.ingredients)):
            message = "ingredients must be sorted, each once"
            raise ValueError(message)
        return self


FACTS: Final = tuple(Facts.model_fields)


class Exercise(_Strict):
    """The data that the program finds in its working folder."""

    data: Literal["circles", "blobs", "rare"]


class Diagnoses(_Strict):
    """What must be found, the root cause first, and what may be found besides."""

    expected: list[Diagnosis] = Field(default_factory=list)
    allowed: list[Diagnosis] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ids_exist(self) -> Self:
        strange = sorted({*self.expected, *self.allowed} - ERRORS - WARNINGS)
        if strange:
            message = f"no error or warning has the id {', '.join(strange)}"
            raise ValueError(message)
        return self


class Sheet(_Strict):
    """A whole ``.toml`` file."""

    about: str
    kind: Literal["fault", "corrected", "style"]
    rule: Annotated[str, Field(pattern=r"^R\d\db?$")] | None = None
    model: str = ""
    raises: str = ""
    exercise: Exercise | None = None
    facts: Facts
    diagnoses: Diagnoses = Diagnoses()

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "fault" and not (self.rule and self.diagnoses.expected):
            message = "a fault has a rule and at least one expected diagnosis"
            raise ValueError(message)
        if self.kind == "corrected" and self.diagnoses.expected:
            message = "a corrected program has no expected diagnosis"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class Program:
    """One program with its sheet.

    Attributes:
        name: Below the battery's folder, without suffix: ``pytorch/faults/r01-softmax-inside``.
        source: The file.
        sheet: What its reader stated.
    """

    name: str
    source: Path
    sheet: Sheet

    @property
    def framework(self) -> str:
        """``pytorch`` or ``keras``."""
        return self.name.split("/")[0]

    @property
    def folder(self) -> str:
        """``faults``, ``styles`` or ``blind``."""
        return self.name.split("/")[1]


def read_battery(pattern: str = "*", root: Path = FOLDER) -> tuple[list[Program], list[str]]:
    """Read every program whose name matches a pattern.

    Args:
        pattern: Shell pattern for the name, or a part of the name.
        root: Where the folders of the frameworks lie.

    Returns:
        The programs that can be read, by name, and what is wrong with the others.
    """
    programs: list[Program] = []
    problems: list[str] = []
    for framework in FRAMEWORKS:
        files = sorted(p for p in (root / framework).glob("*/*") if p.suffix in (".py", ".toml"))
        names = sorted({p.relative_to(root).with_suffix("").as_posix() for p in files})
        for name in names:
            if not fnmatch.fnmatch(name, f"*{pattern}*"):
                continue
            program = _read(root, name, problems)
            if program is not None:
                programs.append(program)
    return programs, problems


def _read(root: Path, name: str, problems: list[str]) -> Program | None:
    source = root / f"{name}.py"
    toml = root / f"{name}.toml"
    missing = next((path.suffix for path in (source, toml) if not path.is_file()), None)
    if missing:
        problems.append(f"{name}: there is no {missing} file")
        return None
    try:
        sheet = Sheet.model_validate(tomllib.loads(toml.read_text(encoding="utf-8")))
    except (ValueError, tomllib.TOMLDecodeError) as error:
        lines = str(error).splitlines()
        kept = [line for line in lines if "errors.pydantic.dev" not in line]
        problems.append(f"{name}.toml: " + " ".join(line.strip() for line in kept))
        return None
    problem = _misplaced(root, name, sheet)
    if problem:
        problems.append(f"{name}: {problem}")
    return Program(name, source, sheet)


def _misplaced(root: Path, name: str, sheet: Sheet) -> str:
    folder = name.split("/")[1]
    if sheet.facts.framework != name.split("/")[0]:
        return "the framework is not that of its folder"
    if folder == "faults" and sheet.kind == "style":
        return "kind = style belongs into styles/"
    if folder == "styles" and sheet.kind != "style":
        return "styles/ holds kind = style only"
    if folder == "faults" and name.endswith(CORRECTED) != (sheet.kind == "corrected"):
        return f"exactly the programs of kind = corrected are called NAME{CORRECTED}"
    fault = FOLDER / f"{name.removesuffix(CORRECTED)}.py"
    if sheet.kind == "corrected" and not fault.is_file():
        return f"there is no {fault.name} that it corrects"
    return ""
