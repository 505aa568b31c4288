"""Panels of notebook 03."""

from __future__ import annotations

import ipywidgets as w

from guide_helpers import storage
from guide_helpers.widgets._panel import Panel


def storage_picker() -> Panel:
    """Return a panel that ranks the places for a key by where you run, with whom, and for how long."""
    return Panel(
        storage.recommend,
        place=w.Dropdown(options=list(storage.PLACES), description="It runs on"),
        others=w.Dropdown(options=list(storage.OTHERS), description="Who else is there"),
        lifetime=w.Dropdown(options=list(storage.LIFETIMES), value="this project", description="Needed for"),
    )
