"""What a verdict says, and how it looks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from guide_helpers import html

# a verdict needs something to compare
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a client did wrong: how often, first when (world's seconds), and what to do instead.

    `requests` are the numbers of the requests concerned, in order.
    """

    name: str
    times: int
    at: float
    what: str
    cure: str
    requests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict(html.Shown):
    """What became of so many `requests`, of which so many were `refused` or broke off."""

    requests: int
    refused: int
    findings: tuple[Finding, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether there were requests enough to judge."""
        return self.requests >= _LEAST

    @property
    def ok(self) -> bool:
        """Whether the client was judged and nothing was found; false while there is nothing to judge."""
        return self.judged and not self.findings

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what was found."""
        return tuple(each.name for each in self.findings)

    def view(self) -> html.Block:
        """Show each finding, or say that there is none."""
        if not self.judged:
            seen = "One request has" if self.requests else "No request has"
            return html.alert("Nothing to judge yet", f"{seen} come. Let the client ask, and look again.")
        seen = f"{self.requests} requests, {self.refused} refused or broken off"
        if self.ok:
            return html.alert("ok", f"{seen}. The client did what each answer asked for.", "good")
        rows = [
            [html.badge(each.name, "bad"), each.what, str(each.times), _clock(each.at), each.cure]
            for each in self.findings
        ]
        headers = ["Finding", "What happened", "Times", "First at", "Do this instead"]
        return html.table(f"The verdict on the client: {seen}", headers, rows, numbers=["Times"])


def _clock(at: float) -> str:
    return f"{dt.datetime.fromtimestamp(at, dt.UTC):%H:%M:%S}"
