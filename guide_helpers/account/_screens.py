"""The steps of signing up, drawn as plain screens: the layout is ours, the facts are the ledger's."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from guide_helpers import facts, html

_WIDTH, _HEIGHT = 290, 150
_INK, _PALE, _PAPER, _EDGE = "#1c2127", "#4d5560", "#f7f8fa", "#7a7f87"


def screens() -> html.Block:
    """Draw the four screens between you and a first key, each with its words, in the order they come."""
    least, suggested = facts.get("billing.minimum"), facts.get("billing.default")
    return _grid(
        (
            "1. Sign up",
            _screen(
                [_field(36, "E-mail", "ada@example.org"), _button(92, "Continue")],
                "A form with a field for an e-mail address and a button that says Continue",
                f"Where: {facts.get('account.signup').words}. Use an address you will keep.",
            ),
        ),
        (
            "2. Buy credit",
            _screen(
                [_field(36, f"Amount (suggested: {suggested.words})", least.words), _switch(100)],
                f"A form with an amount, set from {suggested.words} to {least.words}, and a switch for "
                "auto-reload that is on",
                "Choose the smallest amount, and switch auto-reload off before you confirm.",
            ),
        ),
        (
            "3. Confirm a phone",
            _screen(
                [_field(36, "Phone number", "a mobile number"), _field(92, "Code", "● ● ● ● ● ●")],
                "A form with a field for a phone number and one for the code that was sent to it",
                f"This comes {facts.get('account.phone').words.removeprefix('asked for ')}.",
            ),
        ),
        (
            "4. See the key, once",
            _screen(
                [_field(36, "Your new key", "sk-…"), _button(92, "Copy")],
                "A window with a new key and a button that says Copy; it will not be shown again",
                f"A key's full value is shown {facts.get('keys.shown').words}. Notebook 02 practises that.",
            ),
        ),
    )


def _grid(*titled: tuple[str, html.Block]) -> html.Block:
    """Put titled screens beside each other, as many as fit, all of one width."""
    cells = "".join(f"<div><b>{escape(title)}</b>{shown.html}</div>" for title, shown in titled)
    style = "display:grid;grid-template-columns:repeat(auto-fit,minmax(15em,1fr));gap:.6em 1.2em"
    text = "\n\n".join(f"{title}:\n{shown.text}" for title, shown in titled)
    return html.Block(f'<div style="{style}">{cells}</div>', text)


def _screen(shapes: Sequence[str], alt: str, caption: str) -> html.Block:
    """Draw a window on paper of its own, so that it reads in a light and in a dark theme."""
    bar = "".join(f'<circle cx="{14 + 14 * at}" cy="12" r="4" fill="{_EDGE}"/>' for at in range(3))
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" style="max-width:100%;height:auto"'
    paper = (
        f'<rect x="1" y="1" width="{_WIDTH - 2}" height="{_HEIGHT - 2}" rx="6" fill="{_PAPER}" '
        f'stroke="{_EDGE}" stroke-width="2"/><path d="M1 24H{_WIDTH - 1}" stroke="{_EDGE}"/>'
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{paper}{bar}{"".join(shapes)}</svg>'
    return html.figure(svg, f"Schematic screen: {alt}", caption)


def _text(x: int, y: int, words: str, size: int = 13, colour: str = _INK) -> str:
    style = f'font-size="{size}" fill="{colour}" font-family="sans-serif"'
    return f'<text x="{x}" y="{y}" {style}>{escape(words)}</text>'


def _field(y: int, label: str, value: str) -> str:
    box = f'<rect x="18" y="{y + 16}" width="254" height="28" rx="3" fill="#fff" stroke="{_EDGE}"/>'
    return _text(18, y + 10, label, 12, _PALE) + box + _text(26, y + 35, value)


def _button(y: int, words: str) -> str:
    shape = f'<rect x="18" y="{y}" width="100" height="32" rx="4" fill="{html.TONES["info"]}"/>'
    return shape + _text(30, y + 21, words, colour="#fff")


def _switch(y: int) -> str:
    """Draw the switch as it is found: on."""
    warn = html.TONES["warn"]
    return (
        f'<rect x="18" y="{y}" width="40" height="22" rx="11" fill="{warn}"/>'
        f'<circle cx="47" cy="{y + 11}" r="8" fill="#fff"/>'
        + _text(68, y + 16, "Auto-reload is on: switch it off", colour=warn)
    )
