"""The way in over HTTP: a Starlette app, on uvicorn, in a thread, on loopback."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.responses import StreamingResponse
from starlette.routing import Route

from guide_helpers.errors import PracticeError
from guide_helpers.practice.api import LARGEST_BODY, handle
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_START_SECONDS = 10.0
HOST = "127.0.0.1"


def app(world: World) -> Starlette:
    """Return an ASGI application that answers from this world."""

    async def endpoint(request: HttpRequest) -> HttpResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await _read(request)
        query = dict(request.query_params)
        answer = handle(world, Request(request.method, request.url.path, headers, body, query))
        if len(answer.chunks) == 1:
            return HttpResponse(answer.body, answer.status, dict(answer.headers))
        return StreamingResponse(_each(answer.chunks), answer.status, dict(answer.headers))

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=_METHODS)])


async def _read(request: HttpRequest) -> bytes:
    """Read the body, but never much more than the API takes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            break
    return bytes(body)


async def _each(chunks: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


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
    return uvicorn.Server(
        uvicorn.Config(app(world), log_config=None, access_log=False, lifespan="off", ws="none")
    )


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
