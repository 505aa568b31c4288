"""A practice API that runs in another program, used as if it ran here.

The address comes from `GUIDE_PRACTICE_URL`, as `key-guide practice` prints it.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import parse_qs, urlsplit

from guide_helpers import errors
from guide_helpers.errors import GuideError, PracticeError
from guide_helpers.practice.desk.door import TOKEN
from guide_helpers.practice.handles import Practice
from guide_helpers.practice.verdict import Verdict, judge
from guide_helpers.practice.wire import Exchange
from guide_helpers.practice.world import World
from guide_helpers.practice.world.clock import Clock
from guide_helpers.practice.world.keyring import KeyRecord

VARIABLE = "GUIDE_PRACTICE_URL"
_PATIENCE = 10.0
_CURE = (
    "Start it again (key-guide practice) and set GUIDE_PRACTICE_URL to what it prints, or unset that "
    "variable to practise inside this notebook."
)


class Line:
    """The line to the control side of a running practice API."""

    def __init__(self, address: str) -> None:
        """Take the address apart. Raises `PracticeError` for one that is none, or has no token."""
        parts = urlsplit(address)
        self._token = parse_qs(parts.query).get("token", [""])[0]
        if parts.scheme not in {"http", "https"} or not parts.netloc or not self._token.isascii():
            raise PracticeError(
                f"{VARIABLE} is not an address.", "It looks like http://127.0.0.1:8765/?token=…."
            )
        if not self._token:
            raise PracticeError(f"{VARIABLE} lacks the token.", "Copy the whole line that was printed.")
        self.root = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        # a proxy of the surroundings has no business between two programs of one computer
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
        self.mine = ""

    def ask(self, action: str, **about: Any) -> Any:
        """Have something done and return its result.

        Raises the guide's error that the other side raised, or `PracticeError` when nobody answers.
        """
        body = json.dumps({"do": action, "mine": self.mine, **about}).encode()
        request = urllib.request.Request(  # noqa: S310 -- the scheme was looked at
            f"{self.root}/_practice/control",
            body,
            {"content-type": "application/json", TOKEN: self._token},
        )
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            with error:
                _raise(error.read())
        except (OSError, ValueError, LookupError, TypeError):
            raise PracticeError("The practice API does not answer.", _CURE) from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The token goes to the address it was given for, and nowhere else."""

    def redirect_request(self, *about: Any) -> None:
        """Follow nothing."""
        del about


def _raise(body: bytes) -> NoReturn:
    """Raise the error that the other side wrote down."""
    try:
        found = json.loads(body)["error"]
        kind = getattr(errors, found["name"])
        error = kind(str(found["what"]), str(found["cure"]))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise PracticeError("What answers there is not a practice API.", _CURE) from None
    if not isinstance(error, GuideError):
        raise PracticeError("What answers there is not a practice API.", _CURE)
    raise error


class DistantClock(Clock):
    """The clock of a practice API in another program."""

    def __init__(self, line: Line) -> None:
        """Read the clock at the other end of a line."""
        super().__init__()
        self._line = line

    def now(self) -> float:
        """Return the practice world's time in seconds since 1970."""
        return float(self._line.ask("clock"))

    def advance(self, seconds: float) -> None:
        """Jump ahead by that many seconds, for everybody who is attached."""
        self._line.ask("clock", advance=seconds)


class Attached(Practice):
    """A practice API in another program, with keys of its own for this one.

    What others who are attached ask and play is neither seen nor met here; the clock is everybody's.
    """

    world: World  # at the other end of the line; nothing here touches it

    def __init__(self, address: str) -> None:
        """Attach, and be given a key. Raises `PracticeError` when nobody answers."""
        self._line = Line(address)
        first = self._line.ask("attach", name=_name())
        self._line.mine, self.api_key = first["id"], first["value"]
        self.base_url, self.page = f"{self._line.root}/v1", address
        self._clock = DistantClock(self._line)

    @property
    def clock(self) -> Clock:
        """The practice world's clock, which everybody who is attached shares."""
        return self._clock

    @property
    def seen(self) -> tuple[Exchange, ...]:
        """The last requests and their answers, oldest first, with every key masked."""
        return tuple(map(_exchange, self._line.ask("seen")))

    @property
    def keys(self) -> tuple[KeyRecord, ...]:
        """What is kept of each key: everything but the key."""
        return tuple(map(_key_record, self._line.ask("keys")))

    def issue_key(self, name: str) -> str:
        """Make another key and return its value, which is shown this once."""
        return str(self._line.ask("issue_key", name=name)["value"])

    def issue_admin_key(self, name: str) -> str:
        """Make a key for the admin side (projects, people, keys) and return its value once."""
        return str(self._line.ask("issue_admin_key", name=name)["value"])

    def revoke_key(self, key: str) -> None:
        """Make a key useless from now on. Raises `UnknownNameError` for a key never issued there."""
        self._line.ask("revoke_key", key=key)

    def play(
        self,
        scenario: str,
        times: int | None = 1,
        *,
        key: str | None = None,
        path: str | None = None,
        share: float | None = None,
    ) -> None:
        """Play a scenario as `Practice.play` does; without a `key`, requests with `api_key` meet it."""
        self._line.ask("play", scenario=scenario, times=times, key=key, path=path, share=share)

    def stop(self) -> None:
        """Stop every scenario that was played from here."""
        self._line.ask("stop")

    def verdict(self, key: str | None = None) -> Verdict:
        """Judge what the client did with the answers it was given; see `Practice.verdict`."""
        name = None if key is None else self._line.ask("find_key", key=key)
        return judge(each for each in self.seen if name in (None, each.key))

    def close(self) -> None:
        """Do nothing: the practice API belongs to whoever started it."""

    def __enter__(self) -> Self:
        """Return the handle."""
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the practice API running."""

    def _where(self) -> str:
        return f"The practice API at {self._line.root} answers."


def _name(environ: Mapping[str, str] = os.environ) -> str:
    """Return what to call this process: its notebook's file name, and its user on a hub."""
    notebook = Path(environ.get("JPY_SESSION_NAME", "")).name or f"process {os.getpid()}"
    user = environ.get("JUPYTERHUB_USER", "")
    return f"{user}: {notebook}" if user else notebook


def _key_record(fields: dict[str, Any]) -> KeyRecord:
    """Return what is kept of a key from plain data."""
    return KeyRecord(**{**fields, "scopes": tuple(fields["scopes"])})


def _exchange(fields: dict[str, Any]) -> Exchange:
    """Return an exchange from plain data."""
    return Exchange(**fields)
