"""Is a country on the list: by its name in several spellings, from the dated list in the ledger."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from guide_helpers import facts, html
from guide_helpers.errors import InputError

State = Literal["on the list", "not on the list", "which one?", "not known here"]
_LISTED: State = "on the list"
_MISSING: State = "not on the list"
_SEVERAL: State = "which one?"
_UNKNOWN: State = "not known here"
_TONES: dict[State, html.Tone] = {_LISTED: "good", _MISSING: "bad", _SEVERAL: "warn", _UNKNOWN: "warn"}

_NEAR, _ALIKE, _LONGEST = 4, 0.8, 60


@dataclass(frozen=True, slots=True)
class Region(html.Shown):
    """What the ledger knows of one country, and names that are like it where it knows none."""

    country: str
    state: State
    sentence: str
    advice: str
    near: tuple[str, ...] = ()

    @property
    def listed(self) -> bool | None:
        """Whether the country is on the list; None when the name does not tell."""
        return {_LISTED: True, _MISSING: False}.get(self.state)

    def view(self) -> html.Block:
        """Show the answer, its date, and what to do."""
        near = f"Did you mean {' or '.join(self.near)}?" if self.near else ""
        head = html.badge(f"{self.country}: {self.state}", _TONES[self.state])
        return html.stack(head, self.sentence, near, self.advice)


def region(country: str) -> Region:
    """Say whether the API is offered in a country, by the ledger's copy of the official list.

    Capitals, accents and common other names do not matter. A name the ledger does not know gets near
    ones and the address of the official list. Raises `InputError` for no name.
    """
    asked = " ".join(country.split())
    if not asked:
        raise InputError("No country was named.", "Write its English name, such as Ukraine.")
    found = _spellings().get(_plain(asked), ())
    if len(found) == 1:
        return _known(found[0])
    if found:
        return Region(asked, _SEVERAL, "Several countries go by this name.", "Write the whole name.", found)
    return _unknown(asked[:_LONGEST])


def _known(name: str) -> Region:
    if name in facts.get("region.missing").value:
        fact = facts.get("region.missing")
        return Region(name, _MISSING, f"It was missing, {fact.dated}.", fact.note)
    fact = facts.get("region.listed")
    sentence = f"It was there, {fact.dated}."
    if name in facts.get("region.surprising").value:
        sentence = f"People often say otherwise, but it was there, {fact.dated}."
    if name in facts.get("region.exceptions").value:
        sentence += " Not every part of the country is served."
    return Region(name, _LISTED, sentence, _look())


def _unknown(asked: str) -> Region:
    fact, count = facts.get("region.listed"), facts.get("region.count")
    sentence = (
        f"No such name stands among the {count.words} of the list, as of {fact.as_of.isoformat()}. "
        "It may be a territory that was added later, another spelling, or a place that is not served."
    )
    return Region(asked, _UNKNOWN, sentence, _look(), _near(asked))


def _look() -> str:
    return f"The official list decides: {facts.get('menu.countries').words}."


def _near(asked: str) -> tuple[str, ...]:
    close = difflib.get_close_matches(_plain(asked), list(_spellings()), n=_NEAR, cutoff=_ALIKE)
    return tuple(dict.fromkeys(name for spelling in close for name in _spellings()[spelling]))


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """Return every spelling, made plain, with the names it may mean."""
    found: dict[str, tuple[str, ...]] = {}
    for name, spelling in _pairs():
        plain = _plain(spelling)
        found[plain] = tuple(dict.fromkeys((*found.get(plain, ()), name)))
    return found


def _pairs() -> Iterator[tuple[str, str]]:
    """Yield each name with each of its spellings: itself, what stands in brackets, and what does not."""
    others = tomllib.loads(files(__package__).joinpath("spellings.toml").read_text(encoding="utf-8"))
    for name in [*facts.get("region.listed").value, *facts.get("region.missing").value]:
        yield name, name
        if bracketed := re.fullmatch(r"(.+) \((.+)\)", name):
            yield name, bracketed[1]
            yield name, bracketed[2]
        for spelling in others.get(name, ()):
            yield name, spelling


def _plain(name: str) -> str:
    """Return a name without capitals, accents, signs, and the words that come and go."""
    letters = (
        unicodedata.normalize("NFKD", name.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
        .casefold()
        .replace("&", " and ")
    )
    bare = "".join(each for each in letters if not unicodedata.combining(each)).replace(
        "\N{LATIN SMALL LETTER DOTLESS I}", "i"
    )
    words = re.sub(r"[^\w]+", " ", bare.replace("'", "")).split()
    full = ["saint" if word == "st" else word for word in words]
    return " ".join(full[1:] if len(full) > 1 and full[0] == "the" else full)
