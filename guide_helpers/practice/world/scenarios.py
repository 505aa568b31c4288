"""Scenarios: what can go wrong on demand, whatever the state of the world.

A scenario is met at its own place in the order of checks, so that it looks like the real thing: a
"revoked" key is refused before its model is looked at, an "overloaded" server only after the limits.
An address that asks no model has no such places after the permission: what is meant for it by its path
is met there, but for what is about a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from guide_helpers.errors import InputError, UnknownNameError
from guide_helpers.practice import faults
from guide_helpers.practice.faults import Fault, Stage

_SLOW = 30.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens: a refusal, or a good answer that comes late (world's seconds) or breaks off."""

    stage: Stage
    fault: Fault | None = None
    delay: float = 0.0
    cut: bool = False


SCENARIOS: Mapping[str, Scenario] = {
    **{
        name: Scenario(stage, fault)
        for stage, listed in faults.STAGED.items()
        for name, fault in listed.items()
    },
    "slow": Scenario("last", delay=_SLOW),
    "cut_stream": Scenario("last", cut=True),
}


@dataclass(slots=True)
class Play:
    """A scenario that is being played: for whom, where, how often."""

    name: str
    scenario: Scenario
    left: int | None
    key: str | None
    path: str | None
    share: float | None
    salt: str

    def meets(self, key: str, path: str, asks_model: bool, request: int) -> bool:  # noqa: FBT001 -- a fact, not a switch
        """Say whether a request is one that this play is for; `key` is the id of its key."""
        if self.key is not None and self.key != key:
            return False
        if self.path is not None and not path.startswith(self.path):
            return False
        if self.path is None and not asks_model and self.scenario.stage not in {"key", "permission"}:
            return False
        return self.share is None or chance(f"{self.salt}:{request}") < self.share


def play(  # noqa: PLR0913 -- each narrows the play, and is named at the call
    scenario: str,
    *,
    times: int | None,
    key: str | None,
    path: str | None,
    share: float | None,
    salt: str,
) -> Play:
    """Return a play of a scenario.

    Raises `UnknownNameError`, listing them, for a scenario that does not exist, and `InputError`
    for a share that is no share or a count below one.
    """
    if scenario not in SCENARIOS:
        raise UnknownNameError(
            f"There is no scenario called {scenario!r}.", f"Choose one of {', '.join(SCENARIOS)}."
        )
    if share is not None and not 0 < share <= 1:
        raise InputError(f"{share} is not a share of the requests.", "Give a number above 0 and up to 1.")
    if times is not None and times < 1:
        raise InputError(f"A scenario cannot be played {times} times.", "Give 1 or more.")
    return Play(scenario, SCENARIOS[scenario], times, key, path, share, salt)


def chance(text: str) -> float:
    """Return a number from 0 to 1 that follows from the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
