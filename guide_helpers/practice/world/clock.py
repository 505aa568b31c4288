"""The practice world's own clock: it starts on the day this edition was written."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import lru_cache

from guide_helpers import facts

_DAY = 86_400


class Clock:
    """Seconds since 1970 in the practice world.

    It starts at nine in the morning, UTC, of the guide's date, so that models retire in the lessons
    when the lessons say so and not when the real calendar does. `speed` scales real time (0 stops
    it), and `advance` jumps ahead, so that a minute's limit refills at once.
    """

    def __init__(self, *, speed: float = 1.0, ticks: Callable[[], float] = time.monotonic) -> None:
        """Start the clock; `ticks` gives real seconds and can be replaced in a test."""
        written: dt.date = facts.get("guide.written").value
        self._start = dt.datetime.combine(written, dt.time(9), tzinfo=dt.UTC).timestamp()
        self._speed = speed
        self._ticks = ticks
        self._first_tick = ticks()
        self._jumped = 0.0

    def now(self) -> float:
        """Return the practice world's time in seconds since 1970."""
        return self._start + self._speed * (self._ticks() - self._first_tick) + self._jumped

    @property
    def stopped(self) -> bool:
        """Whether it moves only when it is moved."""
        return self._speed == 0

    def wait(self, seconds: float) -> float:
        """Return the real seconds that so many of the world's seconds take.

        A stopped clock is moved on by them instead, and nothing waits.
        """
        if self.stopped:
            self._jumped += seconds
            return 0.0
        return seconds / self._speed

    def today(self) -> dt.date:
        """Return the practice world's date (UTC)."""
        return _date(int(self.now() // _DAY))

    def advance(self, seconds: float) -> None:
        """Jump ahead by that many seconds."""
        self._jumped += seconds


@lru_cache(maxsize=8)
def _date(days: int) -> dt.date:
    """Return the date so many days after the first of January 1970."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=days)
