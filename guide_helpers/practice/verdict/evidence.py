"""What the rules look at: each call, and what one key sent."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from guide_helpers import limits
from guide_helpers.practice.wire import Exchange

_TOO_MANY, _SERVER_ERROR, _REFUSED = 429, 500, 400


@dataclass(frozen=True)
class Call:
    """An exchange as the rules look at it."""

    exchange: Exchange

    @property
    def number(self) -> int:
        """The number of the request."""
        return self.exchange.number

    @property
    def at(self) -> float:
        """When it came, in the world's seconds."""
        return self.exchange.at

    @cached_property
    def same(self) -> tuple[str, ...]:
        """What a retry has in common with it; a form's boundary is new each time."""
        each = self.exchange
        boundary = re.search(r"boundary=([^;\s]+)", each.request_headers.get("content-type", ""))
        body = each.request_body.replace(boundary[1], "") if boundary else each.request_body
        return each.method, each.path, each.query, body

    @cached_property
    def error(self) -> dict[str, Any]:
        """What the answer says of the refusal."""
        try:
            error = json.loads(self.exchange.response_body)["error"]
        except (ValueError, KeyError, TypeError):
            return {}
        return error if isinstance(error, dict) else {}

    @property
    def good(self) -> bool:
        """Whether it was answered, and wholly."""
        return self.exchange.status < _REFUSED and not self.exchange.cut

    @cached_property
    def hopeless(self) -> bool:
        """Whether the same request can only be refused again."""
        return not self.good and not self.exchange.cut and limits.retry_hint(_Refusal(self)) is False

    @cached_property
    def wait(self) -> float | None:
        """The seconds the refusal asked for, if it did."""
        return (
            None if self.good else limits.RateLimits.from_headers(self.exchange.response_headers).retry_after
        )

    @property
    def busy(self) -> bool:
        """Whether it ran into a limit or a fault of the server's that passes."""
        status = self.exchange.status
        return not self.hopeless and (status == _TOO_MANY or status >= _SERVER_ERROR)

    @property
    def limited(self) -> bool:
        """Whether a limit refused it, and said for how long."""
        return self.exchange.status == _TOO_MANY and not self.hopeless and self.wait is not None

    @property
    def too_large(self) -> bool:
        """Whether it asked for more than the limit ever holds: then no wait is named."""
        return self.error.get("code") == "rate_limit_exceeded" and self.wait is None

    @property
    def about_money(self) -> bool:
        """Whether it was refused for money."""
        return self.exchange.status == _TOO_MANY and self.hopeless

    @property
    def model(self) -> str:
        """The model it asked for."""
        fields = self.exchange.json
        return str(fields.get("model", "")) if isinstance(fields, dict) else ""

    @property
    def by_client(self) -> bool:
        """Whether the openai client sent it again by itself."""
        return self.exchange.request_headers.get("x-stainless-retry-count", "0") != "0"

    def words(self) -> str:
        """Say how it was answered."""
        if self.exchange.cut:
            return "broke off"
        reason = self.error.get("code") or self.error.get("type")
        return f"was refused with {self.exchange.status}" + (f" {reason}" if reason else "")


class _Refusal(Exception):  # noqa: N818 -- never raised: it has the attributes of the client's errors
    """A refusal as `limits.retry_hint` reads it, without the wait: a long wait is not hopeless."""

    def __init__(self, call: Call) -> None:
        """Take from a call what the client's errors carry."""
        super().__init__()
        self.status_code = call.exchange.status
        self.type, self.code = call.error.get("type"), call.error.get("code")
        self.response = self
        named = call.exchange.response_headers
        self.headers = {name: named[name] for name in named if not name.startswith("retry-after")}


@dataclass(frozen=True)
class Seen:
    """What one key sent: in order, and by request."""

    calls: list[Call]

    @cached_property
    def threads(self) -> list[list[Call]]:
        """The calls that are the same request, in order."""
        threads: dict[tuple[str, ...], list[Call]] = defaultdict(list)
        for call in self.calls:
            threads[call.same].append(call)
        return list(threads.values())

    @cached_property
    def retries(self) -> list[tuple[Call, Call]]:
        """Every refused call with the one that tried again."""
        pairs = (pair for thread in self.threads for pair in itertools.pairwise(thread))
        return [(first, again) for first, again in pairs if not first.good]
