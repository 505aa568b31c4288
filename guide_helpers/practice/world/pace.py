"""How fast the practice world answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """World's seconds before an answer, how much they vary, and the tokens a second of a stream.

    All zero (the default) answers at once. `jitter` is the most that is added to or taken from the
    latency, the same for the same request under the same seed.
    """

    latency: float = 0.0
    jitter: float = 0.0
    tokens_per_second: float = 0.0

    def wait(self, chance: float) -> float:
        """Return the seconds one answer waits; `chance` from 0 to 1 places it within the jitter."""
        return max(0.0, self.latency + self.jitter * (2 * chance - 1))
