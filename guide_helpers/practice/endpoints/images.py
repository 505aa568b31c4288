"""POST /v1/images/generations: a real picture, of the first words of the prompt."""

from __future__ import annotations

from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import picture_orders
from guide_helpers.practice.wire import Response


def create(call: Call) -> Response:
    """Answer with `n` pictures, whole or streamed."""
    fields = call.json()
    return picture_orders.deliver(call, picture_orders.take(call, fields), "image_generation", fields)
