"""Whether a JSON schema is one the practice API can follow; the words of a refusal if not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from guide_helpers.practice.structured import schema_reply
from guide_helpers.practice.structured.scalars import KINDS, UnfitError

_DEEPEST = 50
_LARGEST_NUMBER = 10**15
_NOTES = {"title", "description", "default", "examples", "deprecated", "$schema", "$comment", "format"}
_DEFINED = {"$defs", "definitions"}
_COUNTS = {"minItems", "maxItems", "minLength", "maxLength"}
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_KNOWN = (
    {"type", "properties", "required", "additionalProperties", "items", "multipleOf"}
    | {"anyOf", "$ref", "enum", "const"}
    | (_NOTES | _DEFINED | _COUNTS | _BOUNDS)
)
# what decides a value alone, and what may stand beside it
_ALONE = {"$ref": set[str](), "anyOf": set[str](), "enum": {"const", "type"}, "const": {"enum", "type"}}


def document(schema: Any, *, strict: bool) -> tuple[Any, str]:
    """Return a document for a schema and "", or None and what is wrong with the schema."""
    problem = next(_problems(schema, schema, (), strict=strict), "")
    if problem:
        return None, problem
    try:
        return schema_reply.document(schema), ""
    except UnfitError as error:
        return None, f"no document satisfies it: {error}."
    except schema_reply.TooLargeError:
        return None, "the smallest document the practice API finds for it is too large."


def _problems(schema: Any, root: Any, where: tuple[str, ...], *, strict: bool) -> Iterator[str]:
    """Give every problem of a schema, outermost first."""
    here = f"In context={where!r}, "
    if isinstance(schema, bool) and where:
        return
    if not isinstance(schema, dict):
        yield here + "a schema must be an object."
        return
    if len(where) > _DEEPEST:
        yield here + "it is nested too deeply."
        return
    yield from (here + problem for problem in _own_problems(schema, root))
    if strict:
        yield from (here + problem for problem in _strict_problems(schema))
    for name, inner in _inner(schema):
        yield from _problems(inner, root, (*where, *name), strict=strict)


def _own_problems(schema: dict[str, Any], root: Any) -> Iterator[str]:
    for name in sorted(schema.keys() - _KNOWN):
        yield f"'{name}' is not permitted by the practice API."
    for name, beside in _ALONE.items():
        others = schema.keys() - _NOTES - _DEFINED - beside - {name}
        if name in schema and others:
            yield f"'{name}' cannot stand beside {', '.join(sorted(others))}."
    yield from (f"'{name}' has a wrong value." for name, value in schema.items() if not _well(name, value))
    if isinstance(schema.get("$ref"), str) and not _resolves(root, schema["$ref"]):
        yield "'$ref' points nowhere the practice API looks."


def _well(name: str, value: Any) -> bool:
    """Tell whether a keyword's value has the shape it must have."""
    return _SHAPES[name](value) if name in _SHAPES else True


def _types(value: Any) -> bool:
    kinds = value if isinstance(value, list) and value else [value]
    return all(isinstance(kind, str) and kind in KINDS for kind in kinds)


def _count(value: Any) -> bool:
    return _number(value) and isinstance(value, int) and value >= 0


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _choices(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _names(value: Any) -> bool:
    return isinstance(value, dict)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value if isinstance(value, float) else 0)
        and abs(value) <= _LARGEST_NUMBER
    )


_SHAPES: dict[str, Callable[[Any], bool]] = {
    "type": _types,
    "required": _texts,
    "enum": _choices,
    "anyOf": _choices,
    "$ref": _text,
    "format": _text,
    "multipleOf": lambda value: _count(value) and value > 0,
    **dict.fromkeys({"properties"} | _DEFINED, _names),
    **dict.fromkeys(_COUNTS, _count),
    **dict.fromkeys(_BOUNDS, _number),
}


def _resolves(root: Any, ref: str) -> bool:
    try:
        return isinstance(schema_reply.resolve(root, ref), dict | bool)
    except (KeyError, TypeError):
        return False


def _strict_problems(schema: dict[str, Any]) -> Iterator[str]:
    """Give what strict mode asks of every object: no other properties, and all of them required."""
    kinds = schema.get("type")
    if kinds != "object" and not (isinstance(kinds, list) and "object" in kinds):
        return
    if schema.get("additionalProperties") is not False:
        yield "'additionalProperties' is required to be supplied and to be false."
    properties, required = schema.get("properties", {}), schema.get("required", [])
    missing = [name for name in properties if name not in required]
    if missing:
        yield (
            "'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{missing[0]}'."
        )


def _inner(schema: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every schema inside, and the way to it."""
    for group in ("properties", "$defs", "definitions"):
        if isinstance(schema.get(group), dict):
            yield from (((group, name), inner) for name, inner in schema[group].items())
    for name in ("items", "additionalProperties"):
        if name in schema:
            yield (name,), schema[name]
    if isinstance(schema.get("anyOf"), list):
        yield from ((("anyOf", str(place)), inner) for place, inner in enumerate(schema["anyOf"]))
