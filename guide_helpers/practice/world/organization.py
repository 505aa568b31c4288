"""The records of the practice world: organizations, projects, people, budgets. Data, no behaviour.

Times are the world's seconds since 1970. Every record can be written to a file as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(slots=True)
class User:
    """A person in an organization; `role` is "owner" or "reader"."""

    id: str
    name: str
    email: str
    role: str
    added: int
    developer_persona: str | None = None
    technical_level: str | None = None


@dataclass(slots=True)
class Invite:
    """An invitation, with the projects it opens: [{"id": ..., "role": ...}]."""

    id: str
    email: str
    role: str
    made: int
    expires: int
    accepted: int | None = None
    projects: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """A person's place in a project; `role` is "owner" or "member"."""

    role: str
    added: int


@dataclass(slots=True)
class ServiceAccount:
    """A project member that is a program."""

    id: str
    name: str
    role: str
    made: int


@dataclass(slots=True)
class SpendLimit:
    """A month's budget in cents of a dollar; only a `hard` one stops anything."""

    cents: int
    hard: bool = True


@dataclass(slots=True)
class Alert:
    """An e-mail when a month's spend reaches so many cents; `sent` is the month it last went out."""

    id: str
    cents: int
    recipients: list[str]
    subject_prefix: str | None = None
    sent: str = ""


@dataclass(slots=True)
class ModelPermissions:
    """Which models a project may use; `mode` is "allow_list" or "deny_list"."""

    mode: str
    models: list[str]

    def allow(self, model: str) -> bool:
        """Say whether the project may use a model."""
        return (model in self.models) == (self.mode == "allow_list")


@dataclass(slots=True)
class Project:
    """A project: its members, its service accounts, and what it may use.

    `rate_limits` holds, by model, only the fields of a limit that were changed.
    """

    id: str
    name: str
    made: int
    archived: int | None = None
    external_key: str | None = None
    members: dict[str, Member] = field(default_factory=dict)
    service_accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    rate_limits: dict[str, dict[str, int]] = field(default_factory=dict)
    models: ModelPermissions | None = None
    spend_limit: SpendLimit | None = None
    alerts: dict[str, Alert] = field(default_factory=dict)
    residency: str | None = None


@dataclass(slots=True)
class Mail:
    """A spend alert that went out (to nobody: the practice world has no post)."""

    at: int
    recipients: list[str]
    subject: str


@dataclass(slots=True)
class Organization:
    """An organization. `credit` is all the USD ever paid in; None is credit without end."""

    id: str
    name: str
    tier: str
    credit: Decimal | None
    made: int
    billing_active: bool = True
    default_project: str = ""
    users: dict[str, User] = field(default_factory=dict)
    invites: dict[str, Invite] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    spend_limit: SpendLimit | None = None
    alerts: dict[str, Alert] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
