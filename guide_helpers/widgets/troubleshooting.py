"""Panels of notebook 06."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from guide_helpers import diagnosis, html
from guide_helpers.widgets._panel import Panel

# What a learner's evening looks like: the last line blames the network, the first one knows better.
_SAMPLE = """\
Traceback (most recent call last):
httpcore.LocalProtocolError: Illegal header value b'Bearer sk-practice-…c0de\\n'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
openai.APIConnectionError: Connection error.
"""

_HELD_KEY = html.alert(
    "What you pasted held a key",
    "The box now holds a masked copy. If the original was saved, sent or shown to anybody, revoke that key.",
    "warn",
)


def error_explainer() -> Panel:
    """Return a panel that turns a pasted error into a cause and its cure.

    A key in what is pasted does not stay: the box is refilled with a masked copy before anything
    else sees it.
    """
    box = w.Textarea(
        value=_SAMPLE,
        description="Paste an error",
        continuous_update=False,
        rows=8,
        layout=w.Layout(width="100%"),
    )
    masked = ""

    def mask(change: Any) -> None:
        nonlocal masked
        pasted = change["new"]
        copy = diagnosis.explain(pasted).text if pasted.strip() else pasted
        if copy != pasted:
            masked = copy
            box.value = copy

    def explain(text: str) -> html.Block:
        found = diagnosis.explain(text)
        return html.stack(_HELD_KEY if text == masked else "", found)

    box.observe(mask, names="value")
    return Panel(explain, text=box)
