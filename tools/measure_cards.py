"""Measure what each notebook's card says; with --write, put it there.

    python tools/measure_cards.py [--write] [NAME ...]

Minutes follow from the text (CONTRIBUTING.md has the formula). Calls, money, network and key are
counted while a copy of the notebook runs against the practice API, with no network and no key: a cell
tagged `live` is one that a reader may run with a key of their own, and what it sends is priced with
today's prices. Written are the metadata, the card in the first cell, the route planner and the README.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import tempfile
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import card_meter
import nbformat
from nbclient import NotebookClient

from guide_helpers import facts, pricing
from guide_helpers.lessons import _contents

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
WORDS_A_MINUTE = 180
LINES_A_MINUTE = 10
MINUTES_A_QUESTION = Decimal("0.5")
_ROUNDING = 0.00005  # USD
ROW = re.compile(r"^\| \d+ .*\|$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes to read a notebook and run its cells, and to do its exercises and questions."""

    read: int
    do: int

    @property
    def words(self) -> str:
        """The first field of the card."""
        parts = f"{self.read} to read, {self.do} to do" if self.do else "to read"
        return f"{self.read + self.do} ({parts})"


@dataclass(frozen=True, slots=True)
class Live:
    """What the live cells of a notebook use: calls, and USD rounded up to a hundredth of a cent.

    `network` and `key` say whether any cell needs them.
    """

    live_calls: int
    est_usd: float
    network: bool
    key: bool


def minutes(notebook: Any, number: str) -> Minutes:
    """Count words, lines of code, and the minutes of the exercises and questions of this number."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    words = len(re.findall(r"\w[\w'\u2019]*", _LINK.sub(r"\1", text)))
    code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    lines = sum(bool(line.strip()) for source in code for line in source.splitlines())
    exercises, quizzes = _contents.contents(number)
    do = sum(each.minutes for each in exercises) + MINUTES_A_QUESTION * len(quizzes)
    return Minutes(math.ceil(words / WORDS_A_MINUTE + lines / LINES_A_MINUTE), math.ceil(do))


def replay(notebook: Any) -> Live:
    """Run a copy against the practice API and count; raises what a cell raises."""
    copy = nbformat.v4.new_notebook(cells=_metered(notebook))  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as scratch:
        environ = {**os.environ, "GUIDE_PROGRESS": str(Path(scratch) / "progress.json")}
        environ["GUIDE_TODAY"] = facts.get("guide.written").value.isoformat()
        client = NotebookClient(
            copy,
            timeout=60,
            kernel_name="python3",
            resources={"metadata": {"path": scratch}},
            store_widget_state=False,
        )
        client.execute(env=environ)
    printed = "".join(output.get("text", "") for output in copy.cells[-1].outputs)
    return priced(json.loads(printed.partition(card_meter.MARK)[2]))


def _metered(notebook: Any) -> list[Any]:
    """Return the code cells with the meter's calls around those tagged `live`."""
    path = str(Path(__file__).parent)
    sources = [f"import sys\nsys.path.insert(0, {path!r})\nimport card_meter\ncard_meter.start()"]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            live = "live" in cell.metadata.get("tags", [])
            around = ["card_meter.live_begins()", cell.source, "card_meter.live_ends()"]
            sources += around if live else [cell.source]
    sources.append("card_meter.report()")
    return [nbformat.v4.new_code_cell(source) for source in sources]  # type: ignore[no-untyped-call]


def priced(counted: dict[str, Any]) -> Live:
    """Turn what the meter counted into the card's figures."""
    usd = sum(
        (
            pricing.estimate(model, input_tokens=sent, output_tokens=got, cached_tokens=cached).total
            for model, sent, got, cached in counted["live"]
        ),
        Decimal(0),
    )
    calls = int(counted["calls"])
    up = float(usd.quantize(Decimal("0.0001"), rounding="ROUND_UP"))
    return Live(calls, up, network=bool(calls or counted["reached"]), key=bool(calls))


def row(time: Minutes, live: Live) -> str:
    """Return the card's line as the reader sees it."""
    if not live.live_calls:
        needs = "Python; no key, no network" if not live.network else "Python and a network; no key"
        return f"| {time.words} | nothing | practice | {needs} |"
    calls = "1 live call" if live.live_calls == 1 else f"{live.live_calls} live calls"
    cost = f"nothing; {_ceiling(live.est_usd)} for {calls}, if you choose to make them"
    return f"| {time.words} | {cost} | practice; live if you choose | Python; for live, a key and a network |"


def _ceiling(usd: float) -> str:
    """Say a small sum in words that outlive a change of prices."""
    bounds = ((0.01, "less than a cent"), (0.1, "less than ten cents"), (1, "less than a dollar"))
    return next((words for bound, words in bounds if usd < bound), "more than a dollar")


def lies(notebook: Any, number: str, live: Live | None = None) -> list[str]:
    """Return what the card says otherwise than measured, but for the rounding of money.

    Without `live`, only what needs no run is compared.
    """
    card, time = dict(notebook.metadata["guide"]), minutes(notebook, number)
    measured: dict[str, object] = {"minutes": time.read + time.do, **(asdict(live) if live else {})}
    said = Live(*(card.get(name, 0) for name in ("live_calls", "est_usd", "network", "key")))
    wrong = [
        f"{name}: the card says {card.get(name)!r}, measured is {value!r}"
        for name, value in measured.items()
        if not _same(name, card.get(name), value)
    ]
    shown = ROW.search(notebook.cells[0].source)
    if shown is None or shown[0] != row(time, said):
        wrong.append(f"the card's line is not {row(time, said)!r}")
    return wrong


def _same(name: str, said: Any, measured: Any) -> bool:
    if name == "est_usd" and isinstance(said, int | float):
        return bool(abs(said - measured) <= _ROUNDING)
    return type(said) is type(measured) and bool(said == measured)


def write(path: Path, time: Minutes, live: Live) -> None:
    """Put measured figures into a notebook, the route planner and the README."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    total = time.read + time.do
    notebook.metadata["guide"] = {"minutes": total, **asdict(live)}
    notebook.cells[0].source = ROW.sub(lambda _: row(time, live), notebook.cells[0].source, count=1)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    planned = rf'(Notebook\("{path.stem}", "[^"]*", )\d+'
    _replace(ROOT / "guide_helpers" / "routes.py", planned, total)
    _replace(ROOT / "README.md", rf"(\(notebooks/{path.name}\) \| )\d+", total)


def _replace(path: Path, pattern: str, total: int) -> None:
    old = path.read_text(encoding="utf-8")
    new = re.sub(pattern, rf"\g<1>{total}", old)
    if new != old:
        path.write_text(new, encoding="utf-8")


def main() -> None:
    """Measure, say what is wrong, and mend it when told to."""
    wanted = [each for each in sys.argv[1:] if each != "--write"]
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if wanted and path.stem not in wanted:
            continue
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        live = replay(notebook)
        wrong = lies(notebook, path.name[:2], live)
        print(path.name, "agrees with its card" if not wrong else "\n  ".join(["", *wrong]))
        if wrong and "--write" in sys.argv:
            write(path, minutes(notebook, path.name[:2]), live)


if __name__ == "__main__":
    main()
