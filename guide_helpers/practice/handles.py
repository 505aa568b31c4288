"""What a notebook holds: a running practice API, or one without a socket."""

from __future__ import annotations

import atexit
import os
import platform
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

from guide_helpers import __version__, html
from guide_helpers.practice import over_http
from guide_helpers.practice.desk import Desk, Door
from guide_helpers.practice.in_process import async_client, sync_client
from guide_helpers.practice.verdict import Verdict, judge
from guide_helpers.practice.wire import Exchange
from guide_helpers.practice.world import World
from guide_helpers.practice.world.clock import Clock
from guide_helpers.practice.world.keyring import KeyRecord
from guide_helpers.practice.world.limiter import Limits
from guide_helpers.practice.world.pace import Pace

if TYPE_CHECKING:
    from guide_helpers.practice.attach import Attached


class Practice(html.Shown):
    """What both ways in have in common: one world, its first key, and a view of what happened."""

    base_url: str

    def __init__(self, world: World) -> None:
        """Open the world for business: issue the first key."""
        self.world = world
        self.api_key = world.issue_key("first key")

    @property
    def clock(self) -> Clock:
        """The practice world's clock; `server.clock.advance(60)` jumps a minute ahead."""
        return self.world.clock

    @property
    def seen(self) -> tuple[Exchange, ...]:
        """The last requests and their answers, oldest first, with every key masked."""
        return tuple(each.exchange for each in list(self.world.records))

    @property
    def keys(self) -> tuple[KeyRecord, ...]:
        """What is kept of each key ever issued: everything but the key."""
        return self.world.key_records()

    def issue_key(self, name: str) -> str:
        """Make another key and return its value, which is shown this once."""
        return self.world.issue_key(name)

    def issue_admin_key(self, name: str) -> str:
        """Make a key for the admin side (projects, people, keys) and return its value once."""
        return self.world.issue_admin_key(name)

    def revoke_key(self, key: str) -> None:
        """Make a key useless from now on. Raises `UnknownNameError` for a key never issued here."""
        self.world.revoke_key(key)

    def play(
        self,
        scenario: str,
        times: int | None = 1,
        *,
        key: str | None = None,
        path: str | None = None,
        share: float | None = None,
    ) -> None:
        """Play a scenario for the next `times` requests that it is meant for (None: until `stop`).

        It can be meant for one `key`, for addresses that start with `path`, or for a `share` of the
        requests (above 0, up to 1; which ones follows from the seed). Without a path, only calls of a
        model meet it, but for scenarios about the key itself, which every call meets.

        Raises `UnknownNameError`, listing the scenarios, for a name that is not one.
        """
        self.world.play(scenario, times, key=key, path=path, share=share)

    def verdict(self, key: str | None = None) -> Verdict:
        """Judge what the client did with the answers it was given: of one `key`, or of all.

        Ask when the client is done: what was not tried again by then counts as given up. Judged are
        the exchanges that are still remembered (`seen`). In a test: `assert server.verdict().ok`.
        Raises `UnknownNameError` for a key never issued here.
        """
        name = None if key is None else self.world.record(key).id
        return judge(each for each in self.seen if name in (None, each.key))

    def stop(self) -> None:
        """Stop every scenario that is still being played."""
        with self.world.lock:
            self.world.plays.clear()

    def view(self) -> html.Block:
        """Say in three lines where calls go, what runs, and what it costs."""
        versions = ", ".join(
            [f"Python {platform.python_version()}", f"openai {_version('openai')}", f"guide {__version__}"]
        )
        return html.stack(
            html.badge("Practice mode", "good"),
            f"Calls stay on this computer. {self._where()}",
            f"Versions: {versions}.",
            "Cost: nothing. No account, no key and no card is used.",
        )

    def _where(self) -> str:
        raise NotImplementedError


class Server(Practice):
    """A practice API over HTTP, in a thread of this process."""

    def __init__(self, world: World, port: int = 0) -> None:
        """Start answering on loopback; port 0 takes a free one.

        `page` is the address of the live page. With its token, other notebooks can attach to it.
        """
        super().__init__(world)
        door = Door()
        self._thread = over_http.Thread(world, port, Desk(world, door))
        root = f"http://{over_http.HOST}:{self._thread.port}"
        self.base_url, self.page = f"{root}/v1", f"{root}/?token={door.token}"
        self.running = True
        atexit.register(self.close)

    def close(self) -> None:
        """Stop answering. Closing twice does no harm."""
        if self.running:
            self.running = False
            self._thread.close()
            atexit.unregister(self.close)

    def __enter__(self) -> Self:
        """Return the running server."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop answering."""
        self.close()

    def _where(self) -> str:
        return "The practice API listens on loopback only."


class InProcess(Practice):
    """A practice API with no socket and no thread: pass `http_client` to the client."""

    base_url = "http://practice.invalid/v1"

    @cached_property
    def http_client(self) -> Any:
        """For `OpenAI(http_client=...)`: an HTTP client that the world answers directly."""
        return sync_client(self.world)

    @cached_property
    def async_http_client(self) -> Any:
        """For `AsyncOpenAI(http_client=...)`."""
        return async_client(self.world)

    def _where(self) -> str:
        return "The practice API answers inside this process."


_running: dict[object, Server] = {}
_attached: dict[str, Attached] = {}
_ATTACH = "GUIDE_PRACTICE_URL"
_Credit = Decimal | int | Literal["minimum"] | None


def serve(  # noqa: PLR0913 -- what a practice world can be, each by its name
    *,
    limits: Limits | None = None,
    clock: Clock | None = None,
    seed: int = 0,
    tier: str = "1",
    credit: _Credit = "minimum",
    pace: Pace | None = None,
) -> Server | Attached:
    """Start a practice API on a free loopback port; asking again the same way gives the running one.

    `limits` are the requests and tokens a model may use in a minute (else those of the usage `tier`),
    `clock` is the world's clock, `seed` decides the keys and ids, `credit` is what was paid in
    (USD; None never ends, the least one can pay in by default) and `pace` says how fast it answers.
    The server is a context manager and closes when the process ends.

    Asked for nothing in particular while `GUIDE_PRACTICE_URL` is set, it attaches to the practice API
    that runs there. Raises `PracticeError` when it cannot start, or when nobody answers there.
    """
    asked = (limits, clock, seed, tier, credit, pace)
    address = os.environ.get(_ATTACH, "")
    if address and asked == (None, None, 0, "1", "minimum", None):
        if address not in _attached:
            from guide_helpers.practice.attach import Attached

            _attached[address] = Attached(address)
        return _attached[address]
    server = _running.get(asked)
    if server is None or not server.running:
        server = _running[asked] = Server(_world(*asked))
    return server


def in_process(  # noqa: PLR0913 -- as for `serve`
    *,
    limits: Limits | None = None,
    clock: Clock | None = None,
    seed: int = 0,
    tier: str = "1",
    credit: _Credit = "minimum",
    pace: Pace | None = None,
) -> InProcess:
    """Return a practice API that needs no thread and no socket; arguments as for `serve`.

    Use it as `OpenAI(base_url=api.base_url, api_key=api.api_key, http_client=api.http_client)`.
    """
    return InProcess(_world(limits, clock, seed, tier, credit, pace))


def _world(  # noqa: PLR0913, PLR0917 -- as for `serve`
    limits: Limits | None,
    clock: Clock | None,
    seed: int,
    tier: str,
    credit: _Credit,
    pace: Pace | None,
) -> World:
    Limits.of_tier(tier)  # an unknown one is told here, not by the first request
    world = World(clock or Clock(), limits, seed, tier, pace=pace or Pace())
    if credit != "minimum":
        world.credit = world.home.credit = None if credit is None else Decimal(credit)
    return world


def _version(package: str) -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
