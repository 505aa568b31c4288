"""The audit log: who changed what, newest last, as the API tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guide_helpers.practice.world.keyring import SERVICE_ACCOUNT

if TYPE_CHECKING:
    from guide_helpers.practice.world import World
    from guide_helpers.practice.world.keyring import KeyRecord

_MOST = 1_000


def note(world: World, key: KeyRecord, kind: str, about: dict[str, Any], project: str = "") -> None:
    """Write down that a key did something: a `kind` such as "project.created", and what it was about.

    `about` names what was changed under "id", and is kept as it is: nothing secret may stand in it. The
    last 1,000 entries are kept.
    """
    organization = world.organizations[key.organization]
    name = world.next_id("audit_log-")
    entry: dict[str, Any] = {
        "id": f"{name}{_next_place(organization.audit, name):03}",
        "type": kind,
        "effective_at": world.seconds(),
        "actor": {"type": "api_key", "api_key": _actor(world, key)},
        kind: about,
    }
    if project:
        entry["project"] = {"id": project, "name": organization.projects[project].name}
    organization.audit.append(entry)
    del organization.audit[:-_MOST]


def _actor(world: World, key: KeyRecord) -> dict[str, Any]:
    if key.kind == SERVICE_ACCOUNT:
        return {"id": key.id, "type": "service_account", "service_account": {"id": key.owner}}
    user = world.organizations[key.organization].users.get(key.owner)
    return {"id": key.id, "type": "user", "user": {"id": key.owner, "email": user.email if user else ""}}


def _next_place(audit: list[dict[str, Any]], name: str) -> int:
    """Return the number of the next entry of the request that is being answered."""
    last = audit[-1]["id"] if audit else ""
    return int(last.removeprefix(name)) + 1 if last.startswith(name) else 0
