"""The practice API under attack: it answers in the API's shape, tells no secret, and goes on."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI

from guide_helpers import facts, practice
from guide_helpers.practice import api, bounded, over_http
from guide_helpers.practice.desk import Desk, Door
from guide_helpers.practice.log import Log
from guide_helpers.practice.routes import ROUTES
from guide_helpers.practice.wire import Query, Request, Response
from guide_helpers.practice.world import World
from guide_helpers.practice.world.clock import Clock
from guide_helpers.practice.world.limiter import Limits

MODEL = str(facts.get("model.everyday").value)
FIELDS = ["model", "input", "messages", "tools", "text", "n", "stop", "stream", "metadata", "prompt", "size"]
PATHS = [route.path.replace("{", "").replace("}", "") for route in ROUTES]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(MODEL),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6).map(lambda each: json.dumps(each).encode()),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6).map(
        lambda each: json.dumps({"model": MODEL, "input": "x", **each}).encode("utf-16")
    ),
)


@pytest.fixture(scope="module")
def world() -> World:
    """A world whose limits and credit nobody reaches, and whose clock stands still."""
    return World(Clock(speed=0), Limits(10**9, 10**12), credit=None)


@pytest.fixture(scope="module")
def keys(world: World) -> tuple[str, str]:
    """A key and an admin key."""
    return world.issue_key("tests"), world.issue_admin_key("tests")


def shaped(response: Response) -> dict[str, Any]:
    """Return the error of a refusal, which has the API's four fields and no others."""
    error = json.loads(response.body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return dict(error)


# ---------------------------------------------------------------------------- any bytes at all


@given(
    st.sampled_from(["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "BREW"]),
    st.sampled_from(PATHS) | st.text(max_size=30).map(lambda text: f"/v1/{text}"),
    st.dictionaries(
        st.sampled_from(["content-type", "content-encoding", "openai-project", "accept"]),
        st.text(max_size=20),
    ),
    BODIES,
    st.lists(st.tuples(st.sampled_from(["limit", "after", "order", "start_time"]), st.text(max_size=8))),
    st.integers(0, 2),
)
def test_whatever_is_sent_is_answered_or_refused(  # noqa: PLR0913, PLR0917 -- the parts of a request
    world: World,
    keys: tuple[str, str],
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: list[tuple[str, str]],
    caller: int,
) -> None:
    """No request makes it fail: below 400 or a refusal in the API's shape, and nothing is raised."""
    if caller < len(keys):
        headers = {"authorization": f"Bearer {keys[caller]}", **headers}
    response = api.handle(world, Request(method, path, headers, body, Query(query)))
    assert response.status < 500
    if response.status >= 400:
        shaped(response)


NESTED = {
    "arrays": "[" * 100_000 + "]" * 100_000,
    "objects": '{"a":' * 900 + "1" + "}" * 900,
    "just below": "[" * 990 + "]" * 990,
}


@pytest.mark.parametrize("path", [route.path for route in ROUTES if route.asks_model])
@pytest.mark.parametrize("nested", NESTED.values(), ids=NESTED)
def test_brackets_within_brackets_are_refused(
    world: World, keys: tuple[str, str], path: str, nested: str
) -> None:
    """Neither Python's recursion limit nor the reader of JSON gives way."""
    body = f'{{"model": "{MODEL}", "input": {nested}, "messages": {nested}, "tools": {nested}}}'
    response = api.handle(world, Request("POST", path, {"authorization": f"Bearer {keys[0]}"}, body.encode()))
    assert 400 <= response.status < 500
    shaped(response)


ODD = {
    "NaN": b'{"model": "%s", "input": "x", "temperature": NaN}',
    "Infinity": b'{"model": "%s", "input": "x", "max_output_tokens": Infinity}',
    "UTF-16": '{"model": "%s", "input": "x"}'.encode("utf-16"),
    "UTF-32": '{"model": "%s", "input": "x"}'.encode("utf-32"),
    "a number of 5,000 digits": b'{"model": "%s", "input": "x", "max_output_tokens": ' + b"9" * 5_000 + b"}",
    "a million empty messages": b'{"model": "%s", "input": [' + b"{}," * 1_000_000 + b"{}]}",
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_odd_json_is_a_400(world: World, keys: tuple[str, str], body: bytes) -> None:
    """What JSON does not have, or an endpoint cannot use, is the caller's fault."""
    headers = {"authorization": f"Bearer {keys[0]}"}
    sent = body.replace(b"%s", MODEL.encode())
    response = api.handle(world, Request("POST", "/v1/responses", headers, sent))
    assert response.status == 400
    shaped(response)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content-type": "text/plain"}, 400, "unsupported_content_type"),
        ({"content-type": "application/x-www-form-urlencoded"}, 400, "unsupported_content_type"),
        ({"content-encoding": "gzip"}, 415, None),
        ({"content-type": "application/json; charset=utf-8"}, 200, None),
        ({}, 200, None),
    ],
    ids=["text", "form", "gzip", "charset", "none named"],
)
def test_the_form_of_a_body_matters(
    world: World, keys: tuple[str, str], headers: dict[str, str], status: int, code: str | None
) -> None:
    """JSON is taken; other types and compressed bodies are refused, as the API does in these words."""
    body = json.dumps({"model": MODEL, "input": "x"}).encode()
    asked = Request("POST", "/v1/responses", {"authorization": f"Bearer {keys[0]}", **headers}, body)
    response = api.handle(world, asked)
    assert response.status == status
    assert status == 200 or shaped(response)["code"] == code


# ---------------------------------------------------------------------------- over a socket


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[over_http.Thread, World, str]]:
    """A practice API on a socket, its world and a key."""
    world = World(limits=Limits(10**9, 10**12), credit=None)
    thread = over_http.Thread(world)
    yield thread, world, world.issue_key("tests")
    thread.close()


Served = tuple[over_http.Thread, World, str]


def raw(port: int, sent: bytes) -> bytes:
    """Send bytes as they are, and return all that comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65_536), b""))


def post(key: str, *lines: str) -> bytes:
    """Return the head of a request."""
    head = ["POST /v1/responses HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}", *lines]
    return ("\r\n".join(head) + "\r\n\r\n").encode()


@pytest.mark.parametrize("head", ["Content-Length: 100000000000", "Transfer-Encoding: chunked"])
def test_too_large_a_body_is_not_read_to_its_end(served: Served, head: str) -> None:
    """The refusal comes while the rest is still to be sent, and the connection is closed."""
    thread, world, key = served
    piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", thread.port), timeout=10) as line:
        line.sendall(post(key, head))
        if "chunked" in head:
            for _ in range(10):
                line.sendall(piece)
        answer = line.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    assert world.records[-1].exchange.status == 413
    assert len(world.records[-1].exchange.request_body) < 200_000


def test_the_client_sees_a_413(served: Served) -> None:
    """The real client, which sends everything before it listens, still gets the answer."""
    thread, _, key = served
    client = OpenAI(base_url=f"http://127.0.0.1:{thread.port}/v1", api_key=key, max_retries=0)
    with pytest.raises(openai.APIStatusError) as caught:
        client.responses.create(model=MODEL, input="x" * 12_000_000)
    assert caught.value.status_code == 413


RUBBISH = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,
    "no HTTP": b"\r\n\r\nhello\r\n\r\n",
    "odd path": b"GET /v1/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "two lengths": b"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
    "negative length": b"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n{}",
    "half a body": b"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{",
    "every byte": bytes(range(256)),
}


@pytest.mark.parametrize("sent", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_refused_in_silence(
    served: Served, sent: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """It is a 400 or the end of the connection, is not counted, and nobody prints a word about it."""
    thread, world, key = served
    before = world.requests
    answer = raw(thread.port, sent)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert world.requests == before
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert b" 200 " in raw(
        thread.port, f"GET /v1/models HTTP/1.0\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    )


@pytest.mark.parametrize("sent", [b"X: " + b"a" * 1_000_000, b"X: y\r\n" * 200_000], ids=["one", "many"])
def test_a_head_without_end_is_dropped(served: Served, sent: bytes) -> None:
    """The server closes the connection although the client would go on."""
    thread, world, _ = served
    before = world.requests
    with socket.create_connection(("127.0.0.1", thread.port), timeout=10) as line, suppress(ConnectionError):
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + sent)
        while line.recv(65_536):
            pass
    assert world.requests == before


def test_many_headers_are_refused_and_not_remembered(served: Served) -> None:
    """A few hundred small headers are answered in the API's shape, and none is kept."""
    thread, world, key = served
    answer = raw(thread.port, post(key, *[f"x-{each}: y" for each in range(250)], "Content-Length: 0"))
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert world.records[-1].exchange.request_headers == {}


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", 405), ("OPTIONS", 405), ("PUT", 405), ("TRACE", 405)]
)
def test_other_methods_are_a_405(served: Served, method: str, status: int) -> None:
    """They are refused in the API's shape; a HEAD has no body."""
    thread, _, key = served
    line = http.client.HTTPConnection("127.0.0.1", thread.port, timeout=10)
    line.request(method, "/v1/models", headers={"Authorization": f"Bearer {key}"})
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == status
    assert body == b"" if method == "HEAD" else json.loads(body)["error"]["code"] == "method_not_supported"


def test_a_web_page_under_another_name_is_kept_out(served: Served) -> None:
    """A name that was pointed at this computer (DNS rebinding) opens neither the API, nor the page."""
    thread, _, key = served
    for path, shape in (("/v1/models", b"evil.example"), ("/", b"token"), ("/_practice/state", b"token")):
        head = f"GET {path} HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close"
        answer = raw(thread.port, f"{head}\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert shape in answer


# ---------------------------------------------------------------------------- patience and crowds


class Line:
    """A connection as uvicorn keeps it."""

    def __init__(self) -> None:
        """Wait for a head."""
        self.cycle: Any = None
        self.aborted = False
        self.transport = self

    def abort(self) -> None:
        """Note that the server gave up."""
        self.aborted = True


class Cycle:
    """A request as uvicorn keeps it."""

    def __init__(self, *, more_body: bool, response_complete: bool = False) -> None:
        """Say how far it is."""
        self.more_body, self.response_complete = more_body, response_complete


def watch(line: Line, *seconds: float) -> bool:
    """Let a server look around at those times, and say whether it gave a connection up."""
    crowd = {line}
    server = over_http.server(World())
    server.server_state.connections = crowd  # type: ignore[assignment]
    assert isinstance(server, bounded.Bounded)
    for each in seconds:
        server.look_around(each)
    return line.aborted


def test_half_a_request_that_waits_is_dropped() -> None:
    """Half a head or half a body is waited for so long; a long answer as long as it takes."""
    head, body, answering = Line(), Line(), Line()
    body.cycle = Cycle(more_body=True)
    answering.cycle = Cycle(more_body=False)
    assert not watch(head, 0, 9.9)
    assert watch(head, 0, 9.9, 10.1)
    assert not watch(body, 0, 59)
    assert watch(body, 0, 59, 61)
    assert not watch(answering, 0, 10_000)


def test_patience_starts_anew_with_each_request() -> None:
    """A client that keeps its connection for the next request is not punished for the first."""
    line = Line()
    server = over_http.server(World())
    assert isinstance(server, bounded.Bounded)
    server.server_state.connections = {line}  # type: ignore[arg-type]
    for each in range(0, 60, 5):
        line.cycle = Cycle(more_body=False, response_complete=True)
        server.look_around(each)
    assert not line.aborted


def test_a_silent_connection_is_dropped_for_real(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server itself looks around while it runs."""
    monkeypatch.setattr(bounded, "_HEAD_SECONDS", 0.0)
    monkeypatch.setattr(bounded, "_TICKS", 1)
    thread = over_http.Thread(World())
    try:
        with socket.create_connection(("127.0.0.1", thread.port), timeout=10) as line:
            line.sendall(b"GET /v1/mod")
            with suppress(ConnectionError):
                assert line.recv(10) == b""
    finally:
        thread.close()


def test_a_crowd_gets_a_503_in_the_apis_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection too many is told so; when the others leave it is served."""
    monkeypatch.setattr(over_http, "MOST_CONNECTIONS", 2)
    world = World()
    key = world.issue_key("tests")
    thread = over_http.Thread(world)
    asked = f"GET /v1/models HTTP/1.0\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    idle = [socket.create_connection(("127.0.0.1", thread.port), timeout=10) for _ in range(2)]
    try:
        answer = raw(thread.port, asked)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "server_is_overloaded"
    finally:
        for each in idle:
            each.close()
    while b" 200 " not in (answer := raw(thread.port, asked)):
        assert b" 503 " in answer
    thread.close()


# ---------------------------------------------------------------------------- no key anywhere


def test_a_real_key_is_nowhere(tmp_path: Path) -> None:
    """Sent as key, in the path, in the body and as a name: page, log and memory do not hold it."""
    real = "sk-proj-" + "aB3x" * 20
    world, log = World(), Log(str(tmp_path / "log"))
    desk = Desk(world, Door())
    for key in (real, world.issue_key(f"named {real}")):
        headers = {"authorization": f"Bearer {key}", "content-type": real, "host": "localhost"}
        for path in (f"/v1/models/{real}", "/v1/responses"):
            body = json.dumps({"model": real, "input": real}).encode()
            api.handle(world, Request("POST" if path.endswith("s") else "GET", path, headers, body))
            log.write(world.records[-1])
    log.close()
    page = desk.answer(Request("GET", "/_practice/state", {"host": "localhost"}))
    assert page is not None
    assert page.status == 200
    for shown in (
        page.body.decode(),
        (tmp_path / "log").read_text(),
        repr([r.exchange for r in world.records]),
    ):
        assert "sk-proj-…aB3x" in shown.replace(r"\u2026", "…")
        assert real not in shown
        assert "aB3xaB3x" not in shown


def test_the_server_keeps_to_its_thread() -> None:
    """Closing takes the thread with it, also while a client holds its connection open."""
    with (
        practice.serve(seed=97) as server,
        socket.create_connection(("127.0.0.1", int(server.base_url.split(":")[2].split("/")[0]))),
    ):
        pass
    assert not any(
        f"-{server.base_url.split(':')[2].split('/')[0]}" in each.name for each in threading.enumerate()
    )
