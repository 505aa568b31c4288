"""The command line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI
from typer.testing import CliRunner

from guide_helpers import __version__, cli, facts, launch

RUNNER = CliRunner()


def test_the_version_is_the_packages() -> None:
    """`--version` prints one line."""
    result = RUNNER.invoke(cli.app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"openai-key-guide {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["open"]], ids=["no command", "open"])
def test_without_a_command_the_guide_opens(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Both start JupyterLab at notebook 00 and say where."""
    started: list[launch.Launch] = []
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    monkeypatch.setattr(launch, "run", lambda ready: started.append(ready) or 0)
    monkeypatch.setattr(launch, "has_browser", lambda *_: False)
    result = RUNNER.invoke(cli.app, arguments)
    assert result.exit_code == 0
    assert started[0].notebook == "00_start_here.ipynb"
    assert "No browser was found here" in result.output
    assert started[0].address in result.output


def test_a_taken_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader learns which port was taken and which one serves."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    monkeypatch.setattr(launch, "run", lambda _: 0)
    monkeypatch.setattr(launch, "free_port", lambda first: first + 1)
    assert "Port 8888 is taken; using 8889." in RUNNER.invoke(cli.app, ["open"]).output


def test_an_error_of_ours_is_two_sentences(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback: what happened, what to do, exit code 1."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["key-guide"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert "JupyterLab is not installed" in shown
    assert '"openai-key-guide[lab]"' in shown
    assert "Traceback" not in shown


def test_facts_are_listed_with_their_sources() -> None:
    """Every fact of the ledger has a row."""
    result = RUNNER.invoke(cli.app, ["facts"], env={"COLUMNS": "400"})
    assert all(fact.id in result.output for fact in facts.all_facts())


@pytest.mark.parametrize(("day", "code"), [("2026-11-23", 0), ("2035-01-01", 1)])
def test_stale_facts_fail_the_check(day: str, code: int) -> None:
    """A maintainer's calendar job goes red when a fact is past its date."""
    assert RUNNER.invoke(cli.app, ["facts", "--stale"], env={"GUIDE_TODAY": day}).exit_code == code


@pytest.fixture(scope="module")
def terminal() -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """`key-guide practice` as a program, and the variables it printed."""
    command = [sys.executable, "-c", "from guide_helpers.cli import main; main()", "practice"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl+C" not in said:
            said += process.stdout.readline()
        yield process, dict(re.findall(r'(OPENAI_\w+) ?= ?"(.+)"', said))
        process.kill()


@pytest.mark.process
def test_the_terminals_variables_are_enough(terminal: tuple[Any, dict[str, str]], model: str) -> None:
    """A program that only knows the two variables gets a reply, and Ctrl+C ends it in good order."""
    process, variables = terminal
    client = OpenAI(base_url=variables["OPENAI_BASE_URL"], api_key=variables["OPENAI_API_KEY"])
    assert "not a model" in client.responses.create(model=model, input="Hi").output_text
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0
