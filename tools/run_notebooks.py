"""Run every notebook in practice mode and store it with its outputs.

    python tools/run_notebooks.py [NAME ...]

What is stored is what a reader sees before running anything: the static twin of each widget, not
its state; no execution times; cell numbers from 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from guide_helpers import facts

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
_WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def run(path: Path) -> None:
    """Execute one notebook and write it back, tidied."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        record_timing=False,
    )
    client.execute()
    tidy(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def tidy(notebook: Any) -> None:
    """Keep what a reader needs and drop what changes from run to run."""
    notebook.metadata = {**METADATA, "guide": notebook.metadata.get("guide", {})}
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = {"tags": tags} if tags else {}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_WIDGET, None)
        if "outputs" in cell:
            cell.outputs = _joined(cell.outputs)


def _joined(outputs: list[Any]) -> list[Any]:
    """Put together what was printed in pieces: where a print is cut depends on the moment."""
    kept: list[Any] = []
    for output in outputs:
        last = kept[-1] if kept else None
        if last is not None and output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            kept.append(output)
    return kept


if __name__ == "__main__":
    os.environ["GUIDE_TODAY"] = facts.get("guide.written").value.isoformat()
    wanted = sys.argv[1:]
    for each in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not wanted or each.stem in wanted:
            with tempfile.TemporaryDirectory() as scratch:
                os.environ["GUIDE_PROGRESS"] = str(Path(scratch) / "progress.json")
                run(each)
            print(each.name)
