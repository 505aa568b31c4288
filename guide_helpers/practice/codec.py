"""JSON, read and written: by orjson where it is installed (the extra `fast`), else by Python itself."""

from __future__ import annotations

import json
from typing import Any, NoReturn

try:
    import orjson
except ImportError:  # everything works without it, at about half the speed
    orjson = None  # type: ignore[assignment]


def decode(text: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; raises `ValueError` for anything else."""
    if orjson is not None:
        try:
            return orjson.loads(text)
        except ValueError:
            pass  # it refuses a few things that Python reads, such as half of a surrogate pair
    try:
        return json.loads(text.decode(), parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deep") from None


def encode(payload: object) -> bytes:
    """Write JSON as the API does: no spaces, letters of every script as they are."""
    if orjson is not None:
        try:
            return orjson.dumps(payload)
        except TypeError:
            pass  # as above, and whole numbers of more than 64 bits
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _no_number(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads but JSON does not have."""
    raise ValueError(f"{name} is not JSON")
