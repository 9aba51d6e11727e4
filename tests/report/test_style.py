"""Everything is readable on its ground, in light and in dark: contrast at least 4.5 to 1 (WCAG)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from grader.report.html import _STRONGEST_SHADE, environment

Colour = tuple[float, float, float]
STYLE = environment().get_template("style.css.j2").render()
SCHEMES = dict(
    zip(("light", "dark"), re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2], strict=True)
)


def colours(scheme: str) -> dict[str, Colour]:
    found: dict[str, Colour] = {}
    for name, value in re.findall(r"--([\w-]+): ([^;]+);", SCHEMES[scheme]):
        if value.startswith("#"):
            red, green, blue = (int(value[i : i + 2], 16) for i in (1, 3, 5))
        else:
            red, green, blue = (int(part) for part in value.split(","))
        found[name] = (float(red), float(green), float(blue))
    return found


def luminance(colour: Colour) -> float:
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: Colour, second: Colour) -> float:
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def pairs() -> Iterator[tuple[str, str]]:
    for name in ("ink", "soft", "accent", "good", "part", "bad", "open", "none"):
        yield name, "paper"
    yield from (("ink", "card"), ("soft", "card"), ("open", "card"), ("ink", "warm"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), list(pairs()))
def test_text_is_readable_on_its_ground(scheme: str, text: str, ground: str) -> None:
    named = colours(scheme)

    assert contrast(named[text], named[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_numbers_are_readable_on_the_darkest_cell_of_a_confusion_matrix(scheme: str) -> None:
    named = colours(scheme)
    mixed = [
        share * _STRONGEST_SHADE + paper * (1 - _STRONGEST_SHADE)
        for share, paper in zip(named["shade"], named["paper"], strict=True)
    ]

    assert contrast(named["ink"], (mixed[0], mixed[1], mixed[2])) >= 4.5


def test_the_style_loads_nothing() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
