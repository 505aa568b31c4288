"""The gate in front of the wire: openai's own HTTP client, with a `send` that may refuse.

Nothing here names an HTTP library; the class to build on comes from the installed `openai`.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from guide_helpers import keys
from guide_helpers.errors import LiveError
from guide_helpers.live._fuse import Fuse, Ticket
from guide_helpers.live._quote import quote, usage

LIVE_HOST = "api.openai.com"
_HARMLESS = {"practice key", "placeholder", "unknown kind", "empty key"}
_NEVER_LEFT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"}
_TICKET = "guide_ticket"
_AGAIN = "make a new client from it: a client keeps the mode it was made in."


class Gate(Protocol):
    """What decides whether a request may go on the wire."""

    def admit(self, request: Any) -> Ticket | None:
        """Return a ticket to settle, or None where nothing is spent. Raises `LiveError`."""

    def live_cell(self) -> Any:
        """Mark the cell inside which a live request may go out."""


class PracticeGate:
    """Lets requests pass to this computer and the practice API alone, and only with a harmless key."""

    def __init__(self, host: str) -> None:
        """Take the practice API's host."""
        self._host, self._cells = host, _Cells()
        self.live_cell = self._cells.open

    def admit(self, request: Any) -> None:
        """Refuse other hosts, real keys, and in a live cell what would be refused live too."""
        host = request.url.host
        if host != self._host and not is_loopback(host):
            raise LiveError(
                f"This client is in practice mode, and the request was going to {host}. It was not sent.",
                f'To call OpenAI, choose live first (mode = live.choose("live")) and {_AGAIN}',
            )
        kind = _verdict(request).kind
        if kind not in _HARMLESS:
            raise LiveError(
                f"The key looks like a real {kind}, and this is practice. It was not sent.",
                "Use mode.key.reveal(), which is a practice key here. A real key is shown to nobody else.",
            )
        if self._cells.marked:
            _quoted(request)


class LiveGate:
    """Lets requests pass to OpenAI alone, out of a live cell, with a real key, while the fuse holds."""

    def __init__(self, fuse: Fuse) -> None:
        """Take the fuse of this kernel."""
        self._fuse, self._cells = fuse, _Cells()
        self.live_cell = self._cells.open

    def admit(self, request: Any) -> Ticket:
        """Refuse what is not allowed live, then book the worst case."""
        if request.url.scheme != "https" or request.url.host != LIVE_HOST:
            raise LiveError(
                f"This client is in live mode, and the request was going to {request.url.host}. "
                "It was not sent: a real key is shown to nobody but OpenAI.",
                f"For practice, choose it (mode = live.choose()) and {_AGAIN}",
            )
        verdict = _verdict(request)
        if verdict.kind == "practice key" or not verdict.usable:
            raise LiveError(
                f"What the request carries is no key of OpenAI's ({verdict.kind}). It was not sent.",
                "Make the client with api_key=mode.key.reveal().",
            )
        if not self._cells.marked:
            raise LiveError(
                "This cell is not marked live, so its request was not sent.",
                "Put the call inside `with mode.live_cell():` when you mean to spend money.",
            )
        return self._fuse.book(_quoted(request))


class _Cells:
    """How many live cells are open, for every thread of the kernel."""

    def __init__(self) -> None:
        self._lock, self._count = threading.Lock(), 0

    @property
    def marked(self) -> bool:
        return self._count > 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Open the gate until the block ends."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1


def is_loopback(host: str) -> bool:
    """Say whether a host name means this computer."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def sync_client(gate: Gate, onward: Any = None, **settings: Any) -> Any:
    """Return openai's HTTP client behind the gate; `onward` is a client that sends in its place."""
    import openai

    base: Any = openai.DefaultHttpxClient

    class Guarded(base):  # type: ignore[misc]
        def build_request(self, *address: Any, **rest: Any) -> Any:
            return _seen_early(gate, super().build_request(*address, **rest), rest.get("headers"))

        def send(self, request: Any, *, stream: bool = False, **rest: Any) -> Any:
            rest["follow_redirects"] = False  # another address is another decision
            ticket = _admitted(gate, request)
            try:
                answer = (onward.send if onward else super().send)(request, stream=stream, **rest)
            except Exception as error:
                _lost(ticket, error)
                raise
            if ticket and not _told(ticket, answer, whole=not stream):
                answer.iter_bytes = _watched(ticket, answer)
            return answer

    return Guarded(**settings)


def async_client(gate: Gate, onward: Any = None, **settings: Any) -> Any:
    """Return the same for `AsyncOpenAI`."""
    import openai

    base: Any = openai.DefaultAsyncHttpxClient

    class Guarded(base):  # type: ignore[misc]
        def build_request(self, *address: Any, **rest: Any) -> Any:
            return _seen_early(gate, super().build_request(*address, **rest), rest.get("headers"))

        async def send(self, request: Any, *, stream: bool = False, **rest: Any) -> Any:
            rest["follow_redirects"] = False
            ticket = _admitted(gate, request)
            try:
                answer = await (onward.send if onward else super().send)(request, stream=stream, **rest)
            except Exception as error:
                _lost(ticket, error)
                raise
            if ticket and not _told(ticket, answer, whole=not stream):
                answer.aiter_bytes = _watched_async(ticket, answer)
            return answer

    return Guarded(**settings)


def _seen_early(gate: Gate, request: Any, headers: object) -> Any:
    """Ask the gate while the request is being built, where a traceback from there shows no key.

    openai before 2.54 or so would take a refusal of `send` for a lost connection. It passes headers that
    mask themselves; openai 3 passes a bare list, and there `send` is early enough.
    """
    if hasattr(headers, "multi_items"):
        request.extensions[_TICKET] = _admitted(gate, request)
    return request


def _admitted(gate: Gate, request: Any) -> Ticket | None:
    """Ask the gate; make its refusal an `openai.OpenAIError` too, which the client hands on as it is."""
    if _TICKET in request.extensions:  # asked already, for one sending
        ticket: Ticket | None = request.extensions.pop(_TICKET)
        return ticket
    try:
        return gate.admit(request)
    except LiveError as error:
        refusal = _both(type(error))(error.what, error.cure)
    raise refusal


def _both(kind: type[LiveError]) -> Callable[[str, str], LiveError]:
    import openai

    return type(kind.__name__, (kind, openai.OpenAIError), {"__module__": kind.__module__})


def _verdict(request: Any) -> keys.Verdict:
    """Judge the key that a request carries; a verdict does not hold it."""
    return keys.check(request.headers.get("authorization", "").removeprefix("Bearer "))


def _quoted(request: Any) -> Any:
    path = request.url.path.removeprefix("/v1")
    try:
        body = request.content
    except RuntimeError:  # a body that is made while it is sent
        body = b""
    return quote(request.method, path, body)


def _lost(ticket: Ticket | None, error: Exception) -> None:
    """Free what never left this computer; anything else may have been answered and billed."""
    if ticket and {each.__name__ for each in type(error).__mro__} & _NEVER_LEFT:
        ticket.free()


def _told(ticket: Ticket, answer: Any, *, whole: bool) -> bool:
    """Settle by the status, or by the body if it is all here; say whether there is nothing to wait for."""
    if 400 <= answer.status_code < 500:  # noqa: PLR2004 -- HTTP's range for refusals
        ticket.free()
        return True
    if whole:
        _Reader(ticket, answer).read(answer.content)
    return whole


class _Reader:
    """Looks for the usage in what passes by: a line of a stream, or the whole body at its end."""

    def __init__(self, ticket: Ticket, answer: Any) -> None:
        self._ticket, self._rest = ticket, b""
        self._events = answer.headers.get("content-type", "").startswith("text/event-stream")

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; of a stream, look through the lines that are complete."""
        self._rest += chunk
        if self._events and b"\n" in chunk:
            *lines, self._rest = self._rest.split(b"\n")
            for line in lines:
                if line.startswith(b"data:") and b'"usage"' in line:
                    self.read(line.removeprefix(b"data:"))

    def end(self) -> None:
        """Look at what is left: of an answer that is no stream, the whole."""
        self.read(self._rest)

    def read(self, text: bytes) -> None:
        """Bill what a piece of JSON says was used, if it says so."""
        try:
            used = usage(json.loads(text))
        except ValueError:
            return
        if used:
            self._ticket.bill(used)


def _watched(ticket: Ticket, answer: Any) -> Callable[..., Iterator[bytes]]:
    read = answer.iter_bytes

    def iter_bytes(chunk_size: int | None = None) -> Iterator[bytes]:
        reader = _Reader(ticket, answer)
        for chunk in read(chunk_size):
            reader.feed(chunk)
            yield chunk
        reader.end()

    return iter_bytes


def _watched_async(ticket: Ticket, answer: Any) -> Callable[..., AsyncIterator[bytes]]:
    read = answer.aiter_bytes

    async def aiter_bytes(chunk_size: int | None = None) -> AsyncIterator[bytes]:
        reader = _Reader(ticket, answer)
        async for chunk in read(chunk_size):
            reader.feed(chunk)
            yield chunk
        reader.end()

    return aiter_bytes
