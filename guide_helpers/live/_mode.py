"""The switch: practice or live, decided before the client exists."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from guide_helpers import html, keys, practice, storage
from guide_helpers.errors import LiveError, StorageError, UnknownNameError
from guide_helpers.live._fuse import Fuse, Spent
from guide_helpers.live._guard import LIVE_HOST, Gate, LiveGate, PracticeGate, async_client, sync_client
from guide_helpers.live._guard import is_loopback as _is_loopback

_PRACTICE, _LIVE, _UNATTENDED = "practice", "live", "live-unattended"
_BINDER = ("BINDER_LAUNCH_HOST", "BINDER_REPO_URL")
_TESTS = ("PYTEST_VERSION", "PYTEST_CURRENT_TEST", "CI")

_fuse = Fuse()  # one for the kernel's life: choosing again does not forget what was spent


class _Api(Protocol):
    """What a practice API offers a client."""

    base_url: str
    api_key: str


class _Variables(dict[str, str]):
    """Environment variables that do not show their values."""

    def __repr__(self) -> str:
        return f"<{len(self)} variables>"


@dataclass(frozen=True)
class Mode(html.Shown):
    """Where calls go and what is allowed there; made by `choose` and never changed.

    `base_url`, `key.reveal()` and `http_client` (or `async_http_client`) are for `OpenAI(...)`.
    """

    name: Literal["practice", "live"]
    base_url: str
    key: keys.ApiKey
    place: str = ""
    gate: Gate = field(default_factory=lambda: LiveGate(_fuse), repr=False)
    onward: Any = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The host that calls go to."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def live(self) -> bool:
        """Whether calls go to OpenAI and cost money."""
        return self.name == _LIVE

    @cached_property
    def http_client(self) -> Any:
        """For `OpenAI(http_client=...)`: openai's own, which refuses what this mode does not allow."""
        onward = getattr(self.onward, "http_client", None)
        return sync_client(self.gate, onward, trust_env=self.live)

    @cached_property
    def async_http_client(self) -> Any:
        """For `AsyncOpenAI(http_client=...)`."""
        onward = getattr(self.onward, "async_http_client", None)
        return async_client(self.gate, onward, trust_env=self.live)

    def live_cell(self) -> AbstractContextManager[None]:
        """Mark a cell: `with mode.live_cell():`. Outside of one a live client sends nothing.

        In practice mode the calls inside stay practice, but what the fuse could not price is refused
        there too, so that the cell that passes here is not refused live. The mark holds for every
        thread, while the block runs.
        """
        return self.gate.live_cell()  # type: ignore[no-any-return]

    def view(self) -> html.Block:
        """Say which mode it is, where calls go, what is allowed, and what it may cost."""
        if not self.live:
            near = _is_loopback(self.host) or self.onward is not None
            return html.stack(
                html.badge("PRACTICE", "good"),
                "Calls stay on this computer."
                if near
                else f"Calls go to the practice API on {self.host} only.",
                "Allowed: everything, with a practice key. A real key is not sent.",
                "Cost: nothing.",
            )
        return html.stack(
            html.badge("LIVE", "warn"),
            f"Calls go to {self.host} and cost money. Key: {self.key} ({self.place}).",
            "Allowed: calls inside “with mode.live_cell():” whose price can be told beforehand.",
            f"Spending: {_fuse.spent().sentence}.",
        )


def choose(  # noqa: PLR0913 -- what the switch depends on, each by its name
    name: str | None = None,
    *,
    key: keys.ApiKey | str | None = None,
    cap: Decimal | float | str | None = None,
    server: _Api | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | str = ".",
) -> Mode:
    """Choose "practice" or "live"; without a name GUIDE_MODE decides, and without that it is practice.

    `server` is the practice API to use (by default that of `practice.serve()`). A live key is looked
    for as `storage.find` does, unless `key` is given. `cap` is what this kernel may spend in all, in
    USD; without it the cap stays as it is.

    Raises `UnknownNameError` for another name, `InputError` for a cap that is no money, `LiveError`
    when live is not possible here: on Binder, without a usable key, and in a test run or CI, unless
    GUIDE_MODE is "live-unattended".
    """
    # from here on no variable shows a key, also not in a traceback that prints them all
    environ = _Variables(os.environ if environ is None else environ)
    key = keys.ApiKey(key) if isinstance(key, str) and key.strip() else key
    wanted = environ.get("GUIDE_MODE", "").strip().lower()
    name = (wanted or _PRACTICE) if name is None else name
    if name not in {_PRACTICE, _LIVE, _UNATTENDED}:
        raise UnknownNameError(f"There is no mode called {name!r}.", 'Choose "practice" or "live".')
    if name == _PRACTICE:
        mode = _practice(server or practice.serve())
    else:
        _allowed(environ, unattended=wanted == _UNATTENDED)
        mode = Mode("live", f"https://{LIVE_HOST}/v1", *_key(key, environ, folder))
    if cap is not None:
        _fuse.set_cap(cap)
    return mode


def spent() -> Spent:
    """Return what the live requests of this kernel cost so far, and what is left under the cap."""
    return _fuse.spent()


def _practice(server: _Api) -> Mode:
    host = urlsplit(server.base_url).hostname or ""
    onward = server if hasattr(server, "http_client") else None
    return Mode(
        "practice",
        server.base_url,
        keys.ApiKey(server.api_key),
        "the practice API",
        PracticeGate(host),
        onward,
    )


def _allowed(environ: Mapping[str, str], *, unattended: bool) -> None:
    """Refuse places where a real key or real money has no business."""
    if any(environ.get(name) for name in _BINDER):
        raise LiveError(
            "This notebook runs on Binder, a public computer: a real key has no business there.",
            "Stay in practice mode here, or run the guide on your own computer.",
        )
    tests = [name for name in _TESTS if environ.get(name, "").lower() not in {"", "0", "false"}]
    if tests and not unattended:
        raise LiveError(
            f"This is a test run ({tests[0]} is set), and tests do not spend money by accident.",
            f"If it is meant to, set GUIDE_MODE={_UNATTENDED}.",
        )


def _key(
    given: keys.ApiKey | str | None, environ: Mapping[str, str], folder: Path | str
) -> tuple[keys.ApiKey, str]:
    """Find a key that OpenAI might accept, and say where it stood."""
    try:
        found = storage.find(given, environ=environ, folder=folder)
    except StorageError as error:
        raise LiveError(
            error.what,
            "Notebook 03 shows where to store one. For this kernel alone: "
            'live.choose("live", key=getpass.getpass("Key: ")).',
        ) from None
    verdict = keys.check(found.key.reveal())
    if verdict.kind == "practice key":
        raise LiveError(
            f"{found.place} holds a practice key, and OpenAI does not know it.",
            "Make a key of your own (notebook 02), or stay in practice mode.",
        )
    bad = [each for each in verdict.findings if each.tone == "bad"]
    if bad:
        told = " ".join(each.what for each in bad)
        raise LiveError(f"The key from {found.place} cannot work: {told}", bad[0].cure)
    return found.key, found.place
