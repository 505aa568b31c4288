"""axe-core, the checker for accessibility: where it comes from, how it is run, what is known already."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = "4.14.1"
SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CACHE = Path(__file__).parents[2] / "build" / "axe"

# What the guide draws, and nothing of JupyterLab's own: outputs, widgets, and text cells.
_INCLUDE = [
    f".jp-NotebookPanel:not(.lm-mod-hidden) {part}"
    for part in (".jp-OutputArea-output", ".jp-RenderedMarkdown")
]
# In a window as tall as the notebook nothing is scrolled away, where its contrast could not be judged.
_HEIGHT = "() => document.querySelector('.jp-WindowedPanel-outer').scrollHeight"
_RUN = """(include) => axe.run({include}, {
    resultTypes: ['violations'],
    rules: {'target-size': {enabled: true}},
})"""


@dataclass(frozen=True)
class Known:
    """A finding that is not ours to mend: its rule, how its element begins, where, and why it stays.

    One that does not occur `always` comes and goes with what the window shows.
    """

    rule: str
    element: str
    notebooks: tuple[str, ...]
    reason: str
    always: bool = True


KNOWN = (
    Known(
        "link-in-text-block",
        '<a href="',
        tuple(sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))),
        "JupyterLab's themes tell a link within a line of text by its colour alone.",
        always=False,
    ),
    Known(
        "target-size",
        '<input type="radio"',
        ("00_start_here", "01_account_setup"),
        "ipywidgets draws a radio button of 16 pixels; its label, as wide as the words, can be clicked too.",
    ),
    Known(
        "label",
        '<input disabled="disabled" type="checkbox">',
        ("07_protect_and_ship",),
        "JupyterLab draws the boxes of a task list without labels; the words stand right beside them.",
    ),
)


class NoAxeError(Exception):
    """The checker cannot be had here; the text says why."""


def source() -> str:
    """Return axe-core's program, from npm's registry at the first time and from `build/` later.

    Raises `NoAxeError` without npm, without its registry, or when the file is not the expected one.
    """
    archive = CACHE / f"axe-core-{VERSION}.tgz"
    if not archive.exists():
        _fetch(archive)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise NoAxeError(f"{archive} is not the axe-core {VERSION} that was looked at; delete it")
    with tarfile.open(archive) as package:
        member = package.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode("utf-8")


def _fetch(archive: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NoAxeError("no npm here")
    archive.parent.mkdir(parents=True, exist_ok=True)
    command = [npm, "pack", "--silent", f"axe-core@{VERSION}", "--pack-destination", str(archive.parent)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        raise NoAxeError("npm's registry does not answer") from None
    if done.returncode or not archive.exists():
        raise NoAxeError(f"npm could not fetch axe-core: {done.stderr.strip()[-300:]}")


def load(page: Any, program: str) -> None:
    """Put axe-core into a page, once.

    JupyterLab's body has no height and cuts off what leaves it: axe-core would take all text for hidden
    and judge no contrast. So the body gets the height of the window.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.add_style_tag(content="body { height: 100vh !important }")
        page.evaluate(f"{program}; 0")


def findings(page: Any) -> list[tuple[str, str, str]]:
    """Return what axe-core finds: rule, element, and how to mend it."""
    page.set_viewport_size({"width": 1280, "height": page.evaluate(_HEIGHT) + 200})
    found = page.evaluate(_RUN, _INCLUDE)
    page.set_viewport_size({"width": 1280, "height": 900})
    return [
        (each["id"], node["html"], " ".join(node["failureSummary"].split()))
        for each in found["violations"]
        for node in each["nodes"]
    ]


def explained(finding: tuple[str, str, str], known: Known) -> bool:
    """Say whether a finding is a known one."""
    return finding[0] == known.rule and finding[1].startswith(known.element)
