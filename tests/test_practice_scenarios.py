"""Scenarios, delays and streams: each at its own place, for whom it is meant, both ways in."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from talk import connect

from guide_helpers import practice
from guide_helpers.errors import InputError
from guide_helpers.practice.api import handle
from guide_helpers.practice.in_process import _library
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World

Api = practice.Server | practice.InProcess

# what reaches the caller when a stream breaks or stalls: openai 2.x hands on its HTTP library's errors
LOST = (openai.APIConnectionError, _library().RemoteProtocolError)
LATE = (openai.APITimeoutError, _library().ReadTimeout)

PLENTY = practice.Limits(10_000, 10_000_000)


@pytest.fixture(params=["http", "in process"])
def fast(request: pytest.FixtureRequest) -> Iterator[Api]:
    """Each way in, with a clock a thousand times as fast."""
    clock = practice.Clock(speed=1000)
    if request.param == "in process":
        yield practice.in_process(limits=PLENTY, clock=clock)
        return
    with practice.serve(limits=PLENTY, clock=clock) as server:
        yield server


def connect_async(api: Api, **options: Any) -> AsyncOpenAI:
    """Return the real async client, which tries once."""
    http = {"http_client": api.async_http_client} if isinstance(api, practice.InProcess) else {}
    return AsyncOpenAI(base_url=api.base_url, api_key=api.api_key, max_retries=0, **http, **options)


def status(call: Callable[[], object]) -> tuple[int, str | None]:
    """Return the status and the code a call is answered with."""
    try:
        call()
    except openai.APIStatusError as error:
        return error.status_code, error.code
    return 200, None


# ---------------------------------------------------------------------------- the place of each

ORDER: dict[str, tuple[str, dict[str, Any], tuple[int, str | None]]] = {
    "an unknown key before all": ("revoked", {"key": "sk-practice-x"}, (401, "invalid_api_key")),
    "an unknown key before a permission": ("region", {"key": "sk-practice-x"}, (401, "invalid_api_key")),
    "a revoked key before the model": ("revoked", {"model": "no-such-model"}, (401, "invalid_api_key")),
    "an expired key before the organization": ("expired", {"organization": "x"}, (401, "invalid_api_key")),
    "the organization before a permission": (
        "region",
        {"organization": "x"},
        (401, "mismatched_organization"),
    ),
    "a permission before the model": ("restricted", {"model": "no-such-model"}, (401, None)),
    "the address before the model": ("ip_not_allowed", {"model": "no-such-model"}, (401, None)),
    "an unknown model before access": ("no_access", {"model": "no-such-model"}, (404, "model_not_found")),
    "access before the body": ("no_access", {"input": 7}, (403, "model_not_found")),
    "the body before the money": ("no_credit", {"input": 7}, (400, "invalid_type")),
    "the money before the limits": ("no_credit", {"drained": True}, (429, "credit_balance_exhausted")),
    "the limits before a limit that is played": (
        "slow_down",
        {"drained": True},
        (429, "rate_limit_exceeded"),
    ),
    "the limits before the server": ("overloaded", {"drained": True}, (429, "rate_limit_exceeded")),
    "the server after all": ("server_error", {}, (500, None)),
}


@pytest.mark.parametrize(("scenario", "given", "expected"), ORDER.values(), ids=ORDER)
def test_a_scenario_is_met_at_its_own_place(
    model: str, scenario: str, given: dict[str, Any], expected: tuple[int, str | None]
) -> None:
    """What the real API looks at first is refused first, and a scenario that was not met is still to come."""
    api = practice.in_process(limits=practice.Limits(1, 100_000), clock=practice.Clock(speed=0))
    client = connect(api, api_key=given.get("key", api.api_key), organization=given.get("organization"))
    if given.get("drained"):
        client.responses.create(model=model, input="x")
    api.play(scenario)
    asked = {"model": given.get("model", model), "input": given.get("input", "x")}
    assert status(lambda: client.responses.create(**asked)) == expected
    met = practice.SCENARIOS[scenario].fault
    assert met
    assert bool(api.world.plays) == ((met.status, met.code) != expected or "key" in given)


def test_an_overloaded_server_has_drawn_on_the_limits(api: practice.InProcess, model: str) -> None:
    """One request fewer is left; a refusal about money takes none."""
    client = connect(api)
    for scenario in ("no_credit", "overloaded"):
        api.play(scenario)
        with pytest.raises(openai.APIStatusError):
            client.responses.create(model=model, input="x")
    raw = client.responses.with_raw_response.create(model=model, input="x")
    assert raw.headers["x-ratelimit-remaining-requests"] == "58"


def test_a_missing_permission_names_the_addresss_scope(api: practice.InProcess, model: str) -> None:
    """The words say which permission the key lacks for this very call."""
    api.play("restricted", None)
    client = connect(api)
    with pytest.raises(openai.AuthenticationError, match=r"api\.responses\.write"):
        client.responses.create(model=model, input="x")
    with pytest.raises(openai.AuthenticationError, match=r"api\.model\.read"):
        client.models.list()


# ---------------------------------------------------------------------------- for whom


def test_one_key_meets_it_and_another_does_not(fast: Api, model: str) -> None:
    """A scenario can be meant for one key; the other goes on."""
    second = fast.issue_key("second")
    fast.play("no_credit", None, key=second)
    assert connect(fast).responses.create(model=model, input="x").output_text
    with pytest.raises(openai.RateLimitError):
        connect(fast, api_key=second).responses.create(model=model, input="x")


def test_one_address_meets_it_and_another_does_not(fast: Api, model: str) -> None:
    """A scenario can be meant for the addresses that start with a path."""
    fast.play("server_error", None, path="/v1/chat")
    client = connect(fast)
    assert client.responses.create(model=model, input="x").output_text
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x"}])


@pytest.mark.parametrize("scenario", ["no_credit", "rate_limited", "overloaded", "revoked"])
def test_an_address_that_asks_no_model_meets_it_when_named(api: practice.InProcess, scenario: str) -> None:
    """Named by its path, the list of models is refused like any other call."""
    api.play(scenario, path="/v1/models")
    client = connect(api)
    fault = practice.SCENARIOS[scenario].fault
    assert fault
    assert status(client.models.list) == (fault.status, fault.code)
    client.models.list()


def test_an_address_that_asks_no_model_can_be_slow_or_cut(api: practice.InProcess) -> None:
    """What happens to the answer happens there too, when its path is named."""
    client = connect(api, timeout=5)
    api.play("slow", path="/v1/models")
    with pytest.raises(openai.APITimeoutError):
        client.models.list()
    api.play("cut_stream", path="/v1/models")
    with pytest.raises(openai.APIConnectionError):
        client.models.list()
    client.models.list()


def test_unnamed_only_calls_of_a_model_meet_it(api: practice.InProcess, model: str) -> None:
    """Listing models neither meets an overloaded server nor uses it up; a revoked key is met anywhere."""
    client = connect(api)
    api.play("overloaded")
    client.models.list()
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model=model, input="x")
    api.play("revoked")
    with pytest.raises(openai.AuthenticationError):
        client.models.list()


def test_so_many_times_and_no_more(fast: Api, model: str) -> None:
    """The next two calls meet it, the third does not."""
    fast.play("server_error", 2)
    client = connect(fast)
    ask = lambda: client.responses.create(model=model, input="x")  # noqa: E731 -- one call, three times
    assert [status(ask)[0] for _ in range(3)] == [500, 500, 200]


def test_until_it_is_stopped(api: practice.InProcess, model: str) -> None:
    """Without a number it goes on until `stop`, which stops every scenario."""
    api.play("server_error", None)
    api.play("revoked", None)
    client = connect(api)
    ask = lambda: client.responses.create(model=model, input="x")  # noqa: E731 -- one call, many times
    assert {status(ask)[0] for _ in range(20)} == {500}
    api.stop()
    assert status(ask)[0] == 200
    assert not api.world.plays


def test_the_first_that_is_meant_for_a_call_is_met(api: practice.InProcess, model: str) -> None:
    """Scenarios are met in the order in which they were played."""
    api.play("no_credit")
    api.play("overloaded")
    client = connect(api)
    ask = lambda: client.responses.create(model=model, input="x")  # noqa: E731 -- one call, three times
    assert [status(ask)[0] for _ in range(3)] == [429, 503, 200]


def _shared(seed: int, share: float) -> list[int]:
    world = World(seed=seed)
    head = {"authorization": f"Bearer {world.issue_key('test')}"}
    world.play("expired", None, share=share)
    return [handle(world, Request("GET", "/v1/models", head)).status for _ in range(1_000)]


def test_a_share_of_the_requests_meets_it() -> None:
    """About that share, and the same ones under the same seed."""
    met = _shared(1, 0.3)
    assert 250 < met.count(401) < 350
    assert met == _shared(1, 0.3)
    assert met != _shared(2, 0.3)
    assert _shared(1, 1.0).count(401) == 1_000


@pytest.mark.parametrize("bad", [{"share": 0.0}, {"share": 1.5}, {"times": 0}, {"times": -1}], ids=str)
def test_numbers_that_cannot_be_are_refused(api: practice.InProcess, bad: dict[str, Any]) -> None:
    """No share at all, more than all, and no time at all raise."""
    with pytest.raises(InputError):
        api.play("slow", **bad)


# ---------------------------------------------------------------------------- slow


def test_a_slow_answer_outlasts_the_clients_patience(api: practice.InProcess, model: str) -> None:
    """The client's own timeout happens, and no longer than that has passed in the world."""
    before = api.clock.now()
    api.play("slow")
    with pytest.raises(openai.APITimeoutError):
        connect(api, timeout=5).responses.create(model=model, input="x")
    assert api.clock.now() - before == pytest.approx(5)


def test_a_patient_client_gets_the_slow_answer(api: practice.InProcess, model: str) -> None:
    """It is the same answer, half a minute late in the world."""
    before = api.clock.now()
    api.play("slow")
    assert connect(api).responses.create(model=model, input="x").output_text
    assert api.clock.now() - before == pytest.approx(30)


def test_slow_is_slow_on_a_real_clock(fast: Api, model: str) -> None:
    """The world's thirty seconds are thirty real milliseconds at this speed: late, or too late."""
    before = fast.clock.now()
    fast.play("slow", 2)
    assert connect(fast).responses.create(model=model, input="x").output_text
    assert fast.clock.now() - before >= 30
    with pytest.raises(openai.APITimeoutError):
        connect(fast, timeout=openai.Timeout(5, read=0.01)).responses.create(model=model, input="x")


def test_the_async_client_times_out_alike(fast: Api, model: str) -> None:
    """And waits for nobody else meanwhile: two slow answers come side by side."""

    async def both() -> list[Any]:
        async with connect_async(fast, timeout=openai.Timeout(5, read=0.01)) as client:
            calls = [client.responses.create(model=model, input="x") for _ in range(2)]
            return await asyncio.gather(*calls, return_exceptions=True)

    fast.play("slow", 2)
    assert [type(each) for each in asyncio.run(both())] == [openai.APITimeoutError] * 2


# ---------------------------------------------------------------------------- cut


def _chat(model: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "x"}]}


def test_a_stream_breaks_in_the_middle(fast: Api, model: str) -> None:
    """The events before the break arrive, then the client raises; the next stream is whole."""
    client = connect(fast)
    whole = [event.type for event in client.responses.create(model=model, input="x", stream=True)]
    fast.play("cut_stream", 2)
    came: list[str] = []
    with pytest.raises(LOST):
        came.extend(event.type for event in client.responses.create(model=model, input="x", stream=True))
    assert came == whole[: len(whole) // 2]
    chunks: list[Any] = []
    with pytest.raises(LOST):
        chunks.extend(client.chat.completions.create(**_chat(model), stream=True))
    assert chunks
    assert all(choice.finish_reason is None for chunk in chunks for choice in chunk.choices)
    assert [event.type for event in client.responses.create(model=model, input="x", stream=True)] == whole


def test_a_stream_that_comes_token_by_token_breaks_too(fast: Api, model: str) -> None:
    """Every event before the break was sent on its own, and still arrives."""
    fast.world.pace = practice.Pace(tokens_per_second=100)
    fast.play("cut_stream")
    came: list[str] = []
    with pytest.raises(LOST):
        came.extend(
            event.type for event in connect(fast).responses.create(model=model, input="x", stream=True)
        )
    assert came[-1] == "response.output_text.delta"


def test_an_async_stream_breaks_alike(fast: Api, model: str) -> None:
    """The same events arrive before the same break."""

    async def events() -> list[str]:
        came = []
        async with connect_async(fast) as client:
            stream = await client.responses.create(model=model, input="x", stream=True)
            try:
                async for event in stream:
                    came.append(event.type)  # noqa: PERF401 -- what came before the break is the point
            except LOST:
                return came
        pytest.fail("It came whole.")

    fast.play("cut_stream")
    came = asyncio.run(events())
    assert came[:2] == ["response.created", "response.in_progress"]
    assert came[-1] == "response.output_text.delta"


def test_a_plain_answer_breaks_too(fast: Api, model: str) -> None:
    """It is a lost connection, which the client tries again by itself when it may."""
    fast.play("cut_stream", 2)
    with pytest.raises(openai.APIConnectionError):
        connect(fast).responses.create(model=model, input="x")
    fast.stop()
    fast.play("cut_stream")
    client = connect(fast, max_retries=1)
    client._calculate_retry_timeout = lambda *_: 0.0  # type: ignore[method-assign] -- no real wait
    assert client.responses.create(model=model, input="x").output_text
    assert fast.seen[-2].cut
    assert not fast.seen[-1].cut


def test_what_broke_off_was_charged(api: practice.InProcess, model: str) -> None:
    """As in reality: the answer was made, whoever heard the end of it."""
    client, ledger, home = connect(api), api.world.ledger, api.world.home.id
    client.responses.create(model=model, input="x")
    once = ledger.spent(home)
    assert once > 0
    api.play("cut_stream")
    with pytest.raises(openai.APIConnectionError):
        client.responses.create(model=model, input="x")
    assert ledger.spent(home) == 2 * once


# ---------------------------------------------------------------------------- pace


def test_every_model_call_takes_the_latency(api: practice.InProcess, model: str) -> None:
    """In the world's seconds; other calls answer at once, and the header tells of it."""
    api.world.pace = practice.Pace(latency=2.5)
    before = api.clock.now()
    raw = connect(api).responses.with_raw_response.create(model=model, input="x")
    assert api.clock.now() - before == pytest.approx(2.5)
    assert raw.headers["openai-processing-ms"] == "2500"
    connect(api).models.list()
    assert api.clock.now() - before == pytest.approx(2.5)


def test_jitter_stays_within_bounds_and_follows_the_seed() -> None:
    """Each answer waits its own time, the same in every run."""

    def waits(seed: int) -> list[float]:
        pace = practice.Pace(latency=1, jitter=0.5)
        api = practice.in_process(limits=PLENTY, clock=practice.Clock(speed=0), seed=seed, pace=pace)
        client = connect(api)
        times = [api.clock.now()]
        for _ in range(20):
            client.moderations.create(input="x")
            times.append(api.clock.now())
        return [round(later - earlier, 6) for earlier, later in itertools.pairwise(times)]

    found = waits(1)
    assert all(0.5 <= wait <= 1.5 for wait in found)
    assert len(set(found)) > 15
    assert found == waits(1)
    assert found != waits(2)


def test_a_stream_comes_token_by_token(api: practice.InProcess, model: str) -> None:
    """Ten a second: each event a tenth of a second after the one before."""
    api.world.pace = practice.Pace(latency=1, tokens_per_second=10)
    start = api.clock.now()
    times = [
        api.clock.now() - start for _ in connect(api).responses.create(model=model, input="x", stream=True)
    ]
    assert times == pytest.approx([1 + each / 10 for each in range(len(times))])


def test_a_stream_that_stalls_ends_the_clients_patience(api: practice.InProcess, model: str) -> None:
    """The timeout counts from token to token, not over the whole stream."""
    api.world.pace = practice.Pace(tokens_per_second=0.5)
    patient = connect(api, timeout=3).responses.create(model=model, input="x", stream=True)
    assert len(list(patient)) > 10
    with pytest.raises(LATE):
        list(connect(api, timeout=1).responses.create(model=model, input="x", stream=True))


def test_a_fast_clock_shortens_every_wait(fast: Api, model: str) -> None:
    """A thousand times as fast, a stream of minutes takes well under a second."""
    fast.world.pace = practice.Pace(latency=20, tokens_per_second=2)
    before = fast.clock.now()
    events = list(connect(fast).responses.create(model=model, input="x", stream=True))
    assert fast.clock.now() - before >= 20 + (len(events) - 1) / 2


def test_the_bucket_refills_with_the_clock(model: str) -> None:
    """A thousand times as fast, the twenty seconds of a refusal are over in twenty milliseconds."""
    real = [0.0]
    clock = practice.Clock(speed=1000, ticks=lambda: real[0])
    api = practice.in_process(limits=practice.Limits(3, 100_000), clock=clock)
    client = connect(api)
    ask = lambda: client.responses.create(model=model, input="x")  # noqa: E731 -- one call, many times
    assert [status(ask)[0] for _ in range(4)] == [200, 200, 200, 429]
    real[0] += 0.019
    assert status(ask)[0] == 429
    real[0] += 0.001
    assert status(ask)[0] == 200
