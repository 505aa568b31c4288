"""The checks between a request and an answer, in the API's order.

Key unknown, then revoked or expired, then organization and project, then permission; the endpoint
looks at the model and the body; then money, then the limits. A scenario is met at its own place.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from guide_helpers import facts, keys
from guide_helpers.practice import faults
from guide_helpers.practice.faults import Refused, Stage
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world.keyring import ADMIN, PREFIX, USER, KeyRecord
from guide_helpers.practice.world.organization import SpendLimit

if TYPE_CHECKING:
    from guide_helpers.practice.call import Call
    from guide_helpers.practice.world import World

_REAL_KINDS = {"project key", "service-account key", "admin key", "legacy user key", "user key of mid 2024"}
_CENT = Decimal("0.01")
_LATER: tuple[Stage, ...] = ("money", "rate", "last")


def authenticate(world: World, request: Request) -> KeyRecord:
    """Return the record of the request's key, or refuse as the API does."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise Refused(faults.NO_KEY)
    record = world.keyring.find(value)
    if record is None or record.revoked is not None:
        real = record is None and not value.startswith(PREFIX) and keys.check(value).kind in _REAL_KINDS
        fault = faults.REAL_KEY if real else faults.WRONG_KEY
        raise Refused(fault.about(masked=keys.mask(value)))
    now = world.clock.now()
    if record.expires is not None and now >= record.expires:
        raise Refused(faults.EXPIRED)
    record.last_used = now
    record.requests += 1
    return record


def belong(world: World, request: Request, key: KeyRecord) -> None:
    """Refuse a key that does not fit the organization or project named, or whose owner has left."""
    named = request.headers.get("openai-organization")
    if named and named != key.organization:
        raise Refused(faults.OTHER_ORGANIZATION)
    organization = world.organizations[key.organization]
    owner = organization.users.get(key.owner)
    if key.kind in (USER, ADMIN) and owner is None:
        raise Refused(faults.NOT_A_MEMBER)
    if key.kind == ADMIN:
        if owner is not None and owner.role != "owner":
            raise Refused(faults.NOT_AN_OWNER)
        return
    named = request.headers.get("openai-project")
    if named and named != key.project:
        raise Refused(faults.OTHER_PROJECT)
    project = organization.projects[key.project]
    if project.archived is not None:
        raise Refused(faults.ARCHIVED)
    if owner is not None and owner.role != "owner" and key.owner not in project.members:
        raise Refused(faults.NOT_A_MEMBER)
    account = project.service_accounts.get(key.owner)
    if account is not None and account.role == "none":
        raise Refused(faults.NO_ROLE)


def permit(key: KeyRecord, scope: str, *, reading: bool) -> None:
    """Refuse a key without the scope an address needs; an admin key opens the admin side and nothing else."""
    admin_side = scope.startswith("api.management.")
    if admin_side != (key.kind == ADMIN) or not key.allows(scope, reading=reading):
        raise Refused(faults.RESTRICTED.about(scope=scope))


def afford(call: Call) -> None:
    """Refuse when the organization or the project has no money left to spend."""
    organization, ledger = call.organization, call.world.ledger
    if not organization.billing_active:
        raise Refused(faults.INACTIVE)
    name, credit = organization.id, organization.credit
    if credit is not None and ledger.spent(name) >= credit:
        raise Refused(faults.NO_CREDIT)
    month = ledger.month(call.world.clock.now())
    spent = ledger.spent(name, "", month)
    if _reached(organization.spend_limit, spent):
        raise Refused(faults.ORGANIZATION_LIMIT)
    if credit is not None and spent >= _cap(organization.tier):
        raise Refused(faults.TIER_LIMIT)
    project = call.project
    if project.spend_limit and _reached(project.spend_limit, ledger.spent(name, project.id, month)):
        raise Refused(faults.PROJECT_LIMIT)


def meet(call: Call, *, asks_model: bool) -> None:
    """Find the scenario this request meets: the first that is meant for it."""
    where = call.key.id, call.request.path, asks_model, call.world.requests
    call.play = next((each for each in call.world.plays if each.meets(*where)), None)


def act(call: Call, stage: Stage, model: str = "", scope: str = "") -> None:
    """Refuse if a scenario is played at this place; `model` and `scope` are what its words name."""
    play = call.play
    if play is None or play.scenario.stage != stage:
        return
    if play.left is not None:
        play.left -= 1
        if play.left == 0:
            call.world.plays.remove(play)
    if play.scenario.fault is not None:
        key = call.key
        raise Refused(
            play.scenario.fault.about(
                model=model,
                organization=key.organization,
                project=key.project,
                masked=key.masked,
                scope=scope,
            )
        )


def act_beside(call: Call) -> None:
    """Refuse a request that asks no model if a scenario of the later places is meant for its address."""
    for stage in _LATER:
        act(call, stage)


def _reached(limit: SpendLimit | None, spent: Decimal) -> bool:
    return limit is not None and limit.hard and spent >= limit.cents * _CENT


@cache
def _cap(tier: str) -> Decimal:
    """Return the most an organization of a tier may use in a month (USD), from the ledger."""
    rows = {row["tier"]: row["monthly_cap"] for row in facts.get("limits.tiers").value}
    return Decimal(rows[tier].removeprefix("$").replace(",", ""))
