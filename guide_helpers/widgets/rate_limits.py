"""Panels of notebook 05."""

from __future__ import annotations

import ipywidgets as w

from guide_helpers import facts, limits
from guide_helpers.widgets._panel import Panel


def backoff_explorer() -> Panel:
    """Return a panel that lets a crowd of clients retry against one limit."""

    def narrow() -> w.Layout:
        return w.Layout(width="170px")  # a box for fractions would else be twice as wide as for whole numbers

    example = facts.get("limits.example").value["requests"]
    return Panel(
        limits.simulate,
        policy=w.Dropdown(options=list(limits.POLICIES), value="exponential", description="Policy"),
        clients=w.BoundedIntText(value=100, min=1, max=1_000, description="Clients at once"),
        limit=w.BoundedIntText(value=example, min=1, max=10_000, description="Requests a minute"),
        attempts=w.BoundedIntText(value=6, min=1, max=10, description="Attempts each"),
        base=w.BoundedFloatText(value=1.0, min=0.0, max=60.0, description="First wait (s)", layout=narrow()),
        cap=w.BoundedFloatText(
            value=60.0, min=0.0, max=600.0, description="Longest wait (s)", layout=narrow()
        ),
        seed=w.BoundedIntText(value=0, min=0, max=9_999, description="Seed"),
    )
