"""The practice API, judged by the real client: over HTTP and in process, on whichever openai is installed."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncOpenAI, OpenAI
from talk import connect

from guide_helpers import facts, practice, tokens
from guide_helpers.errors import PracticeError, UnknownNameError
from guide_helpers.practice import over_http
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World
from guide_helpers.practice.world.limiter import go_duration

SHAPELESS = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # as an Azure key: 32 hexadecimal digits
WAYS_IN = ["http", "in process"]


@pytest.fixture(params=WAYS_IN, scope="module")
def way_in(request: pytest.FixtureRequest) -> Iterator[practice.Server | practice.InProcess]:
    """Each way in, with limits nobody reaches."""
    limits = practice.Limits(requests=10_000, tokens=10_000_000)
    if request.param == "in process":
        yield practice.in_process(limits=limits)
        return
    with practice.serve(limits=limits) as server:
        yield server


@pytest.fixture
def client(way_in: practice.Server | practice.InProcess) -> OpenAI:
    """The real client, either way in."""
    return connect(way_in)


# ---------------------------------------------------------------------------- what works


def test_a_response_is_whole(client: OpenAI, model: str) -> None:
    """The reply says what it is, and carries an id, a request id and true usage."""
    reply = client.responses.create(model=model, input="Hello world")
    assert "not a model" in reply.output_text
    assert "“Hello world”" in reply.output_text
    assert (reply.id[:5], reply.status, reply.model) == ("resp_", "completed", model)
    assert reply._request_id is not None
    usage = reply.usage
    assert usage is not None
    # 3 for the request, 3 for the message, 1 for "user", 2 for "Hello world"
    assert usage.input_tokens == 9
    assert usage.output_tokens == tokens.count(reply.output_text, model).tokens
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens


def test_a_chat_completion_is_whole(client: OpenAI, model: str) -> None:
    """The same for the older endpoint, which counts alike."""
    reply = client.chat.completions.create(
        model=model, messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    )
    assert reply.choices[0].finish_reason == "stop"
    assert "“Hi”" in (reply.choices[0].message.content or "")
    assert reply.usage is not None
    assert reply.usage.prompt_tokens == 3 + (3 + 1 + 3) + (3 + 1 + 1)


def test_streamed_and_whole_responses_are_the_same(client: OpenAI, model: str) -> None:
    """The deltas join to the text, events are numbered in order, and the last one carries usage."""
    whole = client.responses.create(model=model, input="Grüße, 世界 👩‍💻")
    events = list(client.responses.create(model=model, input="Grüße, 世界 👩‍💻", stream=True))
    deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert deltas == whole.output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events if event.type != "response.output_text.delta"] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert events[-1].type == "response.completed"
    assert events[-1].response.usage == whole.usage


def test_the_clients_own_stream_helper_agrees(client: OpenAI, model: str) -> None:
    """openai's accumulator accepts every event and arrives at the same response."""
    with client.responses.stream(model=model, input="Hi") as stream:
        final = stream.get_final_response()
    assert final.output_text == client.responses.create(model=model, input="Hi").output_text


def test_streamed_and_whole_chats_are_the_same(client: OpenAI, model: str) -> None:
    """Deltas join to the text; the usage chunk comes last, has no choices, and only on request."""
    ask: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
    whole = client.chat.completions.create(**ask)
    chunks = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    plain = list(client.chat.completions.create(**ask, stream=True))
    assert len(plain) == len(chunks) - 1
    assert plain[-1].choices[0].finish_reason == "stop"


def test_a_token_limit_cuts_the_reply(client: OpenAI, model: str) -> None:
    """The reply has at most that many tokens and says why it ended."""
    reply = client.responses.create(model=model, input="Hi", max_output_tokens=16)
    assert reply.usage is not None
    assert (reply.status, reply.usage.output_tokens) == ("incomplete", 16)
    assert reply.incomplete_details is not None
    assert reply.incomplete_details.reason == "max_output_tokens"
    chat = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Hi"}], max_completion_tokens=5
    )
    assert (chat.choices[0].finish_reason, chat.usage and chat.usage.completion_tokens) == ("length", 5)


def test_models_are_listed_with_their_last_day(client: OpenAI, model: str) -> None:
    """Current models are listed, retired ones are not, and a shutdown date is told."""
    listed = {each.id: each for each in client.models.list()}
    assert model in listed
    assert facts.get("model.retired").value not in listed
    ending = next(each for each in facts.models() if each.shutdown and each.id in listed)
    shown = client.models.retrieve(ending.id).to_dict()
    assert shown["shutdown_date"] == str(ending.shutdown)


def test_the_async_client_gets_the_same(way_in: practice.Server | practice.InProcess, model: str) -> None:
    """AsyncOpenAI gets a reply and a stream both ways in."""
    http = {"http_client": way_in.async_http_client} if isinstance(way_in, practice.InProcess) else {}

    async def both() -> tuple[str, str]:
        async with AsyncOpenAI(base_url=way_in.base_url, api_key=way_in.api_key, **http) as client:
            whole = await client.responses.create(model=model, input="Hi")
            stream = await client.responses.create(model=model, input="Hi", stream=True)
            parts = [each.delta async for each in stream if each.type == "response.output_text.delta"]
            return whole.output_text, "".join(parts)

    whole, streamed = asyncio.run(both())
    assert whole == streamed


# ---------------------------------------------------------------------------- what is refused

REFUSALS: dict[str, tuple[Callable[[OpenAI, str], object], type[openai.APIStatusError], str | None]] = {
    "wrong key": (
        lambda client, _: client.with_options(api_key="sk-practice-nobody").models.list(),
        openai.AuthenticationError,
        "invalid_api_key",
    ),
    "unknown model": (
        lambda client, _: client.responses.create(model="no-such-model", input="x"),
        openai.NotFoundError,
        "model_not_found",
    ),
    "retired model": (
        lambda client, _: client.responses.create(model=facts.get("model.retired").value, input="x"),
        openai.NotFoundError,
        "model_not_found",
    ),
    "missing input": (
        lambda client, model: client.responses.create(model=model),
        openai.BadRequestError,
        "missing_required_parameter",
    ),
    "wrong type": (
        lambda client, model: client.responses.create(model=model, input=7),  # type: ignore[call-overload]
        openai.BadRequestError,
        "invalid_type",
    ),
    "limit too small": (
        lambda client, model: client.responses.create(model=model, input="x", max_output_tokens=1),
        openai.BadRequestError,
        "integer_below_min_value",
    ),
    "max_tokens": (
        lambda client, model: client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "x"}], max_tokens=5
        ),
        openai.BadRequestError,
        "unsupported_parameter",
    ),
    "embedding model": (
        lambda client, _: client.responses.create(model=facts.get("model.embedding").value, input="x"),
        openai.PermissionDeniedError,
        None,
    ),
    "not here": (
        lambda client, _: client.fine_tuning.jobs.list(),
        openai.NotFoundError,
        None,
    ),
}


@pytest.mark.parametrize(("call", "kind", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_the_right_exception(
    client: OpenAI, model: str, call: Callable[[OpenAI, str], object], kind: type, code: str | None
) -> None:
    """Each mistake raises the client's own class, with the API's code and a request id."""
    with pytest.raises(kind) as caught:
        call(client, model)
    assert caught.value.code == code
    assert caught.value.request_id


def test_a_retired_model_is_told_from_an_unknown_one(api: practice.InProcess) -> None:
    """Same status, same code: only the message tells, and the world's calendar decides."""
    client = connect(api)
    ending = next(each for each in facts.models() if each.shutdown and not each.retired(api.clock.today()))
    client.models.retrieve(ending.id)
    api.clock.advance(2 * 365 * 86_400)
    with pytest.raises(openai.NotFoundError, match="deprecated"):
        client.models.retrieve(ending.id)
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        client.models.retrieve("no-such-model")


def test_no_key_is_its_own_401(server: practice.Server) -> None:
    """Without an Authorization header the code is null, as on the real API."""
    status, body = _raw(server, "GET", "/v1/models")
    assert (status, body["error"]["code"], body["error"]["type"]) == (401, None, "invalid_request_error")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"\xff", b"[" * 100_000], ids=["cut", "array", "bytes", "deep"]
)
def test_a_broken_body_is_a_400(server: practice.Server, body: bytes) -> None:
    """Bad JSON gets the API's own error, never a crash."""
    status, answer = _raw(server, "POST", "/v1/responses", body, server.api_key)
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert answer["error"].keys() == {"message", "type", "param", "code"}


def test_a_wrong_method_is_a_405(server: practice.Server) -> None:
    """A known address with another method says so."""
    assert _raw(server, "POST", "/v1/models", b"{}", server.api_key)[0] == 405


def test_a_huge_body_is_a_413(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies are bounded."""
    monkeypatch.setattr("guide_helpers.practice.api.LARGEST_BODY", 100)
    world = World()
    head = {"authorization": f"Bearer {world.issue_key('test')}"}
    assert handle(world, Request("POST", "/v1/responses", head, b"x" * 101)).status == 413


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["role", "content", "text"]), inner),
        max_leaves=8,
    ),
    st.sampled_from(["input", "messages", "stream", "max_output_tokens", "instructions", "stream_options"]),
    st.sampled_from(["/v1/responses", "/v1/chat/completions"]),
)
def test_odd_values_get_a_reply_or_a_400(value: object, field: str, path: str) -> None:
    """Whatever stands in a field, the answer is whole and one of the API's own."""
    world = World(limits=practice.Limits(10**6, 10**9))
    head = {"authorization": f"Bearer {world.issue_key('test')}"}
    body = {
        "model": facts.get("model.everyday").value,
        "input": "x",
        "messages": [{"role": "user", "content": "x"}],
        field: value,
    }
    answer = handle(world, Request("POST", path, head, json.dumps(body).encode()))
    assert answer.status in {200, 400, 429}


def _raw(
    server: practice.Server, method: str, path: str, body: bytes | None = None, key: str = ""
) -> tuple[int, Any]:
    request = urllib.request.Request(
        server.base_url.removesuffix("/v1") + path,
        data=body,
        method=method,
        headers={"Authorization": f"Bearer {key}"} if key else {},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


# ---------------------------------------------------------------------------- keys


def test_a_key_is_shown_once_and_kept_as_a_hash(api: practice.InProcess) -> None:
    """Nothing in the world holds the value, and the record shows only the masked form."""
    value = api.issue_key("app-laptop")
    assert value.startswith("sk-practice-")
    assert value not in repr(api.world)
    assert [record.name for record in api.keys] == ["first key", "app-laptop"]
    assert value not in repr(api.keys)


def test_a_revoked_key_stops_at_once(api: practice.InProcess) -> None:
    """The old key answers 401, another goes on working, and use is counted per key."""
    second = api.issue_key("second")
    old, new = connect(api), connect(api, api_key=second)
    old.models.list()
    api.revoke_key(api.api_key)
    with pytest.raises(openai.AuthenticationError):
        old.models.list()
    new.models.list()
    assert [record.requests for record in api.keys] == [1, 1]


def test_a_space_before_the_key_is_a_401(api: practice.InProcess) -> None:
    """The client sends it as it is, and no such key exists."""
    with pytest.raises(openai.AuthenticationError):
        connect(api, api_key=f" {api.api_key}").models.list()


def test_revoking_a_stranger_is_an_error_without_the_key(api: practice.InProcess) -> None:
    """The message masks what it was given."""
    stranger = "sk-practice-" + "z" * 32
    with pytest.raises(UnknownNameError) as caught:
        api.revoke_key(stranger)
    assert stranger not in str(caught.value)


def test_a_real_looking_key_is_refused_and_not_kept(api: practice.InProcess) -> None:
    """The practice API says why, and neither the error nor the record of the exchange holds the key."""
    real = "sk-proj-" + "aB3" * 20
    with pytest.raises(openai.AuthenticationError, match="looks real") as caught:
        connect(api, api_key=real).models.list()
    assert real not in str(caught.value.body)
    assert real not in repr(api.seen)


# ---------------------------------------------------------------------------- limits


def test_limit_headers_tell_the_bucket() -> None:
    """After one call of 60 a minute, 59 are left and the bucket is full again in a second."""
    api = practice.in_process(clock=practice.Clock(speed=0))
    raw = connect(api).responses.with_raw_response.create(model=facts.get("model.everyday").value, input="x")
    assert [raw.headers[f"x-ratelimit-{what}-requests"] for what in ("limit", "remaining", "reset")] == [
        "60",
        "59",
        "1s",
    ]


def test_a_drained_bucket_refuses_and_refills(model: str) -> None:
    """The fourth call of three a minute is a 429 that says exactly how long to wait, and that is true."""
    api = practice.in_process(limits=practice.Limits(3, 40_000), clock=practice.Clock(speed=0))
    client = connect(api)
    for _ in range(3):
        client.responses.create(model=model, input="x")
    with pytest.raises(openai.RateLimitError) as caught:
        client.responses.create(model=model, input="x")
    error = caught.value
    assert (error.code, error.type) == ("rate_limit_exceeded", "requests")
    assert (error.response.headers["retry-after"], error.response.headers["retry-after-ms"]) == (
        "20",
        "20000",
    )
    client.models.list()  # only model calls are limited
    api.clock.advance(19.9)
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model=model, input="x")
    api.clock.advance(0.1)
    client.responses.create(model=model, input="x")


def test_a_request_refused_for_its_tokens_was_a_request(model: str) -> None:
    """It takes one request out of the bucket, and no tokens."""
    api = practice.in_process(limits=practice.Limits(3, 200), clock=practice.Clock(speed=0))
    client = connect(api)
    with pytest.raises(openai.RateLimitError) as caught:
        client.responses.create(model=model, input="word " * 300)
    assert caught.value.type == "tokens"
    assert caught.value.response.headers["x-ratelimit-remaining-requests"] == "2"
    assert caught.value.response.headers["x-ratelimit-remaining-tokens"] == "200"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.12, "120ms"), (8.64, "8.64s"), (360, "6m0s"), (59.9999, "1m0s"), (3661.5, "1h1m1.5s")],
)
def test_durations_are_written_as_go_does(seconds: float, text: str) -> None:
    """Formats seen in the real headers."""
    assert go_duration(seconds) == text


# ---------------------------------------------------------------------------- scenarios


REFUSING = [name for name, each in practice.SCENARIOS.items() if each.fault]


@pytest.mark.parametrize("scenario", REFUSING)
def test_a_scenario_raises_the_right_class_once(api: practice.InProcess, model: str, scenario: str) -> None:
    """The status decides the client's class; type and code arrive; the next call works."""
    fault = practice.SCENARIOS[scenario].fault
    assert fault
    api.play(scenario)
    with pytest.raises(openai.APIStatusError) as caught:
        connect(api).responses.create(model=model, input="x")
    error = caught.value
    assert (error.status_code, error.code, error.type) == (fault.status, fault.code, fault.type)
    connect(api).responses.create(model=model, input="x")


def test_an_unknown_scenario_lists_the_known(api: practice.InProcess) -> None:
    """The message is the menu."""
    with pytest.raises(UnknownNameError, match="no_credit"):
        api.play("rain")


# ---------------------------------------------------------------------------- as a program


def test_the_same_requests_give_the_same_bytes() -> None:
    """Ids and times follow from the seed, the clock and the number of the request."""

    def talk(seed: int) -> list[str]:
        api = practice.in_process(seed=seed, clock=practice.Clock(speed=0))
        client = connect(api)
        client.responses.create(model=facts.get("model.everyday").value, input="x")
        client.models.list()
        return [exchange.response_body for exchange in api.seen]

    assert talk(1) == talk(1)
    assert talk(1) != talk(2)


def test_every_answer_carries_the_apis_headers(api: practice.InProcess) -> None:
    """Also a refusal."""
    with pytest.raises(openai.AuthenticationError):
        connect(api, api_key="sk-practice-nobody").models.list()
    assert {"x-request-id", "openai-organization", "openai-version", "openai-processing-ms"} <= set(
        api.seen[-1].response_headers
    )


def test_what_was_seen_is_masked(api: practice.InProcess, model: str) -> None:
    """The record of the wire shows the header but not the key, in every form."""
    connect(api).responses.create(model=model, input=f"my key is {api.api_key}")
    exchange = api.seen[-1]
    assert "Bearer sk-practice-…" in exchange.view().text
    for form in (repr(exchange), exchange.view().text, exchange.view().html):
        assert api.api_key not in form


@pytest.mark.parametrize(
    ("name", "value"),
    [("api-key", SHAPELESS), ("authorization", f"Basic {SHAPELESS}"), ("cookie", f"session={SHAPELESS}")],
)
def test_a_secret_header_is_masked_whatever_its_shape(name: str, value: str) -> None:
    """An Azure key or a password looks like nothing in particular, and is masked for where it stands."""
    world = World()
    handle(world, Request("GET", "/v1/models", {name: value}))
    assert SHAPELESS not in repr(world.records)


def test_a_long_body_is_remembered_in_part(api: practice.InProcess, model: str) -> None:
    """What is kept of a request is bounded, and a key at the cut is not shown in half."""
    words = "x" * 99_990 + f" {api.api_key} " + "y" * 99_990
    connect(api).responses.create(model=model, input=words)
    body = api.seen[-1].request_body
    assert len(body) < 101_000
    assert api.api_key[12:20] not in body
    assert body.endswith("bytes in all")


def test_serving_twice_gives_the_running_one() -> None:
    """The same arguments give the same server until it is closed; a closed one is replaced."""
    first = practice.serve(seed=99)
    assert practice.serve(seed=99) is first
    first.close()
    first.close()
    second = practice.serve(seed=99)
    assert second is not first
    second.close()


def test_a_closed_server_lets_go_of_its_port() -> None:
    """After `with`, nobody listens there."""
    with practice.serve(seed=98) as server:
        port = int(server.base_url.rsplit(":", 1)[1].removesuffix("/v1"))
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_listens_on_loopback_only(server: practice.Server) -> None:
    """The address is this computer's own."""
    assert server.base_url.startswith("http://127.0.0.1:")


def test_a_taken_port_says_so() -> None:
    """An explicit port that is in use raises, with what to do."""
    with over_http.listen(0) as taken:
        taken.listen()
        with pytest.raises(PracticeError, match="any free one"):
            over_http.listen(taken.getsockname()[1])


def test_the_clock_keeps_the_guides_calendar() -> None:
    """It starts on the day the guide was written, follows its ticks scaled, and jumps on demand."""
    ticks = iter([0.0, 10.0, 10.0])
    clock = practice.Clock(speed=60, ticks=lambda: next(ticks))
    start = practice.Clock(speed=0).now()
    assert clock.now() - start == 600
    clock.advance(86_400)
    assert (clock.today() - facts.get("guide.written").value).days == 1
