"""Every address of the practice API: what answers there, and the scope a key needs for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

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
from guide_helpers.practice.wire import Response

Endpoint = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """An address. Only one that `asks_model` costs money, draws on limits and meets every scenario."""

    method: str
    path: str
    endpoint: Endpoint
    scope: str
    asks_model: bool = False

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"


def _asks(path: str, endpoint: Endpoint, scope: str = "model.request") -> Route:
    return Route("POST", path, endpoint, scope, asks_model=True)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/models", models.list_models, "api.model.read"),
    Route("GET", "/v1/models/{model}", models.retrieve, "api.model.read"),
    _asks("/v1/responses", responses.create, "api.responses.write"),
    Route("POST", "/v1/responses/input_tokens", responses.input_tokens, "api.responses.write"),
    Route("GET", "/v1/responses/{response}", kept_responses.retrieve, "api.responses.read"),
    Route("DELETE", "/v1/responses/{response}", kept_responses.delete, "api.responses.write"),
    Route("POST", "/v1/responses/{response}/cancel", kept_responses.cancel, "api.responses.write"),
    Route("GET", "/v1/responses/{response}/input_items", kept_responses.input_items, "api.responses.read"),
    _asks("/v1/chat/completions", chat.create),
    _asks("/v1/embeddings", embeddings.create),
    _asks("/v1/moderations", moderations.create),
    _asks("/v1/images/generations", images.create),
    Route("POST", "/v1/files", files.create, "api.files.write"),
    Route("GET", "/v1/files", files.list_files, "api.files.read"),
    Route("GET", "/v1/files/{file}", files.retrieve, "api.files.read"),
    Route("DELETE", "/v1/files/{file}", files.delete, "api.files.write"),
    Route("GET", "/v1/files/{file}/content", files.content, "api.files.read"),
    Route("POST", "/v1/batches", batches.create, "api.batches.write"),
    Route("GET", "/v1/batches", batches.list_batches, "api.batches.read"),
    Route("GET", "/v1/batches/{batch}", batches.retrieve, "api.batches.read"),
    Route("POST", "/v1/batches/{batch}/cancel", batches.cancel, "api.batches.write"),
)


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """Return what answers at an address and the words in braces of its path, or refuse (404, 405)."""
    exact = _table().get((method, path))
    if exact is not None:
        return exact, {}
    known = False
    for pattern, route in _patterns():
        if found := pattern.fullmatch(path):
            if route.method == method:
                return route, found.groupdict()
            known = True
    fault = faults.NO_METHOD if known else faults.NO_URL
    raise Refused(fault.about(method=method, path=path))


@cache
def _table() -> dict[tuple[str, str], Route]:
    return {(route.method, route.path): route for route in ROUTES if "{" not in route.path}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Route], ...]:
    return tuple((re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", each.path)), each) for each in ROUTES)
