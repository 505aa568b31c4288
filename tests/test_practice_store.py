"""The state file: what comes back after a restart, what a kill may cost, and which files are left alone."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import itertools
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import types
import urllib.parse
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers.errors import PracticeError
from guide_helpers.practice import Clock
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request, Response
from guide_helpers.practice.world import World
from guide_helpers.practice.world.ledger import Entry, Owner, Use
from guide_helpers.practice.world.state_file import VERSION
from guide_helpers.practice.world.store import State, Store, decode, encode

# ---------------------------------------------------------------------------- worlds by chance

TEXT = st.text(st.characters(exclude_categories=()), max_size=8)  # half characters too: JSON can send them
NAMES = st.text(max_size=8)  # what records are filed under: our own ids
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    types.NoneType: st.none(),
    Any: st.recursive(st.none() | st.booleans() | st.integers() | TEXT, st.lists, max_leaves=3),
}


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for whatever a record may hold, read from its annotations."""
    if dataclasses.is_dataclass(hint):
        return st.builds(hint, **{name: anything(each) for name, each in get_type_hints(hint).items()})
    kind, inside = get_origin(hint), get_args(hint)
    if kind is dict:
        return st.dictionaries(NAMES, anything(inside[1]), max_size=2)
    if kind in (list, tuple):
        return st.lists(anything(inside[0]), max_size=2).map(kind)
    if kind is types.UnionType:
        return st.one_of(*map(anything, inside))
    return PLAIN[hint]


@given(anything(State))
def test_a_state_comes_back_as_it_was(state: State) -> None:
    """Whatever the records hold: state to text to state is the identity."""
    assert decode(encode(state)) == state


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.floats(1_795_000_000, 1_796_000_000),
        st.builds(Owner, st.just("org"), *(st.sampled_from(["a", "b"]) for _ in range(3))),
        st.builds(
            Use,
            st.sampled_from(["completions", "images"]),
            st.just("m"),
            *(st.integers(0, 10**6) for _ in range(4)),
            st.booleans(),
            st.booleans(),
            st.sampled_from(["", "small"]),
        ),
        st.decimals(0, 1_000, places=12),
    ),
    max_size=30,
)


@given(ENTRIES)
def test_the_ledger_comes_back_to_the_last_digit(entries: list[Entry]) -> None:
    """Sums, totals and what every project spent in every month are rebuilt exactly, without a float."""
    with tempfile.TemporaryDirectory() as folder:
        world, again = World(clock=Clock(speed=0)), World(clock=Clock(speed=0))
        with Store(Path(folder, "state"), world):
            for entry in entries:
                world.ledger.write(entry)
        with Store(Path(folder, "state"), again):
            assert again.ledger.recent == world.ledger.recent
            assert again.ledger.total == sum((each.cost for each in entries), Decimal(0))
            assert again.ledger.requests == len(entries)
            spent = {name: usd for name, usd in again.ledger._spent.items() if usd}
            assert spent == world.ledger._spent


# ---------------------------------------------------------------------------- a restart


def ask(world: World, key: str, method: str, path: str, **fields: Any) -> Response:
    """Send one request and return the answer."""
    body = json.dumps(fields).encode() if fields else b""
    return handle(world, Request(method, path, {"authorization": f"Bearer {key}"}, body))


def talk(world: World, key: str, model: str) -> dict[str, Any]:
    """Ask the model something and return its reply, parsed."""
    answer = ask(world, key, "POST", "/v1/responses", model=model, input="Say hello.")
    assert answer.status == 200
    reply: dict[str, Any] = json.loads(answer.body)
    return reply


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a state file may be."""
    return tmp_path / "practice.state"


def test_a_world_goes_on_after_a_restart(path: Path, model: str) -> None:
    """Keys, their use, organizations, the seed, money, the time and the ids all go on."""
    world = World(clock=Clock(speed=0), seed=5)
    with Store(path, world):
        key, admin, gone = (world.issue_key("a"), world.issue_admin_key("b"), world.issue_key("c"))
        first = talk(world, key, model)
        world.revoke_key(gone)
        world.clock.advance(86_400)
        made = ask(world, admin, "POST", "/v1/organization/projects", name="Kept – 世界 \ud83d")
        assert made.status == 200
    again = World(clock=Clock(speed=0))
    with Store(path, again):
        assert again.organizations == world.organizations
        assert again.keyring == world.keyring
        assert (again.seed, again.requests, again.clock.now()) == (5, world.requests, world.clock.now())
        assert again.ledger.sums == world.ledger.sums
        assert ask(again, gone, "GET", "/v1/models").status == 401
        assert talk(again, key, model)["id"] != first["id"]
        assert again.issue_key("d") not in {key, admin, gone}
        assert again.ledger.spent("org-practice") == 2 * world.ledger.spent("org-practice")


def test_ids_do_not_repeat_after_a_kill(path: Path, model: str) -> None:
    """A world that was not closed leaves out more request numbers than it can have lost."""
    world = World(clock=Clock(speed=0))
    store = Store(path, world)
    key = world.issue_key("a")
    store._stop.set()  # what it answers from here on is lost, as in a kill
    lost = talk(world, key, model)["id"]
    store._thread.join()
    store._database.close()
    with Store(path, again := World(clock=Clock(speed=0))):
        ids = {talk(again, key, model)["id"] for _ in range(3)}
    assert len(ids) == 3
    assert lost not in ids


def test_the_file_is_private_and_holds_no_key(path: Path) -> None:
    """Only its owner can read it, and the values of keys are not in it or beside it."""
    world = World()
    with Store(path, world):
        values = [world.issue_key("a"), world.issue_admin_key("b")]
        files = list(path.parent.iterdir())
        assert len(files) > 1
        if os.name == "posix":
            assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
        text = b"".join(each.read_bytes() for each in files)
        assert b"org-practice" in text
        assert not [value for value in values if value.encode() in text]


def test_an_older_state_never_overwrites_a_newer_one(path: Path) -> None:
    """The writer's copy, overtaken by a change on its way to the file, is left out."""
    world = World()
    with Store(path, world) as store:
        older = encode(State.of(world))
        value = world.issue_key("a")
        store._commit(store._number - 1, older, [], "NORMAL")
        kept = store._database.execute("SELECT state FROM world").fetchone()[0]
        assert decode(kept).keyring.find(value) is not None


def test_a_full_disk_is_told_and_costs_nothing_later(path: Path, model: str) -> None:
    """A change that cannot be written is answered with 500; the ledger waits until there is room."""
    world = World(clock=Clock(speed=0))
    with Store(path, world) as store:
        key, admin = world.issue_key("a"), world.issue_admin_key("b")
        pages = store._database.execute("PRAGMA page_count").fetchone()[0]
        with store._writing:
            store._database.execute(f"PRAGMA max_page_count = {pages}")
        projects = fill(world, admin)
        answer = next(each for each in projects if each.status != 200)
        assert (answer.status, json.loads(answer.body)["error"]["type"]) == (500, "server_error")
        talk(world, key, model)
        assert next(projects).status == 500
        with store._writing:
            store._database.execute("PRAGMA max_page_count = 100000")
    with Store(path, again := World(clock=Clock(speed=0))):
        assert again.ledger.requests == 1
        assert again.organizations == world.organizations


def fill(world: World, admin: str) -> Iterator[Response]:
    """Make projects for ever."""
    for number in itertools.count():
        yield ask(world, admin, "POST", "/v1/organization/projects", name=f"Project {number}")


# ---------------------------------------------------------------------------- files left alone


def _text(path: Path) -> None:
    path.write_text("Dear diary, " * 20, encoding="utf-8")


def _foreign(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE recipes (name)")
    database.close()


def _ours(path: Path) -> None:
    world = World()
    with Store(path, world):
        for number in range(50):
            world.keyring.issue(dataclasses.replace(world._new_key(f"key {number}", "user", "")))
    assert path.stat().st_size > 8_192


def _damaged(path: Path) -> None:
    _ours(path)
    contents = bytearray(path.read_bytes())
    contents[4_096 : len(contents) - 100] = bytes(len(contents) - 4_196)
    path.write_bytes(contents)


def _cut(path: Path) -> None:
    _ours(path)
    path.write_bytes(path.read_bytes()[:5_000])


def _by_hand(path: Path) -> None:
    _ours(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE world SET state = '{}'")
    database.close()


def _newer(path: Path) -> None:
    _ours(path)
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_text, "not a state file"),
        (_foreign, "not a state file"),
        (_damaged, "damaged"),
        (_cut, "damaged"),
        (_by_hand, "damaged"),
        (_newer, "newer edition"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_left_as_it_is(path: Path, make: Any, words: str) -> None:
    """Somebody else's, damaged or newer: it says so, says what to do, and changes no byte."""
    make(path)
    before = path.read_bytes()
    with pytest.raises(PracticeError, match=words) as caught:
        Store(path, World())
    assert str(path) in caught.value.what
    assert "name another file" in caught.value.cure
    assert path.read_bytes() == before


def test_two_programs_cannot_have_one_file(path: Path) -> None:
    """The second is told so, and the file is free again when the first is closed."""
    with Store(path, World()), pytest.raises(PracticeError, match="in use by another"):
        Store(path, World())
    Store(path, World()).close()


@pytest.mark.parametrize("place", ["missing/state", "."])
def test_a_place_that_cannot_hold_a_file_is_named(tmp_path: Path, place: str) -> None:
    """A missing folder, or a folder itself, is refused in words."""
    with pytest.raises(PracticeError, match="cannot be used as a state file"):
        Store(tmp_path / place, World())


# ---------------------------------------------------------------------------- a kill

LINE = "from guide_helpers.cli import main; main()"
OPTIONS = ["practice", "--port", "18765", "--tier", "5", "--credit", "none", "--speed", "60"]


class Program:
    """The practice API as it is started in a terminal, in a process of its own."""

    def __init__(self, path: Path) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-c", LINE, *OPTIONS, "--state", str(path)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
        assert self.process.stdout is not None
        self.told: dict[str, str] = {}
        for line in self.process.stdout:
            if found := re.search(r'(OPENAI_\w+)="(.*)"', line):
                self.told[found[1]] = found[2]
            if line.startswith("The keys"):
                break
        self.port = urllib.parse.urlsplit(self.told["OPENAI_BASE_URL"]).port
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.connect().connect()
                break
            time.sleep(0.05)

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def end(self, how: signal.Signals) -> None:
        """Send it a signal and wait until it is gone."""
        self.process.send_signal(how)
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def _post(connection: http.client.HTTPConnection, key: str, path: str, **fields: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    connection.request("POST", path, json.dumps(fields), headers)
    answer = connection.getresponse()
    reply: dict[str, Any] = json.loads(answer.read())
    assert answer.status == 200, reply
    return reply


@pytest.mark.process
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is for POSIX")
def test_a_kill_costs_a_second_of_the_ledger_and_no_key(path: Path, model: str) -> None:
    """Killed while it answers: every key made is there, and every request but the last second's."""
    program = Program(path)
    key, admin = program.told["OPENAI_API_KEY"], program.told["OPENAI_ADMIN_KEY"]
    answered: list[float] = []

    def keep_asking() -> None:
        connection = program.connect()
        try:
            while True:
                _post(connection, key, "/v1/responses", model=model, input="Say hello.")
                answered.append(time.monotonic())
        except (OSError, http.client.HTTPException):
            return

    asker = threading.Thread(target=keep_asking)
    asker.start()
    connection = program.connect()
    made = []
    end = time.monotonic() + 3
    while time.monotonic() < end or not made:
        made.append(_post(connection, admin, "/v1/organization/admin_api_keys", name="made")["value"])
    killed = time.monotonic()
    program.end(signal.SIGKILL)
    asker.join()
    connection.close()

    world = World(clock=Clock(speed=0))
    with Store(path, world):
        assert all(world.keyring.find(value) for value in [key, admin, *made])
        kept = world.ledger.requests
        assert sum(at < killed - 1 for at in answered) <= kept <= len(answered) + 1
        assert kept > 0
        each = {entry.cost for entry in world.ledger.recent}
        assert len(each) == 1
        assert world.ledger.total == kept * each.pop()


@pytest.mark.process
@pytest.mark.skipif(os.name != "posix", reason="other systems have no such signal")
def test_a_program_asked_to_end_keeps_everything(path: Path, model: str) -> None:
    """After SIGTERM every request is in the file, and the next run begins with the same keys."""
    program = Program(path)
    connection = program.connect()
    for _ in range(3):
        _post(connection, program.told["OPENAI_API_KEY"], "/v1/responses", model=model, input="Hi")
    connection.close()
    program.end(signal.SIGTERM)
    with Store(path, world := World(clock=Clock(speed=0))):
        assert (world.ledger.requests, world.requests) == (3, 3)
    again = Program(path)
    again.end(signal.SIGTERM)
    keys = ["OPENAI_API_KEY", "OPENAI_ADMIN_KEY"]
    assert [again.told[each] for each in keys] == [program.told[each] for each in keys]
