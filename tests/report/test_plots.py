"""Pictures are small, the same every time, and survive odd data and odd names."""

from __future__ import annotations

import base64
import io
import subprocess
import sys

import pytest
from PIL import Image

from grader.evidence import LossPoint
from grader.report.model import Boundary
from grader.report.pictures import boundary_text, curve_text
from grader.report.plots import boundary_plot, gaps, loss_plot
from report.sample_reports import boundary, curve

pytestmark = pytest.mark.slow

MAX_LENGTH = 60_000


def image(uri: str) -> Image.Image:
    head, _, data = uri.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")


def colours(uri: str) -> int:
    return len(image(uri).getcolors(1 << 24))


def points(*losses: float | None) -> tuple[LossPoint, ...]:
    return tuple(LossPoint(step=step, loss=loss) for step, loss in enumerate(losses, start=1))


def test_a_boundary_is_small_and_always_the_same() -> None:
    first = boundary_plot(boundary(points=4000), ("outer", "inner"), ("x1", "x2"))
    boundary_plot.cache_clear()
    second = boundary_plot(boundary(points=4000), ("outer", "inner"), ("x1", "x2"))

    assert first == second
    assert len(first) < MAX_LENGTH
    assert image(first).size == (720, 690)


def test_both_classes_have_points_although_only_some_are_drawn() -> None:
    with_points = image(boundary_plot(boundary(points=4000), ("a", "b"), ()))
    colours = {colour for _, colour in with_points.getcolors(1 << 24)}

    for red, green, blue in ((0x00, 0x72, 0xB2), (0xE6, 0x9F, 0x00)):
        assert min(
            abs(r - red) + abs(g - green) + abs(b - blue) for r, g, b in colours
        ) < 24  # fmt: skip


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        (("$\\frac{", "_hidden"), ("$x$", "_y")),
        (("内側", "外側"), ("幅", "\U0001f600")),
        (("a" * 300, "<b>"), ()),
        (("only one",), ("x",)),
    ],
)
def test_odd_names_neither_raise_nor_warn(classes: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert image(boundary_plot(boundary(points=20), classes, names)).size[0] == 720


def test_many_classes_have_areas_of_their_own() -> None:
    axis = tuple(index / 10 for index in range(40))
    decided = tuple(tuple(column // 4 for column in range(40)) for _ in range(40))
    names = tuple(f"class {index}" for index in range(10))

    uri = boundary_plot(Boundary(x=axis, y=axis, decided=decided), names, ("a", "b"))

    assert len(uri) < MAX_LENGTH
    assert colours(uri) > 10


def test_a_model_that_decides_one_thing_everywhere_is_told_so() -> None:
    constant = boundary(constant=True)

    assert image(boundary_plot(constant, ("outer", "inner"), ())).size[0] == 720
    told = boundary_text(constant, ("outer", "inner"))
    assert told == "The model calls every point of the plane “outer”."


def test_an_output_that_is_no_class_is_named() -> None:
    axis = (0.0, 1.0)
    extra = Boundary(x=axis, y=axis, decided=((0, 3), (1, 3)))

    told = boundary_text(extra, ("a", "b", "c"))

    assert told.endswith("“a”, “b” and “output 3, which is no class”.")
    assert image(boundary_plot(extra, ("a", "b", "c"), ())).size[0] == 720


def test_a_loss_curve_is_small_and_always_the_same() -> None:
    first = loss_plot(curve(512), "loss per step")
    loss_plot.cache_clear()
    second = loss_plot(curve(512), "loss per step")

    assert first == second
    assert len(first) < MAX_LENGTH


def test_a_loss_that_is_no_number_is_a_gap() -> None:
    whole = loss_plot(points(1.0, 0.9, 0.8, 0.7, 0.6), "loss per epoch")
    gap = loss_plot(points(1.0, 0.9, None, 0.7, 0.6), "loss per epoch")

    assert whole != gap
    assert gaps(points(1.0, None, None, 0.7, None)) == ((2, 3), (5, 5))
    assert curve_text(points(1.0, None, None, 0.7), "loss per epoch") == (
        "The loss was 1 at epoch 1 and 0.7 at epoch 4. It was not a finite number at epochs 2 to 3."
    )


@pytest.mark.parametrize("losses", [(None, None), (1e300, None)])
def test_a_loss_that_never_was_a_number_has_no_picture(losses: tuple[float | None, ...]) -> None:
    assert loss_plot(points(*losses), "loss per step") == ""


def test_many_gaps_are_counted_instead_of_listed() -> None:
    told = curve_text(points(*[1.0, None] * 6), "loss per step")

    assert told.endswith("at step 6. So it was in 3 later places.")


@pytest.mark.parametrize("losses", [(0.5,), (1e29, -1e29, 0.0), (1.0, 1e300, 0.5), (0.0, 0.0)])
def test_odd_curves_are_drawn_without_a_warning(losses: tuple[float, ...]) -> None:
    assert image(loss_plot(points(*losses), "loss per step")).size == (720, 510)


def test_matplotlib_is_imported_only_to_draw_and_pyplot_never() -> None:
    program = """
import sys
import grader.report.write, grader.report.terminal, grader.gradebook
assert not {"matplotlib", "PIL"} & set(sys.modules), "imported before anything is drawn"
from grader.evidence import LossPoint
from grader.report.plots import loss_plot
loss_plot((LossPoint(step=1, loss=1.0), LossPoint(step=2, loss=0.5)), "loss per step")
assert "matplotlib" in sys.modules
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
