"""Time buckets: what the ledger's sums come to in each minute, hour or day, a page of buckets at a time.

Buckets begin with the clock (UTC), the first with the one that the start lies in. Minutes are known for
a day, hours for a week, and then whole days: an older hour stands in its day's first bucket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from guide_helpers.practice import choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Query, Response, json_response
from guide_helpers.practice.world.ledger import Sum

Row = dict[str, Any]
Keep = Callable[[Sum], bool]
Results = Callable[[Sequence[Sum]], list[Row]]

_LATEST = 10**11  # seconds: a time beyond this is no time
_DAY = "1d"


class Width(NamedTuple):
    """A width of buckets in seconds, and how many a page usually and at most has."""

    seconds: int
    usual: int
    most: int


class _Range(NamedTuple):
    """A page's part of the time asked for: from `at` to `stop`, out of everything up to `end`."""

    at: int
    stop: int
    end: int


WIDTHS: Mapping[str, Width] = {
    "1m": Width(60, 60, 1_440),
    "1h": Width(3_600, 24, 168),
    _DAY: Width(86_400, 7, 31),
}
DAYS: Mapping[str, Width] = {_DAY: Width(86_400, 7, 180)}

# what a sum can be grouped and filtered by; the practice world knows no more of some of them
FIELDS: Mapping[str, Callable[[Sum], Any]] = {
    "project_id": lambda found: found.owner.project,
    "user_id": lambda found: found.owner.user or None,
    "api_key_id": lambda found: found.owner.key,
    "model": lambda found: found.model,
    "batch": lambda found: found.batch,
    "service_tier": lambda _: "default",
    "api_source": lambda _: "unlabeled",
    "size": lambda found: found.size or None,
    "source": lambda _: "image.generation",
}
_FILTERS = {
    "project_ids": "project_id",
    "user_ids": "user_id",
    "api_key_ids": "api_key_id",
    "models": "model",
    "sizes": "size",
    "sources": "source",
}


def page(call: Call, widths: Mapping[str, Width], keep: Keep, results: Results) -> Response:
    """Answer with a page of buckets: in each, the `results` of the organization's sums that `keep` keeps."""
    query, now = call.request.query, call.world.seconds()
    width = widths[choices.check(query.get("bucket_width") or _DAY, "bucket_width", tuple(widths))]
    part = _range(query, width, now)
    organization = call.organization.id
    filled: dict[int, list[Sum]] = {}
    for found in call.world.ledger.between(part.at, min(part.stop, part.end)):
        if found.owner.organization == organization and keep(found):
            at = found.minute * 60
            filled.setdefault(at - at % width.seconds, []).append(found)
    data = [
        {
            "object": "bucket",
            "start_time": at,
            "end_time": at + width.seconds,
            "results": results(filled.get(at, ())),
        }
        for at in range(part.at, part.stop, width.seconds)
    ]
    more = part.stop < part.end
    following = f"page_{part.stop:x}" if more else None
    return json_response(200, {"object": "page", "data": data, "has_more": more, "next_page": following})


def filters(query: Query) -> Keep:
    """Return what says whether a sum is one of those asked for."""
    wanted = {field: frozenset(values) for name, field in _FILTERS.items() if (values := query.all(name))}
    batch = truth(query, "batch")

    def keep(found: Sum) -> bool:
        if batch is not None and found.batch != batch:
            return False
        return all(FIELDS[field](found) in values for field, values in wanted.items())

    return keep


def groups(query: Query, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the fields to group by, each once, or refuse one that is not allowed."""
    return tuple(dict.fromkeys(choices.check(each, "group_by", allowed) for each in query.all("group_by")))


def grouped(sums: Iterable[Sum], by: Sequence[str]) -> list[tuple[Row, list[Sum]]]:
    """Return the sums of each group, beside the values that they share, in the order of those."""
    found: dict[tuple[Any, ...], list[Sum]] = {}
    for each in sums:
        found.setdefault(tuple(_value(each, field) for field in by), []).append(each)
    return [(dict(zip(by, values, strict=True)), found[values]) for values in sorted(found, key=str)]


def truth(query: Query, name: str) -> bool | None:
    """Return a word of the address that says yes or no, or None when it is not there."""
    text = query.get(name) or None
    return None if text is None else choices.check(text, name, ("true", "false")) == "true"


def number(query: Mapping[str, str], name: str, least: int = 0, most: int = _LATEST) -> int | None:
    """Return a word of the address that is a whole number within bounds, or None when it is not there."""
    text = query.get(name) or None
    if text is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise Refused(faults.WRONG_TYPE.about(param=name, expected="an integer", got="a string"))
    value = int(text)
    if value < least:
        raise Refused(faults.TOO_SMALL.about(param=name, least=least, got=value))
    if value > most:
        raise Refused(faults.TOO_BIG.about(param=name, most=most, got=value))
    return value


def _value(found: Sum, field: str) -> Any:
    known = FIELDS.get(field)
    return known(found) if known else None


def _range(query: Query, width: Width, now: int) -> _Range:
    """Return the time that a page is about; it ends with the bucket that now lies in."""
    start = number(query, "start_time")
    if start is None:
        raise Refused(faults.MISSING.about(param="start_time"))
    last = number(query, "end_time")
    end = now + 1 if last is None else min(last, now + 1)
    size = number(query, "limit", 1, width.most) or width.usual
    first = start - start % width.seconds
    at = _cursor(query.get("page"), first, end, width.seconds)
    buckets = min(size, max(0, -(-(end - at) // width.seconds)))
    return _Range(at, at + buckets * width.seconds, end)


def _cursor(text: str | None, first: int, end: int, seconds: int) -> int:
    """Return where a page begins: at the first bucket, or where the page before it said."""
    if not text:
        return first
    found = re.fullmatch(r"page_([0-9a-f]{1,12})", text)
    at = int(found[1], 16) if found else -1
    if not first <= at < end or at % seconds:
        raise Refused(faults.BAD_VALUE.about(param="page", why="it is not a cursor of this list."))
    return at
