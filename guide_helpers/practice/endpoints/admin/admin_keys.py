"""Admin keys: make one, look at it, list, delete. They open the admin side and nothing else."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import choices
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import asked, find
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.audit import note
from guide_helpers.practice.world.keyring import ADMIN, KeyRecord

_ORDERS = ("asc", "desc")


def create(call: Call) -> Response:
    """Make an admin key for the person whose key asks for it; its value is shown this once."""
    fields = call.json()
    record = KeyRecord(
        asked.name(fields),
        "",
        call.world.clock.now(),
        kind=ADMIN,
        organization=call.organization.id,
        owner=call.key.owner,
        expires=asked.expiry(call, fields),
    )
    value = call.world.keyring.issue(record)
    note(call.world, call.key, "api_key.created", {"id": record.id, "data": {"scopes": []}})
    return json_response(200, {**_shown(call, record), "value": value})


def retrieve(call: Call) -> Response:
    """Show one admin key, masked."""
    return json_response(200, _shown(call, find.admin_key(call)))


def list_keys(call: Call) -> Response:
    """List the admin keys, oldest first unless asked otherwise."""
    records = call.world.keyring.listed(organization=call.organization.id, kind=ADMIN)
    order = choices.check(call.request.query.get("order", "asc"), "order", _ORDERS)
    if order == "desc":
        records.reverse()
    return asked.page(call, [_shown(call, each) for each in records])


def delete(call: Call) -> Response:
    """Delete an admin key: the next call with it is refused."""
    key = find.admin_key(call)
    if key.id not in call.world.immortal:
        call.world.keyring.delete(key, call.world.clock.now())
    note(call.world, call.key, "api_key.deleted", {"id": key.id})
    return asked.gone("organization.admin_api_key", key.id)


def _shown(call: Call, key: KeyRecord) -> dict[str, Any]:
    return {
        "id": key.id,
        "object": "organization.admin_api_key",
        "name": key.name,
        "redacted_value": key.masked,
        "created_at": int(key.made),
        "expires_at": key.expires,
        "last_used_at": None if key.last_used is None else int(key.last_used),
        "owner": _owner(call, key.owner),
    }


def _owner(call: Call, name: str) -> dict[str, Any]:
    person = call.organization.users.get(name)
    shown: dict[str, Any] = {"type": "user", "object": "organization.user", "id": name}
    if person is not None:
        shown |= {"name": person.name, "created_at": person.added, "role": person.role}
    return shown
