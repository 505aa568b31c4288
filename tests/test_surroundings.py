"""What the guide needs around it."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guide_helpers import surroundings, tokens

CLEAN: dict[str, str] = {}
Version = Callable[[str], str]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that a package has another version, or is not there (None)."""
    real = importlib.metadata.version

    def pretend(**versions: str | None) -> None:
        def version(name: str) -> str:
            found = versions.get(name, "real")
            if found is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return real(name) if found == "real" else found

        monkeypatch.setattr("importlib.metadata.version", version)

    return pretend


def states(found: surroundings.Surroundings) -> dict[str, str]:
    """Return the rows that are not ready, by the first word of what was looked at."""
    return {each.what.split()[0]: each.state for each in found.checks if each.state != "ready"}


def test_here_everything_is_ready(tmp_path: Path) -> None:
    """The suite itself runs in good surroundings, and nothing is advised."""
    found = surroundings.check(CLEAN, folder=tmp_path)
    assert found.good
    assert states(found) == {}
    assert found.sentence == "Everything is there."
    assert found.view().text.endswith("Everything is there.")


def test_looking_changes_nothing(tmp_path: Path) -> None:
    """No file stays behind."""
    surroundings.check(CLEAN, folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("python", "age"), [((3, 10, 9), "too old"), ((3, 15, 0), "too new")])
def test_a_wrong_python_says_so(python: tuple[int, ...], age: str) -> None:
    """Both ends are told, with the way out."""
    found = surroundings.check(CLEAN, python=python)
    assert not found.good
    assert states(found)["Python"] == "missing"
    assert age in str(found)
    assert "virtual environment" in str(found)


@pytest.mark.parametrize("package", ["openai", "ipywidgets", "tiktoken"])
@pytest.mark.parametrize(("version", "words"), [(None, "nothing"), ("0.1.0", "too old"), ("99.0", "too new")])
def test_a_package_comes_with_its_cure(
    installed: Callable[..., None], package: str, version: str | None, words: str
) -> None:
    """Missing, too old or too new: a line to run, with the versions that will do."""
    installed(**{package: version})
    found = surroundings.check(CLEAN)
    assert not found.good
    assert states(found) == {package: "missing"}
    assert words in str(found)
    assert f'%pip install "{package}>=' in str(found)
    assert "restart the kernel" in str(found)


def test_jupyterlab_without_the_widgets_manager(installed: Callable[..., None]) -> None:
    """Panels would show as text: worth a look, and no reason to stop."""
    installed(jupyterlab="4.4.0", jupyterlab_widgets=None)
    found = surroundings.check(CLEAN)
    assert found.good
    assert states(found) == {"Widgets": "look"}
    assert "%pip install jupyterlab_widgets" in str(found)


def test_no_manager_is_needed_without_jupyterlab(installed: Callable[..., None]) -> None:
    """On Colab, or where the notebook is served from elsewhere, nothing is asked for."""
    installed(jupyterlab=None, jupyterlab_widgets=None)
    assert states(surroundings.check(CLEAN)) == {}


def test_another_kernel_is_told_when_a_package_is_missing(
    installed: Callable[..., None], tmp_path: Path
) -> None:
    """The terminal's environment is another one: that is why the package is not here."""
    environ = {"VIRTUAL_ENV": str(tmp_path)}
    assert states(surroundings.check(environ)) == {}
    installed(openai=None)
    found = surroundings.check(environ)
    assert states(found) == {"openai": "missing", "Kernel": "missing"}
    assert str(tmp_path) in str(found)
    assert "ipykernel install" in str(found)
    assert "Kernel" not in states(surroundings.check({"VIRTUAL_ENV": str(tmp_path)}, prefix=str(tmp_path)))


def test_no_vocabulary_means_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting goes on, and says that it guesses."""
    guess = tokens.TokenCount(3, 11, "characters / 4", exact=False, why="a guess")
    monkeypatch.setattr(tokens, "count", lambda _: guess)
    assert states(surroundings.check(CLEAN)) == {"Token": "look"}


@pytest.mark.parametrize("folder", ["/proc", "/nowhere/at/all"])
def test_a_folder_that_cannot_be_written(folder: str) -> None:
    """Read-only, full or gone: copy the notebooks elsewhere."""
    found = surroundings.check(CLEAN, folder=folder)
    assert found.good
    assert states(found) == {"A": "look"}
    assert "folder of your own" in str(found)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        pytest.param({"HTTP_PROXY": "http://user:secret@proxy:3128"}, True, id="swallows loopback"),
        pytest.param({"all_proxy": "socks5://proxy"}, True, id="in small letters"),
        pytest.param({"HTTP_PROXY": "http://proxy", "no_proxy": "10.0.0.1, 127.0.0.1"}, False, id="spared"),
        pytest.param({"HTTP_PROXY": "http://proxy", "NO_PROXY": "*"}, False, id="all spared"),
        pytest.param({"HTTPS_PROXY": "http://proxy"}, False, id="only for secure calls"),
    ],
)
def test_a_proxy_before_the_practice_api(environ: dict[str, str], told: bool) -> None:  # noqa: FBT001
    """A proxy that would take calls to this computer is told, by name and never by value."""
    found = surroundings.check(environ)
    assert states(found) == ({"No": "look"} if told else {})
    assert ("NO_PROXY" in str(found)) is told
    assert "secret" not in str(found)


def test_the_cure_for_a_proxy_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as it stands, the code spares loopback and keeps what was spared before."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy")
    monkeypatch.setenv("NO_PROXY", "intranet")
    monkeypatch.delenv("no_proxy", raising=False)
    code = next(each.code for each in surroundings.check().checks if each.state == "look")
    monkeypatch.setenv("no_proxy", "")
    exec(code, {})
    assert states(surroundings.check()) == {}
    import os

    assert "intranet" in os.environ["NO_PROXY"]


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"])
def test_a_variable_that_surprises(name: str) -> None:
    """Its name is told, what it holds is not, and the code that takes it away works."""
    environ = {name: "sk-practice-0123456789abcdef", "OPENAI_API_KEY": "sk-practice-fedcba9876543210"}
    found = surroundings.check(environ)
    assert states(found) == {"No": "look"}
    assert name in str(found)
    assert "sk-practice" not in str(found)
    assert "OPENAI_API_KEY" not in str(found)
    code = next(each.code for each in found.checks if each.state == "look")
    os_like: dict[str, Any] = {}
    exec(code, os_like)
    assert os_like["name"] == name


def test_a_wrong_calendar(tmp_path: Path) -> None:
    """A date before the guide was written cannot be right."""
    found = surroundings.check(CLEAN, folder=tmp_path, today=dt.date(2020, 1, 1))
    assert states(found) == {"The": "look"}
    assert "2020-01-01" in str(found)


def test_the_sentence_counts() -> None:
    """How many are missing, how many want a look."""
    found = surroundings.check({"OPENAI_ORG_ID": "x"}, folder="/proc", python=(3, 9, 0))
    assert found.sentence.startswith("1 missing, 2 to look at")
