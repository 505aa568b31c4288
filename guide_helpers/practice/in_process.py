"""The way in without a socket: a transport for the client's own HTTP library.

openai 2.x stands on httpx and openai 3.x on httpx2. Both have the same transport interface, so we
ask the installed client which one it uses.
"""

from __future__ import annotations

import asyncio
import importlib
import math
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Query, Request
from guide_helpers.practice.world import World

_LOST = "peer closed connection without sending complete message body (incomplete chunked read)"


def sync_client(world: World) -> Any:
    """Return an HTTP client for `OpenAI(http_client=...)` whose every request the world answers."""
    library = _library()

    def respond(request: Any) -> Any:
        answer = handle(world, _request(request))

        def pause(seconds: float) -> None:
            wait, too_long = _pause(world, request, seconds)
            time.sleep(wait)
            if too_long:
                raise library.ReadTimeout("timed out", request=request)

        def chunks() -> Iterator[bytes]:
            for place, chunk in enumerate(answer.sent):
                if place and answer.gap:
                    pause(answer.gap)
                yield chunk
            if answer.cut:
                raise library.RemoteProtocolError(_LOST, request=request)

        if answer.delay:
            pause(answer.delay)
        return library.Response(answer.status, headers=answer.headers, content=chunks())

    return library.Client(transport=library.MockTransport(respond))


def async_client(world: World) -> Any:
    """Return an HTTP client for `AsyncOpenAI(http_client=...)`."""
    library = _library()

    async def respond(request: Any) -> Any:
        answer = handle(world, _request(request))

        async def pause(seconds: float) -> None:
            wait, too_long = _pause(world, request, seconds)
            await asyncio.sleep(wait)
            if too_long:
                raise library.ReadTimeout("timed out", request=request)

        async def chunks() -> AsyncIterator[bytes]:
            for place, chunk in enumerate(answer.sent):
                if place and answer.gap:
                    await pause(answer.gap)
                yield chunk
            if answer.cut:
                raise library.RemoteProtocolError(_LOST, request=request)

        await pause(answer.delay)
        return library.Response(answer.status, headers=answer.headers, content=chunks())

    return library.AsyncClient(transport=library.MockTransport(respond))


def _pause(world: World, request: Any, seconds: float) -> tuple[float, bool]:
    """Return the real seconds that the client waits for what comes next, and whether it then gives up."""
    patience = request.extensions.get("timeout", {}).get("read")
    patience = math.inf if patience is None else patience
    if world.clock.stopped:  # the world's seconds stand for real ones
        return world.clock.wait(min(seconds, patience)), seconds > patience
    wait = world.clock.wait(seconds)
    return min(wait, patience), wait > patience


def _library() -> Any:
    import openai

    # the class the client subclasses lives in the HTTP library it was built on
    base = openai.DefaultHttpxClient.__mro__[1]
    return importlib.import_module(base.__module__.partition(".")[0])


def _request(request: Any) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = Query(request.url.params.multi_items())
    return Request(request.method, request.url.path, headers, request.content, query)
