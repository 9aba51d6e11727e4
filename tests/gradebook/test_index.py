"""The class overview links every student and hides nobody."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from report.sample_reports import (
    ALL,
    crashed,
    full_marks,
    hostile,
    nothing_trained,
    pending,
    report,
)

from grader.gradebook import write_index
from grader.report.model import AttemptReport, StudentReport


class Page(HTMLParser):
    """Links, elements and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        """Collect what is read."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All words, one blank apart."""
        return " ".join("".join(self.words).split())


def page(tmp_path: Path, *reports: object, **options: object) -> Page:
    path = tmp_path / "index.html"
    write_index(path, reports, **options)  # type: ignore[arg-type]  # reports and options
    return Page(path.read_text(encoding="utf-8"))


def test_each_student_is_linked_to_both_reports(tmp_path: Path) -> None:
    second = report(attempt=AttemptReport(number=2, of=2))

    shown = page(tmp_path, report(attempt=AttemptReport(number=1, of=2)), second)

    assert shown.links == [
        "private/students/ada-fischer/2/report.html",
        "feedback/ada-fischer/report.html",
    ]
    assert "attempt 2 of 2" in shown.text


def test_links_cannot_leave_the_folder(tmp_path: Path) -> None:
    shown = page(tmp_path, report(key="../../javascript:alert(1)#?\"'"))

    assert len(shown.links) == 2
    for link in shown.links:
        assert re.fullmatch(r"(private/students|feedback)/[\w.%-]+/(1/)?report\.html", link)


def test_review_reasons_and_what_happened_are_shown(tmp_path: Path) -> None:
    shown = page(tmp_path, pending(), crashed())

    assert 'review the criterion "The loss suits' in shown.text
    assert crashed().run.headline in shown.text
    assert "6.5 / 8 1.5" in shown.text


def test_the_class_is_summed_up(tmp_path: Path) -> None:
    shown = page(tmp_path, full_marks(), nothing_trained(), pending())

    assert "3 students handed in" in shown.text
    assert "4.67 points on average, of 8" in shown.text
    assert "6.5 points in the middle (median)" in shown.text
    assert "The loss suits the output layer 33 %1 0 %0 33 %1 33 %1" in shown.text


def test_students_without_a_submission_are_listed(tmp_path: Path) -> None:
    absent = StudentReport(key="zed", display_name="Zed <b>Zeh</b>")

    shown = page(tmp_path, full_marks(), without_submission=(absent,))

    assert "No submission Zed <b>Zeh</b> (zed)" in shown.text


def test_student_text_stays_text(tmp_path: Path) -> None:
    shown = page(tmp_path, *(build() for build in ALL))

    assert not {"script", "img", "iframe", "link", "form"} & shown.tags
    assert '<script>alert("x")</script>' in shown.text
    assert not set("\x1b\x07\u202e") & set(shown.text)


def test_hostile_titles_of_criteria_stay_text(tmp_path: Path) -> None:
    html = tmp_path / "index.html"
    write_index(html, [hostile()], title="<script>t</script>", notes=["<i>note"])

    assert "<script" not in html.read_text(encoding="utf-8")
    assert "<i>note" not in html.read_text(encoding="utf-8")


def test_an_empty_class_is_said_to_be_empty(tmp_path: Path) -> None:
    assert "Nothing was handed in." in page(tmp_path).text
