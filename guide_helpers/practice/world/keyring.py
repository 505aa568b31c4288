"""The keys of the practice world. A key's value is given out once; only its hash is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from guide_helpers import keys
from guide_helpers.practice import faults
from guide_helpers.practice.faults import Refused

PREFIX = "sk-practice-"
USER, SERVICE_ACCOUNT, ADMIN = "user", "service_account", "admin"
_MOST = 10_000

# as the real kinds are told apart by what follows the first dash
_INFIX = {USER: "", SERVICE_ACCOUNT: "svcacct-", ADMIN: "admin-"}


@dataclass(slots=True)
class KeyRecord:
    """What the world keeps of a key: everything but the key. Times are the world's seconds.

    `kind` is "user", "service_account" or "admin"; `scopes` empty means whatever the owner may do.
    """

    name: str
    masked: str
    made: float
    revoked: float | None = None
    last_used: float | None = None
    requests: int = 0
    id: str = ""
    kind: str = USER
    organization: str = ""
    project: str = ""
    owner: str = ""
    scopes: tuple[str, ...] = ()
    expires: int | None = None
    deleted: bool = False

    @property
    def live(self) -> bool:
        """Whether it was neither revoked nor deleted; it may have expired."""
        return self.revoked is None and not self.deleted

    @property
    def read_only(self) -> bool:
        """Whether the key may only read."""
        return self.scopes == ("api.all.read",)

    def allows(self, scope: str, *, reading: bool) -> bool:
        """Say whether the key carries a scope; a read-only key carries every scope that only reads."""
        return not self.scopes or scope in self.scopes or ("api.all.read" in self.scopes and reading)


@dataclass(slots=True)
class Keyring:
    """Every key ever issued, by the hash of its value; of 10,000 the first deleted one is forgotten."""

    seed: int
    records: dict[str, KeyRecord] = field(default_factory=dict)
    issued: int = 0

    def issue(self, record: KeyRecord) -> str:
        """Make the value of a new key, keep its hash and this record, and return the value.

        Refuses when there are as many keys as the practice world keeps.
        """
        self._make_room()
        self.issued = max(self.issued, len(self.records)) + 1
        value = self.value(self.issued - 1, record.kind)
        self.keep(value, record)
        record.id = record.id or f"key_{self._digest(self.issued - 1)[32:56]}"
        return value

    def value(self, number: int, kind: str) -> str:
        """Return the value of the key of this number, counted from 0, if it was or will be of this kind."""
        return f"{PREFIX}{_INFIX[kind]}{self._digest(number)[:32]}"

    def keep(self, value: str, record: KeyRecord) -> None:
        """Keep a record for a value somebody else chose."""
        record.masked = keys.mask(value)
        self.records[hashed(value)] = record

    def find(self, value: str) -> KeyRecord | None:
        """Return the record of a key, or None for a key never issued here."""
        return self.records.get(hashed(value))

    def by_id(self, name: str) -> KeyRecord | None:
        """Return a record by its id, or None."""
        return next((each for each in self.records.values() if each.id == name), None)

    def listed(self, *, organization: str = "", project: str = "", kind: str = "") -> list[KeyRecord]:
        """Return the live records, oldest first, of one organization, project or kind."""
        return [
            each
            for each in self.records.values()
            if each.live
            and organization in ("", each.organization)
            and project in ("", each.project)
            and kind in ("", each.kind)
        ]

    def delete(self, record: KeyRecord, now: float) -> None:
        """Make a key useless from now on, and let no list show it; `now` is the world's seconds."""
        record.revoked, record.deleted = now, True

    def _digest(self, number: int) -> str:
        return hashlib.sha256(f"{self.seed}:key:{number}".encode()).hexdigest()

    def _make_room(self) -> None:
        if len(self.records) < _MOST:
            return
        dead = next((hash_ for hash_, each in self.records.items() if not each.live), None)
        if dead is None:
            raise Refused(faults.NO_ROOM.about(what="keys", most=_MOST))
        del self.records[dead]


def hashed(value: str) -> str:
    """Return what is kept of a key's value."""
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()
