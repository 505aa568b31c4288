"""A local API that speaks OpenAI's wire protocol, so that everything runs with no key and no cost.

    from guide_helpers import practice

    server = practice.serve()
    client = OpenAI(base_url=server.base_url, api_key=server.api_key)

The logic is pure (`api.handle`: a request in, a response out, the clock injected) and is reached in
two ways: over HTTP (`serve`), or in process without a thread or a socket (`in_process`).

What is here: `GET /v1/models`, `GET /v1/models/{model}`, `POST /v1/responses` and
`POST /v1/chat/completions`, both also streamed, with function calls and JSON that follows a schema;
responses that are kept, continued, listed, cancelled and deleted; key checks, rate limits with their
headers, and scenarios. Beside them: embeddings, moderations, image generations, files, and batches,
whose lines are really asked. Everything else answers as the API does for an address it does not know.
"""

from __future__ import annotations

from guide_helpers.practice.handles import InProcess, Server, in_process, serve
from guide_helpers.practice.world.clock import Clock
from guide_helpers.practice.world.limiter import Limits
from guide_helpers.practice.world.scenarios import SCENARIOS

__all__ = ["SCENARIOS", "Clock", "InProcess", "Limits", "Server", "in_process", "serve"]
