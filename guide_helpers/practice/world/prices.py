"""What a request costs in the practice world: the guide's own prices, found once per model and day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache

from guide_helpers import facts
from guide_helpers.errors import UnknownNameError
from guide_helpers.practice.world.ledger import NOTHING, Sum, Use

_MILLION = Decimal(1_000_000)


def cost(use: Use, day: dt.date) -> Decimal:
    """Return the exact price of one request in USD; a batch pays the batch price.

    What has no price per token (moderation) costs nothing.
    """
    dear, cached, written = _rates(use.model, day, is_long(use.input_tokens), use.batch)
    fresh = use.input_tokens - use.cached_tokens
    return fresh * dear + use.cached_tokens * cached + use.output_tokens * written


def is_long(input_tokens: int) -> bool:
    """Say whether a prompt is so long that the models with two rates take the dearer one."""
    return input_tokens > _longest_short_prompt()


def items(found: Sum) -> tuple[tuple[str, int, Decimal], ...]:
    """Share a sum out over its line items: the name of each, its tokens and its cost in USD.

    What they cost is the sum's cost, to the last digit.
    """
    day = dt.datetime.fromtimestamp(found.minute * 60, tz=dt.UTC).date()
    _, cached, written = _rates(found.model, day, found.long_prompt, found.batch)
    parts = found.cached_tokens * cached, found.output_tokens * written
    fresh = found.input_tokens - found.cached_tokens
    return (
        (f"{found.model}, input_tokens", fresh, found.cost - sum(parts)),
        (f"{found.model}, cached_input_tokens", found.cached_tokens, parts[0]),
        (f"{found.model}, output_tokens", found.output_tokens, parts[1]),
    )


@lru_cache(maxsize=1_000)
def _rates(model: str, day: dt.date, long_prompt: bool, batch: bool) -> tuple[Decimal, Decimal, Decimal]:  # noqa: FBT001 -- the cache's key
    """Return USD per token: input, cached input, output."""
    from guide_helpers import pricing  # its price list takes a while to load

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
