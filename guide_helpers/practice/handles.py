"""What a notebook holds: a running practice API, or one without a socket."""

from __future__ import annotations

import atexit
import importlib.metadata
import platform
from functools import cached_property
from typing import Any, Self

from guide_helpers import __version__, html
from guide_helpers.practice import in_process as _in_process
from guide_helpers.practice import over_http
from guide_helpers.practice.wire import Exchange
from guide_helpers.practice.world import World
from guide_helpers.practice.world.clock import Clock
from guide_helpers.practice.world.keyring import KeyRecord
from guide_helpers.practice.world.limiter import Limits


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

    def stop(self) -> None:
        """Stop every scenario that is still being played."""
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
        """Start answering on loopback; port 0 takes a free one."""
        super().__init__(world)
        self._thread = over_http.Thread(world, port)
        self.base_url = f"http://{over_http.HOST}:{self._thread.port}/v1"
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
        return _in_process.sync_client(self.world)

    @cached_property
    def async_http_client(self) -> Any:
        """For `AsyncOpenAI(http_client=...)`."""
        return _in_process.async_client(self.world)

    def _where(self) -> str:
        return "The practice API answers inside this process."


_running: dict[object, Server] = {}


def serve(*, limits: Limits | None = None, clock: Clock | None = None, seed: int = 0) -> Server:
    """Start a practice API on a free loopback port; asking again the same way gives the running one.

    `limits` are the requests and tokens a model may use in a minute (the ledger's example by
    default), `clock` the world's clock, and `seed` decides the keys and ids. The server is a context
    manager and closes when the process ends. Raises `PracticeError` when it cannot start.
    """
    asked = (limits, clock, seed)
    server = _running.get(asked)
    if server is None or not server.running:
        server = _running[asked] = Server(_world(limits, clock, seed))
    return server


def in_process(*, limits: Limits | None = None, clock: Clock | None = None, seed: int = 0) -> InProcess:
    """Return a practice API that needs no thread and no socket; arguments as for `serve`.

    Use it as `OpenAI(base_url=api.base_url, api_key=api.api_key, http_client=api.http_client)`.
    """
    return InProcess(_world(limits, clock, seed))


def _world(limits: Limits | None, clock: Clock | None, seed: int) -> World:
    return World(clock or Clock(), limits, seed)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
