"""Service accounts: members of a project that are programs, and the keys they are given."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import asked, find
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.audit import note
from guide_helpers.practice.world.keyring import SERVICE_ACCOUNT, KeyRecord
from guide_helpers.practice.world.organization import ServiceAccount

_MOST = 1_000
_ROLES = ("member", "owner")
_USUAL_NAME = "Secret Key"


def create(call: Call) -> Response:
    """Make a service account and, unless only that is wanted, a key, whose value is shown this once."""
    fields, project, world = call.json(), find.active_project(call), call.world
    asked.room(project.service_accounts, "service accounts", _MOST)
    bare, expires = asked.flag(fields, "create_service_account_only"), asked.expiry(call, fields)
    if bare and expires is not None:
        raise Refused(faults.NOT_BOTH.about(param="expires_in_seconds", other="create_service_account_only"))
    made = ServiceAccount(
        world.next_id("svc_acct_"), asked.name(fields), "none" if bare else "member", world.seconds()
    )
    project.service_accounts[made.id] = made
    about = {"id": made.id, "data": {"role": made.role}}
    note(world, call.key, "service_account.created", about, project.id)
    key = None if bare else _key(call, made, _USUAL_NAME, (), expires)
    return json_response(200, {**_shown(made), "api_key": key})


def retrieve(call: Call) -> Response:
    """Show one service account."""
    return json_response(200, _shown(find.service_account(call)))


def update(call: Call) -> Response:
    """Rename a service account, or change its role."""
    fields, account = call.json(), find.service_account(call)
    name, role = asked.text(fields, "name"), choices.choice(fields, "role", _ROLES)
    account.name, account.role = name or account.name, role or account.role
    about = {"id": account.id, "changes_requested": {"role": role} if role else {}}
    note(call.world, call.key, "service_account.updated", about, call.path["project"])
    return json_response(200, _shown(account))


def list_accounts(call: Call) -> Response:
    """List the service accounts of a project, oldest first."""
    accounts = find.active_project(call).service_accounts
    return asked.page(call, [_shown(each) for each in accounts.values()])


def delete(call: Call) -> Response:
    """Delete a service account; its keys stop working at once."""
    account, project = find.service_account(call), find.project(call)
    call.world.forget(project.service_accounts, account.id)
    if account.id not in project.service_accounts:
        for each in call.world.keyring.listed(organization=call.organization.id, project=project.id):
            if each.owner == account.id:
                call.world.keyring.delete(each, call.world.clock.now())
    note(call.world, call.key, "service_account.deleted", {"id": account.id}, project.id)
    return asked.gone("organization.project.service_account", account.id)


def create_key(call: Call) -> Response:
    """Make another key for a service account; its value is shown this once."""
    fields, account = asked.fields(call), find.service_account(call)
    name = asked.text(fields, "name") or _USUAL_NAME
    return json_response(
        200, _key(call, account, name, asked.scopes(fields) or (), asked.expiry(call, fields))
    )


def _key(
    call: Call, account: ServiceAccount, name: str, scopes: tuple[str, ...], expires: int | None
) -> dict[str, Any]:
    record = KeyRecord(
        name,
        "",
        call.world.clock.now(),
        kind=SERVICE_ACCOUNT,
        organization=call.organization.id,
        project=call.path["project"],
        owner=account.id,
        scopes=scopes,
        expires=expires,
    )
    value = call.world.keyring.issue(record)
    about = {"id": record.id, "data": {"scopes": list(scopes)}}
    note(call.world, call.key, "api_key.created", about, record.project)
    return {
        "object": "organization.project.service_account.api_key",
        "id": record.id,
        "name": name,
        "created_at": int(record.made),
        "expires_at": expires,
        "value": value,
    }


def _shown(account: ServiceAccount) -> dict[str, Any]:
    return {
        "id": account.id,
        "object": "organization.project.service_account",
        "name": account.name,
        "role": account.role,
        "created_at": account.made,
    }
