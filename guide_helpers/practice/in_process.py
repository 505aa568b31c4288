"""The way in without a socket: a transport for the client's own HTTP library.

openai 2.x stands on httpx and openai 3.x on httpx2. Both have the same transport interface, so we
ask the installed client which one it uses.
"""

from __future__ import annotations

import importlib
from typing import Any

from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World


def sync_client(world: World) -> Any:
    """Return an HTTP client for `OpenAI(http_client=...)` whose every request the world answers."""
    library = _library()

    def respond(request: Any) -> Any:
        answer = handle(world, _request(request))
        return library.Response(answer.status, headers=dict(answer.headers), content=iter(answer.chunks))

    return library.Client(transport=library.MockTransport(respond))


def async_client(world: World) -> Any:
    """Return an HTTP client for `AsyncOpenAI(http_client=...)`."""
    library = _library()

    async def respond(request: Any) -> Any:
        answer = handle(world, _request(request))

        async def chunks() -> Any:
            for chunk in answer.chunks:
                yield chunk

        return library.Response(answer.status, headers=dict(answer.headers), content=chunks())

    return library.AsyncClient(transport=library.MockTransport(respond))


def _library() -> Any:
    import openai

    # the class the client subclasses lives in the HTTP library it was built on
    base = openai.DefaultHttpxClient.__mro__[1]
    return importlib.import_module(base.__module__.partition(".")[0])


def _request(request: Any) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = dict(request.url.params)
    return Request(request.method, request.url.path, headers, request.content, query)
