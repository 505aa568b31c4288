"""The guide's panels: each is a plain function with knobs on, and has a text twin.

Only ipywidgets' core controls are used, in the subset that versions 7.7.1 (Colab) and 8 share.
"""

from guide_helpers.widgets._panel import Panel
from guide_helpers.widgets.start_here import route_picker

__all__ = ["Panel", "route_picker"]
