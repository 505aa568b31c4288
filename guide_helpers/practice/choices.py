"""Read a field whose value is one of a few words."""

from __future__ import annotations

from collections.abc import Sequence

from guide_helpers.practice import body, faults
from guide_helpers.practice.faults import Refused


def choice(fields: body.Json, name: str, allowed: Sequence[str]) -> str | None:
    """Return a field or None; refuse what is not one of the allowed words."""
    value = body.optional(fields, name, str)
    return None if value is None else check(value, name, allowed)


def required(fields: body.Json, name: str, allowed: Sequence[str]) -> str:
    """Return a field that must be there and be one of the allowed words."""
    return check(body.required(fields, name, str), name, allowed)


def check(value: str, name: str, allowed: Sequence[str]) -> str:
    """Return a value that is one of the allowed words, or refuse it."""
    if value not in allowed:
        listed = ", ".join(f"'{each}'" for each in allowed)
        raise Refused(faults.WRONG_VALUE.about(param=name, got=value, allowed=listed))
    return value
