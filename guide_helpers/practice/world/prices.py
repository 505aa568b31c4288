"""What a request costs in the practice world: the guide's own prices, found once per model and day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache

from guide_helpers import facts, pricing
from guide_helpers.errors import UnknownNameError
from guide_helpers.practice.world.ledger import NOTHING, Use

_MILLION = Decimal(1_000_000)


def cost(use: Use, day: dt.date) -> Decimal:
    """Return the exact price of one request in USD; a batch pays the batch price.

    What has no price per token (moderation) costs nothing.
    """
    long_prompt = use.input_tokens > _longest_short_prompt()
    dear, cached, written = _rates(use.model, day, long_prompt, use.batch)
    fresh = use.input_tokens - use.cached_tokens
    return fresh * dear + use.cached_tokens * cached + use.output_tokens * written


@lru_cache(maxsize=1_000)
def _rates(model: str, day: dt.date, long_prompt: bool, batch: bool) -> tuple[Decimal, Decimal, Decimal]:  # noqa: FBT001 -- the cache's key
    """Return USD per token: input, cached input, output."""
    try:
        found = pricing.rates(model, _longest_short_prompt() + long_prompt, day, batch=batch)
    except UnknownNameError:
        return NOTHING, NOTHING, NOTHING
    # where no batch price is published, the rule for all of them holds
    part = 1 if found.batch or not batch else (100 - facts.get("billing.batch").value) / Decimal(100)
    cached = found.input if found.cached is None else found.cached
    return found.input / _MILLION * part, cached / _MILLION * part, found.output / _MILLION * part


@lru_cache(maxsize=1)
def _longest_short_prompt() -> int:
    return int(facts.get("billing.long_prompt").value)
