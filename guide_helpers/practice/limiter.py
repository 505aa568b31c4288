"""Rate limits: buckets that refill continuously, and the headers that tell of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from guide_helpers import facts
from guide_helpers.practice import faults
from guide_helpers.practice.faults import Fault, Refused


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests and tokens that one model may use in a minute."""

    requests: int
    tokens: int

    @classmethod
    def example(cls) -> Limits:
        """Return the limits of OpenAI's own example, from the ledger."""
        return cls(**facts.get("limits.example").value)


@dataclass(slots=True)
class Bucket:
    """So many units a minute; a full bucket holds a whole minute's worth. Times are seconds."""

    unit: str
    short: str
    per_minute: int
    level: float
    at: float

    def refill(self, now: float) -> None:
        """Bring the level up to now."""
        self.level = min(self.per_minute, self.level + (now - self.at) * self.per_minute / 60)
        self.at = now

    def wait(self, units: float) -> float:
        """Return how many seconds until that many units are there; 0 when they are."""
        return max(0.0, (units - self.level) * 60 / self.per_minute)

    @property
    def remaining(self) -> int:
        """Whole units left."""
        return max(0, int(self.level + 1e-9))

    @property
    def reset(self) -> float:
        """Seconds until the bucket is full again: (limit - remaining) / rate, as the API has it."""
        return (self.per_minute - self.remaining) * 60 / self.per_minute

    def headers(self) -> dict[str, str]:
        """Return the three headers that tell of this bucket."""
        return {
            f"x-ratelimit-limit-{self.unit}": str(self.per_minute),
            f"x-ratelimit-remaining-{self.unit}": str(self.remaining),
            f"x-ratelimit-reset-{self.unit}": go_duration(self.reset),
        }


class Limiter:
    """The two buckets of one model."""

    def __init__(self, limits: Limits, now: float) -> None:
        """Start with both buckets full."""
        self._requests = Bucket("requests", "RPM", limits.requests, limits.requests, now)
        self._tokens = Bucket("tokens", "TPM", limits.tokens, limits.tokens, now)

    def draw(self, model: str, tokens: int, now: float) -> dict[str, str]:
        """Draw one request and so many tokens, and return the limit headers.

        Both buckets are looked at before either is drawn from. Refuses with 429 and the exact wait
        when one holds too little.
        """
        wanted = ((self._requests, 1), (self._tokens, tokens))
        for bucket, _ in wanted:
            bucket.refill(now)
        for bucket, units in wanted:
            if bucket.wait(units) > 0:
                raise Refused(_too_fast(model, bucket, units).with_headers(*self._headers().items()))
        for bucket, units in wanted:
            bucket.level -= units
        return self._headers()

    def _headers(self) -> dict[str, str]:
        return {**self._requests.headers(), **self._tokens.headers()}


def _too_fast(model: str, bucket: Bucket, units: int) -> Fault:
    wait = bucket.wait(units)
    return faults.RATE.about(
        type=bucket.unit,
        model=model,
        what=bucket.unit,
        short=bucket.short,
        limit=bucket.per_minute,
        used=bucket.per_minute - bucket.remaining,
        requested=units,
        wait=go_duration(wait),
    ).with_headers(
        ("retry-after", str(math.ceil(wait))),
        ("retry-after-ms", str(math.ceil(wait * 1000))),
    )


def go_duration(seconds: float) -> str:
    """Write seconds the way the API's headers do.

    >>> [go_duration(each) for each in (0, 0.12, 1, 8.64, 360, 3600)]
    ['0s', '120ms', '1s', '8.64s', '6m0s', '1h0m0s']
    """
    if 0 < seconds < 1:
        return f"{max(1, round(seconds * 1000))}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    second = f"{rest:.3f}".rstrip("0").rstrip(".")
    if hours:
        return f"{hours}h{minutes}m{second}s"
    return f"{minutes}m{second}s" if minutes else f"{second}s"
