"""The page is self-contained, complete, accessible, and whatever students wrote stays text."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from grader.report import pictures
from grader.report.html import confusion_cells, report_html
from grader.report.model import Report, View
from grader.report.text import one_line
from grader.report.views import student_view
from report.sample_reports import (
    ALL,
    HOSTILE,
    crashed,
    exercise,
    full_marks,
    hidden_metrics,
    hostile,
    nothing_trained,
    partial,
    pending,
    report,
)

pytestmark = pytest.mark.slow

VOID = {"meta", "img", "br", "link", "input", "hr"}
FORBIDDEN = {
    *("script", "iframe", "object", "embed", "link", "base", "form", "input", "button", "svg"),
    *("a", "audio", "video", "source", "template", "math", "frame", "noscript"),
}


class Page(HTMLParser):
    """What a browser would make of a page: elements, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.length = len(html)
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold that it was open."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect what is read."""
        if self.open[-1:] != ["style"]:
            self.text += data


def page(built: Report) -> Page:
    return Page(report_html(built))


@pytest.fixture(scope="module", params=[f"{b.__name__}-{v}" for b in ALL for v in View])
def sample(request: pytest.FixtureRequest) -> tuple[Report, Page]:
    name, _, view = request.param.partition("-")
    built = {build.__name__: build for build in ALL}[name]()
    shown = student_view(built) if view == View.STUDENT else built
    return shown, page(shown)


def test_nothing_can_run_or_be_fetched(sample: tuple[Report, Page]) -> None:
    _, shown = sample

    assert not {tag for tag, _ in shown.elements} & FORBIDDEN
    for _tag, attributes in shown.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("src") or "data:image/png;base64,").startswith("data:image/png;")
        assert attributes.get("href") is None
        assert "url(" not in (attributes.get("style") or "")
    policies = [a["content"] for t, a in shown.elements if a.get("http-equiv")]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_every_element_is_closed(sample: tuple[Report, Page]) -> None:
    _, shown = sample

    assert shown.open == []


def test_tables_have_scoped_headers_and_pictures_a_text(sample: tuple[Report, Page]) -> None:
    _, shown = sample

    assert all(a.get("scope") in ("col", "row") for tag, a in shown.elements if tag == "th")
    assert all(a.get("alt") for tag, a in shown.elements if tag == "img")
    assert shown.elements[0] == ("html", {"lang": "en"})


def test_every_criterion_is_told_with_outcome_and_what_was_seen(
    sample: tuple[Report, Page],
) -> None:
    built, shown = sample

    for criterion in built.criteria:
        assert one_line(criterion.title) in shown.text
        assert one_line(criterion.seen) in shown.text
        assert one_line(criterion.expected) in shown.text


def test_the_page_of_a_report_is_small(sample: tuple[Report, Page]) -> None:
    _, shown = sample

    assert shown.length < 150_000


def test_the_same_report_gives_the_same_bytes() -> None:
    assert report_html(full_marks()) == report_html(full_marks())


def test_student_text_is_shown_as_it_was_written() -> None:
    html = report_html(hostile())

    assert "<script" not in html
    assert "<img src=http" not in html
    assert Page(html).text.count(one_line(HOSTILE)) > 10
    assert not set("\x1b\x07\u202e\u2066") & set(html)


def test_points_are_told_as_earned_pending_and_maximum() -> None:
    text = " ".join(page(pending()).text.split())

    assert "6.5 of 8 points · 1.5 pending" in text
    assert "pending / 1" in text


def test_review_is_announced_to_students_in_their_words() -> None:
    student, instructor = page(student_view(pending())).text, page(pending()).text

    assert "An instructor will look at this" in student
    assert "evidence.json" not in student
    assert "/slot/out/evidence.json" in instructor


def test_the_students_page_has_two_decimals_and_the_instructors_four() -> None:
    student, instructor = page(student_view(full_marks())).text, page(full_marks()).text

    assert "Accuracy 0.99 on 2000 rows" in student
    assert "0.9945" not in student
    assert "Accuracy 0.9945 on 2000 rows" in instructor


def test_failed_cells_are_told_with_their_consequences_folded() -> None:
    text = page(partial()).text

    assert "Cell 5, line 3: failed" in text
    assert "acc = accuracy_fn(y, model(X).round())" in text
    assert "Cells 7 to 9 failed only because of it." in text


def test_cells_that_never_ran_are_told_in_one_sentence() -> None:
    assert "Cells 3 to 6 did not run." in page(crashed()).text


def test_the_latest_of_several_attempts_is_named() -> None:
    assert "attempt 2 of 2, the latest, which counts" in page(partial()).text


@pytest.mark.parametrize("build", [nothing_trained, crashed])
def test_without_a_model_there_is_no_empty_table_or_picture(
    build: Callable[[], Report],
) -> None:
    shown = page(build())

    assert [a.get("class") for tag, a in shown.elements if tag == "table"] == ["criteria"]
    assert "img" not in {tag for tag, _ in shown.elements}
    assert "No model was trained in this notebook." in shown.text


def test_without_matplotlib_the_page_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "can_plot", lambda: False)

    shown = page(full_marks())

    assert "img" not in {tag for tag, _ in shown.elements}
    assert shown.text.count(pictures.NEEDS_EXTRA) == 2
    assert "The model divides the plane between “outer” and “inner”." in shown.text


def test_several_exercises_each_have_their_section() -> None:
    two = report(exercises=(exercise(id="q1", boundary=None), exercise(id="q2", boundary=None)))

    text = page(two).text

    assert "Exercise q1" in text
    assert "Exercise q2" in text


def test_a_report_without_an_exercise_still_renders() -> None:
    assert "Criteria" in page(report(exercises=())).text


def test_confusion_cells_are_as_dark_as_their_share_of_the_true_class() -> None:
    metrics = hidden_metrics().model_copy(update={"confusion": ((30, 10), (0, 0))})

    cells = confusion_cells(metrics, View.INSTRUCTOR)

    assert [[cell.text for cell in row] for row in cells] == [["30", "10"], ["0", "0"]]
    assert cells[0][0].shade == pytest.approx(3 * cells[0][1].shade, abs=0.02)
    assert cells[1][0].shade == 0
