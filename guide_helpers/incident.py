"""What the first minutes of a leak cost: an order of actions goes in, minutes and money come out.

The minutes of each action are this guide's own assumptions, made to compare one order with another.
They are not measured and not OpenAI's; pass `minutes=` to put your own in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from guide_helpers import html
from guide_helpers.errors import InputError, UnknownNameError

__all__ = ["ACTIONS", "Action", "Incident", "Step", "replay"]

REVOKE = "revoke the key"
DEPLOY = "make and deploy a new key"
LIMIT = "set a hard limit"


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do after a leak: the minutes it is assumed to take, and what is missed without it."""

    name: str
    minutes: int
    without: str


ACTIONS = (
    Action(REVOKE, 3, "The key still works for whoever has it."),
    Action(DEPLOY, 20, "Once the old key is dead, your own program has none."),
    Action("tell the owner", 5, "Whoever pays learns of it from the bill."),
    Action(LIMIT, 5, "Nothing caps the damage of the next leak."),
    Action("search the history", 30, "Other copies, and other keys, may lie where this one lay."),
    Action("clean the repository", 90, "The dead key stays in public, and scanners keep reporting it."),
    Action("write the incident card", 15, "Next time starts from nothing again."),
)
_BY_NAME = {action.name: action for action in ACTIONS}


@dataclass(frozen=True, slots=True)
class Step:
    """One action on the clock: minutes from the start, and dollars lost by its end."""

    action: str
    begins: int
    ends: int
    lost: Decimal


@dataclass(frozen=True, slots=True)
class Incident(html.Shown):
    """A replayed incident. Money is in dollars, times are minutes after the leak was noticed.

    `dead_after` is None while the key still works; `silent_minutes` is None when your own program is
    left without a key that works.
    """

    steps: tuple[Step, ...]
    lost_by_minute: tuple[Decimal, ...]
    dead_after: int | None
    silent_minutes: int | None
    best: Decimal
    missed: tuple[Action, ...]
    dollars_per_hour: Decimal

    @property
    def lost(self) -> Decimal:
        """Dollars lost in all, or so far if the key still works."""
        return self.lost_by_minute[-1]

    @property
    def verdict(self) -> str:
        """The incident in one or two sentences."""
        if self.dead_after is None:
            return (
                f"After {self.steps[-1].ends} minutes of work the key still works: {_money(self.lost)} "
                f"are gone, and {_money(24 * self.dollars_per_hour)} more go every day."
            )
        if self.lost == self.best:
            return (
                f"The key was dead after {self.dead_after} minutes, for {_money(self.lost)}. "
                "No order is cheaper."
            )
        before = [step.action for step in self.steps if step.ends < self.dead_after]
        return (
            f"The key was dead after {self.dead_after} minutes, for {_money(self.lost)}. Revoking it first "
            f"would have cost {_money(self.best)}; the rest went while you did this: {', '.join(before)}."
        )

    def view(self) -> html.Block:
        """Show the verdict, the clock, what was left out, and whose assumptions these are."""
        rows = [[step.ends, step.action, _money(step.lost)] for step in self.steps]
        tone: html.Tone = "bad" if self.dead_after is None else "good" if self.lost == self.best else "warn"
        return html.stack(
            html.alert(self.verdict, self._silence(), tone),
            html.table(
                "The clock", ["Minute", "Done", "Lost by then"], rows, numbers=["Minute", "Lost by then"]
            ),
            _left(self.missed),
            "The minutes are this guide's assumptions, the dollars an hour are yours; neither is a fact.",
        )

    def _silence(self) -> str:
        if self.silent_minutes is None:
            return "Your own program stands still since then: nobody gave it a new key."
        if not self.silent_minutes:
            return "Your own program never stood still."
        return f"Your own program stood still for {self.silent_minutes} minutes: the price of revoking."


def replay(
    actions: Iterable[str], *, dollars_per_hour: Decimal | float, minutes: Mapping[str, int] | None = None
) -> Incident:
    """Play actions one after the other while a stranger spends `dollars_per_hour` with the leaked key.

    `actions` are names from `ACTIONS`, in order; `minutes` replaces how long some of them take. The
    loss ends in the minute in which the key is dead. A hard limit caps what may still come, not what
    is being spent now, so it does not slow the loss here. Raises `InputError` for no action, one
    named twice, one that takes no time or a rate below zero, and `UnknownNameError` for a stranger.
    """
    names = _checked(actions)
    rate = Decimal(str(dollars_per_hour))
    if not rate.is_finite() or rate < 0:
        raise InputError(f"{dollars_per_hour} dollars an hour is no spending.", "Pass zero or more.")
    took = _durations(minutes or {})
    ends = [0, *accumulate(took[name] for name in names)]
    done = dict(zip(names, ends[1:], strict=True))
    dead = done.get(REVOKE)
    lost = tuple(rate * minute / 60 for minute in range(1 + (ends[-1] if dead is None else dead)))
    steps = tuple(
        Step(name, begins, end, lost[min(end, len(lost) - 1)])
        for name, begins, end in zip(names, ends, ends[1:], strict=False)
    )
    return Incident(
        steps,
        lost,
        dead,
        _silent(dead, done.get(DEPLOY)),
        rate * took[REVOKE] / 60,
        tuple(action for action in ACTIONS if action.name not in done),
        rate,
    )


def _silent(dead: int | None, deployed: int | None) -> int | None:
    """Return for how many minutes the program's only key was the dead one; None if it still is."""
    if dead is None:
        return 0
    return None if deployed is None else max(0, deployed - dead)


def _durations(minutes: Mapping[str, int]) -> dict[str, int]:
    _know(minutes)
    if any(each < 1 for each in minutes.values()):
        raise InputError("An action takes no time.", "Give each action at least one minute.")
    return {action.name: minutes.get(action.name, action.minutes) for action in ACTIONS}


def _checked(actions: Iterable[str]) -> tuple[str, ...]:
    names = tuple(actions)
    if not names:
        raise InputError("Nothing was done.", f"Choose from {', '.join(_BY_NAME)}.")
    _know(names)
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"“{twice}” stands there twice.", "Do each action once; choose another one.")
    return names


def _know(names: Iterable[str]) -> None:
    if stranger := next((name for name in names if name not in _BY_NAME), None):
        raise UnknownNameError(
            f"“{stranger}” is no action of this clock.", f"Choose from {', '.join(_BY_NAME)}."
        )


def _left(missed: tuple[Action, ...]) -> html.Content:
    if not missed:
        return "Nothing was left out."
    return html.table(
        "Still to do", ["Left out", "What that means"], [[action.name, action.without] for action in missed]
    )


def _money(amount: Decimal) -> str:
    return f"${amount:,.2f}"
