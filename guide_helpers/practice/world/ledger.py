"""The ledger: what every request used and what it cost, to the last digit.

Money is USD in exact decimals. The last entries are kept whole; all of them are kept as sums per
minute, key and model, so that a million requests take no more memory than a thousand.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

_RECENT = 1_000
NOTHING = Decimal(0)


class Use(NamedTuple):
    """What one answered request used. `kind` is the usage endpoint it counts under."""

    kind: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    images: int = 0
    batch: bool = False


class Owner(NamedTuple):
    """Whom a request is charged to; `user` is empty for a service account."""

    organization: str
    project: str
    user: str
    key: str


class Entry(NamedTuple):
    """One line of the ledger: the world's seconds, whose it is, what was used, and what it cost."""

    at: float
    owner: Owner
    use: Use
    cost: Decimal


@dataclass(slots=True)
class Sum:
    """Everything of one minute that has the same owner, kind, model and price."""

    minute: int
    owner: Owner
    kind: str
    model: str
    batch: bool
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    images: int = 0
    cost: Decimal = NOTHING


@dataclass(slots=True)
class Ledger:
    """Every request that was charged. `fresh` are the entries a store has not written down yet."""

    recent: deque[Entry] = field(default_factory=lambda: deque(maxlen=_RECENT))
    sums: dict[tuple[object, ...], Sum] = field(default_factory=dict)
    fresh: list[Entry] | None = None
    total: Decimal = NOTHING
    requests: int = 0
    _spent: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)
    _month: tuple[float, float, str] = (0.0, 0.0, "")

    def write(self, entry: Entry) -> None:
        """Write one entry down."""
        self.recent.append(entry)
        if self.fresh is not None:
            self.fresh.append(entry)
        at, owner, use, cost = entry
        self.requests += 1
        found = self._sum(int(at // 60), owner, use)
        found.requests += 1
        found.input_tokens += use.input_tokens
        found.output_tokens += use.output_tokens
        found.cached_tokens += use.cached_tokens
        found.images += use.images
        if cost:
            found.cost += cost
            self._spend(at, owner, cost)

    def restore(self, found: Sum) -> None:
        """Take over a sum that a store kept."""
        self.sums[found.minute, found.owner, found.kind, found.model, found.batch] = found
        self.requests += found.requests
        self._spend(found.minute * 60, found.owner, found.cost)

    def spent(self, organization: str, project: str = "", month: str = "") -> Decimal:
        """Return what was spent: by a project or the whole organization, in a month or ever (USD)."""
        return self._spent.get((organization, project, month), NOTHING)

    def month(self, at: float) -> str:
        """Return the calendar month of a time, such as "2026-11" (UTC)."""
        start, end, name = self._month
        if not start <= at < end:
            first = dt.datetime.fromtimestamp(at, tz=dt.UTC).replace(day=1, hour=0, minute=0, second=0)
            first = first.replace(microsecond=0)
            following = (first + dt.timedelta(days=32)).replace(day=1)
            name = f"{first:%Y-%m}"
            self._month = first.timestamp(), following.timestamp(), name
        return name

    def between(self, start: float, end: float) -> Iterator[Sum]:
        """Yield the sums of the minutes from `start` up to, but not including, `end`."""
        for found in list(self.sums.values()):
            if start <= found.minute * 60 < end:
                yield found

    def _sum(self, minute: int, owner: Owner, use: Use) -> Sum:
        name = (minute, owner, use.kind, use.model, use.batch)
        found = self.sums.get(name)
        if found is None:
            found = self.sums[name] = Sum(minute, owner, use.kind, use.model, use.batch)
        return found

    def _spend(self, at: float, owner: Owner, cost: Decimal) -> None:
        self.total += cost
        month = self.month(at)
        for project, when in (("", month), (owner.project, month), ("", "")):
            name = (owner.organization, project, when)
            self._spent[name] = self._spent.get(name, NOTHING) + cost
