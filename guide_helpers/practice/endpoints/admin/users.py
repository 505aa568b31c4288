"""The people of the organization: look at them, change a role, list, remove. They come by invitation."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import asked, find
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.audit import note
from guide_helpers.practice.world.organization import User

_ROLES = ("owner", "reader")


def retrieve(call: Call) -> Response:
    """Show one person."""
    return json_response(200, _shown(call, find.user(call), _last_used(call)))


def update(call: Call) -> Response:
    """Change somebody's role or what is known of them; the last owner stays one."""
    fields, person = call.json(), find.user(call)
    role = choices.choice(fields, "role", _ROLES)
    persona, level = asked.text(fields, "developer_persona"), asked.text(fields, "technical_level")
    if asked.text(fields, "role_id") is not None:
        raise Refused(faults.NOT_HERE.about(param="role_id"))
    if role not in (None, "owner"):
        _keep_an_owner(call, person, "lose that role")
    person.role = role or person.role
    person.developer_persona = persona or person.developer_persona
    person.technical_level = level or person.technical_level
    changes = {"role": role} if role else {}
    note(call.world, call.key, "user.updated", {"id": person.id, "changes_requested": changes})
    return json_response(200, _shown(call, person, _last_used(call)))


def list_users(call: Call) -> Response:
    """List the people in the order in which they came, or those with certain e-mail addresses."""
    wanted = {each.lower() for each in call.request.query.all("emails")}
    used = _last_used(call)
    people = call.organization.users.values()
    return asked.page(
        call, [_shown(call, each, used) for each in people if not wanted or each.email.lower() in wanted]
    )


def delete(call: Call) -> Response:
    """Remove somebody from the organization and its projects; their keys stop working at once."""
    person, organization = find.user(call), call.organization
    _keep_an_owner(call, person, "be removed")
    call.world.forget(organization.users, person.id)
    if person.id not in organization.users:
        for project in organization.projects.values():
            project.members.pop(person.id, None)
    note(call.world, call.key, "user.deleted", {"id": person.id})
    return asked.gone("organization.user", person.id)


def _keep_an_owner(call: Call, person: User, what: str) -> None:
    owners = [each for each in call.organization.users.values() if each.role == "owner"]
    if owners == [person] and person.id not in call.world.immortal:
        raise Refused(faults.LAST_OWNER.about(what=what))


def _last_used(call: Call) -> dict[str, int]:
    """Return when each person's keys were last used (world's seconds)."""
    used: dict[str, int] = {}
    for each in call.world.keyring.listed(organization=call.organization.id):
        if each.last_used is not None:
            used[each.owner] = max(used.get(each.owner, 0), int(each.last_used))
    return used


def _shown(call: Call, person: User, used: dict[str, int]) -> dict[str, Any]:
    organization = call.organization
    return {
        "id": person.id,
        "object": "organization.user",
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "added_at": person.added,
        "created": person.added,
        "is_default": person is next(iter(organization.users.values())),
        "is_service_account": False,
        "is_scim_managed": False,
        "is_scale_tier_authorized_purchaser": False,
        "developer_persona": person.developer_persona,
        "technical_level": person.technical_level,
        "api_key_last_used_at": used.get(person.id),
        "projects": {
            "object": "list",
            "data": [
                {"id": each.id, "name": each.name, "role": each.members[person.id].role}
                for each in organization.projects.values()
                if person.id in each.members
            ],
        },
        "user": {
            "id": person.id,
            "object": "user",
            "name": person.name,
            "email": person.email,
            "enabled": True,
            "banned": False,
        },
    }
