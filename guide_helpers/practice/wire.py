"""A request and a response as plain values: what both ways into the practice API exchange."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from guide_helpers import html, keys
from guide_helpers.practice.codec import encode

if TYPE_CHECKING:
    from guide_helpers.practice.world.ledger import Entry

# what a reader learns from; the rest (connection handling, the client's own telemetry) is noise
_TELLING_REQUEST = ("authorization", "content-type", "openai-organization", "openai-project")
_TELLING_RESPONSE = ("content-type", "x-request-id", "retry-after", "retry-after-ms")
_LONGEST_BODY_SHOWN = 1_200
_LONGEST_KEPT = 100_000
_SECRET_HEADERS = {"authorization", "api-key", "x-api-key", "cookie", "proxy-authorization"}
_GIVES_KEYS = "/v1/organization"  # an answer from here may hold a new key: it is masked at once
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


class Query(dict[str, str]):
    """The words behind the question mark of an address; a name may stand there several times."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        """Keep every pair, and the last value of each name for plain look-ups."""
        super().__init__(pairs)
        self.pairs = tuple(pairs)

    def all(self, name: str) -> list[str]:
        """Return every value of a name, written `name=` or `name[]=`."""
        return [value for each, value in self.pairs if each in {name, f"{name}[]"}]

    def written(self) -> str:
        """Return the words as one line, in their order."""
        return "&".join(f"{name}={value}" for name, value in self.pairs)


NO_QUERY = Query()


class Request(NamedTuple):
    """What a client sent; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes = b""
    query: Query = NO_QUERY


@dataclass(slots=True)
class Response:
    """What goes back; a stream is its chunks in order, anything else is one chunk.

    `delay` is how long the answer waits and `gap` how long each later chunk does, in the world's
    seconds; a `cut` answer breaks off in the middle, as a lost connection does.
    """

    status: int
    headers: dict[str, str]
    chunks: tuple[bytes, ...]
    delay: float = 0.0
    gap: float = 0.0
    cut: bool = False

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks)

    @property
    def sent(self) -> tuple[bytes, ...]:
        """The chunks that reach the caller."""
        if not self.cut:
            return self.chunks
        if len(self.chunks) == 1:
            return (self.chunks[0][: len(self.chunks[0]) // 2],)
        return self.chunks[: len(self.chunks) // 2]


def json_response(status: int, payload: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    body = encode(payload)
    return Response(status, {"content-type": "application/json", **(headers or {})}, (body,))


HOLE = "\0hole\0"


class Repeated(NamedTuple):
    """Events that differ in one text: `shape` has a HOLE where each of the values stands."""

    shape: Mapping[str, Any]
    values: Sequence[str]

    def lines(self) -> list[bytes]:
        """Return the data of every event; what they have in common is written once."""
        before, after = encode(self.shape).split(encode(HOLE))
        return [b"%b%b%b" % (before, encode(value), after) for value in self.values]


def stream_response(
    events: list[tuple[str | None, Any]], headers: Mapping[str, str] | None = None
) -> Response:
    """Return server-sent events; each is an event name (or None) and its JSON, literal or `Repeated` data."""
    chunks: list[bytes] = []
    for name, data in events:
        head = b"event: %b\ndata: " % name.encode() if name else b"data: "
        if isinstance(data, Repeated):
            chunks += [b"%b%b\n\n" % (head, line) for line in data.lines()]
        else:
            chunks.append(b"%b%b\n\n" % (head, data.encode() if isinstance(data, str) else encode(data)))
    return Response(
        200, {"content-type": "text/event-stream; charset=utf-8", **(headers or {})}, tuple(chunks)
    )


class Record:
    """An exchange as it is remembered: its secret headers masked, the rest made readable when it is read."""

    __slots__ = ("_exchange", "_headers", "_request", "_response", "at", "charged", "key", "masked", "number")

    def __init__(  # noqa: PLR0913, PLR0917 -- what is known of an exchange, once
        self, number: int, at: float, request: Request, response: Response, masked: str, key: str = ""
    ) -> None:
        """Remember an exchange; `masked` is the caller's key as it may be shown, `key` its id."""
        self.number, self.at, self.key, self.masked = number, at, key, masked
        self.charged: Sequence[Entry] = ()  # the lines of the ledger it brought about
        self._headers = _masked(request.headers, masked)
        self._request = request.method, request.path, _cut(request.body), request.query
        self._response = response
        self._exchange: Exchange | None = None
        if request.path.startswith(_GIVES_KEYS) or len(response.chunks[0]) > _LONGEST_KEPT:
            self._exchange = done = self.exchange
            self._request = done.method, done.path, b"", NO_QUERY
            self._response = Response(response.status, response.headers, (), response.delay)

    @property
    def seconds(self) -> float:
        """How long the answer took, in the world's seconds."""
        return self._response.delay + self._response.gap * max(0, len(self._response.chunks) - 1)

    @property
    def head(self) -> tuple[str, str, int, Mapping[str, str]]:
        """Method, path (any key in it masked), status and the answer's headers, without the bodies."""
        method, path, *_ = self._request
        return method, keys.redact(path), self._response.status, self._response.headers

    @property
    def exchange(self) -> Exchange:
        """The exchange, with every key masked."""
        if self._exchange is None:
            method, path, asked, query = self._request
            response = self._response
            self._exchange = Exchange(
                self.number,
                self.at,
                method,
                keys.redact(path),
                {name: keys.redact(value) for name, value in self._headers.items()},
                _remembered(asked),
                response.status,
                dict(response.headers),
                _remembered(_cut(response.body)),
                keys.redact(query.written()),
                self.key,
                response.cut,
            )
        return self._exchange


@dataclass(frozen=True, slots=True)
class Exchange(html.Shown):
    """One request and its answer, as they went over the wire, with every key masked.

    `at` is when the request came, in the world's seconds since 1970; `query` stood behind the question
    mark of its address; `key` is the id of its key ("" for a key never issued here); `cut` says that
    the answer broke off.
    """

    number: int
    at: float
    method: str
    path: str
    request_headers: Mapping[str, str]
    request_body: str
    status: int
    response_headers: Mapping[str, str]
    response_body: str
    query: str = ""
    key: str = ""
    cut: bool = False

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


def _masked(headers: Mapping[str, str], masked: str) -> Mapping[str, str]:
    """Return headers without their secrets, whatever the secret's shape."""
    kept = dict(headers)
    for name in _SECRET_HEADERS & kept.keys():
        scheme, space, secret = kept[name].rpartition(" ")
        kept[name] = f"{scheme}{space}{masked if name == 'authorization' else keys.mask(secret)}"
    return kept


def _cut(body: bytes) -> bytes | tuple[bytes, int]:
    """Return a body, or the start of a very long one and its length."""
    return body if len(body) <= _LONGEST_KEPT else (body[:_LONGEST_KEPT], len(body))


def _remembered(body: bytes | tuple[bytes, int]) -> str:
    """Return a body as it is shown: masked, and cut when it is long, but never in the middle of a key."""
    if isinstance(body, bytes):
        return keys.redact(body.decode(errors="replace"))
    start, length = body
    text = re.sub(r"[A-Za-z0-9_-]+$", "", start.decode(errors="replace"))
    return keys.redact(f"{text}… {length:,} bytes in all")


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
