"""Places that may hold a key: each is a name and a `read` method, and none of them writes."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Protocol

from dotenv import dotenv_values

from guide_helpers import keys
from guide_helpers.errors import StorageError

VARIABLE = "OPENAI_API_KEY"


@dataclass(frozen=True, slots=True)
class Reading:
    """The text a place holds, exactly as it stands there, and a word of warning about the place."""

    text: str = field(repr=False)
    warning: str = ""


class Source(Protocol):
    """A place that may hold a key."""

    @property
    def place(self) -> str:
        """What a reader calls the place."""

    def read(self) -> Reading | None:
        """Return what stands there, or None. Raises `StorageError` when it cannot be read."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A key that the program handed over itself."""

    key: keys.ApiKey | str | None = field(repr=False)
    place: str = "argument"

    def read(self) -> Reading | None:
        """Return the key that was handed over, if any."""
        if self.key is None:
            return None
        return Reading(self.key.reveal() if isinstance(self.key, keys.ApiKey) else self.key)


@dataclass(frozen=True, slots=True)
class Environment:
    """The variable OPENAI_API_KEY of the running program."""

    environ: Mapping[str, str] = field(repr=False)
    place: str = f"environment ({VARIABLE})"

    def read(self) -> Reading | None:
        """Return the variable's value, which may be empty, or None when it is not set."""
        value = self.environ.get(VARIABLE)
        if value is None:
            return None
        warning = "" if value.strip() else "Unset it: load_dotenv() leaves a variable alone that is set."
        return Reading(value, warning)


@dataclass(frozen=True, slots=True)
class DotEnv:
    """The file `.env` in one folder, read without touching the environment or looking further up."""

    folder: Path

    @property
    def place(self) -> str:
        """The folder's own name and the file's."""
        return f"file {self.folder.resolve().name}/.env"

    def read(self) -> Reading | None:
        """Return the variable's value in the file; `${...}` is not filled in.

        Raises `StorageError` for a `.env` that is a folder, is not UTF-8, or may not be read.
        """
        path = self.folder / ".env"
        try:
            raw, mode = path.read_bytes(), path.stat().st_mode
        except FileNotFoundError:
            return None
        except OSError as error:
            if path.is_dir():
                raise _a_folder() from None
            what = f"This .env cannot be read ({error.strerror})."
            raise StorageError(what, "Look at who owns it and who may read it.") from None
        value = dotenv_values(stream=StringIO(_text(raw)), interpolate=False).get(VARIABLE)
        return None if value is None else Reading(value, _exposed(mode))


def _a_folder() -> StorageError:
    return StorageError(
        "This .env is a folder, most likely a virtual environment.",
        "Rename it to .venv; the name .env belongs to a file.",
    )


def _text(raw: bytes) -> str:
    """Decode a file, explaining what Windows PowerShell's `>` and old editors do to it."""
    save = "Save it again as UTF-8."
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise StorageError("This .env is written in UTF-16, as Windows PowerShell's > does it.", save)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StorageError("This .env is not written in UTF-8.", save) from None


def _exposed(mode: int) -> str:
    if os.name != "posix" or not mode & (stat.S_IRGRP | stat.S_IROTH):
        return ""
    return f"Other accounts may read the file ({stat.filemode(mode)}): chmod 600 .env"
