"""A state file as SQLite has it: made, locked, looked at, and refused in words. Never overwritten."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from guide_helpers.errors import PracticeError

VERSION = 1
_OURS = int.from_bytes(b"keyG")
_HEADER, _OURS_AT = 100, slice(68, 72)  # where SQLite keeps the mark of whose file it is
_TABLES = """
CREATE TABLE world (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL);
CREATE TABLE ledger (
    at REAL NOT NULL, minute INTEGER NOT NULL,
    organization TEXT NOT NULL, project TEXT NOT NULL, user TEXT NOT NULL, key TEXT NOT NULL,
    kind TEXT NOT NULL, model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
    images INTEGER NOT NULL, batch INTEGER NOT NULL, long_prompt INTEGER NOT NULL, size TEXT NOT NULL,
    cost TEXT NOT NULL
)
"""


def open_file(path: Path) -> sqlite3.Connection:
    """Open a state file for this program alone; begin it if there is none.

    Raises `PracticeError` for a file that is somebody else's, damaged, of a newer edition, in use or not
    to be had; it is left as it is.
    """
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with path.open("rb") as file:
            header = file.read(_HEADER)
        if header and header[_OURS_AT] != _OURS.to_bytes(4):
            raise PracticeError(
                f"{path} is not a state file of the practice API.", "It was left as it is; name another file."
            )
        path.chmod(0o600)
    except OSError as error:
        raise PracticeError(
            f"{path} cannot be used as a state file ({error.strerror}).",
            "Name a file in a folder that is there and is yours.",
        ) from None
    database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    with explained(path, database):
        _take(path, database)
    return database


def _take(path: Path, database: sqlite3.Connection) -> None:
    """Lock the file, look at its edition and its health, and give it its tables if it is new."""
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    with transaction(database):
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise PracticeError(
                f"{path} was written by a newer edition of the guide.",
                "It was left as it is; use that edition, or name another file.",
            )
        if not version:
            _begin(database)
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("its pages do not fit together")
    database.execute("PRAGMA journal_mode = WAL")


def _begin(database: sqlite3.Connection) -> None:
    for line in _TABLES.split(";"):
        database.execute(line)
    database.execute(f"PRAGMA application_id = {_OURS}")
    database.execute(f"PRAGMA user_version = {VERSION}")


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def explained(path: Path, database: sqlite3.Connection) -> Iterator[None]:
    """Close the file and say in words why it cannot be used."""
    try:
        yield
    except PracticeError:
        database.close()
        raise
    except (sqlite3.Error, ValueError, TypeError, ArithmeticError) as error:
        database.close()
        if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise PracticeError(
                f"{path} is in use by another practice API.", "Stop that one, or name another file."
            ) from None
        raise PracticeError(
            f"{path} is damaged.", "It was left as it is; move it away, or name another file."
        ) from None
