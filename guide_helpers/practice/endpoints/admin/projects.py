"""Projects: make, look at, rename, list, archive. A project is never deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from guide_helpers.practice import body, choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import asked, find
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.audit import note
from guide_helpers.practice.world.organization import Member, Project

_MOST = 1_000
_RESIDENCIES = (
    "GLOBAL",
    *(f"{region}_STORAGE_PROCESSING" for region in ("US", "EU", "JP", "IN", "AU", "AE")),
    *(f"{region}_STORAGE" for region in ("JP", "KR", "CA", "SG", "IN", "AU", "GB", "AE")),
)


def create(call: Call) -> Response:
    """Make a project; the person whose key made it is its first owner."""
    fields, organization, now = call.json(), call.organization, call.world.seconds()
    asked.room(organization.projects, "projects", _MOST)
    made = Project(call.world.next_id("proj_"), asked.name(fields), now)
    made.external_key = asked.text(fields, "external_key_id")
    made.residency = choices.choice(fields, "residency", _RESIDENCIES)
    if asked.text(fields, "geography") and made.residency:
        raise Refused(faults.NOT_BOTH.about(param="geography", other="residency"))
    if call.key.owner in organization.users:
        made.members[call.key.owner] = Member("owner", now)
    organization.projects[made.id] = made
    note(call.world, call.key, "project.created", {"id": made.id, "data": _title(made.name)}, made.id)
    return json_response(200, shown(made))


def retrieve(call: Call) -> Response:
    """Show one project."""
    return json_response(200, shown(find.project(call)))


def update(call: Call) -> Response:
    """Rename a project; the default project stays as it is."""
    fields, project = call.json(), find.active_project(call)
    _spare_default(call, project, "updated")
    name, key = asked.text(fields, "name"), asked.text(fields, "external_key_id")
    asked.text(fields, "geography")
    project.name = name or project.name
    project.external_key = key or project.external_key
    changes = {"title": name} if name else {}
    note(
        call.world, call.key, "project.updated", {"id": project.id, "changes_requested": changes}, project.id
    )
    return json_response(200, shown(project))


def list_projects(call: Call) -> Response:
    """List the projects, oldest first; the archived ones only when asked for."""
    archived = call.request.query.get("include_archived", "false").lower()
    choices.check(archived, "include_archived", ("true", "false"))
    rows = call.organization.projects.values()
    return asked.page(call, [shown(each) for each in rows if archived == "true" or each.archived is None])


def archive(call: Call) -> Response:
    """Put a project away for good: its keys stop working at once."""
    project = find.active_project(call)
    _spare_default(call, project, "archived")
    away = replace(project, archived=call.world.seconds())
    if project.id not in call.world.immortal:
        project.archived = away.archived
    note(call.world, call.key, "project.archived", {"id": project.id}, project.id)
    return json_response(200, shown(away))


def shown(project: Project) -> dict[str, Any]:
    """Return a project as the API shows it."""
    return {
        "id": project.id,
        "object": "organization.project",
        "name": project.name,
        "created_at": project.made,
        "archived_at": project.archived,
        "status": "active" if project.archived is None else "archived",
        "external_key_id": project.external_key,
        "residency": project.residency,
    }


def _spare_default(call: Call, project: Project, what: str) -> None:
    if project.id == call.organization.default_project:
        raise Refused(faults.DEFAULT_PROJECT.about(what=what))


def _title(name: str) -> body.Json:
    return {"name": name, "title": name}
