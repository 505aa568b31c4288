"""Whether an error is worth another try, and after how long."""

from __future__ import annotations

from guide_helpers import facts
from guide_helpers.limits._headers import lowered, wait_asked_for

_RETRIED = {408, 409, 429}
_SERVER_ERROR = 500

# A request that was never sent because it cannot be (a line break in a key, a broken address) is
# reported as a connection error too, and would fail the same way for ever.
_CONNECTION = {"APIConnectionError", "APITimeoutError", "ConnectionError", "TimeoutError"}
_UNSENDABLE = {"LocalProtocolError", "UnsupportedProtocol", "InvalidURL"}


def retry_hint(error: Exception) -> bool | float:
    """Say what to do about an error, in the words of `stamina.retry(on=limits.retry_hint)`.

    Returns the seconds to wait when the answer names them (a float), True when a retry is worth
    while after your own back-off, and False when the same request would fail again.

    Retried are connection errors, timeouts, and the statuses 408, 409, 429 and 5xx. Not retried are
    a 429 about money, whatever else the answer says; an answer with `x-should-retry: false`; and a
    wait longer than the openai client would bear (ledger: client.longest_wait).
    """
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return _is_connection(error)
    headers = lowered(getattr(getattr(error, "response", None), "headers", None))
    told = headers.get("x-should-retry", "").strip().lower()
    if _is_billing(error) or told == "false":
        return False
    if told != "true" and status not in _RETRIED and status < _SERVER_ERROR:
        return False
    wait = wait_asked_for(headers)
    if wait is None:
        return True
    return wait if wait <= facts.get("client.longest_wait").value else False


def advice(error: Exception) -> str:
    """Say in words what `retry_hint` says."""
    hint = retry_hint(error)
    if hint is True:
        return "back off, then try again"
    if hint is not False:
        return f"wait {hint:g} s, then try again"
    if _is_billing(error):
        return "do not retry: this needs credit or a higher limit, not time"
    return "do not retry: the same request would fail again"


def _is_billing(error: Exception) -> bool:
    """Read the type first: the codes have changed and may again, and serve where a proxy drops the type."""
    types = {facts.get("limits.billing_type").value, "billing_not_active"}
    codes = types | set(facts.get("limits.billing_codes").value)
    return getattr(error, "type", None) in types or getattr(error, "code", None) in codes


def _is_connection(error: Exception) -> bool:
    named = {each.__name__ for each in type(error).__mro__}
    return bool(named & _CONNECTION) and not any(
        type(each).__name__ in _UNSENDABLE for each in _causes(error)
    )


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error.__cause__
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__
    return found
