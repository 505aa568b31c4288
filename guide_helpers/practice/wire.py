"""A request and a response as plain values: what both ways into the practice API exchange."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guide_helpers import html, keys

# what a reader learns from; the rest (connection handling, the client's own telemetry) is noise
_TELLING_REQUEST = ("authorization", "content-type", "openai-organization", "openai-project")
_TELLING_RESPONSE = ("content-type", "x-request-id", "retry-after", "retry-after-ms")
_LONGEST_BODY_SHOWN = 1_200
_LONGEST_KEPT = 100_000
_SECRET_HEADERS = {"authorization", "api-key", "x-api-key", "cookie", "proxy-authorization"}
_QUIET = {
    "created",
    "created_at",
    "completion_tokens_details",
    "input_tokens_details",
    "metadata",
    "output_tokens_details",
    "parallel_tool_calls",
    "prompt_tokens_details",
    "reasoning",
    "service_tier",
    "store",
    "system_fingerprint",
    "temperature",
    "tool_choice",
    "top_p",
    "truncation",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back; a stream is its chunks in order, anything else is one chunk."""

    status: int
    headers: Mapping[str, str]
    chunks: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks)

    def with_headers(self, more: Mapping[str, str]) -> Response:
        """Return the same response with more headers."""
        return Response(self.status, {**self.headers, **more}, self.chunks)


def json_response(status: int, payload: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return Response(status, {"content-type": "application/json", **(headers or {})}, (body,))


def stream_response(events: list[tuple[str | None, Any]]) -> Response:
    """Return server-sent events; each is an event name (or None) and its JSON or literal data."""
    chunks = []
    for name, data in events:
        line = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        head = f"event: {name}\n" if name else ""
        chunks.append(f"{head}data: {line}\n\n".encode(errors="replace"))
    return Response(200, {"content-type": "text/event-stream; charset=utf-8"}, tuple(chunks))


@dataclass(frozen=True, slots=True)
class Exchange(html.Shown):
    """One request and its answer, as they went over the wire, with every key masked."""

    number: int
    method: str
    path: str
    request_headers: Mapping[str, str]
    request_body: str
    status: int
    response_headers: Mapping[str, str]
    response_body: str

    @classmethod
    def of(cls, number: int, request: Request, response: Response) -> Exchange:
        """Record an exchange; the key is masked before anything is kept."""
        return cls(
            number,
            request.method,
            keys.redact(request.path),
            {name: _remembered_header(name, value) for name, value in request.headers.items()},
            _remembered(request.body),
            response.status,
            dict(response.headers),
            _remembered(response.body),
        )

    @property
    def json(self) -> Any:
        """The request's body, parsed; None when it is not JSON."""
        try:
            return json.loads(self.request_body)
        except ValueError:
            return None

    @property
    def _asked(self) -> str:
        """The request's body with its fields in one order: versions of the client differ in theirs."""
        if not isinstance(self.json, dict):
            return self.request_body
        ordered = sorted(self.json.items(), key=lambda field: (field[0] != "model", field[0]))
        return json.dumps(dict(ordered), ensure_ascii=False)

    def view(self) -> html.Block:
        """Show what was sent beside what came back."""
        sent = _lines(f"{self.method} {self.path}", self.request_headers, _TELLING_REQUEST, self._asked)
        limits = tuple(name for name in self.response_headers if name.startswith("x-ratelimit-"))
        came = _lines(f"{self.status}", self.response_headers, _TELLING_RESPONSE + limits, self.response_body)
        return html.columns(("You sent", html.code(sent)), ("What came back", html.code(came)))


def _remembered_header(name: str, value: str) -> str:
    """Return a header as it is kept; one that carries a secret is masked whatever its shape."""
    if name not in _SECRET_HEADERS:
        return keys.redact(value)
    scheme, space, secret = value.rpartition(" ")
    return f"{scheme}{space}{keys.mask(secret)}"


def _remembered(body: bytes) -> str:
    """Return a body as it is kept: masked, and cut when it is long, but never in the middle of a key."""
    text = body[:_LONGEST_KEPT].decode(errors="replace")
    if len(body) > _LONGEST_KEPT:
        text = f"{re.sub(r'[A-Za-z0-9_-]+$', '', text)}… {len(body):,} bytes in all"
    return keys.redact(text)


def _lines(first: str, headers: Mapping[str, str], telling: tuple[str, ...], body: str) -> str:
    shown = [f"{name}: {headers[name]}" for name in telling if name in headers]
    return "\n".join([first, *shown, "", _pretty(body)]).rstrip()


def _pretty(body: str) -> str:
    try:
        text = json.dumps(_telling(json.loads(body)), indent=2, ensure_ascii=False)
    except ValueError:
        text = body
    if len(text) <= _LONGEST_BODY_SHOWN:
        return text
    return f"{text[:_LONGEST_BODY_SHOWN]}\n… {len(text) - _LONGEST_BODY_SHOWN:,} more characters"


def _telling(value: Any) -> Any:
    """Leave out what is empty or repeats a default: a beginner should see the rest."""
    if isinstance(value, list):
        return [_telling(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _telling(each)
        for name, each in value.items()
        if each not in (None, [], {})
        and name not in _QUIET
        and not (name == "text" and isinstance(each, dict))
    }
