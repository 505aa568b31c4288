"""Pieces of HTML and their text twins."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import html
from guide_helpers.errors import InputError

EVIL = "<script>alert('x')</script> & \"quotes\""

PIECES = {
    "words": html.words,
    "code": html.code,
    "badge": lambda text: html.badge(text, "good"),
    "alert": lambda text: html.alert(text, text, "warn"),
    "steps": lambda text: html.steps(text, [text]),
    "bar": lambda text: html.bar(0.5, text),
    "table": lambda text: html.table(text, [text], [[text]]),
    "columns": lambda text: html.columns((text, text)),
    "figure": lambda text: html.figure("<svg></svg>", text, text),
    "stack": lambda text: html.stack(text, text),
}


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_text_is_escaped_once_in_html_and_plain_in_the_twin(piece: object) -> None:
    """Nothing a reader typed becomes markup, and the twin reads as typed."""
    block = piece(EVIL)  # type: ignore[operator]
    assert "<script>" not in block.html
    assert "&amp;lt;" not in block.html
    assert EVIL in block.text


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_what_is_drawn_is_what_was_meant(piece: object) -> None:
    """A reader sees the words as they are: no half of a tag that the escaping put in."""
    said = "pay $5/month at a.b/c/d & <more>"
    parser = _Words()
    parser.feed(piece(said).html)  # type: ignore[operator]
    assert said in "".join(parser.words)


class _Words(HTMLParser):
    """Collect what a browser would show as text."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_money_is_not_set_as_a_formula(piece: object) -> None:
    """JupyterLab typesets what stands between two dollar signs, unless each has a tag of its own."""
    drawn = piece("from $5 to $10").html  # type: ignore[operator]
    text = re.sub(r"<[^>]*>", "\n", drawn)  # a formula cannot cross a tag
    assert not re.search(r"\$.*\$", text)


@pytest.mark.parametrize("tone", html.TONES)
def test_a_tone_is_never_colour_alone(tone: html.Tone) -> None:
    """Every tone but plain puts a mark before its word, in both forms."""
    block = html.badge("word", tone)
    assert block.text == f"{html.MARKS[tone]} word".strip()
    assert html.MARKS[tone] in block.html


@pytest.mark.parametrize("colour", html.TONES.values(), ids=html.TONES)
def test_chips_can_be_read(colour: str) -> None:
    """White on every chip has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    assert 1.05 / (_luminance(colour) + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_table_is_read_by_a_screen_reader() -> None:
    """It has a caption and a scope on each header."""
    drawn = html.table("Rain", ["Day", "mm"], [["Mon", 3]], numbers=["mm"]).html
    assert "<caption" in drawn
    assert drawn.count('scope="col"') == 2


def test_numbers_stand_flush_right_in_both_forms() -> None:
    """A column of numbers lines up at its last digit."""
    block = html.table("Rain", ["Day", "mm"], [["Mon", 3], ["Tue", 12]], numbers=["mm"])
    assert block.text.splitlines()[2:] == ["Mon   3", "Tue  12"]
    assert block.html.count("text-align:right") == 3


def test_a_wide_table_wraps_inside_its_columns() -> None:
    """The twin stays within a page, no word is lost, and a short cell stays whole."""
    sentence = "word " * 60
    text = html.table("Rain", ["Day", "Story", "More"], [["2026-11-23", sentence, sentence]]).text
    assert max(map(len, text.splitlines())) <= 104
    assert text.count("word") == 120
    assert "2026-11-23" in text


@given(st.lists(st.lists(st.text(max_size=40), min_size=3, max_size=3), max_size=4))
def test_a_table_of_anything_has_its_words(rows: list[list[str]]) -> None:
    """Whatever stands in the cells, every word of it is in the twin, unless it had to be broken."""
    text = html.table("Any", ["a", "b", "c"], rows).text
    for word in (word for row in rows for cell in row for word in cell.split() if len(word) <= 12):
        assert word in text


def test_a_ragged_row_is_refused() -> None:
    """A row of another length is an error, not a shifted table."""
    with pytest.raises(InputError, match="2 cells for 1 headers"):
        html.table("Rain", ["Day"], [["Mon", 3]])


@given(st.floats(allow_nan=False))
def test_a_bar_never_leaves_its_frame(share: float) -> None:
    """Any share is drawn between 0 and 100 percent, as 20 cells of text."""
    block = html.bar(share, "")
    assert 0 <= int(re.search(r"width:(\d+)%", block.html)[1]) <= 100  # type: ignore[index]
    assert sum(block.text.count(cell) for cell in "█░") == 20


def test_both_forms_are_offered() -> None:
    """A notebook front end gets HTML and text, and picks."""
    assert html.badge("x")._repr_mimebundle_().keys() == {"text/html", "text/plain"}
