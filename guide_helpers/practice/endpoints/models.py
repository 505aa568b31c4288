"""GET /v1/models and GET /v1/models/{model}."""

from __future__ import annotations

import datetime as dt
from typing import Any

from guide_helpers import facts
from guide_helpers.practice.call import Call
from guide_helpers.practice.wire import Response, json_response


def list_models(call: Call) -> Response:
    """List the models that answer today."""
    return json_response(
        200,
        {
            "object": "list",
            "data": [_shown(each) for each in call.world.models() if _permitted(call, each.id)],
        },
    )


def retrieve(call: Call) -> Response:
    """Show one model."""
    model = call.world.model(call.path["model"])
    call.permitted(model.id)
    return json_response(200, _shown(model))


def _permitted(call: Call, model: str) -> bool:
    allowed = call.project.models
    return allowed is None or allowed.allow(model)


def _shown(model: facts.Model) -> dict[str, Any]:
    released = model.released or dt.date(2025, 1, 1)
    return {
        "id": model.id,
        "object": "model",
        "created": int(dt.datetime.combine(released, dt.time(), tzinfo=dt.UTC).timestamp()),
        "owned_by": "openai",
        "shutdown_date": model.shutdown.isoformat() if model.shutdown else None,
    }
