"""One canary key goes through everything the guide shows, keeps or saves; its text appears nowhere."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import openai
import pytest
from nbclient import NotebookClient
from openai import OpenAI

from guide_helpers import diagnosis, html, keys, practice, storage, widgets
from guide_helpers.errors import GuideError
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request

SIGN = "c4n4rY7h1sK3yMu5tN0tSh0w"
# the shape of a real one, put together here so that no file holds it
CANARY = "-".join(["sk", "proj", SIGN * 6])


def refused_call() -> openai.AuthenticationError:
    """Send the canary to the practice API by mistake, and return the client's error."""
    api = practice.in_process()
    client = OpenAI(base_url=api.base_url, api_key=CANARY, http_client=api.http_client, max_retries=0)
    with pytest.raises(openai.AuthenticationError) as caught:
        client.models.list()
    return caught.value


def broken_call() -> openai.APIConnectionError:
    """Send a key with a line break: the client's own traceback holds it whole."""
    with practice.serve(seed=31) as server, pytest.raises(openai.APIConnectionError) as caught:
        OpenAI(base_url=server.base_url, api_key=f"{CANARY}\n", max_retries=0).models.list()
    return caught.value


def survey_of_two() -> storage.Survey:
    """Find the canary in the environment."""
    return storage.survey(environ={"OPENAI_API_KEY": CANARY})


def seen_by_practice() -> tuple[object, ...]:
    """Return everything the practice API remembers of a call with the canary in key and words."""
    api = practice.in_process()
    client = OpenAI(base_url=api.base_url, api_key=CANARY, http_client=api.http_client, max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        client.responses.create(model="any", input=f"my key is {CANARY}")
    return (api.world, api.seen, api.keys, api)


RESULTS: dict[str, Callable[[], object]] = {
    "key": lambda: keys.ApiKey(CANARY),
    "verdict": lambda: keys.check(CANARY),
    "verdict of a sick key": lambda: keys.check(f"“{CANARY}”\n"),
    "redacted": lambda: keys.redact(f"Authorization: Bearer {CANARY}\n{CANARY[:70]}\n{CANARY[70:]}"),
    "found": lambda: storage.find(CANARY),
    "survey": survey_of_two,
    "refusal": lambda: diagnosis.explain(refused_call()),
    "connection error": lambda: diagnosis.explain(broken_call()),
    "traceback": lambda: diagnosis.explain("".join(traceback.format_exception(broken_call()))),
    "pasted": lambda: diagnosis.explain(json.dumps({"headers": {"authorization": f"Bearer {CANARY}"}})),
    "practice": seen_by_practice,
    "error body": lambda: refused_call().body,
    "error text": lambda: str(refused_call()),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_no_result_shows_it(result: Callable[[], object]) -> None:
    """Not its repr, its text, its HTML, its fields, nor a pretty printer that looks inside."""
    made = result()
    for each in made if isinstance(made, tuple) else (made,):
        shown = [repr(each), str(each), f"{each}"]
        if isinstance(each, html.Shown | html.Block):
            shown += each._repr_mimebundle_().values()
        assert SIGN not in "\n".join(shown)


@pytest.mark.parametrize("make", [getattr(widgets, name) for name in widgets.__all__ if name != "Panel"])
def test_no_panel_keeps_it(make: Callable[[], Any]) -> None:
    """A key pasted into any text control is gone from the widget's state and from what it shows."""
    panel = make()
    for control in panel.controls.values():
        if type(control).__name__ in {"Text", "Textarea"}:
            control.value = f"401 {CANARY}"
    state = [panel._view.get_state(), *(control.get_state() for control in panel.controls.values())]
    assert SIGN not in json.dumps(state, default=str) + str(panel)


@pytest.mark.parametrize(
    "raises",
    [
        lambda: practice.in_process().revoke_key(CANARY),
        lambda: practice.in_process().play(CANARY),
        lambda: storage.find(environ={}, folder="/nowhere"),
        lambda: keys.ApiKey(""),
    ],
)
def test_no_error_of_ours_quotes_it(raises: Callable[[], object]) -> None:
    """Neither its message nor its whole traceback, with local variables of our own frames shown."""
    with pytest.raises(GuideError) as caught:
        raises()
    assert SIGN not in keys.redact(str(caught.value))


def test_no_log_holds_it() -> None:
    """With every logger at DEBUG, a call leaves no key in the log, on either side of the wire.

    (A key with a line break does: httpcore2 logs the header it refused to send. That log is not ours.)
    """
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        refused_call()
        with practice.serve(seed=32) as server, pytest.raises(openai.AuthenticationError):
            OpenAI(base_url=server.base_url, api_key=CANARY, max_retries=0).models.list()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert SIGN not in stream.getvalue()


@pytest.mark.process
def test_no_terminal_output_holds_it() -> None:
    """`key-guide facts` and the practice server print nothing of the environment they run in."""
    command = [sys.executable, "-c", "from guide_helpers.cli import main; main()", "facts"]
    environ = {**os.environ, "OPENAI_API_KEY": CANARY}
    result = subprocess.run(command, capture_output=True, text=True, env=environ, check=True)
    assert SIGN not in result.stdout + result.stderr


NOTEBOOK = """
import os
from openai import OpenAI, OpenAIError
from guide_helpers import diagnosis, keys, practice, storage, widgets
server = practice.serve()
---
found = storage.find()
found
---
storage.survey()
---
key = keys.ApiKey(os.environ["OPENAI_API_KEY"])
key, [key], {"key": key}
---
%xmode Verbose
---
def fails(secret):
    raise ValueError(secret)
fails(key)
---
panel = widgets.error_explainer()
panel
---
panel.set(text="Bearer " + os.environ["OPENAI_API_KEY"]);
---
try:
    OpenAI(base_url=server.base_url, max_retries=0).models.list()
except OpenAIError as error:
    answer = diagnosis.explain(error)
answer
---
server.seen[-1]
"""


@pytest.mark.process
def test_no_saved_notebook_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Executed, saved with widget state, exported to HTML: the canary is in none of the files."""
    from nbconvert import HTMLExporter

    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in NOTEBOOK.split("---\n")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True)
    client.execute(cwd=str(tmp_path))
    failed = [
        output.ename for cell in cells for output in cell.outputs if output.get("output_type") == "error"
    ]
    assert failed == ["ValueError"]
    assert "widgets" in notebook.metadata  # so that the state really was looked at
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "sk-proj-…" in page
    assert SIGN not in json.dumps(notebook) + page


@pytest.mark.parametrize("field", ["model", "input", "tool_choice", "previous_response_id"])
def test_a_key_in_the_wrong_place_is_not_quoted(field: str, model: str) -> None:
    """Neither a reply nor a refusal repeats a key that was put into a field, whole or in part."""
    api = practice.in_process()
    body = {"model": model, "input": "Hi", field: f"here it is: {CANARY}"}
    head = {"authorization": f"Bearer {api.api_key}"}
    answer = handle(
        api.world, Request("POST", "/v1/responses", head, json.dumps(body).encode())
    ).body.decode()
    assert "here it is" in answer or "tool_choice" in answer
    assert CANARY[:30] not in answer


def test_the_marker_of_scanners_is_nowhere() -> None:
    """No file of the project holds the marker real keys carry: nothing here can be taken for one."""
    root = Path(__file__).parents[1]
    marker = "T3Blbk" + "FJ"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)  # noqa: S607
    names = [name for name in listed.stdout.decode().split("\0") if name]
    if not names:
        pytest.skip("not a git checkout")
    assert not [name for name in names if marker.encode() in (root / name).read_bytes()]
