"""The card of each notebook is measured, not declared."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from guide_helpers.lessons import _contents

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import measure_cards  # noqa: E402
from measure_cards import Live, Minutes  # noqa: E402

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTHING = Live(0, 0.0, network=False, key=False)
SERVE = "from openai import OpenAI\nfrom guide_helpers import facts, practice\nserver = practice.serve()"
CALL = (
    "client = OpenAI(base_url=server.base_url, api_key=server.api_key)\n"
    "MODEL = facts.get('model.everyday').value\n"
    "client.responses.create(model=MODEL, input='Hello')"
)
CONNECT = "import socket\ntry: socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError: pass"


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """One notebook of the series."""
    return Path(request.param)


def made(*cells: tuple[str, str]) -> Any:
    """Return a notebook of (tag, source) code cells under the card of a notebook that costs nothing."""
    title = (
        "# Title\n\n| Minutes | Cost | Mode | Needs |\n|---|---|---|---|\n| 1 (to read) | nothing | x | y |"
    )
    code = [
        nbformat.v4.new_code_cell(source, metadata={"tags": [tag]} if tag else {}) for tag, source in cells
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(title), *code])
    time = measure_cards.minutes(notebook, "99")
    notebook.metadata["guide"] = {"minutes": time.read + time.do, "live_calls": 0, "est_usd": 0.0}
    notebook.metadata["guide"] |= {"network": False, "key": False}
    notebook.cells[0].source = measure_cards.ROW.sub(measure_cards.row(time, NOTHING), title)
    return notebook


@pytest.mark.process
def test_no_card_lies(path: Path) -> None:
    """Run against the meter, with no network and no key, a notebook is what its card says."""
    notebook = nbformat.read(path, as_version=4)
    assert measure_cards.lies(notebook, path.name[:2], measure_cards.replay(notebook)) == []


def test_no_card_lies_about_minutes(path: Path) -> None:
    """The part that needs no run."""
    assert measure_cards.lies(nbformat.read(path, as_version=4), path.name[:2]) == []


@pytest.mark.process
@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ([("", SERVE), ("", CALL), ("", CALL)], []),
        ([("", SERVE), ("live", CALL)], ["live_calls", "est_usd", "network", "key"]),
        ([("", CONNECT)], ["network"]),
        ([("", "import socket\ntry: socket.getaddrinfo('a.test', 1)\nexcept OSError: 1")], ["network"]),
    ],
    ids=["practice calls are free", "a live cell", "a connection", "a name looked up"],
)
def test_a_lying_card_is_caught(cells: list[tuple[str, str]], wrong: list[str]) -> None:
    """What a cell does shows up, whatever the card says."""
    notebook = made(*cells)
    measured = measure_cards.replay(notebook)
    found = measure_cards.lies(notebook, "99", measured)
    assert [each.partition(":")[0] for each in found] == wrong


@pytest.mark.process
def test_live_cells_are_counted_with_their_tokens() -> None:
    """Two calls in one cell, one in another, one outside; the price is that of the tokens."""
    notebook = made(("", SERVE), ("live", f"{CALL}\n{CALL}"), ("", CALL), ("live", CALL))
    measured = measure_cards.replay(notebook)
    assert (measured.live_calls, measured.network, measured.key) == (3, True, True)
    one = measure_cards.replay(made(("", SERVE), ("live", CALL)))
    assert 0 < one.est_usd <= measured.est_usd < 0.01


@pytest.mark.parametrize("name", ["minutes", "live_calls", "est_usd", "network", "key"])
def test_every_field_can_be_caught(name: str) -> None:
    """A figure that is off, missing or of another kind is named; the rounding of money is not."""
    notebook = made(("", "1"))
    assert measure_cards.lies(notebook, "99", NOTHING) == []
    for value in (7, None, "0"):
        lying = copy.deepcopy(notebook)
        lying.metadata["guide"][name] = value
        assert any(each.startswith(f"{name}:") for each in measure_cards.lies(lying, "99", NOTHING))
    notebook.metadata["guide"]["est_usd"] = 0.00004
    assert measure_cards.lies(notebook, "99", NOTHING) == []


def test_the_line_that_is_read_is_checked_too() -> None:
    """A card that shows other minutes than it holds is caught, and one without a line."""
    notebook = made(("", "1"))
    notebook.cells[0].source = notebook.cells[0].source.replace("| 1 ", "| 2 ")
    assert "the card's line is not" in measure_cards.lies(notebook, "99")[0]
    notebook.cells[0].source = "# Title"
    assert "the card's line is not" in measure_cards.lies(notebook, "99")[-1]


def test_minutes_follow_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """180 words or 10 lines a minute, half a minute a question; addresses and blank lines are free."""
    from guide_helpers.lessons._exercise import Exercise, Quiz

    def task(minutes: int) -> Exercise:
        return Exercise("99.1", "", ("", "", ""), "", minutes, str)

    contents = {
        "99": ((task(2), task(3)), (Quiz("99.q1", "?", ()), Quiz("99.q2", "?", ()), Quiz("", "", ())))
    }
    monkeypatch.setattr(_contents, "contents", lambda number: contents.get(number, ((), ())))
    text = nbformat.v4.new_markdown_cell("word " * 358 + "[two words](http://a.b/many-more-words)")
    code = nbformat.v4.new_code_cell("x\n\n\n" * 10)
    notebook = nbformat.v4.new_notebook(cells=[text, code])
    assert measure_cards.minutes(notebook, "98") == Minutes(3, 0)
    assert measure_cards.minutes(notebook, "99") == Minutes(3, 7)
    assert (Minutes(3, 7).words, Minutes(3, 0).words) == ("10 (3 to read, 7 to do)", "3 (to read)")


def test_the_formula_is_the_one_we_tell() -> None:
    """CONTRIBUTING.md states the very numbers."""
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert f"words / {measure_cards.WORDS_A_MINUTE} + lines of code / {measure_cards.LINES_A_MINUTE}" in told
    assert f"{measure_cards.MINUTES_A_QUESTION} for each question" in told


@pytest.mark.parametrize(
    ("usd", "words"),
    [(0.0004, "less than a cent"), (0.02, "less than ten cents"), (0.5, "less than a dollar"), (3, "more")],
)
def test_money_is_told_without_a_price(usd: float, words: str) -> None:
    """The line holds no figure that a change of prices would spoil."""
    line = measure_cards.row(Minutes(1, 1), Live(2, usd, network=True, key=True))
    assert words in line
    assert "2 live calls" in line
    assert not re.search(r"\$|\d\s?(?:USD|dollars|cents)", line)


def test_writing_puts_the_figures_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebook, route planner and README say what was measured."""
    for name in ("guide_helpers/routes.py", "README.md", "notebooks/02_key_creation.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    monkeypatch.setattr(measure_cards, "ROOT", tmp_path)
    target = tmp_path / "notebooks/02_key_creation.ipynb"
    measure_cards.write(target, Minutes(70, 7), Live(1, 0.0002, network=True, key=True))
    notebook = nbformat.read(target, as_version=4)
    assert dict(notebook.metadata["guide"]) == {
        "minutes": 77,
        "live_calls": 1,
        "est_usd": 0.0002,
        "network": True,
        "key": True,
    }
    assert (
        "| 77 (70 to read, 7 to do) | nothing; less than a cent for 1 live call" in notebook.cells[0].source
    )
    assert re.search(r'"02_key_creation", "[^"]*", 77\)', (tmp_path / "guide_helpers/routes.py").read_text())
    assert "(notebooks/02_key_creation.ipynb) | 77 |" in (tmp_path / "README.md").read_text("utf-8")
