"""Panels of notebook 04."""

from __future__ import annotations

import ipywidgets as w

from guide_helpers import facts, html, pricing, tokens
from guide_helpers.widgets._panel import Panel

_EXAMPLE = "Explain quantum computing to a ten-year-old, in five sentences and without a formula."


def cost_calculator() -> Panel:
    """Return a panel that turns a prompt and a plan into money."""
    return Panel(
        _cost,
        prompt=w.Textarea(
            value=_EXAMPLE,
            description="Your prompt",
            rows=3,
            continuous_update=False,
            layout=w.Layout(width="100%"),
        ),
        model=w.Dropdown(
            options=list(pricing.current_models()),
            value=facts.get("model.everyday").value,
            description="Model",
        ),
        answer=w.BoundedIntText(value=300, min=0, max=128_000, description="Tokens of answer"),
        requests=w.BoundedIntText(value=100, min=0, max=10_000_000, description="Requests a day"),
        days=w.BoundedIntText(value=30, min=1, max=366, description="Days"),
        batch=w.Checkbox(description="as a batch", indent=False),
    )


def _cost(  # noqa: PLR0913 -- one argument for each knob
    *, prompt: str, model: str, answer: int, requests: int, days: int, batch: bool
) -> html.Block:
    counted = tokens.count(prompt, model)
    found = pricing.estimate(
        model,
        input_tokens=counted.tokens,
        output_tokens=answer,
        requests=requests,
        days=days,
        batch=batch,
    )
    return html.stack(f"Your prompt: {counted.sentence}.", found)
