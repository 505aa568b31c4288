"""The verdict on a client: what it did wrong with the answers it was given.

The server saw every request, so it can say whether a refusal was understood. Each finding follows
one rule (`rules`) with named figures. A retry is the same request once more: same key, method,
address and body. Requests that are the same and sent side by side therefore look like retries.
"""

from __future__ import annotations

from guide_helpers.practice.verdict.result import Finding, Verdict
from guide_helpers.practice.verdict.rules import judge

__all__ = ["Finding", "Verdict", "judge"]
