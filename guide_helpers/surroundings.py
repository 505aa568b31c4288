"""What the guide needs around it: is it there, and if not, what to do."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from guide_helpers import facts, html, tokens

__all__ = ["Check", "Surroundings", "check"]

State = Literal["ready", "look", "missing"]
_TONES: dict[State, html.Tone] = {"ready": "good", "look": "warn", "missing": "bad"}

# the oldest that will do, and the first that is too new
_PYTHON = (3, 11), (3, 15)
_MANAGED = "there, or not needed"
_OPENAI, _WIDGETS, _TIKTOKEN = ((2,), (4,)), ((7, 7, 1), (9,)), ((0, 12), (99,))
_PROXIES = ("HTTP_PROXY", "ALL_PROXY")  # HTTPS_PROXY leaves plain calls to this computer alone
_SPARED = {"127.0.0.1", "*"}

# variables that change what the client sends or where, although no cell says so
_SURPRISES = (
    "OPENAI_BASE_URL",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "OPENAI_CUSTOM_HEADERS",
    "OPENAI_LOG",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the guide needs: its state, what was found, the cure in words, and code that does it."""

    what: str
    state: State
    found: str
    cure: str = ""
    code: str = ""

    @property
    def good(self) -> bool:
        """Whether the lessons run as they are; a row to look at does not stop them."""
        return self.state != "missing"


@dataclass(frozen=True, slots=True)
class Surroundings(html.Shown):
    """Everything that was looked at."""

    checks: tuple[Check, ...]

    @property
    def good(self) -> bool:
        """Whether nothing is missing."""
        return all(each.good for each in self.checks)

    @property
    def sentence(self) -> str:
        """How things stand, in one line."""
        missing = sum(each.state == "missing" for each in self.checks)
        look = sum(each.state == "look" for each in self.checks)
        if not missing and not look:
            return "Everything is there."
        told = [f"{missing} missing"] * bool(missing) + [f"{look} to look at"] * bool(look)
        return f"{', '.join(told)}: mend these first, then restart the kernel and run from the top."

    def view(self) -> html.Block:
        """Say how things stand, give a row per check, and the cure of each that is not ready."""
        rows = [[html.badge(each.state, _TONES[each.state]), each.what, each.found] for each in self.checks]
        cures = [
            html.alert(
                each.what,
                html.stack(each.cure, html.code(each.code) if each.code else ""),
                _TONES[each.state],
            )
            for each in self.checks
            if each.state != "ready"
        ]
        return html.stack(
            html.table("Your surroundings", ["State", "What", "Found"], rows), self.sentence, *cures
        )


def check(
    environ: Mapping[str, str] = os.environ,
    *,
    folder: str | Path = ".",
    today: dt.date | None = None,
    prefix: str = sys.prefix,
    python: Sequence[int] = sys.version_info[:3],
) -> Surroundings:
    """Look at this Python, its packages, its variables, its folder and its calendar; change nothing.

    What is read of variables is whether they are set, never what they hold. `folder` is where the
    lessons write, `today` this computer's date, `prefix` where this Python is installed, `python` its
    version.
    """
    packages = (
        _package("openai", "the client the lessons call", *_OPENAI),
        _package("ipywidgets", "the panels you can move", *_WIDGETS),
        _manager(),
        _package("tiktoken", "counts tokens", *_TIKTOKEN),
    )
    return Surroundings(
        (
            _python(python),
            *packages,
            _kernel(environ, prefix, whole=all(each.good for each in packages)),
            _vocabulary(),
            _folder(Path(folder)),
            _proxies(environ),
            _variables(environ),
            _calendar(today or dt.datetime.now(tz=dt.UTC).date()),
        )
    )


def _python(python: Sequence[int]) -> Check:
    version, numbers = ".".join(map(str, python[:3])), tuple(python[:2])
    if _PYTHON[0] <= numbers < _PYTHON[1]:
        return Check("Python 3.11 to 3.14", "ready", version)
    age = "old" if numbers < _PYTHON[0] else "new"
    cure = (
        f"This Python is too {age} for the lessons. Install one of those versions, make a new virtual "
        "environment with it, and install the guide there."
    )
    return Check("Python 3.11 to 3.14", "missing", version, cure, "python -m venv guide-env")


def _package(name: str, purpose: str, oldest: tuple[int, ...], too_new: tuple[int, ...]) -> Check:
    what = f"{name} ({purpose})"
    bounds = f"{name}>={'.'.join(map(str, oldest))},<{'.'.join(map(str, too_new))}"
    code = f'%pip install "{bounds}"'
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Check(what, "missing", "nothing", "Run this in a cell, then restart the kernel.", code)
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if oldest <= numbers < too_new:
        return Check(what, "ready", version)
    age = "too old" if numbers < oldest else "too new"
    cure = f"This version is {age} for the lessons. Run this in a cell, then restart the kernel."
    return Check(what, "missing", f"{version}, {age}", cure, code)


def _manager() -> Check:
    """Look for the half of ipywidgets that draws: JupyterLab needs it where JupyterLab itself runs."""
    what = "Widgets manager (draws the panels)"
    if "google.colab" in sys.modules or not _installed("jupyterlab"):
        return Check(what, "ready", _MANAGED)
    if _installed("jupyterlab_widgets"):
        return Check(what, "ready", _MANAGED)
    cure = "Panels will show as text. Run this in a cell, then stop JupyterLab, start it again, and reload."
    return Check(what, "look", "nothing", cure, "%pip install jupyterlab_widgets")


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _kernel(environ: Mapping[str, str], prefix: str, *, whole: bool) -> Check:
    """Compare this kernel's Python with the terminal's; it matters only when a package is missing."""
    what = "Kernel (the Python behind this notebook)"
    outside = environ.get("VIRTUAL_ENV") or environ.get("CONDA_PREFIX") or prefix
    if whole or Path(outside).resolve() == Path(prefix).resolve():
        return Check(what, "ready", "has the packages" if whole else "the terminal's")
    cure = (
        f"This notebook runs on the Python in {prefix}, your terminal on the one in {outside}. Packages "
        "installed in one are not in the other. Choose the kernel of the environment that has the guide "
        "(its name stands at the top right), or make it a kernel by running this in your terminal."
    )
    return Check(what, "missing", "another one", cure, "python -m ipykernel install --user --name guide")


def _vocabulary() -> Check:
    counted = tokens.count("Hello world")
    what = "Token counts without a network"
    if counted.exact:
        return Check(what, "ready", counted.sentence)
    return Check(what, "look", counted.sentence, "Counts will be estimates; install tiktoken for exact ones.")


def _folder(folder: Path) -> Check:
    what = "A folder the lessons may write to"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"guide")
    except OSError as error:
        cure = (
            f"Nothing can be written to {folder.resolve()} ({error.strerror}). Copy the notebooks to a "
            "folder of your own, and open them there; a full disk wants room first."
        )
        return Check(what, "look", "no", cure)
    return Check(what, "ready", "yes")


def _proxies(environ: Mapping[str, str]) -> Check:
    """Look for a proxy that would swallow calls to this computer itself."""
    what = "No proxy before the practice API"
    found = [name for name in _PROXIES if environ.get(name) or environ.get(name.lower())]
    spared = {each.strip() for name in ("NO_PROXY", "no_proxy") for each in environ.get(name, "").split(",")}
    if not found or spared & _SPARED:
        return Check(what, "ready", "passed by" if found else "none")
    cure = (
        f"{', '.join(found)} would send even calls to this computer through a proxy. Run this in a cell "
        "before the client is made; calls to the outside still go through the proxy."
    )
    code = (
        'import os\nfor name in ("NO_PROXY", "no_proxy"):\n'
        '    os.environ[name] = "127.0.0.1," + os.environ.get(name, "localhost")'
    )
    return Check(what, "look", ", ".join(found), cure, code)


def _variables(environ: Mapping[str, str]) -> Check:
    what = "No OPENAI_ variable that surprises"
    found = [name for name in _SURPRISES if environ.get(name)]
    if not found:
        return Check(what, "ready", "none")
    cure = (
        f"The client reads {', '.join(found)} by itself, and sends more, or elsewhere, than your cell says. "
        "If you did not mean that, run this in a cell before the client is made; for good, take it out of "
        "the place that sets it (often a file such as .bashrc)."
    )
    code = f"import os\nfor name in {found}:\n    os.environ.pop(name, None)"
    return Check(what, "look", ", ".join(found), cure, code)


def _calendar(today: dt.date) -> Check:
    what = "The computer's calendar"
    written = facts.get("guide.written").value
    if today >= written - dt.timedelta(days=1):
        return Check(what, "ready", "plausible")
    cure = (
        f"It says {today.isoformat()}, which is before this guide was written. Secure connections fail "
        "when the date is wrong: set it, or let the system set it from the network."
    )
    return Check(what, "look", today.isoformat(), cure)
