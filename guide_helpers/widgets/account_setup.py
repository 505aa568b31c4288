"""Panels of notebook 01."""

from __future__ import annotations

import ipywidgets as w

from guide_helpers import account, claims
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


def payer_sorter() -> Panel:
    """Return a panel that sorts eight uses by who pays, and says why, line by line."""
    choices = [("choose", ""), *((payer, payer) for payer in account.PAYERS)]
    controls = {
        usage.name: w.Dropdown(options=choices, description=usage.label, layout=w.Layout(width="25em"))
        for usage in account.USAGES
    }
    controls["own_program"].value = "a ChatGPT plan"  # the commonest belief, and its answer, at first sight
    return Panel(account.who_pays, **controls)


def country_lookup() -> Panel:
    """Return a panel that looks a country up on the dated list."""
    return Panel(
        account.region, country=w.Text(value="Ukraine", description="Country", continuous_update=False)
    )


def claim_browser() -> Panel:
    """Return a panel that shows the article's claims by verdict and topic."""
    return Panel(
        claims.show,
        verdict=w.Dropdown(options=["all", *claims.VERDICTS], value="wrong", description="Verdict"),
        topic=w.Dropdown(options=["all", *claims.TOPICS], description="Topic"),
    )
