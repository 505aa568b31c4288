"""The file a practice world is kept in, so that it goes on where it stopped.

What is kept: organizations with everything in them, keys (their hashes, never a value), the seed, the
number of requests, the world's time, and every line of the ledger. What is not: files, batches, kept
responses and chats, the limits' buckets, scenarios, and what was seen. Those begin anew.

A change of a key or of an organization is on the disk before its answer leaves (`synchronous=FULL`:
SQLite waits for the disk). The ledger is written by one thread, a few times a second, without waiting
for the disk: the program may be killed at any moment and loses at most the last second of the
ledger; only when the whole machine loses its power can it lose a little more. A request itself only
appends to a list.

One program at a time has the file. It is readable by its owner alone, and grows by about 120 bytes
with each request that is charged. What it holds goes before what a new world was given: its seed,
and the tier and the credit of its organizations.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from guide_helpers.errors import PracticeError
from guide_helpers.practice.world.keyring import Keyring
from guide_helpers.practice.world.ledger import Entry, Owner, Sum, Use
from guide_helpers.practice.world.organization import Organization
from guide_helpers.practice.world.state_file import explained, open_file, transaction

if TYPE_CHECKING:
    from guide_helpers.practice.world import World

_EVERY = 0.25  # seconds between two looks for something to write
_SKIPPED = 1_000_000  # request numbers left out after a kill, so that no id is given twice
_SAVE = "INSERT INTO world VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state"
_WRITE = "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# equal costs are counted, not added: SQLite would add them as floats
_SUMS = """
SELECT minute, organization, project, user, key, kind, model, batch, long_prompt, size, cost, count(*),
    sum(input_tokens), sum(output_tokens), sum(cached_tokens), sum(images)
FROM ledger GROUP BY minute, organization, project, user, key, kind, model, batch, long_prompt, size, cost
"""
_LAST = "SELECT * FROM ledger WHERE rowid > (SELECT max(rowid) FROM ledger) - ? ORDER BY rowid"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class State:
    """What a file keeps of a world besides its ledger; `at` is its time when this was written.

    `closed` says that the world was closed in peace: nothing happened after this.
    """

    requests: int
    at: float
    closed: bool
    organizations: dict[str, Organization]
    keyring: Keyring

    @classmethod
    def of(cls, world: World, *, closed: bool = False) -> State:
        """Return the state of a world. It holds the world's own records, not copies."""
        now = world.clock.now()
        return cls(world.requests, now, closed, world.organizations, world.keyring)

    def give(self, world: World) -> None:
        """Bring a new world to this state: its seed, too. Its clock goes on from the time that was kept."""
        world.requests = self.requests + (0 if self.closed else _SKIPPED)
        world.organizations, world.keyring = self.organizations, self.keyring
        world.seed = self.keyring.seed
        world.clock.advance(max(0.0, self.at - world.clock.now()))


def encode(state: State) -> str:
    """Write a state as JSON."""
    from pydantic_core import PydanticSerializationError

    try:
        written: bytes = _form().dump_json(state, warnings="error")
        return written.decode()
    except (PydanticSerializationError, UnicodeEncodeError):  # half a character that JSON can hold, UTF-8 not
        return json.dumps(_form().dump_python(state, mode="json", warnings="error"))


def decode(text: str) -> State:
    """Read what `encode` wrote. Raises `ValueError` for anything else."""
    return _form().validate_python(json.loads(text))  # type: ignore[no-any-return]


class Store:
    """A file that a world is kept in, from now until it is closed."""

    def __init__(self, path: Path | str, world: World) -> None:
        """Open a file, or begin one, and bring a new world to the state in it.

        Raises `PracticeError` for a file that is somebody else's, damaged, of a newer edition, in use
        or not to be had; it is left as it is.
        """
        self.path = Path(path)
        self._world = world
        self._number = self._written = self._seen = 0
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._database = open_file(self.path)
        with explained(self.path, self._database):
            self._restore()
            self.save()
        world.store = self
        self._thread = threading.Thread(target=self._keep_writing, name="practice-store", daemon=True)
        self._thread.start()

    def save(self, *, wait: bool = True, closed: bool = False) -> None:
        """Write what is new; with `wait` it is on the disk when this returns.

        Raises `PracticeError` when it cannot be written; what is new is then kept for the next time.
        """
        world, ledger = self._world, self._world.ledger
        with world.lock:
            self._number += 1
            number, self._seen = self._number, world.requests
            text = encode(State.of(world, closed=closed))
            entries, ledger.fresh = ledger.fresh or [], []
        try:
            with self._writing:
                self._commit(number, text, entries, "FULL" if wait else "NORMAL")
        except sqlite3.Error as error:
            with world.lock:
                ledger.fresh = entries + ledger.fresh
            raise PracticeError(
                f"{self.path} cannot be written ({error}).", "Make room on the disk; then it goes on."
            ) from None

    def close(self) -> None:
        """Write the rest and give the file back. Closing twice does no harm."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join()
        try:
            self.save(closed=True)
        finally:
            self._world.store = self._world.ledger.fresh = None
            self._database.close()

    def __enter__(self) -> Self:
        """Return the open store."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    def _keep_writing(self) -> None:
        told = False
        while not self._stop.wait(_EVERY):
            if self._world.requests == self._seen and not self._world.ledger.fresh:
                continue
            try:
                self.save(wait=False)
                told = False
            except PracticeError as error:
                if not told:
                    log.error("%s", error)  # noqa: TRY400 -- two sentences for a reader, no trace
                told = True

    def _commit(self, number: int, text: str, entries: list[Entry], synchronous: str) -> None:
        self._database.execute(f"PRAGMA synchronous = {synchronous}")
        with transaction(self._database):
            self._database.executemany(_WRITE, map(_row, entries))
            if number > self._written:  # a newer state may have overtaken this one on its way
                self._database.execute(_SAVE, (text,))
        self._written = max(number, self._written)

    def _restore(self) -> None:
        kept = self._database.execute("SELECT state FROM world").fetchone()
        if kept is None:
            return
        decode(kept[0]).give(self._world)
        ledger = self._world.ledger
        for found in _sums(self._database):
            ledger.restore(found)
        last = self._database.execute(_LAST, (ledger.recent.maxlen,))
        ledger.recent.extend(_entry(*each) for each in last)


@cache
def _form() -> Any:
    from pydantic import TypeAdapter  # it comes with openai, and takes a while to load

    return TypeAdapter(State)


def _row(entry: Entry) -> tuple[object, ...]:
    at, owner, use, cost = entry
    return at, int(at // 60), *owner, *use, str(cost)


def _entry(at: float, _minute: int, *rest: Any) -> Entry:
    *use, batch, long_prompt, size, cost = rest[4:]
    return Entry(at, Owner(*rest[:4]), Use._make((*use, bool(batch), bool(long_prompt), size)), Decimal(cost))


def _sums(database: sqlite3.Connection) -> Iterator[Sum]:
    """Yield the sums of each minute, one for each cost; to the last digit."""
    for (
        minute,
        *owner,
        kind,
        model,
        batch,
        long_prompt,
        size,
        cost,
        times,
        read,
        written,
        cached,
        images,
    ) in database.execute(_SUMS):
        found = Sum(minute, Owner(*owner), kind, model, bool(batch), times, read, written, cached, images)
        found.cost, found.long_prompt, found.size = times * Decimal(cost), bool(long_prompt), size
        yield found
