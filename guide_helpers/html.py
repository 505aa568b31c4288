"""Small pieces of HTML, each with a plain-text twin made from the same words.

A piece is a `Block`. In a notebook its HTML is drawn; in a terminal, on GitHub or in a test its
text is read. Colour is never the only sign: every tone has a word or a mark beside it. No piece
colours its text, but chips, which carry their own background; so all of it can be read in a light
and a dark theme (4.5:1 for text, 3:1 for lines and bars, measured in the tests). No text is smaller
than 12 pixels, and all of it grows with the page.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from typing import Literal

from guide_helpers.errors import InputError

__all__ = [
    "TONES",
    "Block",
    "Content",
    "Shown",
    "Tone",
    "alert",
    "badge",
    "bar",
    "code",
    "columns",
    "figure",
    "stack",
    "steps",
    "table",
    "words",
]

Tone = Literal["plain", "info", "good", "warn", "bad"]

# background of a chip; its text is white
TONES: dict[Tone, str] = {
    "plain": "#5a5f66",
    "info": "#1f5a99",
    "good": "#1b6e3c",
    "warn": "#7a5200",
    "bad": "#a3222a",
}
# lines and bars: dark enough for a light page, light enough for a dark one
EDGES: dict[Tone, str] = {
    "plain": "#7a7f87",
    "info": "#2f7fd1",
    "good": "#2a8a52",
    "warn": "#a8741a",
    "bad": "#d14b55",
}
MARKS: dict[Tone, str] = {"plain": "", "info": "i", "good": "✓", "warn": "!", "bad": "✗"}

_SHORT_CELL = 12
_TEXT_WIDTH = 104
_LINE = "1px solid rgba(127,127,127,.4)"
_FONT = "font-size:1em;line-height:1.5"
_SMALL = "font-size:.93em"  # 12 px in a widget, whose text has 13: never put one into another


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: `html` to draw and `text` to read, both already escaped or plain."""

    html: str
    text: str

    def __str__(self) -> str:
        """Return the text twin."""
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Offer both forms; the front end picks."""
        del include, exclude
        return {"text/html": self.html, "text/plain": self.text}


class Shown:
    """A result that knows how it looks: subclasses say it once, in `view`."""

    __slots__ = ()

    def view(self) -> Block:
        """Return the piece that shows this result."""
        raise NotImplementedError

    def __str__(self) -> str:
        """Return the text twin."""
        return self.view().text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Offer the table and its text twin."""
        return self.view()._repr_mimebundle_(include, exclude)


Content = str | Block


def _escaped(text: str) -> str:
    """Escape text; give dollars a tag of their own, or two would be set as a formula; let paths wrap."""
    return escape(text).replace("/", "/<wbr>").replace("$", "<span>$</span>")


def words(content: object) -> Block:
    """Turn anything printable into a block; a block stays as it is."""
    if isinstance(content, Block):
        return content
    if isinstance(content, Shown):
        return content.view()
    return Block(_escaped(str(content)), str(content))


def code(text: str) -> Block:
    """Show text as code, line breaks kept."""
    style = (
        "margin:.3em 0;padding:.5em .7em;overflow-x:auto;white-space:pre-wrap;"
        "overflow-wrap:anywhere;background:rgba(127,127,127,.12);border-radius:4px;"
        f"{_SMALL}"
    )
    return Block(f'<pre style="{style}">{_escaped(text)}</pre>', text)


def badge(word: str, tone: Tone = "plain") -> Block:
    """Show one word on a coloured chip; the tone's mark stands before it in both forms."""
    mark = MARKS[tone]
    label = f"{mark} {word}".strip()
    style = (
        f"display:inline-block;background:{TONES[tone]};color:#fff;border-radius:3px;"
        f"padding:0 .5em;{_SMALL};overflow-wrap:anywhere"
    )
    return Block(f'<span style="{style}">{_escaped(label)}</span>', label)


def alert(title: str, body: Content = "", tone: Tone = "info") -> Block:
    """Show what happened (`title`) and what to do next (`body`).

    It is a note to a screen reader, read where it stands; a panel that shows one calls it out.
    """
    inner = words(body)
    mark = MARKS[tone]
    head = f"{mark} {title}".strip()
    style = (
        f"border-left:4px solid {EDGES[tone]};background:rgba(127,127,127,.1);"
        f"padding:.5em .9em;margin:.4em 0;border-radius:3px;{_FONT}"
    )
    below = f"<div>{inner.html}</div>" if inner.html else ""
    text = f"{head}\n{inner.text}" if inner.text else head
    return Block(f'<div role="note" style="{style}"><b>{_escaped(head)}</b>{below}</div>', text)


def steps(title: str, items: Iterable[Content]) -> Block:
    """Show a numbered list under a title."""
    blocks = [words(item) for item in items]
    rows = "".join(f'<li style="margin:.25em 0">{block.html}</li>' for block in blocks)
    lines = [f"{number}. {block.text}" for number, block in enumerate(blocks, 1)]
    return Block(
        f'<div style="{_FONT}"><b>{_escaped(title)}</b>'
        f'<ol style="margin:.3em 0 .3em 1.6em;padding:0">{rows}</ol></div>',
        "\n".join([title, *lines]),
    )


def bar(share: float, label: str) -> Block:
    """Show a share from 0 to 1 as a bar, with the label in words beside it."""
    percent = round(100 * min(1.0, max(0.0, share)))
    outer = (
        f"display:inline-block;width:8em;height:.7em;border:1px solid {EDGES['plain']};border-radius:2px;"
        "vertical-align:middle;margin-right:.5em"
    )
    fill = f"display:block;width:{percent}%;height:100%;background:{EDGES['info']}"
    filled = round(percent / 5)
    return Block(
        f'<span style="{outer}" aria-hidden="true"><span style="{fill}"></span></span>{_escaped(label)}',
        f"{'█' * filled}{'░' * (20 - filled)} {label}",
    )


def table(
    caption: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Sequence[str] = (),
) -> Block:
    """Show rows under headers; columns named in `numbers` are set flush right.

    Raises `InputError` when a row has another length than the headers.
    """
    cells = [[words(cell) for cell in row] for row in rows]
    for row in cells:
        if len(row) != len(headers):
            raise InputError(
                f"A row of “{caption}” has {len(row)} cells for {len(headers)} headers.",
                "Give every row one cell per header.",
            )
    sides = ["right" if header in numbers else "left" for header in headers]
    return Block(_table_html(caption, headers, cells, sides), _table_text(caption, headers, cells, sides))


def _table_html(caption: str, headers: Sequence[str], rows: list[list[Block]], sides: list[str]) -> str:
    cell = "padding:.3em .8em .3em 0;vertical-align:top;text-align"
    head = "".join(
        f'<th scope="col" style="{cell}:{side};border-bottom:{_LINE}">{_escaped(header)}</th>'
        for header, side in zip(headers, sides, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{cell}:{side};white-space:{_wrap(block)}">{block.html}</td>'
            for block, side in zip(row, sides, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    title = "caption-side:top;text-align:left;font-weight:600;padding:.2em 0"
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:.3em 0;'
        f'{_FONT}"><caption style="{title}">{_escaped(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _wrap(cell: Block) -> str:
    """Keep dates, figures and other short cells on one line; let sentences wrap."""
    return "nowrap" if len(cell.text) <= _SHORT_CELL else "normal"


def _table_text(caption: str, headers: Sequence[str], rows: list[list[Block]], sides: list[str]) -> str:
    texts = [[*headers], *([block.text.replace("\n", " ") for block in row] for row in rows)]
    widths = _fitted([max(map(len, column)) for column in zip(*texts, strict=True)])
    lines = [caption]
    for cells in texts:
        wrapped = [textwrap.wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
        for parts in zip_longest(*wrapped, fillvalue=""):
            padded = [
                part.rjust(width) if side == "right" else part.ljust(width)
                for part, width, side in zip(parts, widths, sides, strict=True)
            ]
            lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _fitted(widths: list[int]) -> list[int]:
    """Narrow the widest columns until the table fits a page; never below a readable word."""
    fitted = list(widths)
    while sum(fitted) + 2 * len(fitted) > _TEXT_WIDTH and max(fitted) > _SHORT_CELL:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def figure(svg: str, alt: str, caption: str = "") -> Block:
    """Show a drawing; `alt` says in words what it shows and is all that the text twin holds.

    `svg` is trusted markup made by the guide itself.
    """
    below = f"<figcaption>{_escaped(caption)}</figcaption>" if caption else ""
    return Block(
        f'<figure style="margin:.4em 0;max-width:46em;{_FONT}">'
        f'<div role="img" aria-label="{escape(alt)}">{svg}</div>{below}</figure>',
        f"[{alt}]" + (f"\n{caption}" if caption else ""),
    )


def columns(*titled: tuple[str, Content]) -> Block:
    """Put titled pieces side by side where there is room, under each other where there is not."""
    shown = [(title, words(content)) for title, content in titled]
    cells = "".join(
        f'<div style="flex:1 1 20em;min-width:0"><b>{_escaped(title)}</b>{block.html}</div>'
        for title, block in shown
    )
    return Block(
        f'<div style="display:flex;flex-wrap:wrap;gap:0 1.2em;{_FONT}">{cells}</div>',
        "\n\n".join(f"{title}:\n{block.text}" for title, block in shown),
    )


def stack(*blocks: Content | Shown) -> Block:
    """Put pieces under each other."""
    shown = [words(block) for block in blocks]
    return Block(
        "".join(f"<div>{block.html}</div>" for block in shown if block.html),
        "\n".join(block.text for block in shown if block.text),
    )
