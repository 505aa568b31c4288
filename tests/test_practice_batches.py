"""Batches: every line is really asked, and a bad one spoils no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from talk import ERROR_FIELDS, ODD, connect, post

from guide_helpers import facts, practice

SMALL = facts.get("model.embedding").value


@pytest.fixture
def client(api: practice.InProcess) -> OpenAI:
    """The real client, in process."""
    return connect(api)


def upload(client: OpenAI, content: bytes, name: str = "a.jsonl", purpose: Any = "batch") -> Any:
    """Upload a file for a batch."""
    return client.files.create(file=(name, content), purpose=purpose)


def line(custom_id: Any, body: Any, url: str = "/v1/responses", /, **more: Any) -> bytes:
    """Write one line of a batch."""
    return json.dumps({"custom_id": custom_id, "method": "POST", "url": url, "body": body, **more}).encode()


def run(client: OpenAI, *lines: bytes, endpoint: Any = "/v1/responses", **options: Any) -> Any:
    """Upload lines and run them."""
    file = upload(client, b"\n".join(lines))
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h", **options)


def read(client: OpenAI, file_id: str | None) -> list[Any]:
    """Return the lines of a made file, parsed."""
    assert file_id is not None
    return [json.loads(each) for each in client.files.content(file_id).text.splitlines()]


def test_a_batch_really_runs(client: OpenAI, model: str) -> None:
    """Good lines are answered as single requests would be; refused ones stand in the error file."""
    asks = {f"q{n}": {"model": model, "input": f"Question {n}"} for n in range(3)}
    batch = run(
        client,
        *(line(each, ask) for each, ask in asks.items()),
        line("bad", {"model": "no-such-model"}),
        metadata={"why": "test"},
    )
    counts = batch.request_counts
    assert (batch.status, counts.total, counts.completed, counts.failed) == ("completed", 4, 3, 1)
    answers = read(client, batch.output_file_id)
    assert [each["custom_id"] for each in answers] == list(asks)
    single = client.responses.create(**asks["q1"])
    body = answers[1]["response"]["body"]
    assert body["output"][0]["content"][0]["text"] == single.output_text
    assert len({each["response"]["body"]["id"] for each in answers}) == 3
    assert len({each["response"]["request_id"] for each in answers}) == 3
    assert batch.usage.total_tokens == sum(
        each["response"]["body"]["usage"]["total_tokens"] for each in answers
    )
    (refused,) = read(client, batch.error_file_id)
    assert (refused["custom_id"], refused["response"]["status_code"]) == ("bad", 404)
    assert refused["response"]["body"]["error"]["code"] == "model_not_found"
    assert (batch.model, batch.metadata) == (model, {"why": "test"})
    assert client.files.retrieve(batch.output_file_id).purpose == "batch_output"


def test_every_endpoint_takes_batches(client: OpenAI, model: str) -> None:
    """Chats and embeddings too; with nothing refused there is no error file."""
    chat = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
    for endpoint, body in (
        ("/v1/chat/completions", chat),
        ("/v1/embeddings", {"model": SMALL, "input": "Hi"}),
    ):
        batch = run(client, line("one", body, endpoint), endpoint=endpoint)
        assert (batch.request_counts.completed, batch.error_file_id) == (1, None)
        assert batch.usage.input_tokens > 0


BAD_LINES: dict[str, bytes] = {
    "not json": b"nope",
    "not an object": b"[1]",
    "not text": b"\xff\xfe\xff",
    "no id": b'{"method": "POST", "url": "/v1/responses", "body": {}}',
    "number for an id": line(7, {}),
    "other address": line("a", {}, "/v1/embeddings"),
    "other method": line("a", {}, method="GET"),
    "no body": line("a", None),
    "deep": b'{"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"x": %s}}'
    % (b"[" * 900 + b"]" * 900),
    "deeper": b"[" * 100_000,
    "stream": line("a", {"model": facts.get("model.everyday").value, "input": "x", "stream": True}),
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_spoils_no_other(client: OpenAI, model: str, bad: bytes) -> None:
    """It lands in the error file; the lines around it are answered."""
    good = {"model": model, "input": "x"}
    batch = run(client, line("first", good), bad, b"", line("last", good))
    assert [each["custom_id"] for each in read(client, batch.output_file_id)] == ["first", "last"]
    (refused,) = read(client, batch.error_file_id)
    assert refused["response"]["status_code"] == 400


def test_a_custom_id_stands_once(client: OpenAI, model: str) -> None:
    """The second line of that name is refused."""
    batch = run(client, *[line("same", {"model": model, "input": "x"})] * 2)
    (refused,) = read(client, batch.error_file_id)
    assert refused["response"]["body"]["error"]["code"] == "duplicate_custom_id"


def test_an_empty_batch_fails(client: OpenAI) -> None:
    """With a reason, and without files."""
    batch = run(client, b" ")
    assert (batch.status, batch.output_file_id, batch.completed_at) == ("failed", None, None)
    assert batch.errors.data[0].code == "empty_file"


def test_a_batch_draws_on_no_limits(model: str) -> None:
    """Ten lines pass where one request a minute would; the next single request is the first."""
    api = practice.in_process(limits=practice.Limits(1, 40_000), clock=practice.Clock(speed=0))
    client = connect(api)
    ask = {"model": model, "input": "x"}
    assert run(client, *(line(f"{n}", ask) for n in range(10))).request_counts.completed == 10
    client.responses.create(**ask)
    with pytest.raises(openai.RateLimitError):
        client.responses.create(**ask)


def test_a_scenario_meets_a_line(api: practice.InProcess, client: OpenAI, model: str) -> None:
    """What is played next is met by the first line of a batch."""
    api.play("overloaded")
    batch = run(client, *(line(f"{n}", {"model": model, "input": "x"}) for n in range(2)))
    assert [each["response"]["status_code"] for each in read(client, batch.error_file_id)] == [503]


def test_batches_are_listed_and_over(client: OpenAI, model: str) -> None:
    """Newest first, a page at a time; what is done cannot be cancelled."""
    batches = [run(client, line("a", {"model": model, "input": "x"})) for _ in range(3)]
    assert [each.id for each in client.batches.list(limit=2)] == [each.id for each in batches[::-1]]
    assert client.batches.retrieve(batches[0].id) == batches[0]
    with pytest.raises(openai.ConflictError, match="completed"):
        client.batches.cancel(batches[0].id)


def test_inner_requests_are_not_exchanges(api: practice.InProcess, client: OpenAI, model: str) -> None:
    """The record of the wire holds what went over it, and every request id differs."""
    run(client, *(line(f"{n}", {"model": model, "input": "x"}) for n in range(3)))
    client.models.list()
    assert [each.path for each in api.seen] == ["/v1/files", "/v1/batches", "/v1/models"]
    assert len({each.response_headers["x-request-id"] for each in api.seen}) == 3


REFUSALS: dict[str, tuple[Callable[[OpenAI, str], object], type[openai.APIStatusError], str | None]] = {
    "unknown file": (
        lambda client, _: client.batches.create(
            input_file_id="file-nobody", endpoint="/v1/responses", completion_window="24h"
        ),
        openai.NotFoundError,
        None,
    ),
    "other file": (
        lambda client, _: client.batches.create(
            input_file_id=upload(client, b"x", purpose="user_data").id,
            endpoint="/v1/responses",
            completion_window="24h",
        ),
        openai.BadRequestError,
        "invalid_value",
    ),
    "odd window": (
        lambda client, _: client.batches.create(
            input_file_id="x",
            endpoint="/v1/responses",
            completion_window="1h",  # type: ignore[arg-type]
        ),
        openai.BadRequestError,
        "invalid_value",
    ),
    "too many lines": (
        lambda client, _: run(client, *[b"{}"] * 1_001),
        openai.BadRequestError,
        "array_above_max_length",
    ),
    "odd metadata": (
        lambda client, _: run(client, b"{}", metadata={"a": "x" * 513}),
        openai.BadRequestError,
        None,
    ),
    "unknown": (
        lambda client, _: client.batches.retrieve("batch_nobody"),
        openai.NotFoundError,
        None,
    ),
}


@pytest.mark.parametrize(("call", "kind", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_the_right_exception(
    client: OpenAI, model: str, call: Callable[[OpenAI, str], object], kind: type, code: str | None
) -> None:
    """Each mistake raises the client's own class, with the API's code."""
    with pytest.raises(kind) as caught:
        call(client, model)
    assert caught.value.code == code


WHOLE_BODY: dict[str, Any] = {
    "input_file_id": "x",
    "endpoint": "/v1/responses",
    "completion_window": "24h",
    "metadata": {},
    "output_expires_after": None,
}


@given(ODD, st.sampled_from(sorted(WHOLE_BODY)))
def test_odd_values_get_a_reply_or_a_refusal(value: object, field: str) -> None:
    """Whatever stands in a field, the answer is whole and one of the API's own."""
    status, answer = post({}, json.dumps({**WHOLE_BODY, field: value}).encode(), "/v1/batches")
    assert status in {200, 400, 404, 429}
    if status != 200:
        assert answer["error"].keys() == ERROR_FIELDS


@given(ODD, st.sampled_from(["custom_id", "method", "url", "body"]))
def test_odd_lines_spoil_nothing(value: object, field: str) -> None:
    """Whatever stands in a line, the batch comes to its end."""
    api = practice.in_process(clock=practice.Clock(speed=0))
    batch = run(
        connect(api),
        line("a", {"model": SMALL, "input": "x"}, "/v1/embeddings", **{field: value}),
        endpoint="/v1/embeddings",
    )
    assert batch.request_counts.total == batch.request_counts.completed + batch.request_counts.failed == 1


def test_it_works_over_http(model: str) -> None:
    """The same through a socket."""
    with practice.serve(seed=11, limits=practice.Limits(1_000, 10**6)) as server, connect(server) as client:
        batch = run(client, line("a", {"model": model, "input": "Hi"}))
        assert read(client, batch.output_file_id)[0]["custom_id"] == "a"
        assert client.batches.retrieve(batch.id) == batch
        assert [each.id for each in client.batches.list(limit=1)] == [batch.id]
        with pytest.raises(openai.ConflictError):
            client.batches.cancel(batch.id)
        assert [file.purpose for file in client.files.list(limit=1)] == ["batch_output", "batch"]
        assert client.files.retrieve(batch.input_file_id).bytes > 0
        assert client.files.delete(batch.input_file_id).deleted
