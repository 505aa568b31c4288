"""Open the guide in JupyterLab: find the notebooks, a port and a browser, and say what is missing."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from guide_helpers.errors import SurroundingsError

__all__ = ["FIRST_PORT", "Launch", "free_port", "prepare", "run"]

FIRST_PORT = 8888
_PORTS_TRIED = 50
_HOST = "127.0.0.1"
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Launch:
    """A JupyterLab about to start: where its notebooks are, and the address a reader opens."""

    folder: Path
    notebook: str
    port: int
    token: str
    browser: bool

    @property
    def address(self) -> str:
        """The address of the first page, with the token that lets its holder in."""
        return f"http://{_HOST}:{self.port}/lab/tree/{self.notebook}?token={self.token}"

    @property
    def command(self) -> list[str]:
        """The command line; the token is not on it, since everyone on a machine can list those."""
        options = [
            f"--ServerApp.root_dir={self.folder}",
            f"--ServerApp.ip={_HOST}",
            f"--ServerApp.port={self.port}",
            "--Application.log_level=WARN",
            f"--LabApp.default_url=/lab/tree/{self.notebook}",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        if not self.browser:
            options.append("--no-browser")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--allow-root")  # containers run as root; it listens on loopback with a token
        return [sys.executable, "-m", "jupyterlab", *options]


def prepare(*, notebook: str = "00_start_here", port: int = FIRST_PORT, browser: bool = True) -> Launch:
    """Look at the surroundings and return what to start.

    A taken port gives way to the next free one. Raises `SurroundingsError` when JupyterLab or the
    notebook is missing.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise SurroundingsError(
            "JupyterLab is not installed in this environment.",
            'Install it with the extra "lab": pip install "openai-key-guide[lab]" '
            '(in a checkout: pip install -e ".[lab]").',
        )
    folder = notebooks_folder()
    name = f"{notebook.removesuffix('.ipynb')}.ipynb"
    if not (folder / name).is_file():
        known = ", ".join(path.stem for path in sorted(folder.glob("*.ipynb")))
        raise SurroundingsError(f"There is no notebook called {notebook}.", f"There are {known}.")
    shows = browser and has_browser(os.environ, sys.platform)
    return Launch(folder, name, free_port(port), secrets.token_urlsafe(24), shows)


def run(launch: Launch) -> int:
    """Start JupyterLab and wait until it ends; return its exit code."""
    environ = {**os.environ, "JUPYTER_TOKEN": launch.token}
    with subprocess.Popen(launch.command, env=environ) as lab:  # noqa: S603 -- our own command
        while True:
            try:
                return lab.wait()
            except KeyboardInterrupt:
                continue  # JupyterLab got the same Ctrl+C and asks its own question


def notebooks_folder(package: Path = _PACKAGE, here: Path | None = None) -> Path:
    """Return the folder of the notebooks.

    In a checkout that is its own `notebooks`. An installed guide copies the notebooks it carries to
    `openai-key-guide` in the current folder, and never overwrites one that is there.
    """
    checkout = package.parent / "notebooks"
    if (checkout / "00_start_here.ipynb").is_file():
        return checkout
    target = (here or Path.cwd()) / "openai-key-guide"
    try:
        target.mkdir(exist_ok=True)
        for source in sorted((package / "_notebooks").glob("*.ipynb")):
            if not (target / source.name).exists():
                shutil.copyfile(source, target / source.name)
    except OSError as error:
        raise SurroundingsError(
            f"The notebooks cannot be copied to {target} ({error.strerror}).",
            "Start the guide from a folder you may write to.",
        ) from None
    return target


def free_port(first: int = FIRST_PORT) -> int:
    """Return the first free loopback port from `first` on.

    Raises `SurroundingsError` when fifty in a row are taken.
    """
    for port in range(first, min(first + _PORTS_TRIED, 65_536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if probe.connect_ex((_HOST, port)) != 0:
                return port
    raise SurroundingsError(
        f"No free port from {first} on.", "Close some programs, or name another with --port."
    )


def has_browser(
    environ: Mapping[str, str], platform: str, find: Callable[[], object] = webbrowser.get
) -> bool:
    """Say whether a graphical browser can be opened here."""
    if platform.startswith("linux") and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return "WSL_DISTRO_NAME" in environ
    try:
        find()
    except webbrowser.Error:
        return False
    return True
