"""Three files, written whole, in the published format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from grader.report.model import Report
from grader.report.schema import report_schema
from grader.report.text import cleaned
from grader.report.views import student_view
from grader.report.write import FILE_NAMES, report_json, write_atomically, write_report
from report.sample_reports import ALL, full_marks, hostile, partial

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / "report.schema.json"


def test_the_published_schema_is_up_to_date() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == report_schema(), (
        "run: python -m grader.report.schema > docs/schema/report.schema.json"
    )


@pytest.mark.parametrize("build", ALL)
@pytest.mark.parametrize("view", [student_view, lambda whole: whole])
def test_reports_fit_the_published_schema_and_come_back_the_same(
    build: Callable[[], Report], view: Callable[[Report], Report]
) -> None:
    built = view(build())

    text = report_json(built)

    validator = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))
    validator.validate(json.loads(text))
    assert Report.model_validate_json(text) == cleaned(built)
    assert text.endswith("}\n")


def test_the_schema_refuses_what_is_no_report() -> None:
    schema = json.loads(report_schema())
    broken = json.loads(report_json(full_marks())) | {"grade": "A"}

    with pytest.raises(jsonschema.ValidationError, match="grade"):
        jsonschema.Draft202012Validator(schema).validate(broken)


def test_points_are_numbers_and_keys_keep_their_order() -> None:
    data = json.loads(report_json(partial()))

    assert data["totals"] == {"earned": 5.07, "pending": 0.0, "maximum": 7.5}
    assert list(data) == list(Report.model_fields)
    assert list(data["run"]["packages"]) == sorted(data["run"]["packages"])


def test_json_holds_no_character_that_reorders_or_controls() -> None:
    text = report_json(hostile())

    assert not set("\x1b\x07\u202e\u2066") & set(text)
    assert "\\u001b" not in text


def test_three_files_are_written_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "feedback" / "ada"

    paths = write_report(full_marks(), folder)

    assert [path.name for path in paths] == list(FILE_NAMES)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILE_NAMES)
    assert paths[1].read_text(encoding="utf-8") == report_json(full_marks())


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_report(hostile(), tmp_path)]
    second = [path.read_bytes() for path in write_report(hostile(), tmp_path)]

    assert first == second


def test_a_failed_write_leaves_the_old_file_and_no_remains(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    write_atomically(path, "old")

    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")

    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_line_ends_are_written_as_they_are(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x", "a\r\nb\n")

    assert (tmp_path / "x").read_bytes() == b"a\r\nb\n"
