"""Rate limits: buckets that refill continuously, and the headers that tell of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from guide_helpers import facts
from guide_helpers.errors import UnknownNameError
from guide_helpers.practice import faults
from guide_helpers.practice.faults import Fault, Refused

_MINUTE, _DAY = 60, 86_400
_INSTANT = 1e-6  # seconds: finer than this the world's time cannot be told apart


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests and tokens that one model may use in a minute, and requests in a day if that is limited."""

    requests: int
    tokens: int
    requests_per_day: int | None = None

    @classmethod
    def example(cls) -> Limits:
        """Return the limits of OpenAI's own example, from the ledger."""
        return cls(**facts.get("limits.example").value)

    @classmethod
    def of_tier(cls, tier: str) -> Limits:
        """Return the practice world's limits of a usage tier, from the ledger.

        Raises `UnknownNameError`, naming the tiers, for one that does not exist.
        """
        tiers = {row["tier"]: row for row in facts.get("practice.tiers").value}
        if tier not in tiers:
            raise UnknownNameError(
                f"There is no usage tier called {tier!r}.", f"Choose one of {', '.join(tiers)}."
            )
        row = tiers[tier]
        return cls(row["requests"], row["tokens"], row["requests_per_day"])

    def changed(self, fields: Mapping[str, int]) -> Limits:
        """Return the limits with a project's own, which may only be lower."""
        day = fields.get("max_requests_per_1_day", self.requests_per_day)
        return replace(
            self,
            requests=min(self.requests, fields.get("max_requests_per_1_minute", self.requests)),
            tokens=min(self.tokens, fields.get("max_tokens_per_1_minute", self.tokens)),
            requests_per_day=day if self.requests_per_day is None else min(day or 0, self.requests_per_day),
        )


@dataclass(slots=True)
class Bucket:
    """So many units in a period; a full bucket holds a whole period's worth. Times are seconds.

    `slack` is what comes in within an instant: so much less than what is wanted is enough.
    """

    unit: str
    short: str
    most: int
    level: float
    at: float
    period: int = _MINUTE
    slack: float = field(init=False)
    told: str = field(init=False)

    def __post_init__(self) -> None:
        """Work out the slack, and write down once what every header repeats."""
        self.told = str(self.most)
        self.slack = self.most / self.period * _INSTANT + 1e-9

    def refill(self, now: float) -> None:
        """Bring the level up to now."""
        self.level = min(self.most, self.level + (now - self.at) * self.most / self.period)
        self.at = now

    def holds(self, units: float) -> bool:
        """Say whether that many units are there, or come within an instant."""
        return self.level + self.slack >= units

    def wait(self, units: float) -> float:
        """Return the seconds until that many units are there: 0 when they are, infinite when never."""
        if self.holds(units):
            return 0.0
        return (units - self.level) * self.period / self.most if units <= self.most else math.inf

    @property
    def remaining(self) -> int:
        """Whole units left."""
        return max(0, int(self.level + self.slack))

    @property
    def reset(self) -> float:
        """Seconds until the bucket is full again: (limit - remaining) / rate, as the API has it."""
        return self.until_full(self.remaining)

    def until_full(self, remaining: int) -> float:
        """Return the seconds until a bucket with so many units left is full again."""
        return (self.most - remaining) * self.period / self.most if self.most else 0.0

    def tell(self, headers: dict[str, str], unit: str) -> None:
        """Add the three headers that tell of this bucket."""
        limit, left, reset = _names(unit)
        remaining = self.remaining
        headers[limit] = self.told
        headers[left] = str(remaining)
        headers[reset] = go_duration(self.until_full(remaining))


class Limiter:
    """The buckets of one model family: an organization's, or those a project has of its own."""

    def __init__(self, limits: Limits, now: float) -> None:
        """Start with every bucket full."""
        self.limits = limits
        self.requests = Bucket("requests", "RPM", limits.requests, limits.requests, now)
        self.tokens = Bucket("tokens", "TPM", limits.tokens, limits.tokens, now)
        self.day: Bucket | None = None
        if (most := limits.requests_per_day) is not None:
            self.day = Bucket("requests", "RPD", most, most, now, _DAY)

    def refill(self, now: float) -> None:
        """Bring every bucket up to now."""
        self.requests.refill(now)
        self.tokens.refill(now)
        if self.day is not None:
            self.day.refill(now)

    def lacking(self, tokens: int) -> Bucket | None:
        """Return a bucket that holds too little: first one that will never hold enough."""
        if tokens > self.tokens.most:
            return self.tokens
        if self.day is not None and self.day.level + self.day.slack < 1:
            return self.day
        if self.requests.level + self.requests.slack < 1:
            return self.requests
        return self.tokens if self.tokens.level + self.tokens.slack < tokens else None

    def wait(self, tokens: int) -> float:
        """Return the seconds until every bucket holds enough; infinite when one never will."""
        days = 0.0 if self.day is None else self.day.wait(1)
        return max(days, self.requests.wait(1), self.tokens.wait(tokens))

    def draw(self, tokens: int) -> None:
        """Take one request and so many tokens out."""
        self.requests.level -= 1
        self.tokens.level -= tokens
        if self.day is not None:
            self.day.level -= 1

    def give_back(self, tokens: float) -> None:
        """Put back the tokens that an estimate took too many (or take those it took too few)."""
        self.tokens.level = min(self.tokens.most, self.tokens.level + tokens)

    def tell(self, headers: dict[str, str]) -> None:
        """Add the six headers; those about requests speak of the scarcer of minute and day."""
        scarce = self.requests
        if self.day is not None and self.day.remaining < scarce.remaining:
            scarce = self.day
        scarce.tell(headers, "requests")
        self.tokens.tell(headers, "tokens")


class Draw(NamedTuple):
    """What a request took, so that the estimate can be corrected, and the headers that tell of it."""

    limiters: tuple[Limiter, ...]
    tokens: int
    headers: Mapping[str, str]

    def settle(self, used: int) -> None:
        """Correct the estimate to what was used."""
        for limiter in self.limiters:
            limiter.give_back(self.tokens - used)


FREE = Draw((), 0, {})


def draw(limiters: tuple[Limiter, ...], model: str, organization: str, tokens: int, now: float) -> Draw:
    """Draw one request and so many tokens: from the organization's buckets, and the project's own if any.

    Every bucket is looked at before any is drawn from. Refuses with 429 when one holds too little, and
    says how long to wait; what is refused for its tokens has still been one request.
    """
    lacking = None
    for limiter in limiters:
        limiter.refill(now)
        lacking = lacking or limiter.lacking(tokens)
    if lacking is not None:
        if lacking.unit == "tokens" and _have_requests(limiters):
            for limiter in limiters:
                limiter.draw(0)
        raise Refused(_too_fast(limiters, model, organization, lacking, tokens))
    for limiter in limiters:
        limiter.draw(tokens)
    return Draw(limiters, tokens, _headers(limiters))


def _have_requests(limiters: tuple[Limiter, ...]) -> bool:
    """Say whether there is a request left for one that is refused: none is ever owed."""
    return all(each.requests.holds(1) and (each.day is None or each.day.holds(1)) for each in limiters)


def _headers(limiters: tuple[Limiter, ...]) -> dict[str, str]:
    headers: dict[str, str] = {}
    limiters[0].tell(headers)
    for own in limiters[1:]:
        own.tokens.tell(headers, "project-tokens")
    return headers


def _too_fast(
    limiters: tuple[Limiter, ...], model: str, organization: str, bucket: Bucket, tokens: int
) -> Fault:
    """Return the refusal: with the wait for every bucket, or without one when no wait is long enough."""
    wait = max(each.wait(tokens) for each in limiters)
    fault = (faults.RATE if wait < math.inf else faults.RATE_NEVER).about(
        type=bucket.unit,
        model=model,
        organization=organization,
        what=bucket.unit,
        period="day" if bucket.period == _DAY else "min",
        short=bucket.short,
        limit=bucket.most,
        used=bucket.most - bucket.remaining,
        requested=tokens if bucket.unit == "tokens" else 1,
        wait=go_duration(wait) if wait < math.inf else "",
    )
    fault = fault.with_headers(*_headers(limiters).items())
    if wait == math.inf:
        return fault
    # whole milliseconds upward, but not for the dust of a float
    milliseconds = max(1, math.ceil(wait * 1000 - _INSTANT))
    return fault.with_headers(
        ("retry-after", str(-(-milliseconds // 1000))),
        ("retry-after-ms", str(milliseconds)),
    )


@lru_cache(maxsize=4)
def _names(unit: str) -> tuple[str, str, str]:
    return f"x-ratelimit-limit-{unit}", f"x-ratelimit-remaining-{unit}", f"x-ratelimit-reset-{unit}"


@lru_cache(maxsize=10_000)
def family(model: str) -> str:
    """Return the family whose limits a model shares: a dated snapshot draws on its model's.

    >>> family("model-x-2024-08-06")
    'model-x'
    """
    return re.sub(r"-\d{4}-\d{2}-\d{2}$", "", model)


def go_duration(seconds: float) -> str:
    """Write seconds the way the API's headers do.

    >>> [go_duration(each) for each in (0, 0.12, 1, 8.64, 360, 3600)]
    ['0s', '120ms', '1s', '8.64s', '6m0s', '1h0m0s']
    """
    if not seconds:
        return "0s"
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    second = f"{rest:.3f}".rstrip("0").rstrip(".")
    if hours:
        return f"{hours}h{minutes}m{second}s"
    return f"{minutes}m{second}s" if minutes else f"{second}s"
