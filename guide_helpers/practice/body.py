"""Read fields out of a request's JSON body, refusing as the API does when they are not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from guide_helpers.practice import codec, faults
from guide_helpers.practice.faults import Refused

Json = Mapping[str, Any]
_NAMES = {
    str: "a string",
    int: "an integer",
    float: "a decimal",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
}


def parse(body: bytes) -> Json:
    """Return the body as a JSON object; refuse with 400 when it is not one."""
    try:
        value = codec.decode(body)
    except ValueError:
        raise Refused(faults.BAD_JSON) from None
    if not isinstance(value, dict):
        raise Refused(faults.BAD_JSON)
    return value


def required(body: Json, name: str, *types: type) -> Any:
    """Return a field that must be there."""
    if body.get(name) is None:
        raise Refused(faults.MISSING.about(param=name))
    return optional(body, name, *types)


def optional(body: Json, name: str, *types: type) -> Any:
    """Return a field or None; refuse when it has another type."""
    value = body.get(name)
    if value is None or (isinstance(value, types) and (bool in types or not isinstance(value, bool))):
        return value
    expected = " or ".join(_NAMES[each] for each in types)
    raise Refused(faults.WRONG_TYPE.about(param=name, expected=expected, got=_name_of(value)))


def limit(body: Json, name: str, least: int) -> int | None:
    """Return a token limit or None; refuse when it is below what the API takes."""
    value = optional(body, name, int)
    if value is not None and value < least:
        raise Refused(faults.TOO_SMALL.about(param=name, least=least, got=value))
    return None if value is None else int(value)


def unsupported(body: Json, names: Iterable[str]) -> None:
    """Refuse what the practice API does not do, instead of ignoring it."""
    for name in names:
        value = body.get(name)
        if value is True or value not in (None, [], 1, False):
            raise Refused(faults.NOT_HERE.about(param=name))


def messages(value: Any, param: str) -> list[tuple[str, str]]:
    """Return (role, text) for a string or for a list of messages, in the API's several spellings."""
    if isinstance(value, str):
        return [("user", value)]
    if not isinstance(value, list) or not value:
        raise Refused(faults.MISSING.about(param=param))
    return [_message(each, f"{param}[{place}]") for place, each in enumerate(value)]


def _message(item: Any, param: str) -> tuple[str, str]:
    if not isinstance(item, dict):
        raise Refused(faults.WRONG_TYPE.about(param=param, expected="an object", got=_name_of(item)))
    content = item.get("content")
    if isinstance(content, str):
        return str(item.get("role", "user")), content
    if not isinstance(content, list):
        raise Refused(faults.MISSING.about(param=f"{param}.content"))
    parts = [part.get("text", "") for part in content if isinstance(part, dict)]
    return str(item.get("role", "user")), "".join(map(str, parts))


def _name_of(value: Any) -> str:
    return next((name for type_, name in _NAMES.items() if isinstance(value, type_)), "another type")
