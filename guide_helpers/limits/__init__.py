"""How fast you may go: reading the limits, deciding about a retry, and waiting well.

Everything here is pure: headers, errors and seeds come in, values go out. No HTTP library is
imported; an error is read by its attributes, which both majors of the openai client share.
"""

from guide_helpers.limits._backoff import POLICIES, Backoff, Try, delays, simulate
from guide_helpers.limits._headers import Allowance, RateLimits, seconds
from guide_helpers.limits._retry import advice, retry_hint

__all__ = [
    "POLICIES",
    "Allowance",
    "Backoff",
    "RateLimits",
    "Try",
    "advice",
    "delays",
    "retry_hint",
    "seconds",
    "simulate",
]
