"""The values in a document that hold no others: words, numbers, yes and no."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_LONGEST = 10_000
# one of each format that structured outputs name
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "P1D",
    "email": "practice@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_KINDS: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
KINDS = tuple(_KINDS)


class UnfitError(Exception):
    """No value satisfies this part of a schema."""


def words(name: str) -> str:
    """Return the text that stands for a property."""
    return f"practice {name}"


def scalar(kind: str, schema: Mapping[str, Any], name: str) -> Any:
    """Return a value of a type that holds no others. Raises `UnfitError` when there is none."""
    if kind == "string":
        return _text(schema, name)
    if kind in {"integer", "number"}:
        return _number(schema)
    return True if kind == "boolean" else None


def listed(schema: Mapping[str, Any]) -> Any:
    """Return the first value that `enum` and `const` both allow, of the type that is asked."""
    values = schema["enum"] if "enum" in schema else [schema["const"]]
    for value in values:
        if ("const" not in schema or same(value, schema["const"])) and _is_a(value, schema.get("type")):
            return value
    raise UnfitError("no listed value is of the type that is asked")


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: `true` is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _is_a(value: Any, kinds: str | list[str] | None) -> bool:
    if kinds is None:
        return True
    asked = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, bool):
        return "boolean" in asked
    return any(isinstance(value, _KINDS[kind]) for kind in asked)


def _text(schema: Mapping[str, Any], name: str) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength", _LONGEST)
    if least > min(most, _LONGEST):
        raise UnfitError("no text is as long as that")
    sample = _FORMATS.get(schema.get("format", ""))
    if sample is None:
        return words(name).ljust(least, ".")[:most]
    if not least <= len(sample) <= most:
        raise UnfitError("its format and its length do not go together")
    return sample


def _number(schema: Mapping[str, Any]) -> int:
    """Return the first whole number among a few likely ones that keeps within the bounds."""
    step = schema.get("multipleOf", 1)
    likely: list[int] = [step, 0]
    for bound in ("minimum", "exclusiveMinimum"):
        if bound in schema:
            first = math.ceil(schema[bound] / step) * step
            likely += [first, first + step]
    for bound in ("maximum", "exclusiveMaximum"):
        if bound in schema:
            last = math.floor(schema[bound] / step) * step
            likely += [last, last - step]
    for value in likely:
        if _within(value, schema):
            return value
    raise UnfitError("no whole number is within its bounds")


def _within(value: int, schema: Mapping[str, Any]) -> bool:
    return bool(
        value >= schema.get("minimum", value)
        and value <= schema.get("maximum", value)
        and value > schema.get("exclusiveMinimum", value - 1)
        and value < schema.get("exclusiveMaximum", value + 1)
    )
