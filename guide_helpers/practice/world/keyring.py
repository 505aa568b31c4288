"""The keys of the practice world. A key's value is given out once; only its hash is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from guide_helpers import keys

PREFIX = "sk-practice-"
USER, SERVICE_ACCOUNT, ADMIN = "user", "service_account", "admin"

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
    def read_only(self) -> bool:
        """Whether the key may only read."""
        return self.scopes == ("api.all.read",)

    def allows(self, scope: str, *, reading: bool) -> bool:
        """Say whether the key carries a scope; a read-only key carries every scope that only reads."""
        return not self.scopes or scope in self.scopes or ("api.all.read" in self.scopes and reading)


@dataclass(slots=True)
class Keyring:
    """Every key ever issued, by the hash of its value."""

    seed: int
    records: dict[str, KeyRecord] = field(default_factory=dict)

    def issue(self, record: KeyRecord) -> str:
        """Make the value of a new key, keep its hash and this record, and return the value."""
        digest = hashlib.sha256(f"{self.seed}:key:{len(self.records)}".encode()).hexdigest()
        value = f"{PREFIX}{_INFIX[record.kind]}{digest[:32]}"
        self.keep(value, record)
        record.id = record.id or f"key_{digest[32:56]}"
        return value

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

    def listed(self, *, project: str = "", kind: str = "") -> list[KeyRecord]:
        """Return the records that were not deleted, oldest first, of one project or kind."""
        return [
            each
            for each in self.records.values()
            if not each.deleted and project in ("", each.project) and kind in ("", each.kind)
        ]


def hashed(value: str) -> str:
    """Return what is kept of a key's value."""
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()
