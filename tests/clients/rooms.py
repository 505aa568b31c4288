"""Rooms for other people's programs: environments of their own in a temporary folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class RoomError(Exception):
    """A client could not be installed."""


def python_room(folder: Path, packages: Sequence[str]) -> Path:
    """Make a Python environment with these packages and return its `bin`. Raises `RoomError`."""
    _do([sys.executable, "-m", "venv", str(folder)], folder.parent)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    _do([str(programs / "python"), "-m", "pip", "install", "-q", *packages], folder.parent)
    return programs


def node_room(folder: Path, packages: Sequence[str]) -> Path:
    """Make a folder with these npm packages and return it. Raises `RoomError`."""
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
    _do(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *packages], folder)
    return folder


def clean(home: Path, **more: str) -> dict[str, str]:
    """Return this environment without anyone's OpenAI settings, and with a home that is thrown away."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PYTHON"))}
    thrown_away = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    return {**kept, **dict.fromkeys(thrown_away, str(home)), **more}


def _do(command: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, timeout=900, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RoomError(f"{command[0]}: {error}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no words"]
        raise RoomError(next((line for line in said if "rror" in line), said[-1]))
