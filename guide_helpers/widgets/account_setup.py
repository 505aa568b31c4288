"""Panels of notebook 01."""

from __future__ import annotations

import ipywidgets as w

from guide_helpers import account
from guide_helpers.widgets._panel import Panel


def ready_check() -> Panel:
    """Return a panel of tick boxes that says what is missing before a first call, and what comes next."""
    return Panel(
        account.ready,
        supported_country=w.Checkbox(description="My country is on the list", indent=False),
        has_account=w.Checkbox(description="I have an API account", indent=False),
        phone_at_hand=w.Checkbox(description="My phone is at hand", indent=False),
        credit_bought=w.Checkbox(description="Credit is bought", indent=False),
        auto_reload_off=w.Checkbox(description="Auto-reload is off", indent=False),
        project_made=w.Checkbox(description="A project is made", indent=False),
        budget_set=w.Checkbox(description="A spend limit is set", indent=False),
    )
