"""The practice API as a program of its own, in a terminal."""

from __future__ import annotations

import contextlib
import ipaddress
import math
import secrets
import signal
import socket
import threading
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from guide_helpers.errors import InputError
from guide_helpers.practice import compat, over_http
from guide_helpers.practice.desk import Desk, Door
from guide_helpers.practice.log import Log
from guide_helpers.practice.world import World
from guide_helpers.practice.world.clock import Clock
from guide_helpers.practice.world.keyring import ADMIN, USER
from guide_helpers.practice.world.limiter import Limits
from guide_helpers.practice.world.pace import Pace

if TYPE_CHECKING:
    from guide_helpers.practice.world.store import Store

_FASTEST = 100_000.0
_SLOWEST = 3_600.0


class Terminal:
    """A practice API that answers until it is stopped."""

    def __init__(
        self,
        world: World,
        port: int,
        *,
        host: str = over_http.HOST,
        log: str | None = None,
        state: str | None = None,
    ) -> None:
        """Bind the port, open the log and the state file, and issue the keys.

        Raises `PracticeError` when the port is taken or a file cannot be used.
        """
        self._listener = over_http.listen(port, host)
        self._listener.listen()  # who comes before it is up waits, and is not turned away
        self._store = None if state is None else _store(state, world)
        self._log = None if log is None else Log(log)
        self.loopback = _is_loopback(host)
        door = Door(loopback=self.loopback)
        self._server = over_http.server(world, Desk(world, door), self._log)
        root = f"http://{_reached_at(host)}:{self._listener.getsockname()[1]}"
        self.page = f"{root}/" if self.loopback else f"{root}/?token={door.token}"
        self.variables = {
            "OPENAI_BASE_URL": f"{root}/v1",
            "OPENAI_API_KEY": _earlier(world, 0, USER) or world.issue_key("terminal key"),
            "OPENAI_ADMIN_KEY": _earlier(world, 1, ADMIN) or world.issue_admin_key("terminal admin key"),
            "GUIDE_PRACTICE_URL": f"{root}/?token={door.token}",
        }

        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGINT, signal.SIGTERM):  # an early Ctrl+C ends it as well as a late one
                signal.signal(each, self._server.handle_exit)

    def run(self) -> None:
        """Answer until Ctrl+C, or until the system asks the program to end."""
        try:
            self._server.run(sockets=[self._listener])
        finally:
            if self._store is not None:
                self._store.close()
            if self._log is not None:
                self._log.close()


def seed_for(host: str) -> int:
    """Return the seed where none is named: on a network nobody may guess it, since keys follow from it."""
    return 0 if _is_loopback(host) else secrets.randbits(63)


def found(*, seed: int, tier: str, credit: str, pace: Pace, speed: float) -> World:
    """Return a new world from what was typed on a command line.

    `credit` is USD as text, or "none" for credit without end, or "" for the least one can pay in.
    Raises `InputError`, with what would do, for a value that cannot be used.
    """
    Limits.of_tier(tier)
    _check("--speed", speed, _FASTEST)
    _check("--latency", pace.latency, _SLOWEST)
    _check("--jitter", pace.jitter, _SLOWEST)
    _check("--tokens-per-second", pace.tokens_per_second, math.inf)
    world = World(Clock(speed=speed), seed=seed, tier=tier, pace=pace)
    if credit:
        world.credit = world.home.credit = _usd(credit)
    return world


def play(world: World, scenarios: list[str]) -> None:
    """Play each scenario, written NAME or NAME:SHARE, until the practice API is stopped."""
    for each in scenarios:
        name, colon, share = each.partition(":")
        try:
            world.play(name, None, share=float(share) if colon else None)
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{share!r} is not a share of the requests.", f"Write {name}:0.2.") from None


def prepare(world: World, profile: str, state: str | None) -> None:
    """Prepare a new world for a client's own test suite, whose things are never gone and never kept.

    Raises `InputError` with a state file, and `UnknownNameError` for a profile there is not.
    """
    if state is not None:
        raise InputError("A test suite's world is not kept in a file.", "Leave out --state or --compat.")
    compat.prepare(world, profile)


def _store(path: str, world: World) -> Store:
    from guide_helpers.practice.world.store import Store  # SQLite is loaded only for a file

    return Store(path, world)


def _earlier(world: World, number: int, kind: str) -> str | None:
    """Return the key that an earlier run with this state file began with, if it still works."""
    value = world.keyring.value(number, kind)
    record = world.keyring.find(value)
    return value if record is not None and record.live else None


def _usd(text: str) -> Decimal | None:
    if text.lower() == "none":
        return None
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= 10**9:
        raise InputError(f"{text!r} is no credit.", 'Give USD, such as 5, or "none" for credit without end.')
    return amount


def _check(name: str, value: float, most: float) -> None:
    if not (math.isfinite(value) and 0 <= value <= most):
        upper = "" if math.isinf(most) else f" to {most:,.0f}"
        raise InputError(f"{name} {value} cannot be used.", f"Give a number from 0{upper}.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reached_at(host: str) -> str:
    """Return the address that others reach a host at; 0.0.0.0 means every address of this computer."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- it is looked for, not bound
        host = _outward()
    return f"[{host}]" if ":" in host else host


def _outward() -> str:
    """Return this computer's own address in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return over_http.HOST
