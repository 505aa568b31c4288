"""/v1/organization/spend_limit, and the same under a project: a month's budget that stops calls."""

from __future__ import annotations

from decimal import Decimal

from guide_helpers.practice import body, choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import find
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world import audit
from guide_helpers.practice.world.organization import Organization, Project, SpendLimit

CURRENCY, INTERVAL = "USD", "month"
_CENT = Decimal("0.01")
_MOST_CENTS = 10**12


def retrieve(call: Call) -> Response:
    """Show the limit, and whether it stops calls right now; refuse with 404 when there is none."""
    owner = owned(call)
    return json_response(200, _shown(call, owner, _limit(owner)))


def update(call: Call) -> Response:
    """Set a limit, in the place of the one before."""
    owner = owned(call, changing=True)
    cents = amount(call.json())
    limit = owner.spend_limit = SpendLimit(cents)
    note(
        call, owner, {"spend_limit": {"threshold_amount": cents, "currency": CURRENCY, "interval": INTERVAL}}
    )
    return json_response(200, _shown(call, owner, limit))


def delete(call: Call) -> Response:
    """Take the limit away; refuse with 404 when there is none."""
    owner = owned(call, changing=True)
    _limit(owner)
    owner.spend_limit = None
    note(call, owner, {"spend_limit": None})
    return json_response(200, {"object": f"{kind(owner)}.spend_limit.deleted", "deleted": True})


def owned(call: Call, *, changing: bool = False) -> Organization | Project:
    """Return what an address is about: the project in its path, or else the organization."""
    if "project" not in call.path:
        return call.organization
    return find.active_project(call) if changing else find.project(call)


def kind(owner: Organization | Project) -> str:
    """Return the word that the objects of an owner begin with."""
    return "project" if isinstance(owner, Project) else "organization"


def amount(fields: body.Json) -> int:
    """Return a month's amount of cents out of a body, or refuse."""
    cents: int = body.required(fields, "threshold_amount", int)
    if cents < 0:
        raise Refused(faults.TOO_SMALL.about(param="threshold_amount", least=0, got=cents))
    if cents > _MOST_CENTS:
        raise Refused(faults.TOO_BIG.about(param="threshold_amount", most=_MOST_CENTS, got=cents))
    choices.required(fields, "currency", (CURRENCY,))
    choices.required(fields, "interval", (INTERVAL,))
    return cents


def note(call: Call, owner: Organization | Project, changes: dict[str, object]) -> None:
    """Write into the audit log that a setting of the organization or the project was changed."""
    about = {"id": owner.id, "changes_requested": changes}
    project = owner.id if isinstance(owner, Project) else ""
    audit.note(call.world, call.key, f"{kind(owner)}.updated", about, project)


def _limit(owner: Organization | Project) -> SpendLimit:
    if owner.spend_limit is None:
        raise Refused(faults.NO_SPEND_LIMIT.about(kind=kind(owner)))
    return owner.spend_limit


def _shown(call: Call, owner: Organization | Project, limit: SpendLimit) -> dict[str, object]:
    ledger = call.world.ledger
    project = owner.id if isinstance(owner, Project) else ""
    spent = ledger.spent(call.organization.id, project, ledger.month(call.world.clock.now()))
    reached = limit.hard and spent >= limit.cents * _CENT
    return {
        "object": f"{kind(owner)}.spend_limit",
        "threshold_amount": limit.cents,
        "currency": CURRENCY,
        "interval": INTERVAL,
        "enforcement": {"status": "enforcing" if reached else "inactive"},
    }
