"""The way in over HTTP: an ASGI application, on uvicorn, in a thread, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sized
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from guide_helpers import keys
from guide_helpers.errors import PracticeError
from guide_helpers.practice import faults
from guide_helpers.practice.api import LARGEST_BODY, handle
from guide_helpers.practice.bounded import MOST_CONNECTIONS, Bounded
from guide_helpers.practice.desk import Desk, Door
from guide_helpers.practice.faults import Fault
from guide_helpers.practice.log import Log
from guide_helpers.practice.wire import NO_QUERY, Query, Request, Response
from guide_helpers.practice.world import World

_START_SECONDS = 10.0
_LARGEST_DIGITS = len(str(LARGEST_BODY))
_MOST_HEADERS = 200
_LINGER_SECONDS = 2
_LINGER_BYTES = 4 * LARGEST_BODY
HOST = "127.0.0.1"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def app(world: World, desk: Desk | None = None, log: Log | None = None, crowd: Sized = ()) -> App:
    """Return an ASGI application that answers from this world: the API, and the desk beside it.

    `crowd` are the open connections.
    """
    desk = desk or Desk(world, Door())

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        path = scope["path"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = _query(scope["query_string"])
        ours = not path.startswith("/v1/")
        fault = _turned_away(headers, crowd, None if ours else desk.door)
        if fault is faults.LONG_HEAD:
            headers = {}  # and not remembered either
        body = b"" if fault else await _read(receive)
        if body is None:
            return  # the caller hung up
        request = Request(scope["method"], path, headers, body, query)
        response = desk.answer(request) if ours else None
        if response is None:
            response = handle(world, request, fault)
            if log is not None:
                log.write(world.records[-1])
        if fault or len(body) > LARGEST_BODY:
            await _send_away(response, receive, send)
        else:
            await _send(world, response, send)

    return answer


def _turned_away(headers: Mapping[str, str], crowd: Sized, door: Door | None) -> Fault | None:
    """Return why a request is not even read, or None."""
    if len(headers) > _MOST_HEADERS:
        return faults.LONG_HEAD
    length = headers.get("content-length", "")
    if len(length) >= _LARGEST_DIGITS and int(length) > LARGEST_BODY:
        return faults.TOO_LARGE.about(limit=LARGEST_BODY)
    if len(crowd) > MOST_CONNECTIONS:
        return faults.CROWDED.about(most=MOST_CONNECTIONS)
    if door is not None and door.strange(host := headers.get("host", HOST)):
        return faults.STRANGE_NAME.about(host=keys.redact(host))
    return None


async def _send_away(response: Response, receive: Receive, send: Send) -> None:
    """Answer a request that was not read to its end, and close the connection.

    What still comes in is thrown away for a moment: closing on a client that is still sending would
    make it lose the answer.
    """
    body = response.body
    response.headers["connection"] = "close"
    await send(_start(response))
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            thrown = 0
            while thrown < _LINGER_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    break
                thrown += len(message["body"])
    await send({"type": "http.response.body", "body": b""})


def _query(text: bytes) -> Query:
    return Query(parse_qsl(text.decode("latin-1"), keep_blank_values=True)) if text else NO_QUERY


async def _read(receive: Receive) -> bytes | None:
    """Read the body, but never much more than the API takes; None when the caller hangs up before its end."""
    message = await receive()
    if message["type"] == "http.disconnect":
        return None
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    body = bytearray(message["body"])
    while message.get("more_body") and len(body) <= LARGEST_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
    return bytes(body)


async def _send(world: World, response: Response, send: Send) -> None:
    if response.delay:
        await asyncio.sleep(world.clock.wait(response.delay))
    chunks = response.sent
    await send(_start(response))
    if not response.gap:  # nothing to wait for: one write instead of one for every token
        chunks = (b"".join(chunks),)
    for chunk in chunks[:-1]:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.sleep(world.clock.wait(response.gap))
    # a cut answer is left open here, and uvicorn closes the connection under it
    await send({"type": "http.response.body", "body": chunks[-1], "more_body": response.cut})


def _start(response: Response) -> Message:
    headers = [
        (name.encode(), value.encode() if value.isascii() else value.encode("latin-1", "replace"))
        for name, value in response.headers.items()
    ]
    if len(response.chunks) == 1:
        headers.append((b"content-length", b"%d" % len(response.chunks[0])))
    return {"type": "http.response.start", "status": response.status, "headers": headers}


def listen(port: int, host: str = HOST) -> socket.socket:
    """Bind a socket; port 0 takes a free one. Raises `PracticeError` when the port is taken."""
    # With the protocol named, asyncio sets TCP_NODELAY; without it every answer waits 44 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere this option would let two programs share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        where = f"Port {port}" if host == HOST else f"Port {port} of {host}"
        raise PracticeError(
            f"{where} cannot be used ({error.strerror}).", "Choose another, or 0 for any free one."
        ) from None
    return listener


def server(world: World, desk: Desk | None = None, log: Log | None = None) -> uvicorn.Server:
    """Return a quiet uvicorn server for this world, not yet running."""
    crowd: set[Any] = set()
    # a cut answer makes uvicorn log an error that is meant; what is not meant is a bug and is raised
    config = uvicorn.Config(
        app(world, desk, log, crowd),
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        http="httptools" if find_spec("httptools") else "h11",
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_LINGER_SECONDS,
    )
    return Bounded(config, crowd)


class Thread:
    """A server in a daemon thread of this process."""

    def __init__(self, world: World, port: int = 0, desk: Desk | None = None) -> None:
        """Start it and wait until it answers. Raises `PracticeError` when it does not."""
        listener = listen(port)
        self.port: int = listener.getsockname()[1]
        self._server = server(world, desk)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [listener]},
            name=f"practice-api-{self.port}",
            daemon=True,
        )
        self._thread.start()
        self._wait()

    def close(self) -> None:
        """Stop it and wait for the thread to end."""
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)

    def _wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                raise PracticeError(
                    "The practice API did not start.",
                    "Restart the kernel; if it happens again, use practice.in_process().",
                )
            time.sleep(0.005)
