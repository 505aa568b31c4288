"""GET /v1/organization/costs: what it cost, in USD, in buckets of a day."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import buckets
from guide_helpers.practice.endpoints.admin.buckets import Row
from guide_helpers.practice.wire import Response
from guide_helpers.practice.world.ledger import NOTHING, Sum
from guide_helpers.practice.world.prices import items

_LINE = "line_item"
_GROUPS = ("project_id", "user_id", "api_key_id", "api_source", _LINE)


def show(call: Call) -> Response:
    """Answer with what it cost; what is free has no line."""
    query = call.request.query
    by, lines = buckets.groups(query, _GROUPS), frozenset(query.all("line_items"))

    def results(sums: Sequence[Sum]) -> list[Row]:
        return _results(sums, by, lines)

    return buckets.page(call, buckets.DAYS, buckets.filters(query), results)


def _results(sums: Sequence[Sum], by: Sequence[str], lines: frozenset[str]) -> list[Row]:
    rows: list[Row] = []
    who = [field for field in by if field != _LINE]
    for shared, group in buckets.grouped(sums, who):
        spent = _by_line(group, lines)
        if _LINE in by:
            rows += [
                _row(shared, cost, _LINE, line, tokens) for line, (tokens, cost) in sorted(spent.items())
            ]
        elif spent:
            rows.append(_row(shared, sum((cost for _, cost in spent.values()), NOTHING)))
    return rows


def _by_line(sums: Sequence[Sum], lines: frozenset[str]) -> dict[str, tuple[int, Decimal]]:
    """Return the tokens and the USD of each line item asked for (of all, when none is)."""
    spent: dict[str, tuple[int, Decimal]] = {}
    for found in sums:
        for line, tokens, cost in items(found):
            if cost and (not lines or line in lines):
                so_far = spent.get(line, (0, NOTHING))
                spent[line] = so_far[0] + tokens, so_far[1] + cost
    return spent


def _row(shared: Row, cost: Decimal, *line: Any) -> Row:
    """Return a result. A float shows the exact decimal as long as that has no more than 15 digits."""
    name, tokens = line[1:] if line else (None, None)
    return {
        "object": "organization.costs.result",
        "amount": {"value": float(cost), "currency": "usd"},
        **dict.fromkeys(_GROUPS),
        **shared,
        _LINE: name,
        "quantity": tokens,
        "quantity_unit": None if tokens is None else "tokens",
    }
