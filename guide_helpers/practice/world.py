"""The world behind the practice API: keys, limits, a clock, and a record of what was asked."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from guide_helpers import facts, keys
from guide_helpers.errors import UnknownNameError
from guide_helpers.practice import faults
from guide_helpers.practice.clock import Clock
from guide_helpers.practice.endpoints.response_items import KeptResponse
from guide_helpers.practice.faults import Fault, Refused
from guide_helpers.practice.kept import Files, Kept
from guide_helpers.practice.limiter import Limiter, Limits
from guide_helpers.practice.wire import Exchange

PREFIX = "sk-practice-"
_KEPT = 200


@dataclass(slots=True)
class KeyRecord:
    """What the world keeps of a key: everything but the key."""

    name: str
    masked: str
    made: float
    revoked: float | None = None
    last_used: float | None = None
    requests: int = 0


@dataclass(slots=True)
class World:
    """One organization with one project. All state of a practice API is here."""

    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits.example)
    seed: int = 0
    seen: deque[Exchange] = field(default_factory=lambda: deque(maxlen=_KEPT))
    requests: int = 0
    files_kept: Files = field(default_factory=Files)
    batches_kept: Kept[dict[str, Any]] = field(default_factory=Kept)
    responses_kept: Kept[KeptResponse] = field(default_factory=Kept)
    _keys: dict[str, KeyRecord] = field(default_factory=dict)
    _limiters: dict[str, Limiter] = field(default_factory=dict)
    _playing: deque[Fault] = field(default_factory=deque)

    # ------------------------------------------------------------------ keys

    def issue_key(self, name: str) -> str:
        """Make a key, keep its hash, and return its value: this is the only time it is shown."""
        digest = hashlib.sha256(f"{self.seed}:key:{len(self._keys)}".encode()).hexdigest()
        value = PREFIX + digest[:32]
        self._keys[_hash(value)] = KeyRecord(name, keys.mask(value), self.clock.now())
        return value

    def revoke_key(self, value: str) -> None:
        """Make a key useless from now on. Raises `UnknownNameError` for a key never issued here."""
        record = self._keys.get(_hash(value))
        if record is None:
            raise UnknownNameError(
                f"No key {keys.mask(value)} was issued here.", "List them with key_records()."
            )
        record.revoked = self.clock.now()

    def key_records(self) -> tuple[KeyRecord, ...]:
        """Return what is kept of each key, oldest first."""
        return tuple(self._keys.values())

    def authenticate(self, authorization: str) -> KeyRecord:
        """Return the record of the key in an Authorization header, or refuse as the API does."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() != "bearer" or not value:
            raise Refused(faults.NO_KEY)
        record = self._keys.get(_hash(value))
        if record is None or record.revoked is not None:
            real = not value.startswith(PREFIX) and keys.check(value).kind in _REAL_KINDS
            fault = faults.REAL_KEY if real else faults.WRONG_KEY
            raise Refused(fault.about(masked=keys.mask(value)))
        record.last_used = self.clock.now()
        record.requests += 1
        return record

    # ------------------------------------------------------------------ models

    def models(self) -> tuple[facts.Model, ...]:
        """Return the models that answer on the world's date."""
        today = self.clock.today()
        return tuple(model for model in facts.models() if not model.retired(today))

    def model(self, name: str) -> facts.Model:
        """Return a model that answers today, or refuse as the API does."""
        known = {model.id: model for model in facts.models()}
        if name not in known:
            raise Refused(faults.NO_MODEL.about(model=name))
        if known[name].retired(self.clock.today()):
            raise Refused(faults.RETIRED_MODEL.about(model=name))
        return known[name]

    # ------------------------------------------------------------------ limits

    def draw(self, model: str, tokens: int) -> dict[str, str]:
        """Draw one request and so many tokens from the model's limits; return the limit headers."""
        now = self.clock.now()
        limiter = self._limiters.setdefault(model, Limiter(self.limits, now))
        return limiter.draw(model, tokens, now)

    # ------------------------------------------------------------------ scenarios

    def play(self, scenario: str, times: int = 1) -> None:
        """Answer the next `times` model calls with a fault; see `scenarios` for the names."""
        if scenario not in faults.SCENARIOS:
            raise UnknownNameError(
                f"There is no scenario called {scenario!r}.",
                f"Choose one of {', '.join(faults.SCENARIOS)}.",
            )
        self._playing.extend([faults.SCENARIOS[scenario]] * times)

    def act(self) -> None:
        """Refuse if a scenario is being played."""
        if self._playing:
            raise Refused(self._playing.popleft())

    # ------------------------------------------------------------------ names and times

    def next_id(self, prefix: str) -> str:
        """Return an id that follows from the seed and the number of this request alone."""
        digest = hashlib.sha256(f"{self.seed}:{self.requests}:{prefix}".encode()).hexdigest()
        return f"{prefix}{digest[:32]}"

    def seconds(self) -> int:
        """Return the world's time in whole seconds, as the API writes it."""
        return int(self.clock.now())


_REAL_KINDS = {"project key", "service-account key", "admin key", "legacy user key", "user key of mid 2024"}


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
