"""Attaching: a practice API in another program is used through the same handle as one's own."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from guide_helpers import lessons, practice
from guide_helpers.errors import GuideError, InputError, PracticeError, UnknownNameError
from guide_helpers.practice import attach, handles, over_http
from guide_helpers.practice.attach import Attached
from guide_helpers.practice.desk import Desk, Door
from guide_helpers.practice.world import World
from guide_helpers.practice.world.clock import Clock


class Running:
    """A practice API as another program would run it: only its address is known here."""

    def __init__(self) -> None:
        """Start it."""
        self.world, door = World(Clock(speed=0)), Door()
        self.thread = over_http.Thread(self.world, desk=Desk(self.world, door))
        self.root, self.token = f"http://127.0.0.1:{self.thread.port}", door.token
        self.address = f"{self.root}/?token={self.token}"


@pytest.fixture
def running() -> Iterator[Running]:
    """A practice API to attach to."""
    made = Running()
    yield made
    made.thread._server.should_exit = True  # nobody waits for its end: that takes a fifth of a second


@pytest.fixture
def attached(running: Running, monkeypatch: pytest.MonkeyPatch) -> Attached:
    """A handle to it, got as a notebook gets it."""
    monkeypatch.setenv("GUIDE_PRACTICE_URL", running.address)
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ada/04_cost.ipynb")
    server = practice.serve()
    assert isinstance(server, Attached)
    return server


def connect(server: Any, key: str = "") -> OpenAI:
    """Return the real client."""
    return OpenAI(base_url=server.base_url, api_key=key or server.api_key, max_retries=0)


# ---------------------------------------------------------------------------- the same handle


def test_the_handle_has_all_that_a_server_has() -> None:
    """Whatever a lesson calls on its own server, it can call on a distant one, with the same arguments."""
    for name in (name for name in vars(handles.Practice) if not name.startswith("_")):
        assert name == "view" or name in vars(Attached), f"{name} would look for a world that is not here"


def test_a_notebook_attaches_with_a_key_of_its_own(attached: Attached, running: Running, model: str) -> None:
    """The key is named after the notebook, works, and what it asked is seen."""
    reply = connect(attached).responses.create(model=model, input="Hello there.")
    assert [each.name for each in attached.keys] == ["04_cost.ipynb"]
    assert attached.keys[0].requests == 1
    exchange = attached.seen[-1]
    assert reply.id in exchange.response_body
    assert exchange.json["input"] == "Hello there."
    assert exchange == running.world.records[-1].exchange
    assert attached.api_key not in repr(exchange)
    assert "Practice mode" in attached.view().text
    assert practice.serve() is attached
    with attached:
        attached.close()
    connect(attached).models.list()


def test_keys_are_made_and_revoked_from_afar(attached: Attached) -> None:
    """A key works until it is revoked; one never issued there is named, masked."""
    spare = attached.issue_key("spare")
    connect(attached, spare).models.list()
    attached.revoke_key(spare)
    with pytest.raises(openai.AuthenticationError):
        connect(attached, spare).models.list()
    assert [(each.name, each.revoked is not None) for each in attached.keys][1] == ("spare", True)
    unknown = "sk-practice-" + "0f" * 16
    with pytest.raises(UnknownNameError, match="No key sk-practice-…0f0f") as caught:
        attached.revoke_key(unknown)
    assert unknown not in str(caught.value)


def test_scenarios_are_played_and_stopped_from_afar(attached: Attached, model: str) -> None:
    """A play hits this notebook's calls, for as often as was asked, until it is stopped."""
    client = connect(attached)
    attached.play("no_credit")
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model=model, input="x")
    client.responses.create(model=model, input="x")
    attached.play("overloaded", times=None, path="/v1/chat", share=1.0)
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x"}])
    attached.stop()
    client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x"}])


def test_the_clock_is_read_and_moved_from_afar(attached: Attached, running: Running) -> None:
    """It is the world's clock, and it jumps for everybody."""
    before = attached.clock.now()
    attached.clock.advance(86_400)
    assert attached.clock.now() - before == 86_400 == running.world.clock.now() - before
    assert attached.clock.today() == running.world.clock.today()


def test_the_verdict_is_about_this_notebooks_calls(attached: Attached, running: Running, model: str) -> None:
    """It judges what this client did, not what others did."""
    other = running.world.issue_key("somebody else")
    running.world.keyring.find(other)
    connect(attached).responses.create(model=model, input="x")
    assert attached.verdict().view().text == attached.verdict(attached.api_key).view().text
    with pytest.raises(UnknownNameError):
        attached.verdict("sk-practice-" + "0f" * 16)


def test_a_lesson_finds_its_exchange(attached: Attached, model: str) -> None:
    """The first exercise looks at what the attached practice API saw."""
    reply = connect(attached).responses.create(model=model, input="Words of my own.")
    assert "Words of my own." in lessons.check("00.1", reply).view().text


# ---------------------------------------------------------------------------- several at once


def test_notebooks_do_not_meet(attached: Attached, running: Running, model: str) -> None:
    """Each has its own key, sees its own calls and keys, and meets only what it plays itself."""
    other = Attached(running.address)
    attached.play("no_credit", times=None)
    connect(other).responses.create(model=model, input="from the other one")
    assert other.api_key != attached.api_key
    assert [len(each.seen) for each in (attached, other)] == [0, 1]
    assert [len(each.keys) for each in (attached, other)] == [1, 1]
    other.stop()
    with pytest.raises(openai.RateLimitError):
        connect(attached).responses.create(model=model, input="x")
    with pytest.raises(openai.AuthenticationError):
        connect(other, "sk-practice-nobody").models.list()
    assert attached.seen[-1].status == 401, "nobody's key: each who attached may have sent it"


def test_a_world_of_ones_own_is_still_to_be_had(attached: Attached) -> None:
    """Asked for something in particular, `serve` starts a fresh world here."""
    own = practice.serve(limits=practice.Limits(3, 40_000), clock=practice.Clock(speed=0), tier="2", credit=7)
    assert isinstance(own, practice.Server)
    assert own.base_url != attached.base_url
    assert (own.world.home.tier, own.world.home.credit) == ("2", 7)
    own.close()


def test_a_server_of_this_process_can_be_attached_to(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    """Its `page` is all another notebook needs."""
    with practice.serve(seed=95) as server:
        monkeypatch.setenv("GUIDE_PRACTICE_URL", server.page)
        guest = practice.serve()
        connect(guest).responses.create(model=model, input="x")
        assert len(server.seen) == len(guest.seen) == 1


# ---------------------------------------------------------------------------- when it fails


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9/?token=x", "does not answer"),
        ("127.0.0.1:8765", "not an address"),
        ("http://127.0.0.1:8765/", "lacks the token"),
        ("file:///etc/passwd?token=x", "not an address"),
        ("http://127.0.0.1:8765/?token=ö", "not an address"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(
    address: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence says what is wrong, the other what to do; the token is in neither."""
    monkeypatch.setenv("GUIDE_PRACTICE_URL", address)
    with pytest.raises(PracticeError, match=words) as caught:
        practice.serve()
    assert caught.value.cure
    assert "token=x" not in str(caught.value)


def test_a_wrong_token_is_told(running: Running) -> None:
    """It is not the practice API's silence but its refusal."""
    with pytest.raises(PracticeError, match="needs the token"):
        Attached(f"{running.root}/?token=wrong")


def test_a_practice_api_that_was_started_anew_is_told(attached: Attached, running: Running) -> None:
    """The old handle says so; after `serve` is asked again in a new kernel all is well."""
    attached._line.mine = "key_of_yesterday"
    with pytest.raises(PracticeError, match="started anew"):
        _ = attached.seen
    assert running.world.requests == 0


@pytest.mark.parametrize(
    ("about", "error"),
    [
        ({"scenario": "rain"}, UnknownNameError),
        ({"scenario": "no_credit", "times": 0}, InputError),
        ({"scenario": "no_credit", "times": "often"}, InputError),
        ({"scenario": "no_credit", "share": 7}, InputError),
        ({"scenario": "no_credit", "key": "sk-practice-nobody"}, UnknownNameError),
        ({"scenario": 5}, InputError),
    ],
)
def test_what_cannot_be_played_is_told_as_at_home(
    attached: Attached, about: dict[str, Any], error: type[GuideError]
) -> None:
    """The error on the other side is raised here, as the class it was."""
    with pytest.raises(error) as caught:
        attached.play(**about)
    assert type(caught.value) is error


@pytest.mark.parametrize("seconds", [-1, 1e12, float("nan"), float("inf"), True, "60"])
def test_the_clock_cannot_be_broken(attached: Attached, seconds: Any) -> None:
    """Jumps back, out of the calendar, or by what is no number are refused."""
    with pytest.raises(GuideError):
        attached.clock.advance(seconds)


def ask(running: Running, body: bytes, **headers: str) -> int:
    """Send something to the control side, and return the status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{running.root}/_practice/control", body, named)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            told = set(json.load(error)["error"])
            return error.code if told == {"name", "what", "cure"} else 0


CLOCK = b'{"do": "clock"}'


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"x_practice_token": "wrong"}, 403),
        ({"x_practice_token": "TOKEN", "origin": "http://evil.example"}, 403),
        ({"x_practice_token": "TOKEN", "origin": "null"}, 403),
        ({"x_practice_token": "TOKEN", "host": "evil.example"}, 403),
        ({"x_practice_token": "TOKEN"}, 200),
    ],
    ids=["no token", "wrong token", "another site", "no site", "another name", "right"],
)
def test_only_the_token_opens_the_control_side(
    running: Running, headers: dict[str, str], status: int
) -> None:
    """Not without it, and with it from no web page and under no other name."""
    sent = {name: value.replace("TOKEN", running.token) for name, value in headers.items()}
    assert ask(running, CLOCK, **sent) == status
    assert running.world.requests == 0


def test_the_token_in_an_address_does_not_open_the_control_side(running: Running) -> None:
    """A web page can make a browser send an address, but not a header."""
    address = f"{running.root}/_practice/control?token={running.token}"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(urllib.request.Request(address, CLOCK))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 90_000,
        b'{"do": "__init__"}',
        b'{"do": "attach"}',
        b'{"do": "seen", "mine": 1}',
        b'{"do": []}',
        b'{"do": "clock", "advance": "x"}',
    ],
)
def test_nonsense_on_the_control_side_is_a_400(running: Running, body: bytes) -> None:
    """It neither fails nor does anything."""
    assert ask(running, body, x_practice_token=running.token) == 400


def test_too_much_on_the_control_side_is_a_413(running: Running) -> None:
    """A hundred kilobytes are enough to ask for anything."""
    assert ask(running, b" " * 200_000, x_practice_token=running.token) == 413


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"JPY_SESSION_NAME": "/home/ada/04_cost.ipynb"}, "04_cost.ipynb"),
        ({"JPY_SESSION_NAME": "a.ipynb", "JUPYTERHUB_USER": "ada"}, "ada: a.ipynb"),
    ],
)
def test_a_kernel_has_a_name(environ: dict[str, str], words: str) -> None:
    """Its notebook's file name, and on a hub its user."""
    assert attach._name(environ) == words
    assert attach._name({}).startswith("process ")
