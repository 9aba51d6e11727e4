"""Whatever a student calls things, it is text: in HTML, Markdown, CSV, JSON and the terminal."""

from __future__ import annotations

import csv
import io
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from grader.evidence import CellError, CellRun, CellState, Notice, NoticeKind
from grader.pipeline import GradeResult, Setting
from grader.report.terminal import class_table
from grader.sandbox.interface import Job, RunResult
from pipeline.prepared import RESULTS, PreparedRunner, graded, trained, write_module

pytestmark = pytest.mark.slow

EVIL = "<script>x</script>|[red]r[/red]|\x1b[31m=1+1 `c` \u202e](http://e.example)"
FORMULA = "=HYPERLINK(1)|<blink>"
NAMES = (
    "<img src=x onerror=alert(1)>",
    "[red]bold[red]",
    "a|b|c",
    "\x1b[31mred\x1b[0m",
    "+1+cmd",
    os.fsdecode(b"latin \xe9\xff"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202e]")


def hostile(job: Job, runner: PreparedRunner) -> RunResult:
    """A right model in a run that puts hostile text wherever there is room for text."""
    error = CellError(name=EVIL, message=EVIL, line=1, source_line=EVIL)
    kinds = [kind for kind in NoticeKind if kind is not NoticeKind.TAMPERING]
    return trained(
        job,
        runner,
        cells=(CellRun(number=1, state=CellState.FAILED, error=error),),
        notices=tuple(Notice(kind=kind, text=EVIL, cell=1) for kind in kinds),
        examination={"notices": (Notice(kind=NoticeKind.CALLED_BY_CONVENTION, text=EVIL),)},
        changes={
            "names": (EVIL, "model"),
            "model": {"class_name": EVIL, "output_activation": EVIL},
            "loss": {"name": EVIL},
            "optimizer": {"name": EVIL},
            "training": {"trained_on": EVIL, "curve_of": EVIL},
        },
    )


@pytest.fixture(scope="module")
def graded_hostile(
    circles: Setting, tmp_path_factory: pytest.TempPathFactory
) -> tuple[GradeResult, Path]:
    """Students with names of all sorts, all of whom hand in hostile text."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in NAMES:
        write_module(folder / "class" / name / f"{name}.py", "hostile")
    write_module(folder / "class" / "ada" / "circles.py", "hostile")
    roster = folder / "roster.csv"
    roster.write_text(f'key,display_name,email\nada,"{FORMULA}","@{EVIL}"\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RESULTS, "hostile", hostile)
        result = graded(circles, [folder / "class"], folder / "out", roster=roster)
    return result, folder / "out"


def written(out: Path, pattern: str) -> dict[str, str]:
    files = {str(p.relative_to(out)): p.read_bytes().decode("utf-8") for p in out.rglob(pattern)}
    assert files
    return files


class Page(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Collect what is read."""
        self.text += data


def test_everybody_is_graded_whatever_the_name(graded_hostile: tuple[GradeResult, Path]) -> None:
    result, out = graded_hostile

    assert len(result.reports) == len(NAMES) + 1
    assert {report.run.entry for report in result.reports} >= {"circles.py", "a|b|c.py"}
    folders = [path.name for path in (out / "feedback").iterdir()]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._@+-]*", name) for name in folders)


def test_no_page_holds_an_element_of_a_student(graded_hostile: tuple[GradeResult, Path]) -> None:
    _, out = graded_hostile

    pages = written(out, "*.html")
    assert len(pages) == 2 * (len(NAMES) + 1) + 1
    for name, html in pages.items():
        page = Page(html)
        assert not {"script", "blink", "iframe", "object", "form"} & page.tags, name
        for attribute, value in page.attributes:
            assert not attribute.startswith("on"), name
            if attribute in ("href", "src"):
                assert value.startswith(("data:image/png;base64,", "private/", "feedback/", "#"))
        assert not _CONTROL.search(html), name
        if name.endswith("report.html"):
            assert "<script>x</script>|[red]r[/red]|" in page.text, name


def test_markdown_holds_no_markup_of_a_student(graded_hostile: tuple[GradeResult, Path]) -> None:
    _, out = graded_hostile

    for name, text in written(out, "*.md").items():
        prose = re.sub(r"^(`{3,})text\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
        assert "&lt;script&gt;x" in prose, name
        assert not re.search(r"<[a-z!/]", prose), name
        assert not re.search(r"(?<!\\)\]\(", prose), name
        assert not _CONTROL.search(text), name
        tables = re.findall(r"(?:^\|.*\n)+", prose, flags=re.MULTILINE)
        assert tables
        for table in tables:
            bars = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(bars) == 1, table


def test_no_cell_of_the_gradebook_is_a_formula(graded_hostile: tuple[GradeResult, Path]) -> None:
    _, out = graded_hostile
    text = (out / "gradebook.csv").read_bytes().decode("utf-8")

    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert len(rows) == len(NAMES) + 1
    for row in rows:
        for name, cell in row.items():
            is_number = re.fullmatch(r"-?\d+(\.\d+)?", cell)
            assert is_number or not cell.lstrip().startswith(tuple("=+-@\t\r")), name
    names = {row["key"]: row["display_name"] for row in rows}
    assert names["ada"] == f"'{FORMULA}"
    assert not _CONTROL.search(text)


def test_the_terminal_is_not_coloured_or_scrolled(
    graded_hostile: tuple[GradeResult, Path],
) -> None:
    result, _ = graded_hostile
    file = io.StringIO()

    Console(file=file, width=80, force_terminal=True, color_system=None).print(
        class_table(result.reports)
    )

    text = file.getvalue()
    assert "[red]bold[red]" in text
    assert "a|b|c" in text
    assert not _CONTROL.search(text.replace("\n", ""))


def test_json_shows_control_characters_as_signs(graded_hostile: tuple[GradeResult, Path]) -> None:
    _, out = graded_hostile

    for name, text in written(out / "feedback", "report.json").items():
        assert "\\u001b" not in text, name
        assert not _CONTROL.search(text), name
