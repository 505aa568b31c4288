"""The practice API as one pure function: a request comes in, the world answers.

Both ways in (a socket, or no socket at all) call `handle`; neither knows what it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from guide_helpers.practice import faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import (
    batches,
    chat,
    embeddings,
    files,
    images,
    kept_responses,
    models,
    moderations,
    responses,
)
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Exchange, Request, Response
from guide_helpers.practice.world import World

Endpoint = Callable[[Call], Response]

ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/v1/models", models.list_models),
    ("GET", "/v1/models/{model}", models.retrieve),
    ("POST", "/v1/responses", responses.create),
    ("POST", "/v1/responses/input_tokens", responses.input_tokens),
    ("GET", "/v1/responses/{response}", kept_responses.retrieve),
    ("DELETE", "/v1/responses/{response}", kept_responses.delete),
    ("POST", "/v1/responses/{response}/cancel", kept_responses.cancel),
    ("GET", "/v1/responses/{response}/input_items", kept_responses.input_items),
    ("POST", "/v1/chat/completions", chat.create),
    ("POST", "/v1/embeddings", embeddings.create),
    ("POST", "/v1/moderations", moderations.create),
    ("POST", "/v1/images/generations", images.create),
    ("POST", "/v1/files", files.create),
    ("GET", "/v1/files", files.list_files),
    ("GET", "/v1/files/{file}", files.retrieve),
    ("DELETE", "/v1/files/{file}", files.delete),
    ("GET", "/v1/files/{file}/content", files.content),
    ("POST", "/v1/batches", batches.create),
    ("GET", "/v1/batches", batches.list_batches),
    ("GET", "/v1/batches/{batch}", batches.retrieve),
    ("POST", "/v1/batches/{batch}/cancel", batches.cancel),
)

LARGEST_BODY = 10_000_000


def handle(world: World, request: Request) -> Response:
    """Answer one request, with the headers every answer carries, and remember the exchange."""
    world.requests += 1
    try:
        response = _answer(world, request)
    except Refused as refused:
        response = refused.fault.response()
    response = response.with_headers(
        {
            "x-request-id": world.next_id("req_"),
            "openai-organization": "org-practice",
            "openai-project": "proj_practice",
            "openai-version": "2020-10-01",
            "openai-processing-ms": "1",
        }
    )
    world.seen.append(Exchange.of(world.requests, request, response))
    return response


def _answer(world: World, request: Request) -> Response:
    """Check in the API's order: key, then address, then size, then whatever the endpoint checks."""
    world.authenticate(request.headers.get("authorization", ""))
    endpoint, path = _route(request)
    if len(request.body) > LARGEST_BODY:
        raise Refused(faults.TOO_LARGE.about(limit=LARGEST_BODY))
    return endpoint(Call(world, request, path))


def _route(request: Request) -> tuple[Endpoint, Mapping[str, str]]:
    known_path = False
    for method, template, endpoint in ROUTES:
        if match := _pattern(template).fullmatch(request.path):
            if method == request.method:
                return endpoint, match.groupdict()
            known_path = True
    fault = faults.NO_METHOD if known_path else faults.NO_URL
    raise Refused(fault.about(method=request.method, path=request.path))


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
