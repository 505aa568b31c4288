"""One request as one line: for the live page and for the log."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

from guide_helpers import keys
from guide_helpers.practice.wire import Record

_LONGEST = 300
_LONGEST_NAME = 80
_REFUSED = 400


def row(record: Record) -> dict[str, Any]:
    """Return what happened, without any body and with every key masked.

    `at` is in the world's seconds since 1970, `ms` in the world's milliseconds, `cost` in USD as exact
    text. What did not happen is None: a refused request has no tokens, and a good one no error.
    """
    method, path, status, headers = record.head
    return {
        "number": record.number,
        "at": round(record.at, 3),
        "id": headers.get("x-request-id", ""),
        "method": method,
        "path": _short(path),
        "status": status,
        "key": record.masked,
        "key_id": record.key,
        **_used(record),
        "ms": max(1, round(record.seconds * 1000)),
        **_error(record, status),
    }


def _used(record: Record) -> dict[str, Any]:
    """Sum up what the request brought into the ledger: one line, or many for a batch."""
    uses = [entry.use for entry in record.charged]
    if not uses:
        return {"model": None, "tokens_in": None, "tokens_out": None, "cost": None}
    models = sorted({use.model for use in uses})
    return {
        "model": models[0] if len(models) == 1 else "several",
        "tokens_in": sum(use.input_tokens for use in uses),
        "tokens_out": sum(use.output_tokens for use in uses),
        "cost": money(sum((entry.cost for entry in record.charged), Decimal(0))),
    }


def _error(record: Record, status: int) -> dict[str, Any]:
    if status < _REFUSED:
        return {"error": None, "cause": None}
    exchange = record.exchange
    found: dict[str, Any] = {}
    with contextlib.suppress(ValueError, LookupError, TypeError):  # one that was cut when it was remembered
        found = json.loads(exchange.response_body)["error"]
    asked = exchange.json
    model = asked.get("model") if isinstance(asked, dict) else None
    return {
        "error": found.get("code") or found.get("type"),
        "cause": _short(keys.redact(str(found.get("message", "")))),
        "model": _short(model, _LONGEST_NAME) if isinstance(model, str) else None,
    }


def money(amount: Decimal) -> str:
    """Write USD exactly, without an exponent."""
    return f"{amount.normalize():f}" if amount else "0"


def _short(text: str, most: int = _LONGEST) -> str:
    line = "".join(char if char.isprintable() else " " for char in text[: most + 1])
    return line if len(text) <= most else f"{line[:most]}…"
