"""Drive a real JupyterLab with a real browser, the way a reader's machine would start it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guide_helpers import launch

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
READY_SECONDS = 60
RUN_MILLISECONDS = 120_000
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

# JupyterLab calls a kernel idle before it is connected, and "run all" then runs the first cell only.
# So wait for the session itself. `evaluate` has no time limit of its own: each promise gets one.
_KERNEL_READY = """async (ms) => {
    const panel = window.jupyterapp.shell.currentWidget;
    const late = new Promise((_, no) => setTimeout(() => no(new Error('kernel not ready')), ms));
    await Promise.race([late, (async () => {
        await panel.context.ready;
        await panel.sessionContext.ready;
        await panel.sessionContext.session.kernel.info;
        while (panel.sessionContext.session.kernel.status !== 'idle')
            await new Promise(resolve => setTimeout(resolve, 50));
    })()]);
}"""
_RUN_ALL = """(ms) => Promise.race([
    window.jupyterapp.commands.execute('notebook:run-all-cells'),
    new Promise((_, no) => setTimeout(() => no(new Error('run all timed out')), ms))])"""
_THEME = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
_DRESSED = """(theme) => getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor
    === {Light: 'rgb(255, 255, 255)', Dark: 'rgb(17, 17, 17)'}[theme]"""
_ALL_RAN = """() => [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell')]
    .every(cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').innerText))"""


def chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


MISSING = [
    name
    for name, there in {
        "Chromium": chromium() is not None,
        "playwright": importlib.util.find_spec("playwright") is not None,
        "jupyterlab": importlib.util.find_spec("jupyterlab") is not None,
    }.items()
    if not there
]
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(
        bool(MISSING) and not os.environ.get("GUIDE_REQUIRE_BROWSER"),
        reason=f"no {' and no '.join(MISSING)} here",
    ),
]


@contextmanager
def jupyterlab(notebooks: Path, scratch: Path, theme: str = "light") -> Iterator[launch.Launch]:
    """Start JupyterLab on a copy of the notebooks (it autosaves), with settings of its own."""
    folder = scratch / "notebooks"
    shutil.copytree(notebooks, folder, dirs_exist_ok=True)
    _setting(scratch, "@jupyterlab/notebook-extension", "tracker", {"windowingMode": "none"})
    _setting(scratch, "@jupyterlab/apputils-extension", "notification", {"fetchNews": "false"})
    _setting(scratch, "@jupyterlab/apputils-extension", "themes", {"theme": f"JupyterLab {theme.title()}"})
    ready = replace(launch.prepare(browser=False), folder=folder)
    command = [*ready.command, "--LabApp.expose_app_in_browser=True"]
    with (scratch / "lab.log").open("w") as log:
        process = subprocess.Popen(
            command, env=_environ(scratch, ready.token), stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(ready, process, scratch / "lab.log")
            yield ready
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _setting(scratch: Path, extension: str, plugin: str, values: dict[str, str]) -> None:
    folder = scratch / "settings" / extension
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(values))


def _environ(scratch: Path, token: str) -> dict[str, str]:
    return {
        **os.environ,
        "JUPYTER_TOKEN": token,
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "IPYTHONDIR": str(scratch / "ipython"),
    }


def _wait(ready: launch.Launch, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{ready.port}/api?token={ready.token}", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@contextmanager
def headless() -> Iterator[Any]:
    """Start a Chromium without a window; there can be one at a time."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Any, width: int = 1280, height: int = 900) -> Any:
    """Open a page; its `problems` collect what the console calls an error."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: message.type == "error" and page.problems.append(message.text))
    page.set_default_timeout(RUN_MILLISECONDS)
    return page


@contextmanager
def browser_page(width: int = 1280, height: int = 900) -> Iterator[Any]:
    """Open a page in a Chromium of its own."""
    with headless() as browser:
        yield new_page(browser, width, height)


def open_notebook(page: Any, ready: launch.Launch, name: str) -> None:
    """Open a notebook and wait until its kernel is truly connected."""
    address = f"http://127.0.0.1:{ready.port}/lab/tree/{name}.ipynb?reset&token={ready.token}"
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").wait_for()
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context?.isReady")
    page.evaluate(_KERNEL_READY, RUN_MILLISECONDS)


def run_all(page: Any) -> None:
    """Run every cell and wait until each carries a number."""
    page.evaluate(_RUN_ALL, RUN_MILLISECONDS)
    page.wait_for_function(_ALL_RAN)


class Desk:
    """One JupyterLab in one page, for all tests: a notebook that is open and run already is shown again."""

    def __init__(self, page: Any, ready: launch.Launch) -> None:
        """Begin with no notebook open."""
        self.page = page
        self._ready = ready
        self._shown = ""

    def run(self, name: str) -> Any:
        """Open a notebook, run it, and return the page."""
        self.page.goto("about:blank")  # what the last page says while it is torn down is not this one's
        self.page.problems.clear()
        open_notebook(self.page, self._ready, name)
        run_all(self.page)
        self._shown = name
        return self.page

    def show(self, name: str) -> Any:
        """Return the page with a notebook that was run, perhaps by an earlier test that changed nothing."""
        return self.page if self._shown == name else self.run(name)

    def touch(self, name: str) -> Any:
        """Return the page with a notebook that was run, for a test that will change it."""
        page = self.show(name)
        self._shown = ""
        return page

    def dress(self, theme: str) -> None:
        """Change to the theme called Light or Dark, and wait until its colours are there."""
        self.page.evaluate(_THEME, f"JupyterLab {theme}")
        self.page.wait_for_function(_DRESSED, arg=theme, timeout=10_000)
