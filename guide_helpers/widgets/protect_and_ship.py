"""Panels of notebook 07."""

from __future__ import annotations

import ipywidgets as w

from guide_helpers import incident
from guide_helpers.widgets._panel import Panel

_NOTHING = "nothing more"


def incident_clock() -> Panel:
    """Return a panel that plays up to four actions after a leak, in your order."""
    names = [action.name for action in incident.ACTIONS]

    def chosen(place: str, start: str) -> w.Dropdown:
        return w.Dropdown(options=[*names, _NOTHING], value=start, description=place)

    return Panel(
        _play,
        first=chosen("First", "clean the repository"),
        second=chosen("Second", "tell the owner"),
        third=chosen("Third", "revoke the key"),
        fourth=chosen("Fourth", "make and deploy a new key"),
        dollars_per_hour=w.BoundedFloatText(
            value=60, min=0, max=100_000, step=10, description="A stranger spends, dollars an hour"
        ),
    )


def _play(first: str, second: str, third: str, fourth: str, dollars_per_hour: float) -> incident.Incident:
    done = [name for name in (first, second, third, fourth) if name != _NOTHING]
    return incident.replay(done, dollars_per_hour=dollars_per_hour)
