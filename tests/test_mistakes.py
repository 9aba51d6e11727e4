"""Every kind of pydantic error gets plain words, the value as written, and a hint."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from grader.mistakes import Mistake, mistakes_in, shown, suggest, where


class Average(StrEnum):
    """A closed list of words."""

    MACRO = "macro"
    MICRO = "micro"


class Part(BaseModel):
    """One field for each way to go wrong."""

    model_config = ConfigDict(extra="forbid")

    share: Annotated[float, Field(ge=0, le=1)] = 0.5
    open_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    count: Annotated[int, Field(ge=1)] = 1
    at_most: Annotated[int, Field(lt=5)] = 1
    average: Average = Average.MACRO
    version: Literal[1] = 1
    width: int | Literal["auto"] | tuple[int, ...] = 1
    names: Annotated[tuple[str, ...], Field(min_length=2)] = ("a", "b")
    short: Annotated[str, Field(min_length=1, max_length=3)] = "a"
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")] = "a"
    flag: bool = False
    finite: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    even: int = 0

    @field_validator("even")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            message = "must be even"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _share_below_open_share(self) -> Part:
        if self.open_share is not None and self.open_share < self.share:
            message = f"open_share: must lie in [0, 1] and be at least {self.share}"
            raise ValueError(message)
        return self


class Whole(BaseModel):
    """A file with a list of parts."""

    model_config = ConfigDict(extra="forbid")

    title: str
    parts: tuple[Part, ...] = ()


def mistakes(table: dict[str, Any]) -> tuple[Mistake, ...]:
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(table)
    return mistakes_in(caught.value, Whole, table)


@pytest.mark.parametrize(
    ("part", "text", "hint"),
    [
        ({"share": 62}, "must lie in [0, 1], got 62", "did you mean 0.62?"),
        ({"share": 100}, "must lie in [0, 1], got 100", "did you mean 1?"),
        ({"share": 101}, "must lie in [0, 1], got 101", ""),
        ({"share": -0.1}, "must lie in [0, 1], got -0.1", ""),
        ({"open_share": 1}, "must lie in (0, 1), got 1", ""),
        ({"open_share": 5}, "must lie in (0, 1), got 5", "did you mean 0.05?"),
        ({"open_share": 100}, "must lie in (0, 1), got 100", ""),
        ({"count": 0}, "must be at least 1, got 0", ""),
        ({"at_most": 5}, "must be less than 5, got 5", ""),
        (
            {"average": "marco"},
            'must be "macro" or "micro", got "marco"',
            'did you mean "macro"?',
        ),
        ({"average": "none"}, 'must be "macro" or "micro", got "none"', ""),
        ({"version": 2}, "must be 1, got 2", ""),
        ({"names": ["a"]}, 'must have at least 2 entries, got ["a"]', ""),
        ({"short": ""}, 'must have at least 1 character, got ""', ""),
        ({"short": "long"}, 'must have at most 3 characters, got "long"', ""),
        (
            {"id": "Heart failure"},
            'must consist of lower-case letters, digits and single dashes, got "Heart failure"',
            'did you mean "heart-failure"?',
        ),
        ({"share": "much"}, 'must be a number, got "much"', ""),
        ({"count": 1.5}, "must be a whole number, got 1.5", ""),
        ({"flag": "perhaps"}, 'must be true or false, got "perhaps"', ""),
        ({"names": "a"}, 'must be a list in square brackets, got "a"', ""),
        ({"short": 5}, "must be a text in quotes, got 5", 'did you mean "5"?'),
        ({"finite": float("inf")}, "must be a finite number, got inf", ""),
        ({"even": 3}, "must be even, got 3", ""),
        (
            {"width": "wide"},
            'must be a whole number or "auto" or a list in square brackets, got "wide"',
            "",
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wanted(
    part: dict[str, Any], text: str, hint: str
) -> None:
    (mistake,) = mistakes({"title": "t", "parts": [part]})

    assert mistake == Mistake(("parts", 0, *part), text, hint)


def test_a_validator_that_names_a_key_points_at_it() -> None:
    table = {"title": "t", "parts": [{"open_share": 0.1}]}

    (mistake,) = mistakes(table)

    assert mistake.at == ("parts", 0, "open_share")
    assert mistake.text == "must lie in [0, 1] and be at least 0.5, got 0.1"


def test_an_unknown_key_is_named_with_the_one_that_was_meant() -> None:
    (mistake,) = mistakes({"title": "t", "parts": [{"avarage": "macro"}]})

    assert mistake == Mistake(("parts", 0), 'unknown key "avarage"', 'did you mean "average"?')


def test_a_misspelt_required_key_is_one_mistake_not_two() -> None:
    assert mistakes({"titel": "t"}) == (
        Mistake((), 'unknown key "titel"', 'did you mean "title"?'),
    )


def test_a_missing_key_and_an_unrelated_unknown_one_are_two_mistakes() -> None:
    assert mistakes({"xyz": 1}) == (
        Mistake((), '"title" is missing'),
        Mistake((), 'unknown key "xyz"', "known keys: parts, title"),
    )


def test_a_table_in_place_of_a_list_is_named() -> None:
    (mistake,) = mistakes({"title": "t", "parts": {"share": 1}})

    assert mistake == Mistake(("parts",), "must be a list in square brackets, got a table")


def test_a_list_is_not_called_too_short_because_an_entry_is_wrong() -> None:
    (mistake,) = mistakes({"title": "t", "parts": [{"names": ["a", 5]}]})

    assert mistake.at == ("parts", 0, "names", 1)
    assert mistake.text == "must be a text in quotes, got 5"


def test_places_are_named_in_the_words_of_the_file() -> None:
    table = {
        "criteria": [{"id": "a"}, {"id": "b", "any_of": [{}, {}]}, {"id": "b"}, {}],
        "frameworks": ["x"],
    }

    assert where(table, ("criteria", 0, "params", "minimum")) == 'criterion "a", params.minimum'
    assert where(table, ("criteria", 1, "any_of", 1, "check")) == (
        "criterion 2, any_of entry 2, check"
    )
    assert where(table, ("criteria", 2, "id")) == "criterion 3, id"
    assert where(table, ("criteria", 3)) == "criterion 4"
    assert where(table, ("frameworks", 0)) == "frameworks entry 1"
    assert where(table, ("data", "two words")) == 'data."two words"'
    assert where(table, ()) == ""


def test_values_are_shown_as_they_are_written_in_toml() -> None:
    assert shown(True) == "true"
    assert shown('a "b"') == r'"a \"b\""'
    assert shown(["a", 1, [False]]) == '["a", 1, [false]]'
    assert shown({"a": 1}) == "a table"
    assert len(shown("x" * 500)) < 70


def test_without_a_close_match_everything_known_is_listed() -> None:
    assert suggest("F1", ["f1", "loss"], label="known checks") == 'did you mean "f1"?'
    assert suggest("zzz", ["loss", "f1"], label="known checks") == "known checks: f1, loss"
    assert suggest("zzz", [], label="known checks") == ""
