"""Spend alerts: a mail when a month's spend reaches an amount. They stop nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from guide_helpers.practice.world.organization import Alert, Mail, Organization, Project

if TYPE_CHECKING:
    from guide_helpers.practice.world import World

_MOST_MAILS = 200
_CENT = Decimal("0.01")


def send(world: World, organization: Organization, project: Project) -> None:
    """Send the alerts that the spend of an organization and one of its projects has reached this month.

    Each goes out once a month. The last 200 mails are kept.
    """
    month = world.ledger.month(world.clock.now())
    for owner, alerts, name in (
        (organization, organization.alerts, ""),
        (project, project.alerts, project.id),
    ):
        spent = world.ledger.spent(organization.id, name, month)
        for alert in alerts.values():
            if alert.sent != month and spent >= alert.cents * _CENT:
                alert.sent = month
                organization.mails.append(
                    Mail(world.seconds(), list(alert.recipients), _subject(alert, owner))
                )
    del organization.mails[:-_MOST_MAILS]


def _subject(alert: Alert, owner: Organization | Project) -> str:
    kind = "project" if isinstance(owner, Project) else "organization"
    said = f"The {kind} {owner.name} has spent ${alert.cents * _CENT:,.2f} this month"
    return f"{alert.subject_prefix} {said}" if alert.subject_prefix else said
