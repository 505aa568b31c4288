"""The notebooks as documents: their form, their tags, their card, and what must not stand in them.

That they run, and print what is stored, is checked by nbval on the notebooks themselves.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from nbclient import NotebookClient

from guide_helpers import facts, keys, routes

ROOT = Path(__file__).parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
sys.path.insert(0, str(ROOT / "tools"))
import run_notebooks  # noqa: E402
import stamp  # noqa: E402

LONGEST_CELL = 15
BADGES = ("colab.research.google.com/assets/colab-badge.svg", "mybinder.org/badge_logo.svg")


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """One notebook of the series."""
    return Path(request.param)


@pytest.fixture
def notebook(path: Path) -> Any:
    """The same, parsed."""
    return nbformat.read(path, as_version=4)


def prose(notebook: Any) -> str:
    """Return all text cells, without fenced code."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def code(notebook: Any) -> list[str]:
    """Return the source of each code cell."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_the_series_is_whole() -> None:
    """Eight notebooks, in the order the route planner knows."""
    assert [path.stem for path in PATHS] == [notebook.file for notebook in routes.NOTEBOOKS]


def test_it_is_valid_and_small_in_metadata(notebook: Any) -> None:
    """Format 4.5, a generic kernel, nothing that changes from machine to machine, no widget state."""
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert {**notebook.metadata, "guide": {}} == {**run_notebooks.METADATA, "guide": {}}
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)


def test_cells_have_names(notebook: Any) -> None:
    """Ids are words, so that a change can be followed."""
    names = [cell.id for cell in notebook.cells]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", name) for name in names)


def test_it_is_stored_as_run(notebook: Any) -> None:
    """Every code cell ran once, from top to bottom, without an error output."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_headings_make_an_outline(notebook: Any) -> None:
    """One H1, at the top; no level is skipped."""
    levels = [len(found[1]) for found in re.finditer(r"^(#+) \S", prose(notebook), re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_it_has_every_part_of_the_house_style(notebook: Any, path: Path) -> None:
    """Badges, promise, card, objectives, set-up, recap, next; the title is the planner's."""
    text = prose(notebook)
    planned = next(each for each in routes.NOTEBOOKS if each.file == path.stem)
    assert text.startswith(f"# {planned.title}\n")
    assert all(badge in notebook.cells[0].source for badge in BADGES)
    for part in ("**The promise.**", "| Minutes | Cost | Mode | Needs |", "**After this notebook you can**"):
        assert part in text
    assert re.search(r"^## Set up$", text, re.MULTILINE)
    assert re.search(r"^## Recap$[\s\S]*\*\*Next:\*\*", text, re.MULTILINE)


def test_the_card_agrees_with_itself(notebook: Any, path: Path) -> None:
    """Metadata, card, route planner and README say the same minutes; what they must say: test_cards."""
    card = notebook.metadata["guide"]
    planned = next(each for each in routes.NOTEBOOKS if each.file == path.stem)
    assert set(card) == {"minutes", "live_calls", "est_usd", "network", "key"}
    assert card["minutes"] == planned.minutes
    assert re.search(rf"^\| {planned.minutes}\b.*\| nothing", notebook.cells[0].source, re.MULTILINE)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"(notebooks/{path.name}) | {planned.minutes} |" in readme


def test_the_setup_is_the_same_everywhere(notebook: Any) -> None:
    """One cell, one import of the guide, Colab's install line, and the server on the last line."""
    setup = next(cell.source for cell in notebook.cells if cell.id == "setup")
    first = next(cell.source for cell in nbformat.read(PATHS[0], 4).cells if cell.id == "setup")
    blank = r"from guide_helpers import .*"
    assert re.sub(blank, "", setup) == re.sub(blank, "", first)
    assert sum("google.colab" in source for source in code(notebook)) == 1


def test_nothing_is_called_easy(notebook: Any) -> None:
    """What is “simple” to the writer may not be to the reader."""
    assert not re.findall(r"\b(?:simply|just|obviously)\b", prose(notebook), re.IGNORECASE)


def test_cells_fit_in_a_breath(notebook: Any) -> None:
    """At most 15 lines of code."""
    assert max(len(source.splitlines()) for source in code(notebook)) <= LONGEST_CELL


@pytest.mark.parametrize(
    "word",
    [
        r"\bOutput\(",
        r"\binteract\(",
        r"%env\b",
        r"%store\b",
        r"\binput\(",
        r"str\(error\)",
        r"\{error\}",
        r"^!",
    ],
)
def test_nothing_that_breaks_or_leaks(notebook: Any, word: str) -> None:
    """No widget that keeps state, no prompt, no magic that prints a key, no SDK-dependent text."""
    assert not [source for source in code(notebook) if re.search(word, source, re.MULTILINE)]


def test_pictures_have_words(notebook: Any) -> None:
    """Every image has alternative text, in text cells and in outputs."""
    text = prose(notebook) + json.dumps(notebook.cells)
    assert not re.search(r"!\[\]\(", text)
    assert not re.search(r"<img(?![^>]*\balt=)", text)
    assert not re.search(r"<svg(?![\s\S]*?(aria-label|role=))", text)
    mimes = {
        mime for cell in notebook.cells for out in cell.get("outputs", []) for mime in out.get("data", {})
    }
    assert mimes <= {"text/plain", "text/html"}


def test_links_have_words_and_lead_somewhere(notebook: Any, path: Path) -> None:
    """A link says where it goes; a local one exists."""
    for words, target in re.findall(r"(?<!!)\[([^\]]*(?:\[[^\]]*\][^\]]*)?)\]\(([^)]+)\)", prose(notebook)):
        assert words.strip().lower() not in {"", "here", "link", "click here", "this"}
        if "://" not in target:
            assert (path.parent / target.partition("#")[0]).exists(), target


def test_widget_cells_have_a_twin(notebook: Any) -> None:
    """A cell whose output is not compared is followed by one that prints the text twin, which is."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [
        place
        for place, cell in enumerate(cells)
        if "nbval-ignore-output" in cell.metadata.get("tags", [])
        and cell.id != "progress"  # no panel: what a reader has done differs from reader to reader
    ]
    assert tagged
    for place in tagged:
        assert re.search(r"print\(\w+\.set\(", cells[place + 1].source)


def test_only_known_tags(notebook: Any) -> None:
    """A misspelt tag would silently switch a check off."""
    tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    assert tags <= {"live", "nbval-ignore-output", "raises-exception"}


def test_no_key_shaped_text(path: Path) -> None:
    """Masked keys, practice keys and placeholders are all that may stand in source, outputs or metadata."""
    text = path.read_text(encoding="utf-8").replace("\\n", "\n").replace("\\", "")
    kinds = {keys.check(found[0]).kind for found in keys._SECRET.finditer(text)}
    assert kinds <= {"practice key", "placeholder"}


HAND_TYPED = {
    "a price": r"\$\s?\d|\d\s?(?:USD|dollars|cents)\b",
    "a rate limit": r"\b\d[\d,.]*\s?(?:RPM|TPM|RPD|(?:requests|tokens) (?:a|per) (?:minute|day))\b",
    "a model name": r"\b(?:gpt-\d|o\d(?:-mini|-pro)?\b|chatgpt-4|dall-e-\d|text-embedding-\d)",
    "a menu path": r"platform\.openai\.com|→\s*(?:Limits|Billing|Settings|API keys)|settings/organization",
}


@pytest.mark.parametrize("what", HAND_TYPED)
def test_nothing_is_typed_by_hand_in_a_notebook(notebook: Any, what: str) -> None:
    """Prices, limits, model names and menu paths come from the ledger; a fenced specimen may hold one."""
    source = "\n".join([prose(notebook), *code(notebook)])
    assert re.findall(HAND_TYPED[what], source) == []


@pytest.mark.parametrize("what", HAND_TYPED)
def test_nothing_is_typed_by_hand_in_a_module(what: str) -> None:
    """The same for the package: only the ledger and the price source may name them."""
    # error bodies as the API sends them, and how money is written
    exempt = {"faults.py", "_money.py"}
    modules = [each for each in (ROOT / "guide_helpers").rglob("*.py") if each.name not in exempt]
    assert len(modules) > 50
    found = {
        str(module.relative_to(ROOT)): words
        for module in modules
        if (words := re.findall(HAND_TYPED[what], module.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_hand_typed_facts_would_be_found() -> None:
    """The patterns see what they are for."""
    specimens = {
        "a price": ["$5", "10 USD"],
        "a rate limit": ["60 RPM", "150,000 tokens a minute"],
        "a model name": ["gpt-4", "gpt-5.6-luna", "o3", "text-embedding-3-small"],
        "a menu path": ["platform.openai.com/api-keys", "Settings → Billing"],
    }
    assert all(re.search(HAND_TYPED[what], each) for what, found in specimens.items() for each in found)


# ---------------------------------------------------------------------------- address and Binder


def test_every_address_is_the_projects() -> None:
    """Badges, install cells and links carry the one address in pyproject.toml."""
    wrong = {
        (path.name, found[1])
        for path in stamp.files()
        for found in stamp.ADDRESS.finditer(path.read_text(encoding="utf-8"))
        if found[1] != stamp.wanted()
    }
    assert wrong == set()


def test_the_badges_open_this_notebook(notebook: Any, path: Path) -> None:
    """Colab and Binder open the very file they stand in."""
    badges = notebook.cells[0].source
    assert f"/blob/main/notebooks/{path.name})" in badges
    assert f"?urlpath=lab/tree/notebooks/{path.name})" in badges


def test_stamping_changes_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new address in pyproject.toml reaches the README and all notebooks, and nothing else changes."""
    for path in [*stamp.files(), ROOT / "pyproject.toml"]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text("utf-8"), "utf-8")
    old = stamp.wanted()
    project = tmp_path / "pyproject.toml"
    project.write_text(
        project.read_text("utf-8").replace(f"github.com/{old}", "github.com/ada/guide"), "utf-8"
    )
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    stamp.main()
    assert "ada/guide" in (tmp_path / "README.md").read_text("utf-8")
    for path in stamp.files():
        assert path.read_text("utf-8").replace("ada/guide", old) == (
            ROOT / path.relative_to(tmp_path)
        ).read_text("utf-8")


def test_binder_gets_the_same_environment() -> None:
    """environment.yml holds Python, pip and this project, and no second list of packages."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, section = environment["dependencies"]
    assert re.fullmatch(r"python=3\.1[1-4]", python)
    assert (pip, section) == ("pip", {"pip": ["-e .[lab]"]})


# ---------------------------------------------------------------------------- can it fail?


@pytest.mark.process
@pytest.mark.parametrize("damage", ["output", "code", "network"])
def test_a_broken_notebook_turns_the_run_red(damage: str, tmp_path: Path) -> None:
    """A changed output, a raising cell and a call to the outside each fail the very run CI makes."""
    notebook = nbformat.read(PATHS[0], as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id in {"setup", "first-reply"}]
    reply = notebook.cells[1]
    if damage == "output":
        reply.outputs[0].text = "Another text.\n"
    elif damage == "code":
        reply.source += "\nraise RuntimeError('broken')"
    else:
        reply.source = "import urllib.request\nurllib.request.urlopen('http://192.0.2.1', timeout=5)"
    nbformat.write(notebook, tmp_path / "broken.ipynb")
    result = _pytest(tmp_path / "broken.ipynb")
    assert result.returncode == 1, result.stdout
    assert "1 failed, 1 passed" in result.stdout
    if damage == "network":
        assert "The tests have no network" in result.stdout


@pytest.mark.process
def test_the_same_notebook_whole_is_green(tmp_path: Path) -> None:
    """So that the red above means the damage and nothing else."""
    notebook = nbformat.read(PATHS[0], as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id in {"setup", "first-reply"}]
    nbformat.write(notebook, tmp_path / "whole.ipynb")
    assert _pytest(tmp_path / "whole.ipynb").returncode == 0


@pytest.mark.process
def test_it_runs_twice_in_one_kernel(notebook: Any, path: Path) -> None:
    """Who presses “Run all” again gets no error: nothing is left behind that the next run trips over."""
    cells = [nbformat.v4.new_code_cell(source) for source in code(notebook) * 2]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        timeout=60,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
    )
    client.execute()


def _pytest(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Run the project's own pytest configuration on one notebook."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
    command += ["-c", str(ROOT / "pyproject.toml"), str(notebook)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_date_of_the_outputs_is_the_guides() -> None:
    """Stored outputs were made on the frozen date, so no stale warning can be in them."""
    assert facts.today() == facts.get("guide.written").value
    assert not [path.name for path in PATHS if "Past its check-by date" in path.read_text("utf-8")]
