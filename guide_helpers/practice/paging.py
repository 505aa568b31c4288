"""Lists, a page at a time: `limit`, `after` and `before`, as the API's lists take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guide_helpers.practice import faults
from guide_helpers.practice.faults import Refused


def page(
    rows: Sequence[Mapping[str, Any]], query: Mapping[str, str], usual: int, most: int, least: int = 1
) -> dict[str, Any]:
    """Return one page of rows that stand in the order asked for; refuse an odd limit or cursor.

    With `before` alone it is the page that ends there, and `has_more` speaks of what is before it.
    """
    size = _limit(query.get("limit"), usual, most, least)
    start, end = _start(rows, query.get("after")), _end(rows, query.get("before"))
    if "before" in query and "after" not in query:
        shown, more = list(rows[max(0, end - size) : end]), end > size
    else:
        shown, more = list(rows[start : min(end, start + size)]), start + size < end
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": more,
    }


def _limit(text: str | None, usual: int, most: int, least: int) -> int:
    if text is None:
        return usual
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < len(str(most)) + 3):
        raise Refused(faults.WRONG_TYPE.about(param="limit", expected="an integer", got="a string"))
    size = int(text)
    if size < least:
        raise Refused(faults.TOO_SMALL.about(param="limit", least=least, got=size))
    if size > most:
        raise Refused(faults.TOO_BIG.about(param="limit", most=most, got=size))
    return size


def _start(rows: Sequence[Mapping[str, Any]], after: str | None) -> int:
    return 0 if after is None else _place(rows, "after", after) + 1


def _end(rows: Sequence[Mapping[str, Any]], before: str | None) -> int:
    return len(rows) if before is None else _place(rows, "before", before)


def _place(rows: Sequence[Mapping[str, Any]], param: str, name: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == name:
            return place
    raise Refused(faults.NO_OBJECT.about(param=param, kind="object", name=name))
