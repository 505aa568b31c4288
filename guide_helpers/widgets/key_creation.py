"""Panels of notebook 02."""

from __future__ import annotations

import datetime as dt

import ipywidgets as w

from guide_helpers import facts, keys
from guide_helpers.widgets._panel import Panel


def key_name_builder() -> Panel:
    """Return a panel that builds a key's name from four answers and says what is weak about it."""
    made: dt.date = facts.get("guide.written").value
    return Panel(
        keys.name,
        app=w.Text(value="Reading app", description="App"),
        environment=w.Dropdown(
            options=["laptop", "notebook", "test", "staging", "production"], description="Runs on"
        ),
        owner=w.Text(value="Ada", description="Owner"),
        made=w.DatePicker(value=made, description="Made on"),
    )
