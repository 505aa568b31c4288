"""Progress between sessions: one small JSON file that only ever grows.

What is known of an exercise can only go up (open, started, passed), so two kernels are joined by taking
the further of both; a lock beside the file keeps them from writing at the same moment. `GUIDE_PROGRESS`
names another file. In test and CI runs without it, nothing is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

VERSION = 1
LEVELS = ("open", "started", "passed")  # for a question: not answered, answered wrongly, answered right
_TEST_RUNS = ("PYTEST_VERSION", "PYTEST_CURRENT_TEST", "CI")
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one exercise or question: a state of `LEVELS`, hints seen, and when (UTC)."""

    state: str = "open"
    hints: int = 0
    when: str = ""

    def joined(self, other: Entry) -> Entry:
        """Return the further of both in each respect."""
        state = max(self.state, other.state, key=LEVELS.index)
        return Entry(state, max(self.hints, other.hints), max(self.when, other.when))


Entries = dict[str, Entry]


class Newer(Exception):  # noqa: N818 -- a finding, not an error
    """The file was written by a newer edition of the guide."""


def place(environ: Mapping[str, str]) -> Path | None:
    """Return the file progress is kept in, or None where a test or CI run must leave no trace."""
    if named := environ.get("GUIDE_PROGRESS"):
        return Path(named).expanduser()
    if any(environ.get(name) for name in _TEST_RUNS):
        return None
    return user_data_path("openai-key-guide", appauthor=False) / "progress.json"


def join(*several: Mapping[str, Entry]) -> Entries:
    """Join what several know; no order of the arguments changes the result."""
    joined: Entries = {}
    for entries in several:
        for name, entry in entries.items():
            joined[name] = joined.get(name, Entry()).joined(entry)
    return joined


def load(path: Path, now: datetime) -> tuple[Entries, str]:
    """Read a file of progress; return its entries, and a sentence if there is something to say.

    A damaged file is set aside under a name with the date. Raises `Newer` for a newer edition's file,
    and `OSError` for one that cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, ""
    except UnicodeDecodeError:
        return {}, _set_aside(path, now)
    try:
        return _parsed(json.loads(text)), ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}, _set_aside(path, now)


def _parsed(body: Any) -> Entries:
    version = body["version"]
    if not isinstance(version, int):
        raise TypeError
    if version > VERSION:
        raise Newer
    return {str(name): _entry(entry) for name, entry in body["done"].items()}


def _entry(body: Any) -> Entry:
    entry = Entry(**body)
    if entry.state not in LEVELS or not isinstance(entry.hints, int) or not isinstance(entry.when, str):
        raise ValueError
    return entry


def _set_aside(path: Path, now: datetime) -> str:
    kept = path.with_name(f"{path.stem}-damaged-{now:%Y-%m-%d-%H%M%S}{path.suffix}")
    try:
        path.replace(kept)
    except OSError:
        return f"The file of your progress, {path}, is damaged and cannot be moved; nothing is kept."
    return f"The file of your progress was damaged. It was set aside as {kept.name}, and a new one was begun."


def save(path: Path, entries: Mapping[str, Entry]) -> None:
    """Write all entries at once: a reader sees the old file or the new one, never half of it."""
    body = {"version": VERSION, "done": {name: asdict(entries[name]) for name in sorted(entries)}}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(body, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


@contextlib.contextmanager
def locked(path: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock beside a file; go on without it where there is none to be had for `patience` seconds.

    A lock that somebody sits on must not stop a lesson: without it, at worst, an entry is written later.
    """
    with path.with_name(f"{path.name}.lock").open("a+b") as file:
        end = time.monotonic() + patience
        while not _taken(file.fileno()) and time.monotonic() < end:
            time.sleep(0.01)
        yield


if sys.platform == "win32":
    import msvcrt

    def _taken(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _taken(handle: int) -> bool:
        try:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except (ImportError, OSError):
            return True  # a file system, or a Python in a browser, without locks
        return True


class Store:
    """The progress of this session, joined with what the file holds whenever either is looked at."""

    def __init__(self, path: Path | None) -> None:
        """Remember the place; nothing is read or written yet."""
        self.path = path
        self._session: Entries = {}
        self._said: set[str] = set()

    def record(self, name: str, entry: Entry) -> str:
        """Keep one entry; return a sentence if there is something to say, and say it only once."""
        now = datetime.now(UTC)
        dated = Entry(entry.state, entry.hints, now.isoformat(timespec="seconds"))
        self._session = join(self._session, {name: dated})
        return self._once(self._sync(now, write=True)[1])

    def entries(self) -> tuple[Entries, str]:
        """Return everything known, and a sentence if there is something to say."""
        return self._sync(datetime.now(UTC), write=False)

    def _sync(self, now: datetime, *, write: bool) -> tuple[Entries, str]:
        if self.path is None:
            return self._session, "Progress is not kept in test runs."
        if not write and not self.path.exists():
            return self._session, ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with locked(self.path):
                found, said = load(self.path, now)
                self._session = join(found, self._session)
                if write and self._session != found:
                    save(self.path, self._session)
        except Newer:
            said = (
                f"{self.path} was written by a newer edition of the guide. It was left as it is; "
                "update the guide to keep your progress."
            )
        except OSError as error:
            said = f"Your progress cannot be kept in {self.path.parent} ({error.strerror})."
        return self._session, said

    def _once(self, said: str) -> str:
        if said in self._said:
            return ""
        self._said.add(said)
        return said if self.path is not None else ""
