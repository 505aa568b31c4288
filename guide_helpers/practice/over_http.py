"""The way in over HTTP: an ASGI application, on uvicorn, in a thread, on loopback."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from guide_helpers.errors import PracticeError
from guide_helpers.practice.api import LARGEST_BODY, handle
from guide_helpers.practice.wire import Query, Request, Response
from guide_helpers.practice.world import World

_START_SECONDS = 10.0
HOST = "127.0.0.1"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def app(world: World) -> App:
    """Return an ASGI application that answers from this world."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        request = Request(
            scope["method"],
            scope["path"],
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            await _read(receive),
            _query(scope["query_string"]),
        )
        await _send(world, handle(world, request), send)

    return answer


def _query(text: bytes) -> Query:
    return Query(parse_qsl(text.decode("latin-1"), keep_blank_values=True)) if text else Query()


async def _read(receive: Receive) -> bytes:
    """Read the body, but never much more than the API takes."""
    message = await receive()
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    body = bytearray(message["body"])
    while message.get("more_body") and len(body) <= LARGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
    return bytes(body)


async def _send(world: World, response: Response, send: Send) -> None:
    if response.delay:
        await asyncio.sleep(world.clock.wait(response.delay))
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in _lines(response)]
    chunks = response.sent
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if not response.gap:  # nothing to wait for: one write instead of one for every token
        chunks = (b"".join(chunks),)
    for chunk in chunks[:-1]:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.sleep(world.clock.wait(response.gap))
    # a cut answer is left open here, and uvicorn closes the connection under it
    await send({"type": "http.response.body", "body": chunks[-1], "more_body": response.cut})


def _lines(response: Response) -> Iterator[tuple[str, str]]:
    yield from response.headers.items()
    if len(response.chunks) == 1:
        yield "content-length", str(len(response.chunks[0]))


def listen(port: int, host: str = HOST) -> socket.socket:
    """Bind a socket; port 0 takes a free one. Raises `PracticeError` when the port is taken."""
    # With the protocol named, asyncio sets TCP_NODELAY; without it every answer waits 44 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere this option would let two programs share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PracticeError(
            f"Port {port} cannot be used ({error.strerror}).", "Choose another, or 0 for any free one."
        ) from None
    return listener


def server(world: World) -> uvicorn.Server:
    """Return a quiet uvicorn server for this world, not yet running."""
    # a cut answer makes uvicorn log an error that is meant; what is not meant is a bug and is raised
    config = uvicorn.Config(
        app(world), log_config=None, log_level="critical", access_log=False, lifespan="off", ws="none"
    )
    return uvicorn.Server(config)


class Thread:
    """A server in a daemon thread of this process."""

    def __init__(self, world: World, port: int = 0) -> None:
        """Start it and wait until it answers. Raises `PracticeError` when it does not."""
        listener = listen(port)
        self.port: int = listener.getsockname()[1]
        self._server = server(world)
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
