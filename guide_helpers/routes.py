"""Which way through the guide is yours."""

from __future__ import annotations

from dataclasses import dataclass

from guide_helpers import html
from guide_helpers.errors import InputError

__all__ = ["NOTEBOOKS", "Notebook", "Route", "plan"]


@dataclass(frozen=True, slots=True)
class Notebook:
    """One notebook of the series: its file, its title, and the minutes to read and do it."""

    file: str
    title: str
    minutes: int

    @property
    def number(self) -> str:
        """The two digits its file begins with."""
        return self.file[:2]


NOTEBOOKS = (
    Notebook("00_start_here", "Your first reply in five minutes, no key", 17),
    Notebook("01_account_setup", "Account, project, billing: what you need and what you do not", 31),
    Notebook("02_key_creation", "Make a key, make it small, make the first call", 13),
    Notebook("03_storage", "Put it where only your program can read it", 16),
    Notebook("04_cost", "Know the price before you press Run", 16),
    Notebook("05_rate_limits", "Two 429s and how to treat each", 19),
    Notebook("06_troubleshooting", "The error clinic", 21),
    Notebook("07_protect_and_ship", "Leak drill, rotation, pre-deployment check", 20),
)


@dataclass(frozen=True, slots=True)
class Route(html.Shown):
    """Notebooks in the order to read them, those that fit the time (`spare`), and a word on the way."""

    stops: tuple[tuple[Notebook, str], ...]
    later: tuple[Notebook, ...]
    minutes: int
    advice: str
    spare: int

    @property
    def pause(self) -> str:
        """What to say when even the first stop is longer than the time there is."""
        if self.minutes <= self.spare:
            return ""
        return (
            f"That is more than your {self.spare} minutes: begin at the top, stop where you are, come back."
        )

    def view(self) -> html.Block:
        """Show the stops, each a link, with their minutes and the reason for each."""
        rows = [[stop.number, _linked(stop), stop.minutes, why] for stop, why in self.stops]
        count = "1 notebook" if len(self.stops) == 1 else f"{len(self.stops)} notebooks"
        later = ", ".join(notebook.number for notebook in self.later)
        return html.stack(
            html.table(
                f"Your route: {count}, about {self.minutes} minutes",
                ["Notebook", "Title", "Minutes", "Why"],
                rows,
                numbers=["Minutes"],
            ),
            self.pause,
            f"When you have more time: {later}." if later else "",
            html.alert("Practice or live?", self.advice, "info"),
        )


def plan(
    goal: str = "learn it all",
    *,
    has_account: bool = False,
    has_card: bool = False,
    place: str = "own computer",
    minutes: int = 90,
) -> Route:
    """Choose notebooks for a goal and the minutes there are; the most useful come first.

    There is always one stop, even if it is longer than the time.
    `goal` is one of `GOALS`, `place` one of `PLACES`. Raises `InputError` for other words or fewer
    minutes than the first notebook takes.
    """
    if goal not in GOALS or place not in PLACES:
        raise InputError(
            f"The guide knows no route for {goal!r} in {place!r}.",
            f"Goals are {', '.join(GOALS)}; places are {', '.join(PLACES)}.",
        )
    if minutes < NOTEBOOKS[0].minutes:
        raise InputError(
            f"{minutes} minutes are too few.", f"The first notebook takes {NOTEBOOKS[0].minutes}."
        )
    order = [_by_number(number) for number in GOALS[goal]]
    if has_account:
        order = [each for each in order if each.number != "01"]
    chosen, used = _fitting(order, minutes)
    left = tuple(each for each in order if each not in chosen)
    stops = tuple((each, WHY[each.number]) for each in chosen)
    return Route(stops, left, used, _advice(has_account and has_card, place), minutes)


GOALS = {
    "learn it all": ("00", "01", "02", "03", "04", "05", "06", "07"),
    "get a key today": ("00", "01", "02", "03", "04"),
    "stop an error": ("00", "06", "05", "02"),
    "cut or cap the cost": ("00", "04", "05"),
    "a key has leaked": ("07", "02", "03"),
}
PLACES = ("own computer", "Colab", "Binder", "a shared room")
WHY = {
    "00": "see a reply and the wire it came over",
    "01": "what signing up asks for, and what a ChatGPT plan does not include",
    "02": "a small, named key and the first call",
    "03": "where the key lives, and which copy wins",
    "04": "tokens, prices and guards",
    "05": "limits, and what not to retry",
    "06": "from a message to its cause",
    "07": "stop a leak, rotate without a pause",
}


def _by_number(number: str) -> Notebook:
    return next(each for each in NOTEBOOKS if each.number == number)


def _fitting(order: list[Notebook], minutes: int) -> tuple[list[Notebook], int]:
    chosen: list[Notebook] = []
    used = 0
    for each in order:
        if used + each.minutes <= minutes:
            chosen.append(each)
            used += each.minutes
    return (chosen, used) if chosen else (order[:1], order[0].minutes)


def _linked(notebook: Notebook) -> html.Block:
    """Return a title that leads to its notebook, which lies in the same folder."""
    title = html.words(notebook.title)
    return html.Block(
        f'<a style="text-decoration:underline" href="{notebook.file}.ipynb">{title.html}</a>', title.text
    )


def _advice(could_go_live: bool, place: str) -> str:  # noqa: FBT001 -- private, named at its one call
    if place in {"Binder", "a shared room"}:
        return "Stay in practice mode: never type a real key on a computer that others can reach."
    if could_go_live:
        return (
            "Everything runs in practice mode first. Go live in notebook 02, with a key made for this guide."
        )
    return "Practice mode is all you need: it takes no account, no key and no card."
