"""The headers that tell of a limit, as numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from guide_helpers import html

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_PART = re.compile(rf"({_NUMBER})(h|ms|m|s|us|µs|ns)")
_LONGEST = 40  # no header that means something is longer


@dataclass(frozen=True, slots=True)
class Allowance:
    """One limit as a reply tells of it; `reset` is seconds until it is whole again.

    What the reply did not say, or said in a way nobody can read, is None.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None


@dataclass(frozen=True, slots=True)
class RateLimits(html.Shown):
    """The limits of one model; `retry_after` is the wait in seconds a refusal asks for."""

    requests: Allowance = field(default_factory=Allowance)
    tokens: Allowance = field(default_factory=Allowance)
    retry_after: float | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str] | None) -> Self:
        """Read any reply's headers. Missing and unreadable ones become None; nothing raises."""
        known = lowered(headers)
        return cls(_allowance(known, "requests"), _allowance(known, "tokens"), wait_asked_for(known))

    def view(self) -> html.Block:
        """Show what there is, what is left and when it is whole again."""
        rows = [
            [name, _shown(each.limit), _shown(each.remaining), _wait(each.reset)]
            for name, each in (("requests", self.requests), ("tokens", self.tokens))
        ]
        headers = ["A minute's", "Limit", "Left", "Whole again in"]
        shown = html.table("What the headers say", headers, rows, numbers=headers[1:])
        again = "" if self.retry_after is None else f"Asked to wait {_wait(self.retry_after)} before a retry."
        return html.stack(shown, again)


def seconds(duration: object) -> float | None:
    """Read a duration as the API writes it, in seconds; None for what is not one.

    A bare number counts as seconds.

    >>> [seconds(each) for each in ("120ms", "8.64s", "6m0s", "1h0m0s", "20", "soon", None)]
    [0.12, 8.64, 360.0, 3600.0, 20.0, None, None]
    """
    text = str(duration).strip()
    if len(text) > _LONGEST:
        return None
    if re.fullmatch(_NUMBER, text):
        return float(text)
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return math.fsum(float(number) * _UNITS[unit] for number, unit in parts)


def lowered(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return headers by their lower-case names, whatever mapping they came in."""
    return {str(name).lower(): str(value) for name, value in (headers or {}).items()}


def wait_asked_for(headers: Mapping[str, str]) -> float | None:
    """Return the wait in seconds that `retry-after-ms` or `retry-after` asks for, if it is above zero.

    A date in `retry-after` counts as nothing said: this code has no clock to hold it against.
    """
    wait = _number(headers.get("retry-after-ms"), 1000) or _number(headers.get("retry-after"), 1)
    return wait or None


def _allowance(headers: Mapping[str, str], unit: str) -> Allowance:
    return Allowance(
        _whole(headers.get(f"x-ratelimit-limit-{unit}")),
        _whole(headers.get(f"x-ratelimit-remaining-{unit}")),
        seconds(headers.get(f"x-ratelimit-reset-{unit}")),
    )


def _whole(text: str | None) -> int | None:
    found = re.fullmatch(r"\s*([0-9]{1,18})\s*", text or "")
    return int(found[1]) if found else None


def _number(text: str | None, divisor: int) -> float | None:
    bare = (text or "").strip()
    if len(bare) > _LONGEST or not re.fullmatch(_NUMBER, bare):
        return None
    return float(bare) / divisor


def _shown(number: int | None) -> str:
    return "not said" if number is None else f"{number:,}"


def _wait(wait: float | None) -> str:
    return "not said" if wait is None else f"{wait:,.10g} s"
