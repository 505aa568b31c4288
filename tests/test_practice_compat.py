"""The profile for the client's own test suite, and that nothing of it is in the usual world."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai import OpenAI

from guide_helpers import facts
from guide_helpers.errors import InputError, UnknownNameError
from guide_helpers.practice import compat, over_http, terminal
from guide_helpers.practice.api import handle
from guide_helpers.practice.in_process import sync_client
from guide_helpers.practice.wire import Query, Request, Response
from guide_helpers.practice.world import World
from guide_helpers.practice.world.clock import Clock

KEY, ADMIN_KEY = "My API Key", "My Admin API Key"


@pytest.fixture
def world() -> World:
    """A world that is prepared for the suite."""
    made = World(Clock(speed=0))
    compat.openai_python(made)
    return made


@pytest.fixture
def client(world: World) -> OpenAI:
    """The client as the suite makes it: no /v1 in the address, and a literal key."""
    http = sync_client(world)
    return OpenAI(base_url="http://practice.invalid", api_key=KEY, max_retries=0, http_client=http)


def ask(world: World, method: str, path: str, body: object = None, key: str = ADMIN_KEY) -> Response:
    """Send a request as the suite does."""
    headers = {"authorization": f"Bearer {key}"}
    return handle(world, Request(method, path, headers, b"" if body is None else json.dumps(body).encode()))


def test_the_suites_key_and_address_work(client: OpenAI, model: str) -> None:
    """An address without /v1 and a key with spaces reach the very same endpoints."""
    assert model in [each.id for each in client.models.list()]
    said = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hi"}])
    assert "“Hi”" in str(said.choices[0].message.content)


def test_the_suites_keys_are_shown_nowhere(world: World, client: OpenAI) -> None:
    """What is remembered of a request holds neither literal key, nor the real one it stands for."""
    client.models.list()
    ask(world, "GET", "/organization/projects")
    text = repr([each.exchange for each in world.records]) + repr(world.key_records())
    assert len(world.records) == 2
    assert "My A" not in text
    assert "API Key" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/models/" + compat._FINE_TUNE.format(model=facts.models()[0].id),
        "/responses/response_id",
        "/chat/completions/completion_id",
    ],
)
def test_a_literal_thing_can_be_deleted_again_and_again(world: World, path: str) -> None:
    """The suite deletes it many times, and every time it is there."""
    for _ in range(3):
        assert ask(world, "DELETE", path, key=KEY).status == 200


@pytest.mark.parametrize(
    ("method", "path", "again"),
    [
        ("DELETE", "/organization/users/user_id", "/organization/users/user_id"),
        ("DELETE", "/organization/admin_api_keys/key_id", "/organization/admin_api_keys/key_id"),
        ("POST", "/organization/projects/project_id/archive", "/organization/projects/project_id"),
        ("DELETE", "/organization/invites/invite_id", "/organization/invites/invite_id"),
        ("DELETE", "/organization/spend_limit", "/organization/spend_limit"),
    ],
)
def test_the_admin_side_stands_as_it_stood(world: World, method: str, path: str, again: str) -> None:
    """Whatever a request did to a literal thing is undone before the next one."""
    before = json.loads(ask(world, "GET", again).body)
    assert ask(world, method, path).status == 200
    assert json.loads(ask(world, "GET", again).body) == before


def test_a_literal_spend_limit_stops_nothing(world: World, client: OpenAI, model: str) -> None:
    """The suite sets it to a cent; its models still answer."""
    limit = {"currency": "USD", "interval": "month", "threshold_amount": 1}
    assert ask(world, "POST", "/organization/spend_limit", limit).status == 200
    for _ in range(50):
        client.responses.create(model=model, input="Hi " * 1_000)


def test_placeholders_stand_for_nothing(world: World) -> None:
    """A limit of 0, a page after "after" and a token limit of 0 are what the suite fills fields with."""
    headers = {"authorization": f"Bearer {KEY}"}
    query = Query([("after", "after"), ("limit", "0"), ("order", "asc")])
    listed = handle(world, Request("GET", "/chat/completions", headers, b"", query))
    assert [each["id"] for each in json.loads(listed.body)["data"]][-1] == "completion_id"
    assert ask(world, "POST", "/responses", {"conversation": "string"}, key=KEY).status == 200


@pytest.mark.parametrize(
    ("send", "code"),
    [
        (lambda world: ask(world, "GET", "/v1/models", key=KEY), 401),
        (lambda world: ask(world, "GET", "/v1/organization/projects", key=ADMIN_KEY), 401),
        (lambda world: ask(world, "GET", "/models", key=world.issue_key("x")), 404),
        (lambda world: ask(world, "GET", "/v1/responses/response_id", key=world.issue_key("x")), 404),
    ],
    ids=["its key", "its admin key", "its address", "its ids"],
)
def test_the_usual_world_knows_nothing_of_it(send: Callable[[World], Response], code: int) -> None:
    """Keys, addresses and ids of the suite are unknown where nobody asked for the profile."""
    assert send(World(Clock(speed=0))).status == code


def test_odd_requests_are_refused_as_always(world: World) -> None:
    """Putting a request into other words never hides that it is broken."""
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    for body in (b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000):
        assert handle(world, Request("POST", "/responses", headers, body)).status == 400
    form = {**headers, "content-type": "multipart/form-data"}
    assert handle(world, Request("POST", "/images/edits", form, b"--")).status == 400
    assert ask(world, "GET", "/models", key="My Other Key").status == 401


def test_over_http(world: World) -> None:
    """The same through a socket, at the address without /v1."""
    thread = over_http.Thread(world)
    try:
        client = OpenAI(base_url=f"http://127.0.0.1:{thread.port}", api_key=KEY, max_retries=0)
        assert client.responses.retrieve("response_id").id == "response_id"
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve("another")
    finally:
        thread.close()


def test_the_command_line_names_the_profiles() -> None:
    """An unknown profile is an error with a cure, and a state file does not go with one."""
    with pytest.raises(UnknownNameError, match="openai-perl") as caught:
        terminal.prepare(World(), "openai-perl", None)
    assert "openai-python" in caught.value.cure
    with pytest.raises(InputError):
        terminal.prepare(World(), "openai-python", "state.db")
    prepared: Any = World()
    terminal.prepare(prepared, "openai-python", None)
    assert prepared.rewrite is not None
