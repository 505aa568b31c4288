"""Read `facts.toml` and hand out what stands in it."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from guide_helpers import html
from guide_helpers.errors import InputError, UnknownNameError


@dataclass(frozen=True, slots=True)
class Fact(html.Shown):
    """One entry of the ledger; `value` is text, a number, a date, a list or a small table."""

    id: str
    says: str
    value: Any
    as_of: dt.date
    source: str
    check_by: dt.date
    confidence: str
    unit: str = ""
    note: str = ""
    stale: bool = False

    @property
    def words(self) -> str:
        """The value and its unit as a reader would say them."""
        if isinstance(self.value, Mapping):
            words = ", ".join(f"{_words(each)} {name}" for name, each in self.value.items())
        elif isinstance(self.value, list):
            words = ", ".join(map(_words, self.value))
        else:
            words = _words(self.value)
        return f"{words} {self.unit}".strip()

    @property
    def dated(self) -> str:
        """The date and the source, in one phrase."""
        return f"as of {self.as_of.isoformat()}, {self.source}"

    def view(self) -> html.Block:
        """Show a small table for a table, one dated sentence for anything else."""
        if _is_table(self.value):
            body = html.stack(_rows_table(self), f"{self.dated[0].upper()}{self.dated[1:]}.")
        else:
            body = html.words(f"{self.says}: {self.words} ({self.dated})")
        return html.stack(body, self.note, _warning([self]))


@dataclass(frozen=True, slots=True)
class Model:
    """A model the ledger knows: window in tokens, dates, and USD per million tokens if given here."""

    id: str
    context: int | None = None
    released: dt.date | None = None
    shutdown: dt.date | None = None
    input: Decimal | None = None
    output: Decimal | None = None
    note: str = ""

    def retired(self, on: dt.date) -> bool:
        """Say whether the model no longer answers on that day."""
        return self.shutdown is not None and on >= self.shutdown


def today(environ: Mapping[str, str] | None = None) -> dt.date:
    """Return the date the guide judges staleness by.

    That is the real date, unless `GUIDE_TODAY` (an ISO date) freezes it, as the tests and a
    printed handout do. Raises `InputError` when that variable holds no date.
    """
    frozen = (os.environ if environ is None else environ).get("GUIDE_TODAY", "").strip()
    if not frozen:
        return dt.datetime.now(tz=dt.UTC).date()
    try:
        return dt.date.fromisoformat(frozen)
    except ValueError:
        raise InputError(
            f"GUIDE_TODAY holds {frozen!r}, which is not a date.",
            "Write it as 2026-11-23, or unset it.",
        ) from None


def get(fact: str, *, today: dt.date | None = None) -> Fact:
    """Return one fact by its id, such as "billing.minimum".

    Raises `UnknownNameError`, naming near ids, when the ledger has no such fact.
    """
    ledger = _ledger()
    if fact not in ledger:
        raise UnknownNameError(f"The ledger has no fact called {fact!r}.", _did_you_mean(fact, ledger))
    return _fact(fact, ledger[fact], _today(today))


def all_facts(*, today: dt.date | None = None) -> tuple[Fact, ...]:
    """Return every fact of the ledger, in its order."""
    day = _today(today)
    return tuple(_fact(name, entry, day) for name, entry in _ledger().items())


def show(*names: str, today: dt.date | None = None, caption: str = "From the ledger") -> html.Block:
    """Return a table of facts with their dates and sources, and a warning under it if one is stale."""
    chosen = [get(name, today=today) for name in names]
    rows = [[fact.says, fact.words, f"{fact.as_of.isoformat()}, {fact.source}"] for fact in chosen]
    notes = [fact.note for fact in chosen if fact.note]
    return html.stack(
        html.table(caption, ["What", "Value", "As of, and source"], rows), *notes, _warning(chosen)
    )


@cache
@cache
def models() -> tuple[Model, ...]:
    """Return every model of the ledger, current ones first, newest families first."""
    return tuple(Model(**_decimals(row)) for row in _document()["models"])


def model(name: str) -> Model:
    """Return one model by its id; raises `UnknownNameError` with near names when it is unknown."""
    by_id = {each.id: each for each in models()}
    if name not in by_id:
        raise UnknownNameError(f"The ledger has no model called {name!r}.", _did_you_mean(name, by_id))
    return by_id[name]


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("facts.toml").read_text(encoding="utf-8"))


@cache
def _ledger() -> dict[str, dict[str, Any]]:
    return dict(_entries(_document()))


def _entries(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, node in tree.items():
        if isinstance(node, dict) and "value" in node:
            yield f"{path}{name}", node
        elif isinstance(node, dict):
            yield from _entries(node, f"{path}{name}.")


def _fact(name: str, entry: dict[str, Any], day: dt.date) -> Fact:
    return Fact(id=name, stale=day > entry["check_by"], **entry)


def _today(given: dt.date | None) -> dt.date:
    return today() if given is None else given


def _decimals(row: dict[str, Any]) -> dict[str, Any]:
    """Read money as `Decimal`, through text, so that 0.1 stays 0.1."""
    return {key: Decimal(str(each)) if key in {"input", "output"} else each for key, each in row.items()}


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _rows_table(fact: Fact) -> html.Block:
    headers = list(fact.value[0])
    return html.table(
        fact.says,
        [header.replace("_", " ").capitalize() for header in headers],
        [[_words(row[header]) for header in headers] for row in fact.value],
    )


def _words(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _warning(chosen: list[Fact]) -> html.Content:
    late = [fact for fact in chosen if fact.stale]
    if not late:
        return ""
    names = ", ".join(f"{fact.says} (check by {fact.check_by.isoformat()})" for fact in late)
    return html.alert(
        "Past its check-by date",
        f"{names}. Look at the source before you rely on it; a newer edition of the guide may have it.",
        "warn",
    )


def _did_you_mean(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    return f"Did you mean {', '.join(near)}?" if near else "See guide_helpers/facts/facts.toml."
