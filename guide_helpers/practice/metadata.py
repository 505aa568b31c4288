"""The notes a caller may pin to what the API keeps: up to sixteen short pairs of texts."""

from __future__ import annotations

from guide_helpers.practice import body, faults
from guide_helpers.practice.faults import Refused

_MOST, _LONGEST_KEY, _LONGEST_VALUE = 16, 64, 512


def read(fields: body.Json) -> dict[str, str] | None:
    """Return the notes of a request, None when there are none; refuse what the API does not take."""
    metadata = body.optional(fields, "metadata", dict)
    if metadata is None:
        return None
    fits = len(metadata) <= _MOST and all(
        isinstance(value, str) and len(key) <= _LONGEST_KEY and len(value) <= _LONGEST_VALUE
        for key, value in metadata.items()
    )
    if not fits:
        raise Refused(faults.BAD_INPUT.about(param="metadata"))
    return dict(metadata)
