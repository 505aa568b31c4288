"""/v1/organization/projects/{project}/rate_limits: a project's own limits, which are never higher."""

from __future__ import annotations

from guide_helpers.practice import body, faults, paging
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import find
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world import audit
from guide_helpers.practice.world.limiter import Limits, family
from guide_helpers.practice.world.organization import Project

_PREFIX = "rl-"
_USUAL = _MOST = 100
_LIMITED = ("max_requests_per_1_minute", "max_tokens_per_1_minute", "max_requests_per_1_day")
# limits that no model of the practice world has: read, and of no effect
_NOT_LIMITED = ("batch_1_day_max_input_tokens", "max_audio_megabytes_per_1_minute", "max_images_per_1_minute")


def list_limits(call: Call) -> Response:
    """List a project's limits: one for each model, a dated snapshot's the same as its model's."""
    project = find.project(call)
    rows = [_shown(call, project, each.id) for each in call.world.models()]
    return json_response(200, paging.page(rows, call.request.query, _USUAL, _MOST))


def update(call: Call) -> Response:
    """Change a project's limit of a model and of its snapshots, up to the organization's own."""
    project, model = find.active_project(call), _model(call)
    asked = _asked(call.json())
    most = _figures(call.world.limits_of(call.organization.id, "", model))
    for name, value in asked.items():
        if value > most.get(name, value):
            raise Refused(faults.LIMIT_TOO_HIGH.about(param=name, most=most[name], got=value))
    if changes := {name: asked[name] for name in _LIMITED if name in asked}:
        project.rate_limits.setdefault(family(model), {}).update(changes)
        call.world.forget_limits(call.organization.id, project.id)
    about = {"id": f"{_PREFIX}{model}", "changes_requested": asked}
    audit.note(call.world, call.key, "rate_limit.updated", about, project.id)
    return json_response(200, _shown(call, project, model))


def _asked(fields: body.Json) -> dict[str, int]:
    read = {name: body.limit(fields, name, 0) for name in (*_LIMITED, *_NOT_LIMITED)}
    return {name: value for name, value in read.items() if value is not None}


def _model(call: Call) -> str:
    """Return the model of the rate limit named in the path, or refuse with 404."""
    name = call.path["limit"]
    for each in call.world.models():
        if name == f"{_PREFIX}{each.id}":
            return each.id
    raise Refused(faults.NOT_FOUND.about(param="id", kind="Rate limit", name=name))


def _shown(call: Call, project: Project, model: str) -> dict[str, object]:
    limits = call.world.limits_of(call.organization.id, project.id, model)
    return {
        "object": "project.rate_limit",
        "id": f"{_PREFIX}{model}",
        "model": model,
        **_figures(limits),
    }


def _figures(limits: Limits) -> dict[str, int]:
    figures = zip(_LIMITED, (limits.requests, limits.tokens, limits.requests_per_day), strict=True)
    return {name: value for name, value in figures if value is not None}
