"""Opening the guide: notebooks, port, browser, and clear words when something is missing."""

from __future__ import annotations

import socket
import webbrowser
from pathlib import Path

import pytest

from guide_helpers import launch
from guide_helpers.errors import SurroundingsError


def packaged(folder: Path) -> Path:
    """Make a package folder as an installed wheel has it."""
    notebooks = folder / "site-packages" / "guide_helpers" / "_notebooks"
    notebooks.mkdir(parents=True)
    (notebooks / "00_start_here.ipynb").write_text("fresh")
    return notebooks.parent


def test_a_checkout_uses_its_own_notebooks() -> None:
    """No copy is made where the notebooks stand beside the package."""
    assert (launch.notebooks_folder() / "00_start_here.ipynb").is_file()


def test_an_installed_guide_copies_and_never_overwrites(tmp_path: Path) -> None:
    """A reader's work survives the next start."""
    package = packaged(tmp_path)
    copied = launch.notebooks_folder(package, tmp_path) / "00_start_here.ipynb"
    assert copied.read_text() == "fresh"
    copied.write_text("my work")
    launch.notebooks_folder(package, tmp_path)
    assert copied.read_text() == "my work"


def test_a_folder_in_the_way_is_explained(tmp_path: Path) -> None:
    """Where the copy cannot be made, the message names the folder and the cure."""
    (tmp_path / "openai-key-guide").write_text("a file in the way")
    with pytest.raises(SurroundingsError, match="may write to"):
        launch.notebooks_folder(packaged(tmp_path), tmp_path)


def test_a_taken_port_gives_way() -> None:
    """The next free port is chosen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert launch.free_port(port) > port


@pytest.mark.parametrize(
    ("environ", "platform", "found", "expected"),
    [
        ({"DISPLAY": ":0"}, "linux", True, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True, True),
        ({}, "linux", True, False),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", True, True),
        ({}, "darwin", True, True),
        ({}, "win32", True, True),
        ({"DISPLAY": ":0"}, "linux", False, False),
    ],
)
def test_a_browser_is_only_tried_where_one_can_show(
    environ: dict[str, str], platform: str, *, found: bool, expected: bool
) -> None:
    """A server without a screen gets the address instead of an error."""

    def find() -> object:
        if not found:
            raise webbrowser.Error
        return object()

    assert launch.has_browser(environ, platform, find) is expected


def test_a_missing_jupyterlab_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message holds the command that cures it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(SurroundingsError, match=r"pip install \"openai-key-guide\[lab\]\""):
        launch.prepare()


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> launch.Launch:
    """A launch on a machine that has JupyterLab and no browser."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    return launch.prepare(browser=False)


def test_the_token_is_on_the_address_and_not_on_the_command(ready: launch.Launch) -> None:
    """Everyone on a machine can list command lines."""
    assert ready.token in ready.address
    assert ready.token not in " ".join(ready.command)
    assert "--no-browser" in ready.command
    assert ready.address.startswith("http://127.0.0.1:")


@pytest.mark.usefixtures("ready")
def test_an_unknown_notebook_lists_the_known() -> None:
    """A slip in the name is answered with the list."""
    with pytest.raises(SurroundingsError, match="00_start_here"):
        launch.prepare(notebook="99_nothing")
