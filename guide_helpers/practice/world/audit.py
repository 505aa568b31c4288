"""The audit log: who changed what, newest last, as the API tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guide_helpers.practice.world import World
    from guide_helpers.practice.world.keyring import KeyRecord

_MOST = 1_000


def note(world: World, key: KeyRecord, kind: str, about: dict[str, Any], project: str = "") -> None:
    """Write down that a key did something: a `kind` such as "project.created", and what it was about."""
    organization = world.organizations[key.organization]
    actor = organization.users.get(key.owner)
    person = {"id": key.owner, "email": actor.email if actor else ""}
    entry: dict[str, Any] = {
        "id": f"{world.next_id('audit_log-')}{len(organization.audit) % 1000:03}",
        "type": kind,
        "effective_at": world.seconds(),
        "actor": {"type": "api_key", "api_key": {"id": key.id, "type": "user", "user": person}},
        kind: about,
    }
    if project:
        entry["project"] = {"id": project, "name": organization.projects[project].name}
    organization.audit.append(entry)
    del organization.audit[:-_MOST]
