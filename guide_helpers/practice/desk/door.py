"""Who may look at the practice API's live page, and who may change things from outside."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from guide_helpers.practice.wire import Request

TOKEN = "x-practice-token"  # noqa: S105 -- the name of a header
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


@dataclass(frozen=True, slots=True)
class Door:
    """A token, and whether the world lies on loopback, where looking needs none.

    A web page that somebody visits can make their browser send requests to this computer. It cannot
    know the token, and under a name of its own (DNS rebinding) it is not let in without one.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    loopback: bool = True

    def strange(self, host: str) -> bool:
        """Say whether a request was sent to a name that is not this computer's own."""
        return self.loopback and _bare(host) not in _LOOPBACK

    def may_look(self, request: Request) -> bool:
        """Say whether a request may see the page: with the token, or on loopback under its own name."""
        if self._is_token(request.headers.get(TOKEN) or request.query.get("token", "")):
            return True
        return self.loopback and not self.strange(request.headers.get("host", ""))

    def may_change(self, request: Request) -> bool:
        """Say whether a request may change things: with the token in a header, and from no other site."""
        headers = request.headers
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != headers.get("host"):
            return False
        if self.strange(headers.get("host", "")):
            return False
        return self._is_token(headers.get(TOKEN, ""))

    def _is_token(self, value: str) -> bool:
        return hmac.compare_digest(value.encode(errors="replace"), self.token.encode())


def _bare(host: str) -> str:
    """Return a name without its port."""
    host = host.lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
