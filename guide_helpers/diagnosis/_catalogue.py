"""Read the causes in `catalogue.toml` and hand them out as values."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from guide_helpers import facts

Retry = Literal["now", "later", "never"]
Mover = Literal["you", "account owner", "your network", "OpenAI", "nobody"]


@dataclass(frozen=True, slots=True)
class Sign:
    """Conditions that must all hold; an empty one asks nothing."""

    type: str = ""
    code: str = ""
    words: str = ""
    name: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why a call fails, and what follows from it."""

    id: str
    title: str
    retry: Retry
    mover: Mover
    steps: tuple[str, ...]
    notebook: str
    signs: tuple[Sign, ...]
    scenario: str | None = None

    @property
    def advice(self) -> tuple[str, ...]:
        """The steps, with the ledger's facts filled in."""
        return tuple(
            re.sub(r"\{([\w.]+)\}", lambda name: facts.get(name[1]).words, step) for step in self.steps
        )


def _read() -> tuple[Cause, ...]:
    text = files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tuple(_cause(row) for row in tomllib.loads(text)["causes"])


def _cause(row: dict[str, Any]) -> Cause:
    signs = tuple(Sign(**sign) for sign in row["signs"])
    return Cause(**{**row, "steps": tuple(row["steps"]), "signs": signs})


CATALOGUE = _read()
UNKNOWN = next(cause for cause in CATALOGUE if cause.id == "unknown")
