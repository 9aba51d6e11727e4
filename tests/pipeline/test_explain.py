"""``grader explain``: one file, no assignment."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console

from grader.errors import UsageError
from grader.evidence import (
    Candidate,
    CellError,
    CellRun,
    CellState,
    Examination,
    Framework,
    RunOutcome,
    RunState,
    ScoreKind,
    Testimony,
)
from grader.pipeline.explain import ExplainOptions, explain
from grader.report.explanation import Explanation
from grader.report.explanation_text import explanation_text
from grader.sandbox.interface import Job, RunResult
from grader.testing import candidate
from pipeline.command_line import Command, command


@pytest.fixture
def grader(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    return command(monkeypatch, capsys, tmp_path)


@dataclass
class OneResult:
    """A runner that has its result ready; a test double of the sandbox."""

    candidates: tuple[Candidate, ...] = ()
    error: CellError | None = None
    jobs: list[Job] = field(default_factory=list)

    def close(self) -> None:
        """Nothing was kept."""

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        """Keep the job and answer."""
        del cancelled
        self.jobs.append(job)
        state = CellState.FAILED if self.error else CellState.RAN
        return RunResult(
            outcome=RunOutcome(state=RunState.COMPLETED),
            isolation="bwrap",
            testimony=Testimony(
                entry_kind="module",
                cells=(CellRun(number=1, state=state, error=self.error),),
                examination=Examination(
                    modules_loaded=(Framework.PYTORCH,),
                    candidates=self.candidates,
                    models_seen=len(self.candidates),
                ),
            ),
        )


def module(folder: Path, text: str = "print(1)\n") -> Path:
    path = folder / "work.py"
    path.write_text(text)
    return path


def shown(explanation: Explanation) -> str:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(explanation_text(explanation))
    return console.export_text()


def test_a_right_model_is_described_without_a_diagnosis(tmp_path: Path) -> None:
    explanation = explain(
        module(tmp_path), ExplainOptions(), runner=OneResult((candidate(1), candidate(2)))
    )

    assert [model.name for model in explanation.models] == ["model_1", "model_2"]
    assert explanation.chosen == "m2"
    assert all(not model.diagnoses for model in explanation.models)
    text = shown(explanation)
    assert "model_2  m2, Sequential (pytorch), trained, the one that would be graded" in text
    assert text.count("nothing that is likely wrong was found") == 2
    assert max(map(len, text.splitlines())) <= 80


def test_a_wrong_pairing_is_diagnosed(tmp_path: Path) -> None:
    wrong = candidate(
        1,
        model={"output_activation": "sigmoid", "emits": ScoreKind.PROBABILITIES},
        loss={"receives": ScoreKind.PROBABILITIES},
    )

    explanation = explain(module(tmp_path), ExplainOptions(), runner=OneResult((wrong,)))

    (model,) = explanation.models
    assert [diagnosis.id for diagnosis in model.diagnoses] == ["sigmoid-before-loss"]
    assert "What to change" in shown(explanation)


def test_an_error_is_explained_in_terms_of_the_imported_framework(tmp_path: Path) -> None:
    error = CellError(
        name="AttributeError",
        message="cannot assign module before Module.__init__() call",
        line=8,
        source_line="net = Net()",
    )

    explanation = explain(module(tmp_path), ExplainOptions(), runner=OneResult(error=error))

    (diagnosis,) = explanation.diagnoses
    assert diagnosis.id == "init-misspelled"
    assert "Keras" not in diagnosis.change
    assert "cell 1, line 8: net = Net()" in shown(explanation)


def test_the_run_gets_the_named_files_and_no_exercise(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "train.csv").write_text("1,2\n")
    runner = OneResult()

    explain(module(tmp_path), ExplainOptions(beside=(data,)), runner=runner)

    (job,) = runner.jobs
    assert {str(path): content for path, content in job.files.items()} == {
        "data/train.csv": b"1,2\n"
    }
    assert job.briefs == ()
    assert job.hidden_inputs == {}


def test_a_missing_file_beside_it_is_told(tmp_path: Path) -> None:
    options = ExplainOptions(beside=(tmp_path / "nope.csv",))

    with pytest.raises(UsageError, match="no such file"):
        explain(module(tmp_path), options, runner=OneResult())


def test_more_than_one_submission_is_refused(tmp_path: Path) -> None:
    for name in ("ada", "bea"):
        (tmp_path / name).mkdir()
        module(tmp_path / name)

    with pytest.raises(UsageError, match="explain takes one file"):
        explain(tmp_path, ExplainOptions(), runner=OneResult())


def test_something_that_is_no_notebook_says_so_without_a_run(tmp_path: Path) -> None:
    path = tmp_path / "work.ipynb"
    path.write_text("{")
    runner = OneResult()

    explanation = explain(path, ExplainOptions(), runner=runner)

    assert runner.jobs == []
    assert explanation.run.headline.startswith("Nothing was run")


@pytest.mark.torch
@pytest.mark.sandbox
def test_a_real_file_is_explained_in_the_sandbox(tmp_path: Path, grader: Command) -> None:
    path = module(
        tmp_path,
        "import torch\n"
        "from torch import nn\n"
        "X = torch.randn(64, 2); y = (X[:, 0] > 0).long()\n"
        "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2), nn.Softmax(dim=1))\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n"
        "for epoch in range(20):\n"
        "    loss = nn.CrossEntropyLoss()(model(X), y)\n"
        "    optimizer.zero_grad(); loss.backward(); optimizer.step()\n",
    )

    answer = grader("explain", path, "--json")

    assert answer.status == 0
    explanation = Explanation.model_validate_json(answer.out)
    (model,) = explanation.models
    assert [diagnosis.id for diagnosis in model.diagnoses] == ["softmax-before-loss"]
    assert model.facts.training.steps.value == 20
    assert model.facts.model.output_activation.how
