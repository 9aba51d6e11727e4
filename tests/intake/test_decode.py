"""Bytes of an entry become text, or are said to be none."""

from __future__ import annotations

import pytest

from grader.intake.decode import decode, decode_module
from grader.intake.model import ProblemKind
from grader.intake.refusal import RefusedError

TEXT = "name = 'Zoë'\n"


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (TEXT.encode(), ()),
        (TEXT.encode("utf-8-sig"), ("decoded as UTF-8 with a byte order mark",)),
        (TEXT.encode("utf-16"), ("decoded as UTF-16",)),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), ("decoded as UTF-16",)),
        (TEXT.encode("utf-32"), ("decoded as UTF-32",)),
        (TEXT.encode("latin-1"), ("decoded as latin-1, because it is not UTF-8",)),
    ],
)
def test_every_usual_encoding_gives_the_same_text(content: bytes, notes: tuple[str, ...]) -> None:
    for read in (decode, decode_module):
        decoded = read(content, "hw")

        assert decoded.text == TEXT
        assert decoded.notes == notes


def test_the_quotes_of_windows_are_decoded_as_cp1252() -> None:
    decoded = decode("x = “é”".encode("cp1252"), "hw.ipynb")

    assert decoded.text == "x = “é”"
    assert decoded.notes == ("decoded as cp1252, because it is not UTF-8",)


def test_an_encoding_cookie_is_honoured() -> None:
    source = "# -*- coding: iso-8859-15 -*-\nprice = '5 €'\n"

    decoded = decode_module(source.encode("iso-8859-15"), "hw.py")

    assert decoded.text == source
    assert decoded.notes == ("decoded as iso-8859-15, which the file names itself",)


@pytest.mark.parametrize("cookie", ["rot13", "utf-16", "no-such-encoding", "zlib", "base64"])
def test_a_cookie_that_makes_no_sense_is_ignored(cookie: str) -> None:
    source = f"# coding: {cookie}\nx = 'ab'\n"

    assert decode_module(source.encode(), "hw.py").text == source


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"x = 1\0", bytes(range(256)), b"\x80\1\2\3\4"]
)
def test_binary_content_is_unreadable(content: bytes) -> None:
    for read in (decode, decode_module):
        with pytest.raises(RefusedError, match="'hw' is not a text file") as caught:
            read(content, "hw")

        assert caught.value.problem.kind is ProblemKind.UNREADABLE


def test_text_that_is_damaged_after_its_mark_is_unreadable() -> None:
    with pytest.raises(RefusedError, match="damaged further on"):
        decode(b"\xef\xbb\xbfx = '\xff'", "hw.py")
