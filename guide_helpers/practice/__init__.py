"""A local API that speaks OpenAI's wire protocol, so that everything runs with no key and no cost.

    from guide_helpers import practice

    server = practice.serve()
    client = OpenAI(base_url=server.base_url, api_key=server.api_key)

The logic is pure (`api.handle`: a request in, a response out, the clock injected) and is reached in
two ways: over HTTP (`serve`), or in process without a thread or a socket (`in_process`).

What is there, what is not, and what is simpler than the real thing: docs/practice_api.md. The same as
an OpenAPI description, with every field: openapi.json, in this folder.

`server.page` is the address of a live page. With `GUIDE_PRACTICE_URL` set, `serve()` attaches to the
practice API that runs there (`key-guide practice` prints the line), with a key of its own.

`server.verdict()` says what the client did wrong with the answers it was given, if anything.
"""

from __future__ import annotations

from guide_helpers.practice.handles import InProcess, Server, in_process, serve
from guide_helpers.practice.world.clock import Clock
from guide_helpers.practice.world.limiter import Limits
from guide_helpers.practice.world.pace import Pace
from guide_helpers.practice.world.scenarios import SCENARIOS

__all__ = ["SCENARIOS", "Clock", "InProcess", "Limits", "Pace", "Server", "in_process", "serve"]
