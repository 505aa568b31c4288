"""An exercise is data plus one small function that judges an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, Literal

from guide_helpers import html

State = Literal["not started", "not yet", "passed"]
_TONES: dict[State, html.Tone] = {"not started": "plain", "not yet": "warn", "passed": "good"}


@dataclass(frozen=True, slots=True)
class Feedback(html.Shown):
    """What a check says: where you are, what was seen, and what to do next."""

    exercise: str
    state: State
    seen: str
    do: str

    def view(self) -> html.Block:
        """Show the state in a word, then the two sentences."""
        head = html.badge(f"{self.exercise} {self.state}", _TONES[self.state])
        return html.stack(head, f"{self.seen} {self.do}".strip())


class NotYet(Exception):  # noqa: N818 -- an outcome of a check, not an error
    """Raised by a check to name the misconception and the next step."""

    def __init__(self, seen: str, do: str) -> None:
        """Keep both sentences."""
        super().__init__(seen)
        self.seen = seen
        self.do = do


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise; `judge` returns what to say when the answer is right, and else raises `NotYet`."""

    id: str
    goal: str
    hints: tuple[str, str, str]
    solution: str
    judge: Callable[[Any], str]


def check(exercise: str, answer: object) -> Feedback:
    """Judge an answer. Never raises: an untouched `...` is "not started", a bug of ours says so."""
    found = _exercises().get(exercise)
    if found is None:
        known = ", ".join(_exercises())
        return Feedback(exercise, "not yet", "There is no such exercise.", f"There are {known}.")
    if isinstance(answer, EllipsisType) or answer is None:
        return Feedback(exercise, "not started", found.goal, "Replace the ... and run the cell again.")
    try:
        return Feedback(exercise, "passed", found.judge(answer), "")
    except NotYet as not_yet:
        return Feedback(exercise, "not yet", not_yet.seen, not_yet.do)
    except Exception as error:  # noqa: BLE001 -- a check must not throw at a learner
        return Feedback(
            exercise,
            "not yet",
            f"The check could not read your answer ({type(error).__name__}).",
            f'Compare it with the goal: {found.goal} Ask for lessons.hint("{exercise}").',
        )


_hints_given: Counter[str] = Counter()


def hint(exercise: str) -> html.Block:
    """Return the next of three hints; after the third it stays."""
    found = _exercises().get(exercise)
    if found is None:
        return html.words(f"There is no exercise {exercise}.")
    step = min(_hints_given[exercise], len(found.hints) - 1)
    _hints_given[exercise] += 1
    return html.alert(f"Hint {step + 1} of {len(found.hints)}", found.hints[step], "info")


def solution(exercise: str) -> html.Block:
    """Return one way to solve the exercise, as code."""
    found = _exercises().get(exercise)
    if found is None:
        return html.words(f"There is no exercise {exercise}.")
    return html.stack(html.words(f"One way to do {exercise}:"), html.code(found.solution))


def _exercises() -> Mapping[str, Exercise]:
    from guide_helpers.lessons import start_here

    return {each.id: each for each in start_here.EXERCISES}
