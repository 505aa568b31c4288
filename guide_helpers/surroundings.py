"""What the guide needs around it: is it there, and if not, what to do."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from dataclasses import dataclass

from guide_helpers import html, tokens

__all__ = ["Check", "Surroundings", "check"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the guide needs: whether it is there, what was found, and the cure if it is not."""

    what: str
    good: bool
    found: str
    cure: str


@dataclass(frozen=True, slots=True)
class Surroundings(html.Shown):
    """Everything that was looked at."""

    checks: tuple[Check, ...]

    @property
    def good(self) -> bool:
        """Whether nothing is missing."""
        return all(each.good for each in self.checks)

    def view(self) -> html.Block:
        """Show a row per check, with what to do about each that failed."""
        rows: list[list[object]] = []
        for each in self.checks:
            state = html.badge("ready", "good") if each.good else html.badge("missing", "bad")
            rows.append([state, each.what, each.found, "" if each.good else each.cure])
        headers = ["State", "What", "Found", "What to do"]
        if self.good:
            rows, headers = [row[:3] for row in rows], headers[:3]
        return html.table("Your surroundings", headers, rows)


def check() -> Surroundings:
    """Look at this Python, the packages the lessons use, and the tokenizer; change nothing."""
    return Surroundings(
        (
            Check(
                "Python 3.11 or newer",
                sys.version_info >= (3, 11),
                platform.python_version(),
                "Install a newer Python and make a new virtual environment with it.",
            ),
            _package("openai", "the client the lessons call"),
            _package("ipywidgets", "the panels you can move"),
            _package("tiktoken", "counts tokens"),
            _vocabulary(),
        )
    )


def _package(name: str, purpose: str) -> Check:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Check(f"{name} ({purpose})", good=False, found="nothing", cure=f"pip install {name}")
    return Check(f"{name} ({purpose})", good=True, found=version, cure="")


def _vocabulary() -> Check:
    counted = tokens.count("Hello world")
    return Check(
        "Token counts without a network",
        counted.exact,
        counted.sentence,
        "Counts will be estimates; install tiktoken for exact ones.",
    )
