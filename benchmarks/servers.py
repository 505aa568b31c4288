"""The servers that are measured: `python servers.py bare|practice PORT [TOKENS A SECOND]`.

`bare` is uvicorn and Starlette with an answer that never changes: the least that an answer over HTTP
costs in this language. `practice` is the practice API with everything on: keys, limits, token counts,
the ledger, every header; only the limits are so wide that no request is refused.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from guide_helpers import facts
from guide_helpers.practice import Limits, over_http
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request as Asked
from guide_helpers.practice.world import World
from guide_helpers.practice.world.pace import Pace

MODEL = facts.get("model.everyday").value
ASK = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello."}]}
WITHOUT_END = Limits(10**9, 10**12)


def wide_world() -> tuple[World, str]:
    """Return a world in which nothing is refused, and a key of it."""
    world = World(limits=WITHOUT_END, credit=None)
    return world, world.issue_key("benchmark")


def answer(*, stream: bool) -> Response:
    """Return what the practice API answers, as bytes that never change."""
    world, key = wide_world()
    body = json.dumps({**ASK, "stream": stream}).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    said = handle(world, Asked("POST", "/v1/chat/completions", headers, body))
    return Response(said.body, said.status, said.headers)


def bare(port: int) -> None:
    """Serve the answer that never changes."""
    whole, streamed = answer(stream=False), answer(stream=True)

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return streamed if b'"stream": true' in body else whole

    app = Starlette(routes=[Route("/{path:path}", endpoint, methods=["POST"])])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[over_http.listen(port)])


def practice(port: int, tokens_per_second: float = 0) -> None:
    """Serve the practice API; its streams are paced if that is asked."""
    world, key = wide_world()
    world.pace = Pace(tokens_per_second=tokens_per_second)
    Path(os.environ["BENCHMARK_KEY_FILE"]).write_text(key)
    over_http.server(world).run(sockets=[over_http.listen(port)])


if __name__ == "__main__":
    {"bare": bare, "practice": practice}[sys.argv[1]](*map(int, sys.argv[2:]))
