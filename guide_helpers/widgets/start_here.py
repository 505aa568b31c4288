"""Panels of notebook 00."""

from __future__ import annotations

import ipywidgets as w

from guide_helpers import routes
from guide_helpers.widgets._panel import Panel


def route_picker() -> Panel:
    """Return a panel that turns what you want and have into a route through the notebooks."""
    return Panel(
        routes.plan,
        goal=w.Dropdown(options=list(routes.GOALS), description="I want to"),
        has_account=w.Checkbox(description="I have an API account", indent=False),
        has_card=w.Checkbox(description="and a card on it", indent=False),
        place=w.Dropdown(options=list(routes.PLACES), description="I work on"),
        minutes=w.BoundedIntText(
            value=90, min=routes.NOTEBOOKS[0].minutes, max=480, description="Minutes I have"
        ),
    )
