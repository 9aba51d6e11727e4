"""Draws a report's pictures as data URIs; needs matplotlib, the extra ``report``.

Everything is drawn on a figure of its own with the Agg canvas: no pyplot, no global state. Colours
follow Okabe and Ito (2008), told apart by people who see few colours; each class has its own
marker as well.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import math
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from grader.report.model import Boundary
from grader.report.text import shortened
from grader.report.words import class_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from grader.evidence import LossPoint

COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8A7500")
MARKERS: Final = "o^sDvPX*"
MAX_POINTS: Final = 400
MAX_LOSS: Final = 1e30
"""A larger loss is drawn as a gap: it would flatten everything else and overflow the axis."""
_DPI: Final = 150
_PALETTE: Final = 64
_REMEMBERED: Final = 8
"""Pictures kept, so that the two views of one report share theirs."""


def can_plot() -> bool:
    """Whether matplotlib is installed; it is not imported."""
    return importlib.util.find_spec("matplotlib") is not None


@lru_cache(maxsize=_REMEMBERED)
def boundary_plot(
    boundary: Boundary, classes: tuple[str, ...], input_names: tuple[str, ...]
) -> str:
    """Draw what a model decides all over the plane, with public training points.

    Args:
        boundary: Decisions over a grid, and points.
        classes: Names in the order of the labels.
        input_names: Of the two features; may be empty.

    Returns:
        A PNG as a data URI, below 60 kB.
    """
    from matplotlib.colors import ListedColormap

    figure, axes = _figure(width=4.8, height=4.6)
    present = sorted({index for row in boundary.decided for index in row})
    labelled = sorted({label for _, _, label in boundary.points})
    shown = sorted({*present, *labelled})
    position = {index: place for place, index in enumerate(shown)}
    decided = [[position[index] for index in row] for row in boundary.decided]
    colours = ListedColormap([_colour(index) for index in shown])
    axes.pcolormesh(
        boundary.x, boundary.y, decided, cmap=colours, vmin=-0.5, vmax=len(shown) - 0.5,
        shading="nearest", alpha=0.28, linewidth=0, antialiased=False,
    )  # fmt: skip
    for index in present[1:]:
        inside = [[float(value == index) for value in row] for row in boundary.decided]
        axes.contour(boundary.x, boundary.y, inside, levels=[0.5], colors="#222222", linewidths=1.1)
    handles = []
    most = max(1, MAX_POINTS // max(1, len(labelled)))
    for index in shown:
        points = _thinned([(x, y) for x, y, label in boundary.points if label == index], most)
        handles.append(
            axes.scatter(
                [x for x, _ in points], [y for _, y in points],
                s=17, marker=MARKERS[index % len(MARKERS)], color=_colour(index),
                edgecolors="white", linewidths=0.5,
            )
        )  # fmt: skip
    names = input_names if len(input_names) == 2 else ("input 1", "input 2")
    _label(axes, names[0], names[1])
    axes.set_xlim(min(boundary.x), max(boundary.x))
    axes.set_ylim(min(boundary.y), max(boundary.y))
    if _is_about_square(boundary):
        axes.set_aspect("equal")
    legend = figure.legend(
        handles, [str(index) for index in shown], loc="outside upper center",
        ncols=min(4, len(shown)), frameon=False, fontsize=9, markerscale=1.7, handletextpad=0.3,
    )  # fmt: skip
    for text, index in zip(legend.get_texts(), shown, strict=True):
        text.set_parse_math(False)
        text.set_text(_drawable(class_name(classes, index)))
    return _data_uri(figure)


@lru_cache(maxsize=_REMEMBERED)
def loss_plot(curve: tuple[LossPoint, ...], curve_of: str) -> str:
    """Draw a loss curve, with a gap wherever the loss was not a finite number.

    Args:
        curve: Points in order of their steps.
        curve_of: ``loss per step`` or ``loss per epoch``.

    Returns:
        A PNG as a data URI; empty where no point is finite.
    """
    heights = [_height(point.loss) for point in curve]
    if all(math.isnan(height) for height in heights):
        return ""
    figure, axes = _figure(width=4.8, height=3.4)
    steps = [point.step for point in curve]
    few = sum(not math.isnan(height) for height in heights) <= 30
    axes.plot(
        steps, heights, color=COLOURS[0], linewidth=1.6, marker="o" if few else "", markersize=3.5
    )
    for first, last in gaps(curve):
        axes.axvspan(first - 0.5, last + 0.5, color="#999999", alpha=0.25, linewidth=0)
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    _label(axes, "epoch" if curve_of.endswith("epoch") else "step", "loss")
    return _data_uri(figure)


def gaps(curve: Sequence[LossPoint]) -> tuple[tuple[int, int], ...]:
    """First and last step of each stretch in which the loss was not a finite number."""
    found: list[tuple[int, int]] = []
    is_open = False
    for point in curve:
        is_gap = math.isnan(_height(point.loss))
        if is_gap and is_open:
            found[-1] = (found[-1][0], point.step)
        elif is_gap:
            found.append((point.step, point.step))
        is_open = is_gap
    return tuple(found)


def _height(loss: float | None) -> float:
    is_drawable = loss is not None and math.isfinite(loss) and abs(loss) <= MAX_LOSS
    return float(loss) if loss is not None and is_drawable else math.nan


def _is_about_square(boundary: Boundary) -> bool:
    """Whether both features have about the same range, so that a circle may look like one."""
    width = max(boundary.x) - min(boundary.x)
    height = max(boundary.y) - min(boundary.y)
    return 0.5 <= (width / height if height else 0) <= 2


def _colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def _thinned(points: Sequence[tuple[float, float]], most: int) -> Sequence[tuple[float, float]]:
    """Evenly chosen points of one class, so that a picture of many points stays small."""
    return points[:: max(1, math.ceil(len(points) / most))]


def _figure(*, width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure, axes


def _label(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(_drawable(x), fontsize=9, parse_math=False)
    axes.set_ylabel(_drawable(y), fontsize=9, parse_math=False)


def _drawable(name: str) -> str:
    """Shorten a name and replace what matplotlib's own font cannot draw; captions have it whole."""
    from matplotlib import font_manager

    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    known = font.get_charmap()
    return "".join(c if ord(c) in known else "?" for c in shortened(name, 28))


def _data_uri(figure: Figure) -> str:
    """Render, reduce to a small palette and encode; the same figure gives the same bytes."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a layout too tight for long names is still readable
        figure.savefig(drawn, format="png", pil_kwargs={"compress_level": 1})
    with Image.open(drawn) as image:
        reduced = image.convert("RGB").quantize(_PALETTE, dither=Image.Dither.NONE)
    reduced.save(small, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(small.getvalue()).decode('ascii')}"
