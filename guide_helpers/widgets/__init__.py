"""The guide's panels: each is a plain function with knobs on, and has a text twin.

Only ipywidgets' core controls are used, in the subset that versions 7.7.1 (Colab) and 8 share.
"""

from guide_helpers.widgets._panel import Panel
from guide_helpers.widgets.account_setup import (
    claim_browser,
    country_lookup,
    payer_sorter,
    ready_check,
)
from guide_helpers.widgets.cost import cost_calculator
from guide_helpers.widgets.key_creation import key_name_builder
from guide_helpers.widgets.protect_and_ship import incident_clock
from guide_helpers.widgets.rate_limits import backoff_explorer
from guide_helpers.widgets.start_here import route_picker
from guide_helpers.widgets.storage import storage_picker
from guide_helpers.widgets.troubleshooting import error_explainer

__all__ = [
    "Panel",
    "backoff_explorer",
    "claim_browser",
    "cost_calculator",
    "country_lookup",
    "error_explainer",
    "incident_clock",
    "key_name_builder",
    "payer_sorter",
    "ready_check",
    "route_picker",
    "storage_picker",
]
