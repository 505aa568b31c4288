"""Invitations: send one, look at it, list them, take one back. Nothing is mailed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guide_helpers.practice import body, choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import asked, find
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.audit import note
from guide_helpers.practice.world.organization import Invite, Member, Organization, User

if TYPE_CHECKING:
    from guide_helpers.practice.world import World

_ROLES, _PROJECT_ROLES = ("reader", "owner"), ("member", "owner")
_MOST = 1_000
_LIFE = 7 * 86_400  # no source says how long; a week


def create(call: Call) -> Response:
    """Invite somebody to the organization and to some of its projects (the default one if none are named)."""
    fields, organization, now = call.json(), call.organization, call.world.seconds()
    asked.room(organization.invites, "invites", _MOST)
    email, role = asked.name(fields, "email"), choices.required(fields, "role", _ROLES)
    _check(organization, email)
    made = Invite(
        call.world.next_id("invite-"), email, role, now, now + _LIFE, projects=_projects(call, fields)
    )
    organization.invites[made.id] = made
    note(call.world, call.key, "invite.sent", {"id": made.id, "data": {"email": email, "role": role}})
    return json_response(200, _shown(made, now))


def retrieve(call: Call) -> Response:
    """Show one invitation."""
    return json_response(200, _shown(find.invite(call), call.world.seconds()))


def list_invites(call: Call) -> Response:
    """List the invitations, oldest first, accepted and expired ones too."""
    now = call.world.seconds()
    return asked.page(call, [_shown(each, now) for each in call.organization.invites.values()])


def delete(call: Call) -> Response:
    """Take back an invitation that nobody has accepted yet."""
    invite = find.invite(call)
    if invite.accepted is not None:
        raise Refused(faults.ACCEPTED)
    call.world.forget(call.organization.invites, invite.id)
    note(call.world, call.key, "invite.deleted", {"id": invite.id})
    return asked.gone("organization.invite", invite.id)


def accept(world: World, organization: Organization, invite: Invite, user: str) -> User:
    """Do what following the link of an invitation does: the person joins, under the id given."""
    now = invite.accepted = world.seconds()
    name = invite.email.partition("@")[0]
    person = organization.users[user] = User(user, name, invite.email, invite.role, now)
    for each in invite.projects:
        organization.projects[each["id"]].members[user] = Member(each["role"], now)
    world.changed()
    return person


def _check(organization: Organization, email: str) -> None:
    """Refuse what is no e-mail address, and one of somebody who is here already."""
    before, _, behind = email.partition("@")
    if not before or not behind or any(each.isspace() for each in email):
        raise Refused(faults.BAD_VALUE.about(param="email", why="it is not an e-mail address."))
    if any(each.email.lower() == email.lower() for each in organization.users.values()):
        raise Refused(faults.ALREADY.about(param="email", who=email, where="this organization"))


def _projects(call: Call, fields: body.Json) -> list[dict[str, str]]:
    """Return the projects an invitation opens; refuse one that is not here."""
    named = body.optional(fields, "projects", list)
    if named is None:
        return [{"id": call.organization.default_project, "role": "member"}]
    most = len(call.organization.projects)
    if len(named) > most:
        raise Refused(faults.TOO_MANY.about(param="projects", most=most, got=len(named)))
    return [_project(call, each, f"projects[{place}]") for place, each in enumerate(named)]


def _project(call: Call, named: Any, param: str) -> dict[str, str]:
    if not isinstance(named, dict):
        raise Refused(faults.WRONG_TYPE.about(param=param, expected="an object", got="another type"))
    name, role = asked.name(named, "id"), choices.required(named, "role", _PROJECT_ROLES)
    if find.project_called(call, name, f"{param}.id").archived is not None:
        raise Refused(faults.PROJECT_ARCHIVED.about(param=f"{param}.id", project=name))
    return {"id": name, "role": role}


def _shown(invite: Invite, now: int) -> dict[str, Any]:
    waiting = "pending" if now < invite.expires else "expired"
    return {
        "id": invite.id,
        "object": "organization.invite",
        "email": invite.email,
        "role": invite.role,
        "status": waiting if invite.accepted is None else "accepted",
        "created_at": invite.made,
        "expires_at": invite.expires,
        "accepted_at": invite.accepted,
        "projects": invite.projects,
    }
