"""The solved set: the learner's notebooks with each stub replaced by its solution.

The notebooks are the learner's; the solutions stand beside the checks. In a notebook, the code above
`lessons.check("00.1", name)` is the stub of exercise 00.1: in the same cell, or in the code cell before.
"""

from __future__ import annotations

import copy
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guide_helpers import launch
from guide_helpers.errors import InputError, SurroundingsError
from guide_helpers.lessons._contents import exercise

CHECK = re.compile(r"""^\s*(?:\w+ = )?lessons\.check\(\s*["']([^"']+)["']""", re.MULTILINE)
_PACKAGE = Path(launch.__file__).parent

Notebook = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stub:
    """Where an exercise is to be done: its cell, the code with the `...`, and the check below, if any."""

    exercise: str
    cell: dict[str, Any]
    code: str
    below: str

    def fill(self, code: str) -> None:
        """Put code in the place of the stub."""
        self.cell["source"] = code.strip() + ("\n" if self.below else "") + self.below


def stubs(notebook: Mapping[str, Any]) -> Iterator[Stub]:
    """Return the stub of every exercise, in order.

    Raises `InputError` when a check has no stub with a `...` above it.
    """
    before = None
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        text = source(cell)
        if found := CHECK.search(text):
            above = text[: found.start()]
            if "..." in above:
                yield Stub(found[1], cell, above, text[found.start() :].lstrip("\n"))
            elif before is not None and "..." in source(before) and not CHECK.search(source(before)):
                yield Stub(found[1], before, source(before), "")
            else:
                raise InputError(
                    f"The check of {found[1]} has no stub above it.", "Put code with a ... above the check."
                )
        before = cell


def source(cell: Mapping[str, Any]) -> str:
    """Return a cell's source as one text; the file may hold it in lines."""
    return "".join(cell["source"])


def solved(notebook: Mapping[str, Any]) -> Notebook:
    """Return a copy with the solutions in place of the stubs, and without outputs.

    Raises `InputError` for a check without a stub or without an exercise.
    """
    made: Notebook = copy.deepcopy(dict(notebook))
    for stub in stubs(made):
        stub.fill(exercise(stub.exercise).solution)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return made


def write(out: Path, *, force: bool = False, run: bool = False) -> list[Path]:
    """Write the solved set to a folder, and with `run` also its outputs; return the files.

    Raises `InputError` when a file is in the way and `force` was not said, or when the folder is that
    of the learner's own notebooks; nothing is written then.
    """
    origin = folder()
    targets = {path: out / path.name for path in sorted(origin.glob("*.ipynb"))}
    if out.resolve() == origin.resolve():
        raise InputError(f"{out} holds the learner's notebooks.", "Name another folder.")
    if taken := [target.name for target in targets.values() if target.exists() and not force]:
        raise InputError(f"In {out} there is already {taken[0]}.", "Name another folder, or add --force.")
    made = {target: solved(json.loads(path.read_text("utf-8"))) for path, target in targets.items()}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for target, notebook in made.items():
            done = _executed(notebook, out) if run else notebook
            target.write_text(json.dumps(done, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written to ({error.strerror}).", "Name another folder.") from None
    return list(made)


def folder() -> Path:
    """Return the folder of the notebooks as they were published."""
    checkout = _PACKAGE.parent / "notebooks"
    return checkout if checkout.is_dir() else _PACKAGE / "_notebooks"


def _executed(notebook: Notebook, where: Path) -> Notebook:
    """Run a notebook in a kernel of its own, whose progress is nobody's."""
    try:
        import nbformat
        from nbclient import NotebookClient
    except ImportError:
        raise SurroundingsError(
            "Running notebooks needs nbclient.", 'Install it with: pip install "openai-key-guide[lab]"'
        ) from None
    with tempfile.TemporaryDirectory() as scratch:
        environ = {**os.environ, "GUIDE_PROGRESS": str(Path(scratch) / "progress.json")}
        client = NotebookClient(
            nbformat.reads(json.dumps(notebook), as_version=4),  # type: ignore[no-untyped-call]
            timeout=120,
            resources={"metadata": {"path": str(where)}},
            store_widget_state=False,
            record_timing=False,
        )
        done: Notebook = client.execute(env=environ)
    return done
