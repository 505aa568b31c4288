"""The command line."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI
from typer.testing import CliRunner

from guide_helpers import __version__, cli, facts, keys, launch
from guide_helpers.errors import GuideError
from guide_helpers.practice import terminal as terminals
from guide_helpers.practice.attach import Attached
from guide_helpers.practice.desk import Door
from guide_helpers.practice.world import World
from guide_helpers.practice.world.pace import Pace

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
        yield process, {"page": said, **dict(re.findall(r'(\w+) ?= ?"(.+)"', said))}
        process.kill()


@pytest.mark.process
def test_the_terminals_variables_are_enough(terminal: tuple[Any, dict[str, str]], model: str) -> None:
    """A program that only knows the variables gets a reply, and Ctrl+C ends it in good order."""
    process, variables = terminal
    page = re.search(r"live: (\S+)", variables["page"])
    assert page is not None
    with urllib.request.urlopen(page[1]) as answer:
        assert "Practice API" in answer.read().decode()
    assert Attached(variables["GUIDE_PRACTICE_URL"]).seen == ()
    assert keys.check(variables["OPENAI_ADMIN_KEY"]).kind == "practice key"
    client = OpenAI(base_url=variables["OPENAI_BASE_URL"], api_key=variables["OPENAI_API_KEY"])
    assert "not a model" in client.responses.create(model=model, input="Hi").output_text
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0


@pytest.mark.process
@pytest.mark.parametrize("asking", [False, True], ids=["at once", "during the first request"])
def test_an_early_ctrl_c_is_no_accident(asking: bool, model: str) -> None:  # noqa: FBT001 -- pytest's
    """Stopped before it is up, or while the vocabulary loads, it ends with 0 and prints nothing more."""
    command = [sys.executable, "-c", "from guide_helpers.cli import main; main()", "practice"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env={**os.environ, "PYTHONUNBUFFERED": "1"}, **pipes) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        while "Ctrl+C" not in said:
            said += process.stdout.readline()
        if asking:
            found = dict(re.findall(r'(\w+) ?= ?"(.+)"', said))
            port = int(found["OPENAI_BASE_URL"].rsplit(":", 1)[1].removesuffix("/v1"))
            body = json.dumps({"model": model, "input": "x"})
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            line.request(
                "POST", "/v1/responses", body, {"Authorization": f"Bearer {found['OPENAI_API_KEY']}"}
            )
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


EVERYWHERE = "0.0.0.0"  # noqa: S104 -- never reached: the guard lets nothing but loopback through
USUAL: dict[str, Any] = {"seed": 0, "tier": "1", "credit": "", "pace": Pace(), "speed": 1.0}


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({"credit": "a lot"}, "no credit"),
        ({"credit": "nan"}, "no credit"),
        ({"credit": "-1"}, "no credit"),
        ({"tier": "9"}, "Choose one of Free, 1"),
        ({"speed": float("nan")}, "--speed nan"),
        ({"speed": -1.0}, "--speed -1"),
        ({"speed": 1e9}, "--speed"),
        ({"pace": Pace(latency=-1.0)}, "--latency"),
        ({"pace": Pace(jitter=float("inf"))}, "--jitter"),
        ({"pace": Pace(tokens_per_second=-1.0)}, "--tokens-per-second"),
    ],
)
def test_a_value_that_cannot_be_used_is_told(odd: dict[str, Any], words: str) -> None:
    """Before anything starts, with what would do."""
    with pytest.raises(GuideError, match=words) as caught:
        terminals.found(**{**USUAL, **odd})
    assert caught.value.cure


def test_what_is_typed_makes_the_world() -> None:
    """Credit and tier are the home organization's; scenarios are played until the end."""
    world = terminals.found(**{**USUAL, "tier": "3", "credit": "12.50", "pace": Pace(latency=0.5)})
    terminals.play(world, ["no_credit", "overloaded:0.2"])
    assert (world.home.tier, str(world.home.credit), world.pace.latency) == ("3", "12.50", 0.5)
    assert [(each.name, each.left, each.share) for each in world.plays] == [
        ("no_credit", None, None),
        ("overloaded", None, 0.2),
    ]
    assert terminals.found(**{**USUAL, "credit": "none"}).home.credit is None


@pytest.mark.parametrize("scenario", ["rain", "overloaded:2", "overloaded:", "overloaded:often"])
def test_a_scenario_that_cannot_be_played_is_told(scenario: str) -> None:
    """The name, or the share."""
    with pytest.raises(GuideError):
        terminals.play(World(), [scenario])


def test_another_address_is_told_and_needs_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a network the keys cannot be guessed, the page's address holds the token, and a sentence warns."""
    monkeypatch.setattr(terminals.Terminal, "run", lambda _: None)
    doors: list[Door] = []
    monkeypatch.setattr(terminals, "Door", lambda **about: doors.append(Door(**about)) or doors[-1])
    said = RUNNER.invoke(cli.app, ["practice", "--host", EVERYWHERE]).output
    assert "Everybody who can reach this computer" in said
    assert f"/?token={doors[0].token}" in said
    assert not doors[0].loopback
    assert terminals.seed_for(EVERYWHERE) != terminals.seed_for(EVERYWHERE)
    home = RUNNER.invoke(cli.app, ["practice"]).output
    assert "on this computer only" in home
    assert doors[1].loopback
    assert re.search(r"live: http://127.0.0.1:\d+/\n", home)
