"""Panels of notebook 06."""

from __future__ import annotations

import ipywidgets as w

from guide_helpers import diagnosis
from guide_helpers.widgets._panel import Panel

# What a learner's evening looks like: the last line blames the network, the first one knows better.
_SAMPLE = """\
Traceback (most recent call last):
httpcore.LocalProtocolError: Illegal header value b'Bearer sk-practice-…c0de\\n'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
openai.APIConnectionError: Connection error.
"""


def error_explainer() -> Panel:
    """Return a panel that turns a pasted error into a cause and its cure."""

    def explain(text: str) -> diagnosis.Diagnosis:
        return diagnosis.explain(text)

    return Panel(
        explain,
        text=w.Textarea(
            value=_SAMPLE,
            description="Paste an error",
            continuous_update=False,
            rows=8,
            layout=w.Layout(width="100%"),
        ),
    )
