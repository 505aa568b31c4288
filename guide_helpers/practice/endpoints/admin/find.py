"""Look things up in the organization of the key, or refuse as the API does."""

from __future__ import annotations

from typing import NoReturn

from guide_helpers.practice import faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.world.keyring import ADMIN, KeyRecord
from guide_helpers.practice.world.organization import Invite, Member, Project, ServiceAccount, User


def project(call: Call) -> Project:
    """Return the project of the path, archived or not, or refuse."""
    return project_called(call, call.path["project"])


def project_called(call: Call, name: str, param: str = "project_id") -> Project:
    """Return a project by its id, or refuse; `param` is where the id stood."""
    return call.organization.projects.get(name) or _missing("Project", name, param)


def active_project(call: Call) -> Project:
    """Return the project of the path, or refuse when it is unknown or archived."""
    found = project(call)
    if found.archived is not None:
        raise Refused(faults.PROJECT_ARCHIVED.about(project=found.id))
    return found


def user(call: Call) -> User:
    """Return the person of the path, or refuse."""
    name = call.path["user"]
    return call.organization.users.get(name) or _missing("User", name, "user_id")


def member(call: Call) -> tuple[User, Member]:
    """Return the person of the path and their place in the project, or refuse."""
    place = active_project(call)
    person = user(call)
    return person, place.members.get(person.id) or _missing("User", person.id, "user_id")


def invite(call: Call) -> Invite:
    """Return the invitation of the path, or refuse."""
    name = call.path["invite"]
    return call.organization.invites.get(name) or _missing("Invite", name, "invite_id")


def service_account(call: Call) -> ServiceAccount:
    """Return the service account of the path, or refuse."""
    name = call.path["account"]
    found = active_project(call).service_accounts.get(name)
    return found or _missing("Service account", name, "service_account_id")


def project_key(call: Call) -> KeyRecord:
    """Return the key of the path, if it is one of the project's, or refuse."""
    home = call.organization.id, project(call).id
    name = call.path["key"]
    found = call.world.keyring.by_id(name)
    if found is None or not found.live or (found.organization, found.project) != home:
        _missing("API key", name, "api_key_id")
    return found


def admin_key(call: Call) -> KeyRecord:
    """Return the admin key of the path, or refuse."""
    name = call.path["key"]
    found = call.world.keyring.by_id(name)
    if found is None or not found.live or (found.organization, found.kind) != (call.organization.id, ADMIN):
        _missing("API key", name, "key_id")
    return found


def _missing(kind: str, name: str, param: str) -> NoReturn:
    raise Refused(faults.NOT_FOUND.about(param=param, kind=kind, name=name))
