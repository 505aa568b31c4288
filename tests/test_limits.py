"""Headers, retries and back-off, held against the practice API, the openai client and stamina."""

from __future__ import annotations

import itertools
import statistics
from types import SimpleNamespace
from typing import Any

import openai
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import facts, limits, practice, widgets
from guide_helpers.errors import InputError, UnknownNameError
from guide_helpers.practice.world.limiter import go_duration

LONGEST = facts.get("client.longest_wait").value


# -------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("8.64s", 8.64),
        ("2m59.56s", 179.56),
        ("1h0m0s", 3600.0),
        ("1h", 3600.0),
        (".5s", 0.5),
        ("1.s", 1.0),
        ("250us", 0.00025),
        ("0s", 0.0),
        ("20", 20.0),
        ("0.5", 0.5),
        (" 3s ", 3.0),
        ("", None),
        ("s", None),
        ("-1s", None),
        ("1s2", None),
        ("1 s", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("Mon, 23 Nov 2026 09:00:00 GMT", None),
        ("9" * 500, None),
        ("\u0661s", None),
        (None, None),
    ],
)
def test_seconds(text: str | None, expected: float | None) -> None:
    """A Go-style duration is read; anything else is None."""
    assert limits.seconds(text) == (None if expected is None else pytest.approx(expected))


@given(st.integers(0, 10**8))
def test_seconds_reads_what_the_practice_api_writes(milliseconds: int) -> None:
    """Every duration the practice API writes comes back to the millisecond."""
    written = go_duration(milliseconds / 1000)
    assert limits.seconds(written) == pytest.approx(milliseconds / 1000, abs=1e-6)


@given(st.one_of(st.none(), st.integers(), st.text(), st.text(alphabet="0123456789.hmsun")))
def test_seconds_never_raises(anything: object) -> None:
    """Whatever a header holds, the answer is a finite number of at least zero, or None."""
    found = limits.seconds(anything)
    assert found is None or 0 <= found < float("inf")


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "x-ratelimit-limit-requests",
                "X-RateLimit-Remaining-Tokens",
                "x-ratelimit-reset-tokens",
                "retry-after",
                "retry-after-ms",
                "content-type",
            ]
        ),
        st.text(),
    )
)
def test_odd_headers_never_crash(headers: dict[str, str]) -> None:
    """Any header text can be read and shown."""
    assert "What the headers say" in str(limits.RateLimits.from_headers(headers))


def test_headers_in_any_case() -> None:
    """Header names are read whatever their case."""
    found = limits.RateLimits.from_headers({"X-RateLimit-Limit-Requests": "60", "Retry-After": "1.5"})
    assert found.requests.limit == 60
    assert found.retry_after == 1.5


@pytest.mark.parametrize("headers", [None, {}, {"content-type": "application/json"}], ids=str)
def test_missing_headers(headers: dict[str, str] | None) -> None:
    """Without limit headers everything is None, and the table says so in words."""
    found = limits.RateLimits.from_headers(headers)
    assert found == limits.RateLimits()
    assert "not said" in str(found)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT"}, None),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-3"}, None),
    ],
    ids=str,
)
def test_the_wait_asked_for(headers: dict[str, str], wait: float | None) -> None:
    """Milliseconds are more exact and win; a date, zero or nonsense is no wait."""
    assert limits.RateLimits.from_headers(headers).retry_after == wait


def test_headers_of_a_real_reply(api: practice.InProcess, model: str) -> None:
    """What the real client hands over is read to the number."""
    reply = _client(api).responses.with_raw_response.create(model=model, input="hi", max_output_tokens=16)
    found = limits.RateLimits.from_headers(reply.headers)
    assert found.requests == limits.Allowance(60, 59, 1.0)
    assert found.tokens.limit == 150_000
    assert found.retry_after is None


# -------------------------------------------------------------------------------------- retries


def _client(api: practice.InProcess, **options: Any) -> openai.OpenAI:
    settings = {"max_retries": 0, **options}
    return openai.OpenAI(base_url=api.base_url, api_key=api.api_key, http_client=api.http_client, **settings)


def _refusal(api: practice.InProcess, model: str) -> openai.APIError:
    with pytest.raises(openai.APIError) as caught:
        _client(api, timeout=5).responses.create(model=model, input="hi")
    return caught.value


@pytest.mark.parametrize(
    ("scenario", "hint"),
    [
        ("no_credit", False),
        ("spend_limit", False),
        ("billing_inactive", False),
        ("rate_limited", 20.0),
        ("slow_down", True),
        ("overloaded", True),
        ("server_error", True),
        ("wrong_organization", False),
        ("not_a_member", False),
        ("ip_not_allowed", False),
        ("restricted", False),
        ("region", False),
        ("no_access", False),
        ("model_retired", False),
        ("revoked", False),
        ("expired", False),
        ("slow", True),
        ("cut_stream", True),
        ("unverified", False),
    ],
)
def test_hint_for_every_scenario(api: practice.InProcess, model: str, scenario: str, hint: float) -> None:
    """Each scenario, read off the real client's exception, is retried or not as it deserves."""
    api.play(scenario)
    found = limits.retry_hint(_refusal(api, model))
    assert (found, type(found)) == (hint, type(hint))


def test_the_table_of_hints_is_complete() -> None:
    """No scenario of the practice API is left out above."""
    marks = test_hint_for_every_scenario.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {name for name, _ in marks} == set(practice.SCENARIOS)


def test_hint_of_a_drained_bucket(model: str) -> None:
    """A real limit names its own wait, exactly."""
    clock = practice.Clock(speed=0)
    api = practice.in_process(limits=practice.Limits(requests=3, tokens=40_000), clock=clock)
    for _ in range(3):
        _client(api).responses.create(model=model, input="hi")
    clock.advance(7.5)
    assert limits.retry_hint(_refusal(api, model)) == 12.5
    clock.advance(12.5)
    assert _client(api).responses.create(model=model, input="hi").output_text


def _status(status: int, headers: dict[str, str] | None = None, **fields: str | None) -> Any:
    class StatusError(Exception):
        status_code = status
        response = SimpleNamespace(headers=headers or {})

    error = StatusError()
    for name, value in fields.items():
        setattr(error, name, value)
    return error


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        pytest.param(
            _status(429, type="insufficient_quota", code="brand_new_code"), False, id="type-before-code"
        ),
        pytest.param(_status(429, code="insufficient_quota"), False, id="old-code-without-type"),
        pytest.param(
            _status(429, {"retry-after": "5"}, type="insufficient_quota"), False, id="billing-with-a-wait"
        ),
        pytest.param(
            _status(429, {"x-should-retry": "true"}, type="billing_not_active"), False, id="billing-wins"
        ),
        pytest.param(
            _status(429, type="requests", code="rate_limit_exceeded"), True, id="rate-without-a-wait"
        ),
        pytest.param(_status(429, type="tokens", code=None), True, id="unknown-429"),
        pytest.param(_status(429, {"Retry-After-Ms": "250"}), 0.25, id="milliseconds"),
        pytest.param(_status(429, {"retry-after": "0"}), True, id="zero-is-no-wait"),
        pytest.param(_status(429, {"retry-after": str(LONGEST)}), float(LONGEST), id="the-longest-wait"),
        pytest.param(_status(429, {"retry-after": str(LONGEST + 1)}), False, id="a-wait-too-long"),
        pytest.param(_status(503, {"retry-after": "2"}), 2.0, id="overloaded-with-a-wait"),
        pytest.param(_status(503, {"x-should-retry": "false"}), False, id="told-not-to"),
        pytest.param(_status(400, {"x-should-retry": "true"}), True, id="told-to"),
        pytest.param(_status(408), True, id="request-timeout"),
        pytest.param(_status(409), True, id="conflict"),
        pytest.param(_status(599), True, id="any-5xx"),
        pytest.param(_status(400), False, id="bad-request"),
        pytest.param(_status(401), False, id="bad-key"),
        pytest.param(_status(404), False, id="no-model"),
        pytest.param(ConnectionResetError(), True, id="builtin-connection-error"),
        pytest.param(TimeoutError(), True, id="builtin-timeout"),
        pytest.param(ValueError("mine"), False, id="a-bug-of-mine"),
    ],
)
def test_hint_by_attributes(error: Exception, hint: float) -> None:
    """An error is read by its attributes, type before code, and never by its text."""
    found = limits.retry_hint(error)
    assert (found, type(found)) == (hint, type(hint))


def test_hint_for_a_server_that_is_not_there() -> None:
    """The real client's connection error is worth another try."""
    client = openai.OpenAI(base_url="http://127.0.0.1:9/v1", api_key="sk-practice-none", max_retries=0)
    with pytest.raises(openai.APIConnectionError) as caught:
        client.models.list()
    assert limits.retry_hint(caught.value) is True


def test_hint_for_a_timeout() -> None:
    """The real client's timeout is worth another try."""
    assert limits.retry_hint(openai.APITimeoutError(request=SimpleNamespace())) is True  # type: ignore[arg-type]


def test_hint_for_a_key_with_a_line_break(server: practice.Server) -> None:
    """A request that cannot be sent looks like a connection error, and would never get through."""
    client = openai.OpenAI(base_url=server.base_url, api_key="sk-practice-none\n", max_retries=0)
    with pytest.raises(openai.APIConnectionError) as caught:
        client.models.list()
    assert limits.retry_hint(caught.value) is False


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (_status(429, {"retry-after": "20"}), "wait 20 s"),
        (_status(503), "back off"),
        (_status(429, type="insufficient_quota"), "needs credit"),
        (_status(401), "would fail again"),
    ],
)
def test_advice(error: Exception, words: str) -> None:
    """The advice says in words what the hint says."""
    assert words in limits.advice(error)


@pytest.fixture
def instant() -> Any:
    """Stamina in its testing mode: as many attempts as asked for, and no waiting."""
    stamina.set_testing(True, attempts=10, cap=True)
    yield
    stamina.set_testing(False)


@pytest.mark.usefixtures("instant")
@pytest.mark.parametrize(
    ("scenario", "times", "wire"),
    [("overloaded", 2, 3), ("rate_limited", 1, 2), ("no_credit", 3, 1), ("overloaded", 9, 4)],
)
def test_stamina_takes_the_hint(
    api: practice.InProcess, model: str, scenario: str, times: int, wire: int
) -> None:
    """With the hint, stamina sends as many requests as can help, and no more than it may."""
    api.play(scenario, times)

    @stamina.retry(on=limits.retry_hint, attempts=4)
    def ask() -> str:
        return _client(api).responses.create(model=model, input="hi").output_text

    if times >= wire:
        with pytest.raises(openai.APIStatusError):
            ask()
    else:
        assert ask()
    assert len(api.seen) == wire


def test_stamina_waits_as_long_as_the_hint_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A float from the hook is the exact wait in seconds: stamina adds nothing to it."""
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    results = iter([_status(429, {"retry-after-ms": "1250"}), _status(503, {"retry-after": "3"}), None])

    @stamina.retry(on=limits.retry_hint, attempts=4)
    def ask() -> str:
        if error := next(results):
            raise error
        return "done"

    assert ask() == "done"
    assert waits == [1.25, 3.0]


# -------------------------------------------------------------------------------------- back-off


@pytest.mark.parametrize(
    ("policy", "change", "expected"),
    [
        ("none", {}, ()),
        ("fixed", {}, (1.0,) * 5),
        ("exponential", {}, (1.0, 2.0, 4.0, 8.0, 16.0)),
        ("exponential", {"cap": 5}, (1.0, 2.0, 4.0, 5.0, 5.0)),
        ("exponential", {"base": 90}, (60.0,) * 5),
        ("fixed", {"base": 90}, (60.0,) * 5),
        ("exponential", {"attempts": 1}, ()),
    ],
)
def test_delays_without_chance(policy: str, change: dict[str, Any], expected: tuple[float, ...]) -> None:
    """Policies without jitter have one schedule; a base above the cap is the cap."""
    assert limits.delays(policy, **{"attempts": 6, **change}) == expected


@given(
    st.sampled_from(sorted(limits.POLICIES)),
    st.integers(1, 200),
    st.floats(0, 100),
    st.floats(0, 1_000),
    st.integers(0, 1_000),
)
def test_delays_stay_within_bounds(policy: str, attempts: int, base: float, cap: float, seed: int) -> None:
    """No wait is below zero or above the cap, and the same seed gives the same waits."""
    found = limits.delays(policy, attempts=attempts, base=base, cap=cap, seed=seed)
    assert len(found) == (0 if policy == "none" else attempts - 1)
    assert all(0 <= wait <= cap for wait in found)
    assert found == limits.delays(policy, attempts=attempts, base=base, cap=cap, seed=seed)


@pytest.mark.parametrize(
    ("policy", "mean"), [("full jitter", 15.5), ("equal jitter", 23.25), ("exponential", 31.0)]
)
def test_total_wait_on_average(policy: str, mean: float) -> None:
    """Six tries wait 31 s without jitter, three quarters of it with equal, half of it with full jitter."""
    totals = [sum(limits.delays(policy, attempts=6, seed=seed)) for seed in range(2_000)]
    assert statistics.fmean(totals) == pytest.approx(mean, rel=0.03)


def test_equal_jitter_keeps_half() -> None:
    """Equal jitter never waits less than half of the exponential wait."""
    for seed in range(50):
        pairs = zip(
            limits.delays("equal jitter", attempts=8, seed=seed),
            limits.delays("exponential", attempts=8),
            strict=True,
        )
        assert all(full / 2 <= wait <= full for wait, full in pairs)


def test_decorrelated_waits_follow_each_other() -> None:
    """A decorrelated wait lies between the base and three times the wait before it."""
    for seed in range(50):
        waits = (1.0, *limits.delays("decorrelated", attempts=8, cap=1e9, seed=seed))
        assert all(1 <= now <= 3 * before for before, now in itertools.pairwise(waits))


@pytest.mark.parametrize("bad", [{"attempts": 0}, {"base": -1.0}, {"cap": -1.0}], ids=str)
def test_delays_refuse_numbers_that_cannot_be(bad: dict[str, Any]) -> None:
    """No attempt at all, and waits below zero, raise."""
    with pytest.raises(InputError):
        limits.delays("fixed", **{"attempts": 3, **bad})


def test_unknown_policies_are_refused() -> None:
    """A policy nobody knows raises, and the known ones are listed."""
    with pytest.raises(UnknownNameError, match="full jitter"):
        limits.delays("hope", attempts=3)


# Known results for N calls at once on a bucket of sixty: a hand-made recursion for the policies
# without chance, medians over twenty seeds of an independent simulator for the others.
@pytest.mark.parametrize(
    ("policy", "clients", "attempts", "through", "requests"),
    [
        ("none", 70, 6, 60, 70),
        ("none", 100, 6, 60, 100),
        ("fixed", 100, 6, 65, 290),
        ("fixed", 200, 6, 65, 890),
        ("exponential", 70, 6, 70, 99),
        ("exponential", 100, 6, 91, 274),
        ("exponential", 200, 6, 91, 874),
        ("equal jitter", 100, 6, 88, 279),
        ("full jitter", 100, 6, 84, 284),
        ("full jitter", 100, 10, 100, 306),
        ("full jitter", 200, 10, 191, 1_193),
    ],
)
def test_simulation_meets_known_results(
    policy: str, clients: int, attempts: int, through: int, requests: int
) -> None:
    """The simulated crowd gets through, and loads the wire, as theory says."""
    runs = [
        limits.simulate(policy, limit=60, clients=clients, attempts=attempts, seed=seed) for seed in range(20)
    ]
    assert statistics.median(run.through for run in runs) == pytest.approx(through, abs=0.5)
    assert statistics.median(run.requests for run in runs) == pytest.approx(requests, abs=0.5)


@given(
    policy=st.sampled_from(sorted(limits.POLICIES)),
    clients=st.integers(1, 60),
    limit=st.integers(1, 90),
    attempts=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_no_policy_beats_the_bucket(policy: str, clients: int, limit: int, attempts: int, seed: int) -> None:
    """Never more than the bucket and its refill get through, and never more tries than allowed."""
    run = limits.simulate(policy, limit=limit, clients=clients, attempts=attempts, seed=seed)
    lasted = max(each.latest for each in run.tries)
    assert run.through <= min(clients, limit + lasted * limit / 60 + 1e-6)
    assert clients <= run.requests <= clients * attempts
    assert run.requests - run.through >= clients - run.through
    assert 0 <= run.collisions <= run.requests - clients
    assert run == limits.simulate(policy, limit=limit, clients=clients, attempts=attempts, seed=seed)


def test_without_jitter_everybody_collides() -> None:
    """Clients that wait the same time come back in the same second; jitter spreads later tries."""
    same = limits.simulate("exponential", limit=60)
    spread = limits.simulate("full jitter", limit=60)
    assert same.collisions == same.requests - same.clients
    assert all(each.crowd == each.sent for each in same.tries)
    assert spread.tries[-1].crowd < spread.tries[-1].sent / 3


def test_a_lone_client_never_collides() -> None:
    """A client that retries by itself has nobody to meet."""
    run = limits.simulate("fixed", limit=1, clients=2)
    assert run.requests > run.clients
    assert run.collisions == 0


@pytest.mark.parametrize("bad", [{"clients": 0}, {"limit": 0}, {"attempts": 0}], ids=str)
def test_simulation_refuses_numbers_that_cannot_be(bad: dict[str, int]) -> None:
    """A crowd of nobody and a limit of nothing raise."""
    with pytest.raises(InputError):
        limits.simulate("fixed", **{"limit": 60, **bad})


def test_the_panel_agrees_with_the_function() -> None:
    """The explorer's twin is the simulation's."""
    panel = widgets.backoff_explorer().set(policy="full jitter", clients=80, seed=3)
    limit = facts.get("limits.example").value["requests"]
    assert str(panel) == str(limits.simulate("full jitter", limit=limit, clients=80, seed=3))
