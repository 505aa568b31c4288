"""The same requests on every current model."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from guide_helpers import facts, html
from guide_helpers.pricing._estimate import Estimate, ended, estimate, plan, too_small
from guide_helpers.pricing._money import money
from guide_helpers.pricing._rates import current_models, in_ledger


@dataclass(frozen=True, slots=True)
class Row:
    """One model of a comparison; `lasts` says that it fits the request and outlives the plan."""

    estimate: Estimate
    until: str
    lasts: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison(html.Shown):
    """The same requests on every current model, cheapest first."""

    rows: tuple[Row, ...]
    says: str

    @property
    def cheapest(self) -> Row | None:
        """The cheapest model that fits the request and outlives the plan, if there is one."""
        return next((row for row in self.rows if row.lasts), None)

    def view(self) -> html.Block:
        """Show one row per model with the dates that matter, and what is not sure under the table."""
        headers = ["Model", "A request", "In all", "Times", "Until", "Prices as of"]
        cells = [self._cells(row) for row in self.rows]
        notes = [f"* {row.estimate.model}: {row.note}." for row in self.rows if row.note]
        shown = html.table(f"{self.says}, cheapest first", headers, cells, numbers=headers[1:4])
        return html.stack(shown, *notes)

    def _cells(self, row: Row) -> list[html.Content]:
        found = row.estimate
        base = self.cheapest.estimate.total if self.cheapest else 0
        times = f"{found.total / base:,.1f}" if base else ""
        until: html.Content = row.until if row.lasts else html.badge(row.until, "warn")
        if row is self.cheapest:
            until = html.badge(f"{row.until}: cheapest that lasts", "good")
        name = f"{found.model} *" if row.note else found.model
        return [name, money(found.per_request), money(found.total), times, until, str(found.rates.as_of)]


def compare(  # noqa: PLR0913 -- the knobs of a calculator, each named at the call
    *,
    input_tokens: int,
    output_tokens: int,
    cached_tokens: int = 0,
    requests: int = 1,
    days: int = 1,
    batch: bool = False,
    today: dt.date | None = None,
) -> Comparison:
    """Price the same requests on every model that answers today; arguments and errors as `estimate`.

    A model that ends within the plan, or whose window is too small, stays in the table and is
    marked: it is never called the cheapest.
    """
    day = facts.today() if today is None else today
    found = [
        estimate(
            model,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cached_tokens=cached_tokens,
            requests=requests,
            days=days,
            batch=batch,
            today=day,
        )
        for model in current_models(day)
    ]
    rows = sorted((_row(each, day) for each in found), key=lambda row: row.estimate.total)
    often = "" if requests == days == 1 else f", {plan(requests, days)}"
    return Comparison(tuple(rows), f"{input_tokens:,} tokens in, {output_tokens:,} out{often}")


def _row(found: Estimate, day: dt.date) -> Row:
    known = in_ledger(found.model)
    end = known.shutdown if known else None
    until = end.isoformat() if end else "no end announced"
    note = known.note if known else ""
    if too_small(found):
        return Row(found, "window too small", lasts=False, note=note)
    if ended(found, day):
        return Row(found, f"{until}, within the plan", lasts=False, note=note)
    return Row(found, until, lasts=True, note=note)
