"""The way in without a socket: a transport for the client's own HTTP library.

openai 2.x stands on httpx and openai 3.x on httpx2. Both have the same transport interface, so we
ask the installed client which one it uses.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Query, Request, Response
from guide_helpers.practice.world import World

_LOST = "peer closed connection without sending complete message body (incomplete chunked read)"


def sync_client(world: World) -> Any:
    """Return an HTTP client for `OpenAI(http_client=...)` whose every request the world answers."""
    library = _library()

    def respond(request: Any) -> Any:
        answer = handle(world, _request(request))
        time.sleep(_wait(library, world, request, answer))

        def chunks() -> Iterator[bytes]:
            for place, chunk in enumerate(answer.sent):
                time.sleep(world.clock.wait(answer.gap) if place else 0)
                yield chunk
            if answer.cut:
                raise library.RemoteProtocolError(_LOST, request=request)

        return library.Response(answer.status, headers=answer.headers, content=chunks())

    return library.Client(transport=library.MockTransport(respond))


def async_client(world: World) -> Any:
    """Return an HTTP client for `AsyncOpenAI(http_client=...)`."""
    library = _library()

    async def respond(request: Any) -> Any:
        answer = handle(world, _request(request))
        await asyncio.sleep(_wait(library, world, request, answer))

        async def chunks() -> AsyncIterator[bytes]:
            for place, chunk in enumerate(answer.sent):
                await asyncio.sleep(world.clock.wait(answer.gap) if place else 0)
                yield chunk
            if answer.cut:
                raise library.RemoteProtocolError(_LOST, request=request)

        return library.Response(answer.status, headers=answer.headers, content=chunks())

    return library.AsyncClient(transport=library.MockTransport(respond))


def _wait(library: Any, world: World, request: Any, answer: Response) -> float:
    """Return the real seconds until the answer starts; raise what the client would when that is too long."""
    patience = request.extensions.get("timeout", {}).get("read")
    wait = world.clock.wait(answer.delay)
    if patience is not None and max(wait, answer.delay if world.clock.stopped else 0) > patience:
        time.sleep(min(wait, patience))
        raise library.ReadTimeout("timed out", request=request)
    return wait


def _library() -> Any:
    import openai

    # the class the client subclasses lives in the HTTP library it was built on
    base = openai.DefaultHttpxClient.__mro__[1]
    return importlib.import_module(base.__module__.partition(".")[0])


def _request(request: Any) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = Query(request.url.params.multi_items())
    return Request(request.method, request.url.path, headers, request.content, query)
