"""The verdict on a client: good clients are told "ok", each mistake has its own finding."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openai
import pytest
import stamina

from guide_helpers import limits, practice
from guide_helpers.errors import UnknownNameError
from guide_helpers.practice.verdict import judge
from guide_helpers.practice.wire import Exchange

RATE = {"code": "rate_limit_exceeded", "type": "requests"}
MONEY = {"code": "credit_balance_exhausted", "type": "insufficient_quota"}
BUSY = {"code": "server_is_overloaded", "type": "service_unavailable_error"}


def exchange(at: float, status: int = 200, words: str = "x", **about: Any) -> Exchange:
    """Return one exchange; `about` is its error's fields, and `headers` of either side."""
    fields: dict[str, Any] = {"query": "", "key": "key_1", "cut": False, "asked": {}, "headers": {}, **about}
    error = {name: about[name] for name in ("code", "type") if name in about}
    return Exchange(
        0,
        at,
        "POST",
        "/v1/responses",
        fields["asked"],
        json.dumps({"model": "m", "input": words}),
        status,
        fields["headers"],
        json.dumps({"error": error} if status >= 400 else {}),
        fields["query"],
        fields["key"],
        fields["cut"],
    )


def names(*exchanges: Exchange) -> tuple[str, ...]:
    """Return what is found in exchanges, numbered as they stand."""
    return judge(replace(each, number=number) for number, each in enumerate(exchanges, 1)).names


def limited(at: float, wait: float = 20, **about: Any) -> Exchange:
    """Return a refusal by a limit that names a wait."""
    return exchange(at, 429, **{"headers": {"retry-after": str(wait)}, **RATE, **about})


def busy(at: float, **about: Any) -> Exchange:
    """Return a refusal that passes and names no wait."""
    return exchange(at, 503, **{**BUSY, **about})


# ---------------------------------------------------------------------------- real clients


@pytest.fixture
def ask(api: practice.InProcess, model: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Ask with the real client; whoever sleeps moves the world's clock instead."""
    monkeypatch.setattr("time.sleep", api.clock.advance)
    random.seed(1)  # the clients' jitter

    def call(words: str = "x", **options: Any) -> str:
        client = openai.OpenAI(
            base_url=api.base_url, api_key=api.api_key, http_client=api.http_client, **options
        )
        return client.responses.create(model=model, input=words).output_text

    return call


@pytest.mark.parametrize(
    ("scenario", "times"), [("server_error", 1), ("rate_limited", 1), ("overloaded", 2), ("slow_down", 3)]
)
def test_the_openai_client_is_good(
    api: practice.InProcess, ask: Callable[..., str], scenario: str, times: int
) -> None:
    """Its own retries wait as they should, also when they end in a failure."""
    api.play(scenario, times)
    try:
        ask()
    except openai.APIStatusError:
        assert times == 3
    assert api.verdict().ok
    assert "ok" in str(api.verdict())


@pytest.mark.parametrize(
    ("scenario", "times"),
    [("rate_limited", 2), ("overloaded", 3), ("server_error", 9), ("no_credit", 9), ("revoked", 9)],
)
def test_stamina_with_our_hint_is_good(
    api: practice.InProcess, ask: Callable[..., str], scenario: str, times: int
) -> None:
    """It waits as long as it is told, backs off where it is not, and leaves the hopeless alone."""
    api.play(scenario, times)

    @stamina.retry(on=limits.retry_hint, attempts=4, timeout=None)
    def patient() -> str:
        return ask(max_retries=0)

    with contextlib.suppress(openai.APIStatusError):
        patient()
    api.stop()
    ask("another")
    assert api.verdict().ok


def test_the_openai_client_retries_a_429_about_money(
    api: practice.InProcess, ask: Callable[..., str]
) -> None:
    """It does so by itself; the verdict says so and names the cure."""
    api.play("no_credit", None)
    with pytest.raises(openai.RateLimitError):
        ask()
    verdict = api.verdict()
    (found,) = verdict.findings
    assert (found.name, found.times, found.requests) == ("retried_hopeless", 2, (2, 3))
    assert "by itself" in found.cure
    assert "max_retries=0" in found.cure
    assert not verdict.ok


def test_without_retries_of_its_own_the_money_is_left_alone(
    api: practice.InProcess, ask: Callable[..., str]
) -> None:
    """The named cure cures."""
    api.play("no_credit")
    with pytest.raises(openai.RateLimitError):
        ask(max_retries=0)
    ask("something else")
    assert api.verdict().ok


def test_a_client_that_asks_again_at_once_is_found_out(
    api: practice.InProcess, ask: Callable[..., str]
) -> None:
    """Five tries in the same second against a wait of twenty."""
    api.play("rate_limited", 4)
    for _ in range(4):
        with pytest.raises(openai.RateLimitError):
            ask(max_retries=0)
    api.clock.advance(20)
    ask()
    (found,) = api.verdict().findings
    assert (found.name, found.requests) == ("ignored_retry_after", (2, 3, 4))
    assert "asked for 20 s" in found.what
    assert found.at == api.seen[1].at


def test_a_drained_bucket_is_respected_or_not(model: str) -> None:
    """The world's own limits are judged like a scenario's."""
    clock = practice.Clock(speed=0)
    api = practice.in_process(limits=practice.Limits(3, 40_000), clock=clock)
    client = openai.OpenAI(
        base_url=api.base_url, api_key=api.api_key, http_client=api.http_client, max_retries=0
    )
    for number in range(8):
        with contextlib.suppress(openai.RateLimitError):
            client.responses.create(model=model, input=f"question {number}")
    assert set(api.verdict().names) == {"hammered_limit", "gave_up_too_early"}


def test_each_key_is_judged_for_itself(api: practice.InProcess, ask: Callable[..., str], model: str) -> None:
    """What one key did is not the other's, also once it is revoked, and no key stands in a verdict."""
    second = api.issue_key("second")
    other = openai.OpenAI(base_url=api.base_url, api_key=second, http_client=api.http_client, max_retries=0)
    ask()
    ask()
    api.revoke_key(second)
    for _ in range(2):
        with pytest.raises(openai.AuthenticationError):
            other.responses.create(model=model, input="x")
    assert api.verdict(api.api_key).ok
    assert api.verdict(second).names == ("retried_hopeless",)
    assert api.verdict().requests == 4
    for form in (repr(api.verdict()), str(api.verdict()), api.verdict().view().html):
        assert second not in form
    with pytest.raises(UnknownNameError):
        api.verdict("sk-practice-nobody")


def test_over_http_it_is_the_same(model: str) -> None:
    """The verdict reads what a real socket brought; a clock a thousand times as fast hides no haste."""
    with practice.serve(seed=41, clock=practice.Clock(speed=1000)) as server:
        client = openai.OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0)
        server.play("cut_stream")
        with pytest.raises(openai.APIConnectionError):
            client.responses.create(model=model, input="x")
        client.models.list()
        assert server.verdict().names == ("gave_up_too_early",)
        client.responses.create(model=model, input="x")
        assert server.verdict().ok


# ---------------------------------------------------------------------------- each rule, on records

CASES: dict[str, tuple[list[Exchange], set[str]]] = {
    "all good": ([exchange(0), exchange(0), exchange(1)], set()),
    "waited": ([limited(0), exchange(20)], set()),
    "waited a hair less": ([limited(0), exchange(19.97)], set()),
    "too early": ([limited(0), exchange(19.9)], {"ignored_retry_after"}),
    "milliseconds win": (
        [limited(0, headers={"retry-after": "2", "retry-after-ms": "1500"}), exchange(1.5)],
        set(),
    ),
    "a long wait is not hopeless": ([limited(0, 150), limited(10, 150)], {"ignored_retry_after"}),
    "a wait of the server's too": (
        [busy(0, headers={"retry-after": "5"}), exchange(1)],
        {"ignored_retry_after"},
    ),
    "another key": ([limited(0), exchange(1, key="key_2"), exchange(20)], set()),
    "another address": ([limited(0), exchange(1, query="after=x"), exchange(20)], set()),
    "money again": ([exchange(0, 429, **MONEY), exchange(9, 429, **MONEY)], {"retried_hopeless"}),
    "money, topped up": ([exchange(0, 429, **MONEY), exchange(9)], set()),
    "money, an hour later": ([exchange(0, 429, **MONEY), exchange(3600, 429, **MONEY)], set()),
    "bad request again": ([exchange(0, 400), exchange(1, 400)], {"retried_hopeless"}),
    "bad request, mended": ([exchange(0, 400), exchange(1, words="y")], set()),
    "told not to": (
        [exchange(0, 500, headers={"x-should-retry": "false"}), exchange(1, 500)],
        {"retried_hopeless"},
    ),
    "told to": ([exchange(0, 400, headers={"x-should-retry": "true"}), exchange(1)], set()),
    "backs off": ([busy(0), busy(0.5), busy(1.5), exchange(3.5)], set()),
    "no back-off at all": ([busy(0), busy(0), exchange(0)], {"no_back_off"}),
    "one quick retry": ([busy(0), exchange(0)], set()),
    "always the same wait": ([busy(0), busy(1), busy(2.01), exchange(3)], {"no_back_off"}),
    "two alike by chance": ([busy(0), busy(1), exchange(2)], set()),
    "long waits need not grow": ([busy(0), busy(8), busy(16), exchange(24)], set()),
    "up and down by chance": ([busy(0), busy(1), busy(1.4), busy(2.6), exchange(3.1)], set()),
    "a success lies between": ([busy(0), exchange(0), busy(0), exchange(0)], set()),
    "a storm": (
        [limited(0, words=str(each)) for each in range(11)]
        + [exchange(60, words=str(each)) for each in range(11)],
        {"storm"},
    ),
    "nearly a storm": (
        [limited(each, words=str(each)) for each in range(0, 30, 3)]
        + [exchange(60, words=str(each)) for each in range(0, 30, 3)],
        {"hammered_limit"},
    ),
    "ten at once are no storm": (
        [limited(0, words=str(each)) for each in range(10)]
        + [exchange(60, words=str(each)) for each in range(10)],
        {"hammered_limit"},
    ),
    "two in the same bucket": (
        [limited(0), limited(1, words="y"), limited(2, words="z"), *(exchange(40, words=w) for w in "xyz")],
        set(),
    ),
    "gave up": ([exchange(0), busy(1, words="y")], {"gave_up_too_early"}),
    "gave up on a break": ([exchange(0), exchange(1, words="y", cut=True)], {"gave_up_too_early"}),
    "gave up after a retry": ([busy(0), busy(1)], set()),
    "a wait nobody bears": ([exchange(0), limited(0, 3600, words="y")], set()),
    "larger than the limit": ([exchange(0), exchange(1, 429, "y", **RATE)], set()),
    "one try is nothing to judge": ([busy(0)], set()),
    "odd bodies": (
        [replace(busy(0), response_body=body) for body in ("[1]", '"x"', "{", '{"error": 7}', "null")]
        + [replace(limited(0), request_body="[1]"), exchange(20, words="x"), limited(0, words="y")],
        {"no_back_off", "gave_up_too_early"},
    ),
}


@pytest.mark.parametrize(("exchanges", "expected"), CASES.values(), ids=CASES)
def test_each_rule(exchanges: list[Exchange], expected: set[str]) -> None:
    """What is wrong is found and nothing else."""
    assert set(names(*exchanges)) == expected


def test_with_nothing_to_judge_it_says_so(api: practice.InProcess, ask: Callable[..., str]) -> None:
    """Before the second request there is no verdict, and no "ok" either."""
    assert not api.verdict().ok
    assert "Nothing to judge yet" in str(api.verdict())
    ask()
    assert "One request" in str(api.verdict())
    ask()
    assert api.verdict().ok


def test_a_finding_is_shown_with_what_to_do() -> None:
    """The table has a row for each finding: what, how often, when, what instead."""
    verdict = judge([limited(0), limited(3), exchange(30)])
    text = " ".join(str(verdict).split())
    for part in ("ignored_retry_after", "00:00:03", "limits.retry_hint"):
        assert part in text
    assert "<table" in verdict.view().html
