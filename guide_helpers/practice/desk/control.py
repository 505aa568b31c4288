"""What an attached notebook may ask of a running practice API, by `POST /_practice/control`.

The JSON object sent names what to `do` and for whom: `mine` is the id of the asker's first key. Each attached
notebook has keys of its own; it sees what was asked with them or with nobody's, never another's.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from guide_helpers import keys
from guide_helpers.errors import GuideError, InputError, PracticeError, UnknownNameError
from guide_helpers.practice.world import World
from guide_helpers.practice.world.scenarios import Play

_LONGEST_NAME = 100
_LONGEST_JUMP = 366 * 86_400
_LAST_MOMENT = 4_000_000_000  # the year 2096: clocks that run on for thousands of years break dates
_MOST_PLAYS = 1_000
_MOST_KEYS = 10_000

Asked = Mapping[str, Any]


@dataclass(slots=True)
class Control:
    """The control side of one world; `holders` says which attached notebook a key was made for."""

    world: World
    holders: dict[str, str] = field(default_factory=dict)
    _plays: list[tuple[str, Play]] = field(default_factory=list)

    def do(self, asked: Asked) -> Any:
        """Do what is asked and return its result as plain data; raises `GuideError` when it cannot."""
        action = _ACTIONS.get(_text(asked, "do"))
        if action is None:
            raise UnknownNameError(
                "The running practice API cannot do that.", "Let the notebook and it be of one edition."
            )
        with self.world.lock:
            return action(self, asked)

    def attach(self, asked: Asked) -> dict[str, str]:
        """Issue the first key of a notebook, named after it."""
        return self._issue(_text(asked, "name"), "")

    def issue_key(self, asked: Asked) -> dict[str, str]:
        """Issue another key."""
        return self._issue(_text(asked, "name"), self._holder(asked))

    def issue_admin_key(self, asked: Asked) -> dict[str, str]:
        """Issue a key for the admin side, which everybody who is attached shares."""
        return self._issue(_text(asked, "name"), self._holder(asked), admin=True)

    def _issue(self, name: str, holder: str, *, admin: bool = False) -> dict[str, str]:
        if len(self.world.keyring.records) >= _MOST_KEYS:
            raise PracticeError(f"{_MOST_KEYS:,} keys have been made here.", "Start a new practice API.")
        issue = self.world.issue_admin_key if admin else self.world.issue_key
        value = issue(keys.redact(name)[:_LONGEST_NAME])
        made = self.world.record(value).id
        self.holders[made] = holder or made
        return {"value": value, "id": made}

    def find_key(self, asked: Asked) -> str:
        """Return the id of a key."""
        return self.world.record(_text(asked, "key")).id

    def revoke_key(self, asked: Asked) -> None:
        """Revoke a key."""
        self.world.revoke_key(_text(asked, "key"))

    def keys(self, asked: Asked) -> list[dict[str, Any]]:
        """List the keys, oldest first, but those of other notebooks."""
        mine = self._holder(asked)
        return [
            dataclasses.asdict(each)
            for each in self.world.key_records()
            if self.holders.get(each.id, mine) == mine
        ]

    def seen(self, asked: Asked) -> list[dict[str, Any]]:
        """List the last exchanges, oldest first, but those of other notebooks."""
        mine = self._holder(asked)
        return [
            dataclasses.asdict(each.exchange)
            for each in self.world.records
            if self.holders.get(each.key, mine) == mine
        ]

    def play(self, asked: Asked) -> None:
        """Play a scenario; without a key, for the asker's first."""
        world, mine = self.world, self._holder(asked)
        if len(world.plays) >= _MOST_PLAYS:
            raise PracticeError(f"{_MOST_PLAYS:,} scenarios are being played.", "Stop them first.")
        times, key = asked.get("times"), asked.get("key")
        path, share = asked.get("path"), asked.get("share")
        if not (_maybe(times, int) and _maybe(key, str) and _maybe(path, str) and _maybe(share, int, float)):
            raise InputError("That is no way to play a scenario.", "See help(server.play).")
        world.play(_text(asked, "scenario"), times, key=key, path=path, share=share)
        played = world.plays[-1]
        played.key = played.key or mine
        self._plays = [(whose, each) for whose, each in self._plays if each in world.plays]
        self._plays.append((mine, played))

    def stop(self, asked: Asked) -> None:
        """Stop what the asker plays."""
        mine = self._holder(asked)
        stopped = [id(play) for whose, play in self._plays if whose == mine]
        self.world.plays[:] = [each for each in self.world.plays if id(each) not in stopped]

    def clock(self, asked: Asked) -> float:
        """Return the world's time, after a jump if one is asked for."""
        clock, seconds = self.world.clock, asked.get("advance", 0)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
            raise InputError("That is no number of seconds.", "Give a number, such as 60.")
        if not 0 <= seconds <= _LONGEST_JUMP or clock.now() + seconds > _LAST_MOMENT:
            raise InputError("The clock cannot jump that far.", "Give from 0 seconds to a year.")
        clock.advance(seconds)
        return clock.now()

    def _holder(self, asked: Asked) -> str:
        mine = _text(asked, "mine")
        if self.holders.get(mine) != mine:
            raise PracticeError(
                "The practice API has been started anew since this notebook attached.",
                "Restart the kernel.",
            )
        return mine


def refusal(error: GuideError) -> dict[str, Any]:
    """Return one of the guide's errors as plain data."""
    return {"error": {"name": type(error).__name__, "what": error.what, "cure": error.cure}}


def _text(asked: Asked, name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str):
        raise InputError(f"{name}= has to be a text.", "Give one.")
    return value


def _maybe(value: object, *types: type) -> bool:
    return value is None or (isinstance(value, types) and not isinstance(value, bool))


_ACTIONS: dict[str, Callable[[Control, Asked], Any]] = {
    "attach": Control.attach,
    "clock": Control.clock,
    "find_key": Control.find_key,
    "issue_admin_key": Control.issue_admin_key,
    "issue_key": Control.issue_key,
    "keys": Control.keys,
    "play": Control.play,
    "revoke_key": Control.revoke_key,
    "seen": Control.seen,
    "stop": Control.stop,
}
