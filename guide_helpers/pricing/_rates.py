"""Which price holds: for a model, on a day, for a request of some length."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from dataclasses import dataclass
from decimal import Decimal

import genai_prices
from genai_prices.types import ModelInfo, TieredPrices

from guide_helpers import facts
from guide_helpers.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens that one request pays, and where that was read.

    `cached` is the rate of input tokens the provider had in its cache, if one is known. `long_prompt`
    says that these are the dearer rates of a long prompt, `batch` that they are those of batch
    processing.
    """

    input: Decimal
    cached: Decimal | None
    output: Decimal
    long_prompt: bool
    batch: bool
    as_of: dt.date
    source: str

    @property
    def dated(self) -> str:
        """The date and the source, in one phrase."""
        return f"prices as of {self.as_of.isoformat()}, {self.source}"


def rates(model: str, input_tokens: int, day: dt.date, *, batch: bool) -> Rates:
    """Find what a request of this length pays on that day.

    Where no batch price is known the standard one is returned, and `batch` is False. Raises
    `UnknownNameError`, with near names, for a model that has no price per token.
    """
    listed = _listed(model)
    standard = listed.get_prices(_noon(day)) if listed else None
    if listed is None or standard is None or standard.input_mtok is None:
        return _ledger_rates(model)
    prices = listed.get_prices(_noon(day), {"processing": "batch"}) if batch else standard
    as_of, source = _read(listed)
    return Rates(
        input=_at(prices.input_mtok, input_tokens),
        cached=None if prices.cache_read_mtok is None else _at(prices.cache_read_mtok, input_tokens),
        output=_at(prices.output_mtok, input_tokens),
        long_prompt=_tier(prices.input_mtok, input_tokens) is not None,
        batch=prices != standard,
        as_of=as_of,
        source=source,
    )


def current_models(today: dt.date | None = None) -> tuple[str, ...]:
    """Return the ledger's models that answer with text today and have a price, newest families first."""
    day = facts.today() if today is None else today
    return tuple(each.id for each in facts.models() if not each.retired(day) and _writes(each, day))


def in_ledger(model: str) -> facts.Model | None:
    """Find a model in the ledger, a dated snapshot by the model it belongs to."""
    by_id = {each.id: each for each in facts.models()}
    listed = None if model in by_id else _listed(model)
    return by_id.get(listed.id if listed else model)


def _listed(model: str) -> ModelInfo | None:
    """Return what genai-prices knows of an OpenAI model."""
    try:
        usage = genai_prices.Usage(input_tokens=0, output_tokens=0)
        return genai_prices.calc_price(usage, model, provider_id="openai").model
    except LookupError:
        return None


def _ledger_rates(model: str) -> Rates:
    known = in_ledger(model)
    if known is None or known.input is None or known.output is None:
        near = difflib.get_close_matches(model, [each.id for each in facts.models()], n=3, cutoff=0.4)
        others = ", ".join(each for each in near if each != model)
        hint = f"Did you mean {others}?" if others else "pricing.current_models() lists those there are."
        raise UnknownNameError(f"No price per token is known for a model called {model!r}.", hint)
    read = facts.get("billing.new_models")
    return Rates(
        input=known.input,
        cached=None,
        output=known.output,
        long_prompt=False,
        batch=False,
        as_of=read.as_of,
        source=read.source,
    )


def _read(listed: ModelInfo) -> tuple[dt.date, str]:
    """Say when the price page was last read for this model, or else when the package was made."""
    version = f"genai-prices {genai_prices.__version__}"
    dates = re.findall(r"verified on (\d{4}-\d{2}-\d{2})", listed.price_comments or "")
    if not dates:
        return facts.get("billing.prices").as_of, version
    return dt.date.fromisoformat(max(dates)), f"{version} after OpenAI's price page"


def _at(price: Decimal | TieredPrices | None, input_tokens: int) -> Decimal:
    """Return the price for a request of this length: a dearer tier holds for all its tokens."""
    reached = _tier(price, input_tokens)
    if reached is not None:
        return reached
    return price.base if isinstance(price, TieredPrices) else price or Decimal(0)


def _tier(price: Decimal | TieredPrices | None, input_tokens: int) -> Decimal | None:
    """Return the price of the highest tier a request of this length reaches, if it reaches one."""
    tiers = price.tiers if isinstance(price, TieredPrices) else []
    return next((tier.price for tier in reversed(tiers) if input_tokens > tier.start), None)


def _writes(model: facts.Model, day: dt.date) -> bool:
    """Say whether a model answers with text that has a price (an embedding model does not)."""
    listed = _listed(model.id)
    return (
        model.output is not None if listed is None else listed.get_prices(_noon(day)).output_mtok is not None
    )


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
