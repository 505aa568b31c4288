"""The models endpoints: list them, look at one, and delete one, which only a fine-tuned one allows."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from guide_helpers import facts
from guide_helpers.practice import faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
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


def delete(call: Call) -> Response:
    """Forget a fine-tuned model; a base model is nobody's to delete."""
    name = call.path["model"]
    if name in _base_models():
        raise Refused(faults.NOT_YOURS)
    if name not in call.world.immortal:  # nothing is fine-tuned here, but for names that are never gone
        raise Refused(faults.NO_MODEL.about(model=name))
    return json_response(200, {"id": name, "object": "model", "deleted": True})


@cache
def _base_models() -> frozenset[str]:
    return frozenset(model.id for model in facts.models())


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
