"""The keys of a project: look at them, limit them, list, delete. A value is never shown again."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import body, choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import asked, find
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.audit import note
from guide_helpers.practice.world.keyring import SERVICE_ACCOUNT, KeyRecord
from guide_helpers.practice.world.organization import Project

_ACCESS = ("active", "inactive", "any")
_NONE = "none"


def retrieve(call: Call) -> Response:
    """Show one key, masked."""
    return json_response(200, _shown(call, find.project(call), find.project_key(call)))


def update(call: Call) -> Response:
    """Change what a key may do, or when it expires; an expired key stays as it is."""
    fields, project, key = call.json(), find.active_project(call), find.project_key(call)
    changes = {name: fields[name] for name in ("scopes", "expires_in_seconds") if name in fields}
    if not changes:
        raise Refused(faults.ONE_NEEDED.about(param="scopes", names="'scopes' or 'expires_in_seconds'"))
    for name in changes:
        body.required(fields, name, list if name == "scopes" else int)
    now = call.world.clock.now()
    if key.expires is not None and now >= key.expires and key.id not in call.world.immortal:
        raise Refused(faults.KEY_EXPIRED.about(key=key.id))
    scopes, expires = asked.scopes(fields), asked.expiry(call, fields)
    key.scopes = key.scopes if scopes is None else scopes
    key.expires = expires or key.expires
    note(call.world, call.key, "api_key.updated", {"id": key.id, "changes_requested": changes}, project.id)
    return json_response(200, _shown(call, project, key))


def list_keys(call: Call) -> Response:
    """List the keys of a project, oldest first: of its members, or by whether the owner has access."""
    project = find.project(call)
    wanted = call.request.query.get("owner_project_access")
    if wanted is not None:
        choices.check(wanted, "owner_project_access", _ACCESS)
    records = call.world.keyring.listed(organization=call.organization.id, project=project.id)
    return asked.page(
        call, [_shown(call, project, each) for each in records if _listed(call, project, each, wanted)]
    )


def delete(call: Call) -> Response:
    """Delete a key: the next call with it is refused."""
    key = find.project_key(call)
    if key.id not in call.world.immortal:
        call.world.keyring.delete(key, call.world.clock.now())
    note(call.world, call.key, "api_key.deleted", {"id": key.id}, key.project)
    return asked.gone("organization.project.api_key", key.id)


def _listed(call: Call, project: Project, key: KeyRecord, wanted: str | None) -> bool:
    """Say whether a list shows a key; one that names no access shows the keys of the project's members."""
    if wanted == "any":
        return True
    if wanted is None:
        return key.owner in project.members or key.owner in project.service_accounts
    return _access(call, project, key) == wanted


def _access(call: Call, project: Project, key: KeyRecord) -> str:
    """Return whether the owner of a key may use the project today: "active" or "inactive"."""
    return "inactive" if project.archived or _role(call, project, key) == _NONE else "active"


def _role(call: Call, project: Project, key: KeyRecord) -> str:
    """Return the role of a key's owner in the project; an owner of the organization is one everywhere."""
    if key.kind == SERVICE_ACCOUNT:
        account = project.service_accounts.get(key.owner)
        return account.role if account else _NONE
    person, place = call.organization.users.get(key.owner), project.members.get(key.owner)
    if person is not None and place is not None:
        return place.role
    return "owner" if person is not None and person.role == "owner" else _NONE


def _owner(call: Call, project: Project, key: KeyRecord) -> dict[str, Any]:
    """Return whose key it is; of an owner who has left, only what kind it was."""
    about: dict[str, Any] = {}
    if key.kind == SERVICE_ACCOUNT:
        if account := project.service_accounts.get(key.owner):
            about = {"id": account.id, "name": account.name, "created_at": account.made}
    elif person := call.organization.users.get(key.owner):
        about = {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "created_at": person.added,
        }
    return {"type": key.kind, key.kind: {**about, "role": _role(call, project, key)} if about else None}


def _shown(call: Call, project: Project, key: KeyRecord) -> dict[str, Any]:
    return {
        "id": key.id,
        "object": "organization.project.api_key",
        "name": key.name,
        "redacted_value": key.masked,
        "created_at": int(key.made),
        "expires_at": key.expires,
        "last_used_at": None if key.last_used is None else int(key.last_used),
        "owner": _owner(call, project, key),
        "owner_project_access": _access(call, project, key),
    }
