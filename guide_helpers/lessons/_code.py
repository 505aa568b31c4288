"""Progress as a short code: made to be read out across a room, typed in, and checked.

Version 1, from the left:

- the version, one symbol;
- two symbols for each notebook, in the order of their numbers: 64 times the exercises passed (0 to 15),
  8 times the exercises started beside them (0 to 7, and 7 is "or more"), and the questions answered
  right (0 to 7); notebooks at the end that nobody began are left out;
- the symbol for nothing, until the whole is a multiple of four;
- a check of two symbols that makes the whole, read as a number, a multiple of the prime 1021.

A wrong symbol changes the whole by a small number times a power of 32, two swapped neighbours change it
by a small number times 31 times a power of 32; neither is a multiple of 1021, so each is noticed.

The code counts and does not list, so it stays readable when exercises or notebooks are added: what the
writer's guide did not have yet counts as open. What no longer fits into the numbers above needs a new
version; the old ones stay readable. Hints are not in it: asking is nobody's business but yours.
"""

from __future__ import annotations

from collections.abc import Sequence

from guide_helpers import routes
from guide_helpers.errors import InputError
from guide_helpers.lessons._contents import contents
from guide_helpers.lessons._progress import Progress, Row

SYMBOLS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
VERSION = 1
PASSED, STARTED, RIGHT = 16, 8, 8
_PRIME = 1021
_GROUP = 4
_NOTHING = SYMBOLS[0]
_AGAIN = "Ask for the code again, group by group."

Counts = tuple[int, int, int]


def written(counts: Sequence[Counts]) -> str:
    """Return the code for (passed, started, right) of each notebook in order."""
    body = SYMBOLS[VERSION]
    for passed, started, right in counts:
        digit = min(passed, PASSED - 1) * STARTED + min(started, STARTED - 1)
        body += _symbols(digit * RIGHT + min(right, RIGHT - 1), 2)
    body = body[0] + body[1:].rstrip(_NOTHING)
    body += _NOTHING * (-(len(body) + 2) % _GROUP)
    code = body + _symbols(-_value(body + 2 * _NOTHING) % _PRIME, 2)
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def read(code: str) -> Progress:
    """Return the progress behind a code; hints and days are not in it.

    Raises `InputError` that says which kind of mistake a wrong code looks like.
    """
    symbols = "".join(code.upper().replace("-", " ").split())
    _refuse_strangers(symbols)
    if len(symbols) % _GROUP or len(symbols) < _GROUP:
        raise InputError(
            f"This code has {len(symbols)} characters; a whole one has {_GROUP} in every group.",
            f"A character is missing or one too many. {_AGAIN}",
        )
    if _value(symbols) % _PRIME:
        raise InputError(*_misheard(symbols))
    if symbols[0] != SYMBOLS[VERSION]:
        raise InputError(
            "This code has a form that this edition of the guide does not know.",
            "It comes from a newer edition: update the guide that reads it.",
        )
    return _progress(symbols[1:-2])


def _refuse_strangers(symbols: str) -> None:
    strangers = sorted({each for each in symbols if each not in SYMBOLS})
    if not strangers:
        return
    if set(strangers) <= set("01OI"):
        raise InputError(
            f"No code holds {', '.join(strangers)}: 0, O, 1 and I look too much alike.",
            f"An O may be a Q or a D, an I a J or an L. {_AGAIN}",
        )
    raise InputError(
        f"A code holds letters and digits only; this one holds {', '.join(strangers)[:40]}.", _AGAIN
    )


def _misheard(symbols: str) -> tuple[str, str]:
    """Return two sentences: swapped neighbours, if swapping two back makes the code whole; else a slip."""
    for at in range(len(symbols) - 1):
        swapped = symbols[:at] + symbols[at + 1] + symbols[at] + symbols[at + 2 :]
        if swapped != symbols and _value(swapped) % _PRIME == 0 and swapped[0] == SYMBOLS[VERSION]:
            pair = f"{symbols[at]} and {symbols[at + 1]} in group {at // _GROUP + 1}"
            seen = f"This code does not add up. It looks as if {pair} changed places."
            return seen, "Compare that group with what was read out."
    return "This code does not add up: at least one character is another than was read out.", _AGAIN


def _progress(body: str) -> Progress:
    """Return the table for the symbols between the version and the check."""
    wide = body.ljust(2 * len(routes.NOTEBOOKS), _NOTHING)
    rows = [_row(notebook, _value(wide[2 * at : 2 * at + 2])) for at, notebook in enumerate(routes.NOTEBOOKS)]
    strange = wide[2 * len(routes.NOTEBOOKS) :].strip(_NOTHING)
    if strange or any(row.passed > row.exercises or row.right > row.questions for row in rows):
        raise InputError(
            "This code counts exercises that this edition of the guide does not have.",
            "It comes from a newer edition: update the guide that reads it.",
        )
    return Progress(tuple(rows))


def _row(notebook: routes.Notebook, digit: int) -> Row:
    exercises, quizzes = contents(notebook.number)
    (passed, started), right = divmod(digit // RIGHT, STARTED), digit % RIGHT
    return Row(notebook.number, notebook.title, passed, started, len(exercises), right, len(quizzes))


def _symbols(number: int, width: int) -> str:
    text = ""
    for _ in range(width):
        number, digit = divmod(number, len(SYMBOLS))
        text = SYMBOLS[digit] + text
    return text


def _value(symbols: str) -> int:
    value = 0
    for each in symbols:
        value = value * len(SYMBOLS) + SYMBOLS.index(each)
    return value
