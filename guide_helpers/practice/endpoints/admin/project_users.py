"""The people of a project: add one of the organization, look at them, change a role, list, remove."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import body, choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import asked, find
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.audit import note
from guide_helpers.practice.world.organization import Member, User

_ROLES = ("owner", "member")


def create(call: Call) -> Response:
    """Add somebody who belongs to the organization, named by id or by e-mail address."""
    fields, project = call.json(), find.active_project(call)
    role = choices.required(fields, "role", _ROLES)
    person = _named(call, fields)
    if person.id in project.members:
        raise Refused(faults.ALREADY.about(param="user_id", who=person.id, where="this project"))
    place = project.members[person.id] = Member(role, call.world.seconds())
    note(call.world, call.key, "user.added", {"id": person.id, "data": {"role": role}}, project.id)
    return json_response(200, shown(person, place))


def retrieve(call: Call) -> Response:
    """Show one person of a project."""
    return json_response(200, shown(*find.member(call)))


def update(call: Call) -> Response:
    """Change somebody's role in a project."""
    fields = call.json()
    person, place = find.member(call)
    if role := choices.choice(fields, "role", _ROLES):
        place.role = role
    about = {"id": person.id, "changes_requested": {"role": role} if role else {}}
    note(call.world, call.key, "user.updated", about, call.path["project"])
    return json_response(200, shown(person, place))


def list_users(call: Call) -> Response:
    """List the people of a project, in the order in which they came."""
    people, members = call.organization.users, find.active_project(call).members
    return asked.page(call, [shown(people[name], place) for name, place in members.items() if name in people])


def delete(call: Call) -> Response:
    """Take somebody off a project; their keys for it stop working, but for an organization's owner."""
    person, _ = find.member(call)
    project = find.project(call)
    call.world.forget(project.members, person.id)
    note(call.world, call.key, "user.deleted", {"id": person.id}, project.id)
    return asked.gone("organization.project.user", person.id)


def shown(person: User, place: Member) -> dict[str, Any]:
    """Return somebody's place in a project as the API shows it."""
    return {
        "id": person.id,
        "object": "organization.project.user",
        "name": person.name,
        "email": person.email,
        "role": place.role,
        "added_at": place.added,
    }


def _named(call: Call, fields: body.Json) -> User:
    """Return the person a body names, or refuse when it names nobody of the organization."""
    people = call.organization.users
    name, email = asked.text(fields, "user_id"), asked.text(fields, "email")
    if name is None and email is None:
        raise Refused(faults.ONE_NEEDED.about(param="user_id", names="'user_id' or 'email'"))
    for each in people.values():
        if each.id == name or (name is None and email is not None and each.email.lower() == email.lower()):
            return each
    param = "email" if name is None else "user_id"
    raise Refused(faults.NOT_FOUND.about(param=param, kind="User", name=name or email))
