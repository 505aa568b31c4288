"""Lists, a page at a time: `limit` and `after`, as the API's lists take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guide_helpers.practice import faults
from guide_helpers.practice.faults import Refused


def page(
    rows: Sequence[Mapping[str, Any]], query: Mapping[str, str], usual: int, most: int
) -> dict[str, Any]:
    """Return one page of rows that stand in the order asked for; refuse an odd limit or cursor."""
    size = _limit(query.get("limit"), usual, most)
    start = _start(rows, query.get("after"))
    shown = list(rows[start : start + size])
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": start + size < len(rows),
    }


def _limit(text: str | None, usual: int, most: int) -> int:
    if text is None:
        return usual
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < len(str(most)) + 3):
        raise Refused(faults.WRONG_TYPE.about(param="limit", expected="an integer", got="a string"))
    size = int(text)
    if size < 1:
        raise Refused(faults.TOO_SMALL.about(param="limit", least=1, got=size))
    if size > most:
        raise Refused(faults.TOO_BIG.about(param="limit", most=most, got=size))
    return size


def _start(rows: Sequence[Mapping[str, Any]], after: str | None) -> int:
    if after is None:
        return 0
    for place, row in enumerate(rows):
        if row["id"] == after:
            return place + 1
    raise Refused(faults.NO_OBJECT.about(param="after", kind="object", name=after))
