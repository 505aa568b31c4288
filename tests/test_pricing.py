"""What a request costs, held against hand-made sums and against the package the prices come from."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import genai_prices
import pytest
from genai_prices.types import TieredPrices
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import facts, pricing, widgets
from guide_helpers.errors import InputError, UnknownNameError

DAY = dt.date(2026, 11, 23)
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
UNLISTED = set(facts.get("billing.new_models").value)
LISTED = [name for name in pricing.current_models(DAY) if name not in UNLISTED]


def estimate(model: str = "gpt-5.6-luna", **change: Any) -> pricing.Estimate:
    """Price a thousand tokens in and a hundred out, with changes."""
    asked = {"input_tokens": 1_000, "output_tokens": 100, "today": DAY, **change}
    return pricing.estimate(model, **asked)


# every sum here was made by hand from the rates of 2026-10-14, USD per million tokens
@pytest.mark.parametrize(
    ("model", "change", "expected"),
    [
        pytest.param("gpt-5.6-luna", {}, "0.00032", id="in-and-out"),
        pytest.param("gpt-5.6-luna", {"output_tokens": 0}, "0.0002", id="input-only"),
        pytest.param("gpt-5.6-luna", {"input_tokens": 0}, "0.00012", id="output-only"),
        pytest.param("gpt-5.6-luna", {"cached_tokens": 400}, "0.000248", id="cached-is-a-part-of-input"),
        pytest.param("gpt-5.6-luna", {"batch": True}, "0.00016", id="batch-is-half"),
        pytest.param(
            "gpt-4o", {"batch": True, "cached_tokens": 500}, "0.00175", id="batch-without-cached-rate"
        ),
        pytest.param("gpt-5.6-luna", {"input_tokens": 272_000}, "0.05452", id="last-token-of-a-short-prompt"),
        pytest.param("gpt-5.6-luna", {"input_tokens": 272_001}, "0.1089804", id="first-token-of-a-long-one"),
        pytest.param("gpt-4o-mini", {"input_tokens": 272_001}, "0.04086015", id="a-model-without-tiers"),
        pytest.param("gpt-6.2-sol", {}, "0.003", id="a-price-from-the-ledger"),
        pytest.param("gpt-6.2-sol", {"cached_tokens": 1_000}, "0.003", id="no-cached-price-known"),
        pytest.param("text-embedding-3-small", {"output_tokens": 0}, "0.00002", id="embedding"),
        pytest.param("gpt-5.6-luna", {"today": dt.date(2026, 7, 29)}, "0.0016", id="before-the-price-cut"),
        pytest.param("gpt-4o-2024-08-06", {}, "0.0035", id="a-dated-snapshot"),
    ],
)
def test_one_request(model: str, change: dict[str, Any], expected: str) -> None:
    """One request costs its tokens times their rates."""
    assert estimate(model, **change).per_request == Decimal(expected)


@pytest.mark.parametrize("batch", [False, True], ids=["standard", "batch"])
@pytest.mark.parametrize("input_tokens", [0, 1, 1_000, 272_000, 272_001])
@pytest.mark.parametrize("model", LISTED)
def test_it_agrees_with_the_package(model: str, input_tokens: int, batch: bool) -> None:  # noqa: FBT001
    """Our formula gives what genai-prices calculates, for every current model, on both sides of the tier."""
    cached = input_tokens // 3
    usage = genai_prices.Usage(input_tokens=input_tokens, output_tokens=777, cache_read_tokens=cached)
    theirs = genai_prices.calc_price(
        usage,
        model,
        provider_id="openai",
        genai_request_timestamp=NOON,
        price_context={"processing": "batch"} if batch else None,
    )
    asked = {"input_tokens": input_tokens, "output_tokens": 777, "cached_tokens": cached, "batch": batch}
    assert estimate(model, **asked).per_request == theirs.total_price


@given(
    requests=st.integers(0, 10**6),
    days=st.integers(0, 366),
    tokens=st.integers(0, 300_000),
    out=st.integers(0, 10**5),
)
def test_requests_are_multiplied_after_pricing(requests: int, days: int, tokens: int, out: int) -> None:
    """A plan costs its requests times one request: their number never reaches the long-prompt tier."""
    one = estimate(input_tokens=tokens, output_tokens=out)
    many = estimate(input_tokens=tokens, output_tokens=out, requests=requests, days=days)
    assert many.total == one.per_request * requests * days
    assert many.rates == one.rates


@given(tokens=st.integers(0, 1_000_000), more=st.integers(0, 1_000), out=st.integers(0, 100_000))
def test_more_tokens_never_cost_less(tokens: int, more: int, out: int) -> None:
    """Cost grows with what goes in and with what comes out."""
    base = estimate(input_tokens=tokens, output_tokens=out).per_request
    assert estimate(input_tokens=tokens + more, output_tokens=out).per_request >= base
    assert estimate(input_tokens=tokens, output_tokens=out + more).per_request >= base


def test_many_short_requests_stay_at_the_short_rate() -> None:
    """A thousand requests of a thousand tokens are a million tokens, and not a long prompt."""
    found = estimate(requests=1_000)
    assert found.total == Decimal("0.32")
    assert not found.rates.long_prompt
    assert not found.warnings


@pytest.mark.parametrize(
    ("model", "change", "part"),
    [
        pytest.param("gpt-4", {}, "was shut down on 2026-10-23", id="retired"),
        pytest.param("gpt-4-0613", {}, "gpt-4 was shut down", id="snapshot-of-a-retired-model"),
        pytest.param("gpt-5-nano", {"days": 19}, "ends on 2026-12-11, day 19", id="ends-on-the-last-day"),
        pytest.param("gpt-5.6-sol", {}, "promotional price", id="promotion"),
        pytest.param("gpt-6.2-astra", {}, "third parties only", id="unconfirmed-price"),
        pytest.param("gpt-6.2-sol", {"batch": True}, "No batch price", id="no-batch-price"),
        pytest.param(
            "text-embedding-3-small", {"batch": True}, "No batch price", id="batch-priced-as-standard"
        ),
        pytest.param("gpt-6.2-sol", {"cached_tokens": 1}, "No cached price", id="no-cached-price"),
        pytest.param("gpt-6.2-sol", {"input_tokens": 272_001}, "is not known", id="tier-not-known"),
        pytest.param("gpt-5.6-luna", {"input_tokens": 272_001}, "long-prompt rate", id="long-prompt"),
        pytest.param("gpt-4o", {"input_tokens": 128_000}, "do not fit", id="window"),
        pytest.param("gpt-image-1", {}, "does not know this model", id="not-in-the-ledger"),
        pytest.param("gpt-5.6-luna", {"today": dt.date(2027, 2, 1)}, "to be checked by", id="old-prices"),
    ],
)
def test_what_may_spoil_it_is_said(model: str, change: dict[str, Any], part: str) -> None:
    """A warning names each thing that may make the sum wrong, in the object and on the page."""
    found = estimate(model, **change)
    assert any(part in warning for warning in found.warnings)
    assert part in str(found)


@pytest.mark.parametrize(
    ("model", "change"),
    [
        pytest.param("gpt-5.6-luna", {"input_tokens": 272_000}, id="short-prompt"),
        pytest.param("gpt-5-nano", {"days": 18}, id="ends-the-day-after-the-plan"),
        pytest.param("gpt-4o", {"input_tokens": 127_900}, id="exactly-fits"),
        pytest.param("gpt-5.6-luna", {"batch": True, "cached_tokens": 10}, id="batch-and-cache"),
    ],
)
def test_no_false_alarm(model: str, change: dict[str, Any]) -> None:
    """Nothing is said where nothing is wrong."""
    assert estimate(model, **change).warnings == ()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("gpt-5.6luna", "gpt-5.6-luna"),
        ("gpt6-luna", "gpt-6-luna"),
        ("whisper-1", ""),
        ("", ""),
        ("dall-e-3", ""),
    ],
)
def test_unknown_models_are_refused(name: str, near: str) -> None:
    """A model without a price per token raises, and near names are offered."""
    with pytest.raises(UnknownNameError, match=r"No price per token") as caught:
        estimate(name)
    assert near in caught.value.cure
    assert repr(name) in caught.value.what


@pytest.mark.parametrize(
    "change",
    [{"input_tokens": -1}, {"output_tokens": -1}, {"cached_tokens": 1_001}, {"requests": -1}, {"days": -1}],
    ids=str,
)
def test_numbers_that_cannot_be_are_refused(change: dict[str, int]) -> None:
    """Negative numbers and more cached tokens than input raise."""
    with pytest.raises(InputError):
        estimate(**change)


def test_the_formula_shows_its_numbers() -> None:
    """The sum can be followed on paper."""
    found = estimate(input_tokens=204, output_tokens=300, cached_tokens=4, requests=100, days=30)
    assert found.formula == (
        "(200 in \N{MULTIPLICATION SIGN} $0.20 + 4 cached \N{MULTIPLICATION SIGN} $0.02 + "
        "300 out \N{MULTIPLICATION SIGN} $1.20) / 1,000,000 "
        "\N{MULTIPLICATION SIGN} 100 \N{MULTIPLICATION SIGN} 30 = $1.20"
    )
    assert found.sentence == (
        "$0.000400 a request on gpt-5.6-luna; $1.20 for 100 requests a day over 30 days"
    )


@pytest.mark.parametrize(
    ("model", "as_of", "source"),
    [
        ("gpt-5.6-luna", dt.date(2026, 10, 14), "price page"),
        ("gpt-6.1-terra", dt.date(2026, 10, 26), "price page"),
        ("text-embedding-3-small", facts.get("billing.prices").as_of, "genai-prices"),
        ("gpt-6.2-sol", facts.get("billing.new_models").as_of, "LiteLLM"),
    ],
)
def test_prices_carry_their_date(model: str, as_of: dt.date, source: str) -> None:
    """Every price says when it was read and where: per model if known, else the package's date."""
    found = estimate(model, output_tokens=0).rates
    assert found.as_of >= as_of
    assert source in found.source
    assert found.as_of.isoformat() in found.dated


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"),
        ("0.0000001", "$0.000000100"),
        ("0.0009996", "$0.00100"),
        ("0.9994", "$0.999"),
        ("0.9995", "$1.00"),
        ("1.005", "$1.01"),
        ("1234567.891", "$1,234,567.89"),
    ],
)
def test_money(amount: str, text: str) -> None:
    """Below a dollar three digits count; from a dollar up, cents."""
    assert pricing.money(Decimal(amount)) == text


def test_comparison_is_sorted_and_complete() -> None:
    """Every current model has one row; the rows climb in price; none has been shut down."""
    rows = pricing.compare(input_tokens=1_000, output_tokens=300, today=DAY).rows
    names = [row.estimate.model for row in rows]
    assert sorted(names) == sorted(pricing.current_models(DAY))
    assert [row.estimate.total for row in rows] == sorted(row.estimate.total for row in rows)
    assert not any(facts.model(name).retired(DAY) for name in names)


@pytest.mark.parametrize(("days", "cheapest"), [(18, "gpt-5-nano"), (19, "gpt-6-luna")])
def test_the_cheapest_outlives_the_plan(days: int, cheapest: str) -> None:
    """A model that ends within the plan keeps its row, is marked, and is never called the cheapest."""
    found = pricing.compare(input_tokens=1_000, output_tokens=300, days=days, today=DAY)
    assert found.cheapest is not None
    assert found.cheapest.estimate.model == cheapest
    assert found.rows[0].estimate.model == "gpt-5-nano"
    assert ("within the plan" in str(found)) == (days == 19)


def test_a_window_too_small_is_no_bargain() -> None:
    """A model that cannot hold the request is marked and not the cheapest."""
    found = pricing.compare(input_tokens=300_000, output_tokens=300, today=DAY)
    small = next(row for row in found.rows if row.estimate.model == "gpt-4o-mini")
    assert small.until == "window too small"
    assert not small.lasts
    assert "window too small" in str(found)


def test_a_free_plan_compares_without_dividing_by_zero() -> None:
    """Zero requests cost nothing on every model."""
    found = pricing.compare(input_tokens=10, output_tokens=10, requests=0, today=DAY)
    assert {row.estimate.total for row in found.rows} == {Decimal(0)}
    assert "$0" in str(found)


def test_uncertain_prices_are_marked_in_the_comparison() -> None:
    """A star leads from the model to what is not sure about it."""
    text = str(pricing.compare(input_tokens=10, output_tokens=10, today=DAY))
    assert "gpt-5.6-sol *" in text
    assert "* gpt-5.6-sol: promotional price" in text


def test_current_models_answer_with_text() -> None:
    """Embedding models, image models and models that have ended are not offered."""
    names = pricing.current_models(DAY)
    assert facts.get("model.everyday").value in names
    assert not {"text-embedding-3-small", "dall-e-3", "gpt-4"} & set(names)
    assert "gpt-5-nano" not in pricing.current_models(dt.date(2026, 12, 11))


def test_the_ledger_and_the_package_agree_on_the_long_prompt() -> None:
    """The threshold the guide quotes is the one the package bills by."""
    listed = genai_prices.calc_price(genai_prices.Usage(input_tokens=0), "gpt-5.6-luna", provider_id="openai")
    tiers = listed.model_price.input_mtok
    assert isinstance(tiers, TieredPrices)
    assert tiers.tiers[0].start == facts.get("billing.long_prompt").value


@pytest.mark.parametrize("name", LISTED)
def test_the_ledger_carries_no_price_the_package_has(name: str) -> None:
    """Prices stand in one place: the ledger fills gaps only."""
    assert facts.model(name).input is None


def test_estimates_are_values() -> None:
    """Equal questions give equal answers, and an answer cannot be changed."""
    assert estimate() == estimate()
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate().model = "other"  # type: ignore[misc]


def test_the_panel_agrees_with_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calculator's twin holds what estimate says of the same numbers."""
    monkeypatch.setenv("GUIDE_TODAY", DAY.isoformat())
    panel = widgets.cost_calculator().set(prompt="Hello world", answer=10, requests=2, days=3)
    expected = estimate(input_tokens=2, output_tokens=10, requests=2, days=3)
    assert "2 tokens (o200k_base, exact)" in str(panel)
    assert str(expected) in str(panel)
