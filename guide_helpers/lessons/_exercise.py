"""What an exercise and a question are: data, and for an exercise one small function that judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from guide_helpers import html

State = Literal["not started", "not yet", "passed"]
TONES: dict[State, html.Tone] = {"not started": "plain", "not yet": "warn", "passed": "good"}


class NotYet(Exception):  # noqa: N818 -- an outcome of a check, not an error
    """Raised by a judge to name the misconception (`seen`) and the next step (`do`)."""

    def __init__(self, seen: str, do: str) -> None:
        """Keep both sentences."""
        super().__init__(seen)
        self.seen = seen
        self.do = do


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of a notebook.

    `id` is the notebook's two digits, a dot and a number that is never given to another exercise;
    `hints` grow more telling; `solution` is the code that takes the place of the stub, and assigns the
    same names; `minutes` is what the card counts. `judge` gets the answer and returns what to say when
    it is right; else it raises `NotYet`.
    """

    id: str
    goal: str
    hints: tuple[str, str, str]
    solution: str
    minutes: int
    judge: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer a reader can choose, with what is said to whoever chooses it."""

    words: str
    feedback: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Quiz:
    """One question with its options, lettered a, b, c in their order; one of them is right.

    `id` is the notebook's two digits, `.q` and a number that is never given to another question.
    """

    id: str
    question: str
    options: tuple[Option, ...]

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the options."""
        return tuple("abcdefgh"[: len(self.options)])

    def option(self, letter: str) -> Option:
        """Return the option behind a letter."""
        return self.options[self.letters.index(letter)]


@dataclass(frozen=True, slots=True)
class Feedback(html.Shown):
    """What a check says: where you are, what was seen, and what to do next."""

    exercise: str
    state: State
    seen: str
    do: str
    note: str = ""

    def view(self) -> html.Block:
        """Show the state in a word, then the two sentences, then what is to say about kept progress."""
        head = html.badge(f"{self.exercise} {self.state}".strip(), TONES[self.state])
        return html.stack(head, f"{self.seen} {self.do}".strip(), self.note)
