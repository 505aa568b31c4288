"""What a plan costs: one request priced, multiplied, and what may spoil the sum."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from guide_helpers import facts, html
from guide_helpers.errors import InputError
from guide_helpers.pricing._money import money, rate
from guide_helpers.pricing._rates import Rates, in_ledger, rates

_MILLION = Decimal(1_000_000)
_X = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Estimate(html.Shown):
    """What one request costs and what all of them cost, in USD; `warnings` may be empty."""

    model: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    requests: int
    days: int
    rates: Rates
    warnings: tuple[str, ...] = ()

    @property
    def per_request(self) -> Decimal:
        """One request, at the rates its own length calls for."""
        cached = self.rates.input if self.rates.cached is None else self.rates.cached
        fresh = self.input_tokens - self.cached_tokens
        spent = (
            fresh * self.rates.input + self.cached_tokens * cached + self.output_tokens * self.rates.output
        )
        return spent / _MILLION

    @property
    def total(self) -> Decimal:
        """The whole plan: one request, times requests a day, times days."""
        return self.per_request * self.requests * self.days

    @property
    def sentence(self) -> str:
        """The result in words."""
        one = f"{money(self.per_request)} a request on {self.model}"
        if self.requests == self.days == 1:
            return one
        return f"{one}; {money(self.total)} for {plan(self.requests, self.days)}"

    @property
    def formula(self) -> str:
        """The sum, with its numbers in it."""
        fresh = self.input_tokens - self.cached_tokens
        parts = [f"{fresh:,} in {_X} {rate(self.rates.input)}"]
        if self.cached_tokens:
            cached = self.rates.input if self.rates.cached is None else self.rates.cached
            parts.append(f"{self.cached_tokens:,} cached {_X} {rate(cached)}")
        parts.append(f"{self.output_tokens:,} out {_X} {rate(self.rates.output)}")
        times = "" if self.requests == self.days == 1 else f" {_X} {self.requests:,} {_X} {self.days:,}"
        return f"({' + '.join(parts)}) / {_MILLION:,}{times} = {money(self.total)}"

    def view(self) -> html.Block:
        """Show the sentence, the sum, the date, and what may spoil it."""
        spoilt = html.alert("Look before you rely on it", " ".join(self.warnings), "warn")
        return html.stack(self.sentence, self.formula, self.rates.dated, spoilt if self.warnings else "")


def estimate(  # noqa: PLR0913 -- the knobs of a calculator, each named at the call
    model: str,
    *,
    input_tokens: int,
    output_tokens: int,
    cached_tokens: int = 0,
    requests: int = 1,
    days: int = 1,
    batch: bool = False,
    today: dt.date | None = None,
) -> Estimate:
    """Price `requests` equal requests a day for `days` days that start on `today`.

    `input_tokens` and `output_tokens` are those of one request; `cached_tokens` are the part of the
    input that the provider had in its cache. One request is priced first and multiplied afterwards.
    `warnings` name what may spoil the sum: a model that has ended or ends within the plan, a window
    too small, a price nobody has confirmed.

    Raises `UnknownNameError` for a model without a known price, `InputError` for a negative number
    or more cached tokens than input.
    """
    _check(input_tokens, output_tokens, cached_tokens, requests, days)
    day = facts.today() if today is None else today
    found = Estimate(
        model=model,
        input_tokens=input_tokens,
        cached_tokens=cached_tokens,
        output_tokens=output_tokens,
        requests=requests,
        days=days,
        rates=rates(model, input_tokens, day, batch=batch),
    )
    return replace(found, warnings=_warnings(found, day, batch=batch))


def plan(requests: int, days: int) -> str:
    """Say how often and how long, in words."""
    return f"{_some(requests, 'request')} a day over {_some(days, 'day')}"


def ended(found: Estimate, day: dt.date) -> str:
    """Say that the model has ended or ends within a plan starting that day; "" when it lasts."""
    known = in_ledger(found.model)
    if known is None or known.shutdown is None:
        return ""
    date = known.shutdown.isoformat()
    if known.retired(day):
        return f"{known.id} was shut down on {date}: a call answers 404, not with text."
    nth = (known.shutdown - day).days + 1
    return f"{known.id} ends on {date}, day {nth} of this plan." if nth <= found.days else ""


def too_small(found: Estimate) -> str:
    """Say that the model's window cannot hold the request; "" when it can."""
    known = in_ledger(found.model)
    needed = found.input_tokens + found.output_tokens
    if known is None or known.context is None or needed <= known.context:
        return ""
    return f"{needed:,} tokens do not fit: its window holds {known.context:,}."


def _warnings(found: Estimate, day: dt.date, *, batch: bool) -> tuple[str, ...]:
    known = in_ledger(found.model)
    no_batch = batch and not found.rates.batch
    no_cached = found.cached_tokens > 0 and found.rates.cached is None
    warnings = [
        "" if known else "The ledger does not know this model: look up whether it still answers.",
        ended(found, day),
        too_small(found),
        _long_prompt(found),
        "No batch price is known for it: this is the standard price." if no_batch else "",
        "No cached price is known for it: cached tokens are priced like the rest." if no_cached else "",
        f"About this model: {known.note}." if known and known.note else "",
        _old(day),
    ]
    return tuple(each for each in warnings if each)


def _long_prompt(found: Estimate) -> str:
    limit = facts.get("billing.long_prompt").value
    known = in_ledger(found.model)
    if found.rates.long_prompt:
        return f"A prompt of more than {limit:,} tokens pays the long-prompt rate, for all its tokens."
    if known and known.input is not None and found.input_tokens > limit:
        return f"Whether it charges more for prompts over {limit:,} tokens is not known."
    return ""


def _old(day: dt.date) -> str:
    package = facts.get("billing.prices", today=day)
    if not package.stale:
        return ""
    return (
        f"These prices were to be checked by {package.check_by.isoformat()}: "
        "look at OpenAI's price page; a newer edition of the guide may have read it."
    )


def _check(input_tokens: int, output_tokens: int, cached_tokens: int, requests: int, days: int) -> None:
    if min(input_tokens, output_tokens, cached_tokens, requests, days) < 0:
        raise InputError("Tokens, requests and days cannot be negative.", "Give zero or more.")
    if cached_tokens > input_tokens:
        raise InputError(
            f"{cached_tokens:,} cached tokens cannot come out of {input_tokens:,} input tokens.",
            "Cached tokens are a part of the input: count them in both.",
        )


def _some(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
