"""The ledger: what every request used and what it cost, to the last digit.

Money is USD in exact decimals. The last entries are kept whole; all of them are kept as sums by owner
and model: of each minute for a day, of each hour for a week after that, and of each day (UTC) from then
on. So a million requests take no more memory than a thousand, and a year not much more than a month.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

_RECENT = 1_000
_HOUR, _DAY, _WEEK = 60, 1_440, 10_080  # minutes
NOTHING = Decimal(0)


class Use(NamedTuple):
    """What one answered request used. `kind` is the usage endpoint it counts under.

    `long_prompt` says that its prompt pays the dearer rate; `size` is that of its images.
    """

    kind: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    images: int = 0
    batch: bool = False
    long_prompt: bool = False
    size: str = ""


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
    """Everything of one minute (later of its hour, then of its day) that has the same owner and price."""

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
    long_prompt: bool = False
    size: str = ""

    @property
    def name(self) -> tuple[object, ...]:
        """What tells it from every other sum."""
        return self.minute, self.owner, self.kind, self.model, self.batch, self.long_prompt, self.size

    def add(self, other: Sum) -> None:
        """Take another sum's numbers in."""
        self.requests += other.requests
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.cached_tokens += other.cached_tokens
        self.images += other.images
        self.cost += other.cost


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
    _next_roll: int = 0

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

    def last(self, number: int) -> tuple[Entry, ...]:
        """Return the last so many entries, oldest first, as far as they are still kept whole."""
        if number == 1:
            return (self.recent[-1],)
        return tuple(islice(self.recent, max(0, len(self.recent) - number), None))

    def restore(self, found: Sum) -> None:
        """Take over a sum that a store kept."""
        self._keep(found)
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
        """Yield the sums that begin from `start` up to, but not including, `end`."""
        for found in list(self.sums.values()):
            if start <= found.minute * 60 < end:
                yield found

    def _sum(self, minute: int, owner: Owner, use: Use) -> Sum:
        name = (minute, owner, use.kind, use.model, use.batch, use.long_prompt, use.size)
        found = self.sums.get(name)
        if found is None:
            if minute >= self._next_roll:
                self._roll(minute)
            found = self.sums[name] = Sum(
                minute, owner, use.kind, use.model, use.batch, long_prompt=use.long_prompt, size=use.size
            )
        return found

    def _keep(self, found: Sum) -> None:
        """Put a sum in its place, beside or into the one that is there."""
        there = self.sums.setdefault(found.name, found)
        if there is not found:
            there.add(found)

    def _roll(self, now: int) -> None:
        """Put minutes older than a day into their hours, and hours older than a week into their days."""
        self._next_roll = now - now % _HOUR + _HOUR
        for name, found in list(self.sums.items()):
            if found.minute > now - _DAY:
                continue
            minute = _rolled(found.minute, now)
            if minute != found.minute:
                del self.sums[name]
                found.minute = minute
                self._keep(found)

    def _spend(self, at: float, owner: Owner, cost: Decimal) -> None:
        self.total += cost
        organization, project, month = owner.organization, owner.project, self.month(at)
        for name in (
            (organization, "", month),
            (organization, project, month),
            (organization, "", ""),
            (organization, project, ""),
        ):
            self._spent[name] = self._spent.get(name, NOTHING) + cost


def _rolled(minute: int, now: int) -> int:
    """Return the first minute of the span that a minute is kept in: itself, its hour or its day."""
    for span, age in ((_DAY, _WEEK), (_HOUR, _DAY)):
        first = minute - minute % span
        if first + span <= now - age:
            return first
    return minute
