"""/v1/organization/projects/{project}/model_permissions: which models a project may use."""

from __future__ import annotations

from guide_helpers.practice import body, choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import find
from guide_helpers.practice.endpoints.admin.spend_limits import note
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.organization import ModelPermissions, Project

_KIND = "project.model_permissions"
_MODES = ("allow_list", "deny_list")
_MOST_MODELS, _LONGEST_NAME = 1_000, 200
_MOST_TOLD = 20  # in the audit log


def retrieve(call: Call) -> Response:
    """Show which models a project may use; one that was never restricted denies none."""
    return json_response(200, _shown(find.project(call)))


def update(call: Call) -> Response:
    """Say which models a project may use, or may not; from the next call on."""
    project, fields = find.active_project(call), call.json()
    mode = choices.required(fields, "mode", _MODES)
    project.models = ModelPermissions(mode, _names(body.required(fields, "model_ids", list)))
    told = project.models.models[:_MOST_TOLD]
    note(call, project, {"model_permissions": {"mode": mode, "model_ids": told}})
    return json_response(200, _shown(project))


def delete(call: Call) -> Response:
    """Let a project use every model again."""
    project = find.active_project(call)
    restricted, project.models = project.models is not None, None
    note(call, project, {"model_permissions": None})
    return json_response(200, {"object": f"{_KIND}.deleted", "deleted": restricted})


def _names(value: list[object]) -> list[str]:
    if len(value) > _MOST_MODELS:
        raise Refused(faults.TOO_MANY.about(param="model_ids", most=_MOST_MODELS, got=len(value)))
    names = [each for each in value if isinstance(each, str) and 0 < len(each) <= _LONGEST_NAME]
    if len(names) < len(value):
        fault = faults.WRONG_TYPE.about(param="model_ids", expected="an array of model names", got="another")
        raise Refused(fault)
    return list(dict.fromkeys(names))


def _shown(project: Project) -> dict[str, object]:
    found = project.models or ModelPermissions("deny_list", [])
    return {"object": _KIND, "mode": found.mode, "model_ids": found.models}
