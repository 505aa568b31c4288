"""The world behind the practice API: organizations, keys, money, limits, a clock, and a record of it all."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from guide_helpers import facts, keys
from guide_helpers.errors import UnknownNameError
from guide_helpers.practice import faults
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Record, Request
from guide_helpers.practice.world import alerts, limiter, scenarios
from guide_helpers.practice.world.clock import Clock
from guide_helpers.practice.world.kept import Shelf
from guide_helpers.practice.world.keyring import ADMIN, USER, KeyRecord, Keyring
from guide_helpers.practice.world.ledger import Entry, Ledger, Owner, Use
from guide_helpers.practice.world.limiter import Draw, Limiter, Limits
from guide_helpers.practice.world.organization import Member, Organization, Project, User
from guide_helpers.practice.world.pace import Pace
from guide_helpers.practice.world.prices import cost, is_long
from guide_helpers.practice.world.scenarios import Play

if TYPE_CHECKING:
    from guide_helpers.practice.world.store import Store

_KEPT = 200
HOME, PROJECT, OWNER = "org-practice", "proj_practice", "user-practice"


@dataclass(slots=True)
class World:
    """All state of a practice API. `limits` given here hold for every model; else the tier decides."""

    clock: Clock = field(default_factory=Clock)
    limits: Limits | None = None
    seed: int = 0
    tier: str = "1"
    credit: Decimal | None = field(default_factory=lambda: Decimal(facts.get("billing.minimum").value))
    pace: Pace = field(default_factory=Pace)
    requests: int = 0
    organizations: dict[str, Organization] = field(default_factory=dict)
    keyring: Keyring = field(init=False)
    ledger: Ledger = field(default_factory=Ledger)
    records: deque[Record] = field(default_factory=lambda: deque(maxlen=_KEPT))
    shelves: dict[str, Shelf] = field(default_factory=dict)
    plays: list[Play] = field(default_factory=list)
    immortal: set[str] = field(default_factory=set)
    rewrite: Callable[[Request], Request] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    store: Store | None = None
    _limiters: dict[tuple[str, str, str], Limiter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Found the home organization: one owner, one project."""
        self.keyring = Keyring(self.seed)
        if not self.organizations:
            self.found(HOME, "Practice", OWNER, PROJECT)

    def found(self, organization: str, name: str, owner: str, project: str) -> Organization:
        """Found an organization with an owner and a default project, and return it."""
        now = self.seconds()
        founded = Organization(organization, name, self.tier, self.credit, now, default_project=project)
        founded.users[owner] = User(owner, "Practice Owner", "owner@practice.invalid", "owner", now)
        founded.projects[project] = Project(
            project, "Default project", now, members={owner: Member("owner", now)}
        )
        self.organizations[organization] = founded
        return founded

    @property
    def home(self) -> Organization:
        """The first organization."""
        return next(iter(self.organizations.values()))

    # ------------------------------------------------------------------ keys

    def issue_key(self, name: str) -> str:
        """Make a key of the home organization's owner for its default project, and return its value once."""
        return self._issue(self._new_key(name, USER, self.home.default_project))

    def issue_admin_key(self, name: str) -> str:
        """Make an admin key of the home organization, and return its value once."""
        return self._issue(self._new_key(name, ADMIN, ""))

    def _issue(self, record: KeyRecord) -> str:
        value = self.keyring.issue(record)
        self.changed()
        return value

    def _new_key(self, name: str, kind: str, project: str) -> KeyRecord:
        home, now = self.home, self.clock.now()
        owner = next(iter(home.users))
        return KeyRecord(name, "", now, kind=kind, organization=home.id, project=project, owner=owner)

    def revoke_key(self, value: str) -> None:
        """Make a key useless from now on. Raises `UnknownNameError` for a key never issued here."""
        self.record(value).revoked = self.clock.now()
        self.changed()

    def record(self, value: str) -> KeyRecord:
        """Return the record of a key. Raises `UnknownNameError` for a key never issued here."""
        record = self.keyring.find(value)
        if record is None:
            raise UnknownNameError(
                f"No key {keys.mask(value)} was issued here.", "List them with key_records()."
            )
        return record

    def key_records(self) -> tuple[KeyRecord, ...]:
        """Return what is kept of each key, oldest first."""
        return tuple(self.keyring.records.values())

    # ------------------------------------------------------------------ models

    def models(self) -> tuple[facts.Model, ...]:
        """Return the models that answer on the world's date."""
        today = self.clock.today()
        return tuple(model for model in facts.models() if not model.retired(today))

    def model(self, name: str) -> facts.Model:
        """Return a model that answers today, or refuse as the API does."""
        known = _models().get(name)
        if known is None:
            raise Refused(faults.NO_MODEL.about(model=name))
        if known.retired(self.clock.today()):
            raise Refused(faults.RETIRED_MODEL.about(model=name))
        return known

    # ------------------------------------------------------------------ money

    def charge(self, key: KeyRecord, use: Use) -> Decimal:
        """Write a request into the ledger and return what it cost."""
        price = cost(use, self.clock.today())
        if is_long(use.input_tokens):
            use = use._replace(long_prompt=True)
        user = "" if key.kind == "service_account" else key.owner
        owner = Owner(key.organization, key.project, user, key.id)
        self.ledger.write(Entry(self.clock.now(), owner, use, price))
        organization = self.organizations[key.organization]
        project = organization.projects[key.project]
        if organization.alerts or project.alerts:
            alerts.send(self, organization, project)
        return price

    # ------------------------------------------------------------------ limits

    def limits_of(self, organization: str, project: str, model: str) -> Limits:
        """Return the limits of a model in a project (lowered by its own), or in the organization ("")."""
        owner = self.organizations[organization]
        limits = self.limits or Limits.of_tier(owner.tier)
        own = owner.projects[project].rate_limits if project else {}
        return limits.changed(own.get(limiter.family(model), {}))

    def draw(self, key: KeyRecord, model: str, tokens: int) -> Draw:
        """Draw one request and so many tokens from the limits of a key's organization and project."""
        now = self.clock.now()
        family = limiter.family(model)
        limiters = [self._limiter(key.organization, "", family, now)]
        if family in self.organizations[key.organization].projects[key.project].rate_limits:
            limiters.append(self._limiter(key.organization, key.project, family, now))
        return limiter.draw(tuple(limiters), model, key.organization, tokens, now)

    def _limiter(self, organization: str, project: str, family: str, now: float) -> Limiter:
        name = (organization, project, family)
        found = self._limiters.get(name)
        if found is None:
            found = self._limiters[name] = Limiter(self.limits_of(organization, project, family), now)
        return found

    def forget_limits(self, organization: str, project: str = "") -> None:
        """Start the buckets anew after a limit was changed."""
        for name in [each for each in self._limiters if each[0] == organization and project in ("", each[1])]:
            del self._limiters[name]

    def buckets(self) -> dict[tuple[str, str, str], Limiter]:
        """Return the limiters drawn on so far, by (organization, project or "", model family)."""
        return dict(self._limiters)

    # ------------------------------------------------------------------ what is kept

    def changed(self) -> None:
        """Call this after a change of a key or an organization: it is in the state file when this returns.

        Without a state file nothing happens. Raises `PracticeError` when it cannot be written.
        """
        if self.store is not None:
            self.store.save()

    # ------------------------------------------------------------------ scenarios

    def play(
        self,
        scenario: str,
        times: int | None = 1,
        *,
        key: str | None = None,
        path: str | None = None,
        share: float | None = None,
    ) -> None:
        """Play a scenario; see `Practice.play`."""
        salt = f"{self.seed}:{len(self.plays)}:{scenario}"
        name = None if key is None else self.record(key).id
        self.plays.append(scenarios.play(scenario, times=times, key=name, path=path, share=share, salt=salt))

    # ------------------------------------------------------------------ names and times

    def forget(self, shelf: dict[str, Any], name: str) -> None:
        """Take a thing off a shelf, unless it is one of those that are never gone."""
        if name not in self.immortal:
            del shelf[name]

    def next_id(self, prefix: str) -> str:
        """Return an id that follows from the seed and the number of this request alone."""
        digest = hashlib.sha256(f"{self.seed}:{self.requests}:{prefix}".encode()).hexdigest()
        return f"{prefix}{digest[:32]}"

    def chance(self, what: str) -> float:
        """Return a number from 0 to 1 that follows from the seed and the number of this request alone."""
        return scenarios.chance(f"{self.seed}:{self.requests}:{what}")

    def seconds(self) -> int:
        """Return the world's time in whole seconds, as the API writes it."""
        return int(self.clock.now())


@cache
def _models() -> dict[str, facts.Model]:
    return {model.id: model for model in facts.models()}
