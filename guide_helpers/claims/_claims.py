"""Read the claims in `claims.toml`, hand them out, and show them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from guide_helpers import html
from guide_helpers.errors import InputError, UnknownNameError

EVERY = "all"
VERDICTS = ("true", "dated", "wrong", "unverifiable")
TOPICS = ("account", "keys", "money", "models", "limits", "errors", "safety")
_TONES: dict[str, html.Tone] = {"true": "good", "dated": "info", "wrong": "bad", "unverifiable": "plain"}


@dataclass(frozen=True, slots=True)
class Claim(html.Shown):
    """One claim of the article in the guide's own words, the verdict, and what is known instead.

    `as_of` is the date of the source, `notebook` the two digits of the notebook that goes further.
    """

    number: int
    topic: str
    says: str
    verdict: str
    now: str
    as_of: dt.date
    source: str
    notebook: str

    @property
    def dated(self) -> str:
        """The date, the source, and where the guide says more."""
        return f"As of {self.as_of.isoformat()}, {self.source}. More in notebook {self.notebook}."

    def view(self) -> html.Block:
        """Show the claim, its verdict in a word, and the reason with date and source."""
        verdict = html.badge(self.verdict, _TONES[self.verdict])
        return html.stack(f"{self.number}. {self.says}", verdict, self.now, self.dated)


@dataclass(frozen=True, slots=True)
class Claims(html.Shown):
    """Some of the claims, and which ones they are in words."""

    chosen: tuple[Claim, ...]
    which: str

    def view(self) -> html.Block:
        """Show how many there are of each verdict, then a row for each claim."""
        if not self.chosen:
            return html.alert(f"No claim is {self.which}.", "Choose another verdict or topic.", "info")
        counted = Counter(claim.verdict for claim in self.chosen)
        sums = ", ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS if counted[verdict])
        rows = [
            [
                claim.number,
                claim.says,
                html.badge(claim.verdict, _TONES[claim.verdict]),
                html.stack(claim.now, claim.dated),
            ]
            for claim in self.chosen
        ]
        headers = ["No.", "The article says", "Verdict", "What is known"]
        count = "1 claim" if len(self.chosen) == 1 else f"{len(self.chosen)} claims"
        caption = f"{count}, {self.which}" + (f": {sums}" if len(counted) > 1 else "")
        return html.table(caption, headers, rows, numbers=["No."])


def get(number: int) -> Claim:
    """Return one claim by its number. Raises `UnknownNameError` for a number that is none."""
    if number not in _claims():
        raise UnknownNameError(f"There is no claim {number!r}.", f"They run from 1 to {len(_claims())}.")
    return _claims()[number]


def ask(*numbers: int) -> html.Block:
    """Show claims without their verdicts, to be judged. Raises `UnknownNameError` as `get` does."""
    rows = [[claim.number, claim.says] for claim in map(get, numbers)]
    return html.table("What do you say?", ["No.", "The article says"], rows, numbers=["No."])


def show(verdict: str = EVERY, topic: str = EVERY) -> Claims:
    """Return the claims with a verdict and about a topic; "all" leaves either open.

    Raises `InputError`, listing the choices, for a word that is neither.
    """
    if verdict not in {EVERY, *VERDICTS} or topic not in {EVERY, *TOPICS}:
        raise InputError(
            f"No claims are filed under {verdict!r} and {topic!r}.",
            f"Verdicts are {', '.join(VERDICTS)}; topics are {', '.join(TOPICS)}; or all.",
        )
    chosen = [
        claim
        for claim in _claims().values()
        if verdict in {EVERY, claim.verdict} and topic in {EVERY, claim.topic}
    ]
    filed = "of every kind" if verdict == EVERY else verdict
    about = "about everything" if topic == EVERY else f"about {topic}"
    return Claims(tuple(chosen), f"{filed}, {about}")


@cache
def _claims() -> dict[int, Claim]:
    rows: list[dict[str, Any]] = tomllib.loads(
        files(__package__).joinpath("claims.toml").read_text(encoding="utf-8")
    )["claims"]
    return {row["number"]: Claim(**row) for row in rows}
