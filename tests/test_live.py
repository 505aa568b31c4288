"""The live bridge and its fuse. The practice API stands in for OpenAI; nothing leaves this computer."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import io
import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from guide_helpers import facts, html, live, practice, pricing
from guide_helpers.errors import CapError, GuideError, InputError, LiveError, UnknownNameError
from guide_helpers.live import _fuse, _guard, _mode, _quote
from guide_helpers.practice.in_process import _library

MODEL = facts.get("model.everyday").value
SIGN = "c4n4rY7h1sK3yMu5tN0tSh0w"
REAL = "-".join(["sk", "proj", SIGN * 6])  # the shape of a real key, put together here
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
HELLO = {"model": MODEL, "input": "Say hello.", "max_output_tokens": 100}


class StandIn:
    """Answers for api.openai.com from a practice world, whatever the key; remembers what arrived."""

    def __init__(self) -> None:
        """Open a practice world."""
        self.api = practice.in_process(limits=practice.Limits(10_000, 10_000_000), credit=None)
        self.arrived: list[str] = []
        self.redirects: list[object] = []
        self.http_client = self.async_http_client = self

    def send(self, request: Any, **settings: Any) -> Any:
        """Answer, for the one client or the other."""
        self.arrived.append(f"{request.method} {request.url}")
        self.redirects.append(settings["follow_redirects"])
        request = _library().Request(
            request.method,
            request.url,
            headers={**request.headers, "authorization": f"Bearer {self.api.api_key}"},
            content=request.content,
            extensions=request.extensions,
        )
        here = threading.current_thread() is threading.main_thread() and _loop_runs()
        return (self.api.async_http_client if here else self.api.http_client).send(request, **settings)


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@pytest.fixture(autouse=True)
def fuse(monkeypatch: pytest.MonkeyPatch) -> _fuse.Fuse:
    """A fuse of this test's own."""
    new = _fuse.Fuse()
    monkeypatch.setattr(_mode, "_fuse", new)
    return new


@pytest.fixture
def openai_site() -> StandIn:
    """What answers in OpenAI's place."""
    return StandIn()


@pytest.fixture
def mode(openai_site: StandIn, fuse: _fuse.Fuse) -> live.Mode:
    """Live mode, with the stand-in behind its gate."""
    del fuse
    return dataclasses.replace(live.choose("live", key=REAL, environ={}), onward=openai_site)


@pytest.fixture
def client(mode: live.Mode) -> OpenAI:
    """A live client, made as a notebook makes it."""
    return OpenAI(base_url=mode.base_url, api_key=mode.key.reveal(), http_client=mode.http_client)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Note every attempt to look a name up or to open a socket, and refuse it."""
    tried: list[object] = []

    def refuse(*where: object, **_: object) -> None:
        tried.append(where)
        raise OSError("the network is not for this test")

    for name in ("socket", "getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    return tried


def price(input_tokens: int, output_tokens: int, model: str = MODEL) -> Decimal:
    """Return what the guide's own calculator says."""
    return pricing.estimate(model, input_tokens=input_tokens, output_tokens=output_tokens).per_request


# ------------------------------------------------------------------------------------- the switch


def test_it_is_practice_unless_somebody_says_otherwise() -> None:
    """No word means practice; the variable and the argument can each say live, and the argument wins."""
    api = practice.in_process()
    assert live.choose(server=api, environ={}).name == "practice"
    key = {"OPENAI_API_KEY": REAL}
    assert live.choose(server=api, environ=key).name == "practice"
    assert live.choose(environ={"GUIDE_MODE": "live", **key}).live
    assert live.choose("live", environ=key).live
    assert not live.choose("practice", server=api, environ={"GUIDE_MODE": "live", **key}).live


def test_without_a_server_it_is_the_running_practice_api() -> None:
    """`choose()` goes where `practice.serve()` listens."""
    mode = live.choose(environ={})
    assert mode.base_url == practice.serve().base_url
    client = OpenAI(base_url=mode.base_url, api_key=mode.key.reveal(), http_client=mode.http_client)
    assert client.responses.create(**HELLO).output_text


@pytest.mark.parametrize(
    ("name", "environ", "says"),
    [
        ("live", {"BINDER_LAUNCH_HOST": "mybinder.org"}, "public computer"),
        ("live", {"BINDER_REPO_URL": "https://example.org/x"}, "public computer"),
        ("live", {"PYTEST_VERSION": "9"}, "GUIDE_MODE=live-unattended"),
        ("live", {"CI": "true"}, "test run"),
        (None, {"GUIDE_MODE": "live", "CI": "1"}, "test run"),
        ("live", {"OPENAI_API_KEY": ""}, "getpass"),
        ("live", {"OPENAI_API_KEY": "sk-practice-" + "a1B2" * 8}, "practice key"),
        ("live", {"OPENAI_API_KEY": "sk-your-key-here"}, "placeholder"),
        ("live", {"OPENAI_API_KEY": "sk-ant-" + "a1B2" * 8}, "Anthropic"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_live_is_refused(name: str | None, environ: dict[str, str], says: str, tmp_path: Path) -> None:
    """Where a key or money has no business, or there is no key to use; the message says what to do."""
    environ = {"OPENAI_API_KEY": REAL, **environ}
    if not environ["OPENAI_API_KEY"]:
        del environ["OPENAI_API_KEY"]
    with pytest.raises(LiveError, match=says) as caught:
        live.choose(name, environ=environ, folder=tmp_path)
    assert caught.value.cure
    assert SIGN not in str(caught.value)


def test_a_test_run_may_be_asked_to_go_live() -> None:
    """One explicit word does it; a CI variable that says no does not count as a test run."""
    key = {"OPENAI_API_KEY": REAL}
    assert live.choose(environ={"GUIDE_MODE": "live-unattended", "CI": "true", **key}).live
    assert live.choose("live", environ={"CI": "false", **key}).live


def test_pytest_is_recognised() -> None:
    """This very run is one, whatever the code asks for."""
    with pytest.raises(LiveError, match="test run"):
        live.choose("live", key=REAL)


def test_other_words_and_caps_are_refused() -> None:
    """A misspelt mode is never taken for one of the two, nor a word for money."""
    with pytest.raises(UnknownNameError, match="alive"):
        live.choose("alive", environ={})
    with pytest.raises(LiveError):
        live.choose("live", cap=9, environ={"CI": "1"})
    assert live.spent().cap < 1
    for cap in ("much", "-1", "NaN"):
        with pytest.raises(InputError, match="amount of money"):
            live.choose(cap=cap, environ={})


def test_a_mode_says_what_it_is(mode: live.Mode, fuse: _fuse.Fuse) -> None:
    """In words, in both forms: which, where, what is allowed, what it may cost."""
    assert str(live.choose(server=practice.in_process(), environ={})).splitlines() == [
        "✓ PRACTICE",
        "Calls stay on this computer.",
        "Allowed: everything, with a practice key. A real key is not sent.",
        "Cost: nothing.",
    ]
    far = live.choose(server=FarApi(), environ={})
    assert "the practice API on room.example only" in str(far)
    text = str(mode)
    assert "LIVE" in text
    assert "api.openai.com" in text
    assert "sk-proj-…" in text
    assert pricing.money(fuse.cap) in text


class FarApi:
    """A room's practice API on another computer."""

    base_url = "http://room.example:8000/v1"
    api_key = "sk-practice-" + "a1B2" * 8


# -------------------------------------------------------------------------------- the practice gate


def practising(key: str = "", base_url: str = "") -> OpenAI:
    """Return a practice client, perhaps with another key or address."""
    mode = live.choose(environ={})
    return OpenAI(
        base_url=base_url or mode.base_url, api_key=key or mode.key.reveal(), http_client=mode.http_client
    )


def test_practice_never_leaves_the_computer(no_network: list[object]) -> None:
    """A request to api.openai.com raises before a name is looked up or a socket opened."""
    mode = live.choose(server=practice.in_process(), environ={})
    client = OpenAI(
        base_url="https://api.openai.com/v1", api_key=mode.key.reveal(), http_client=mode.http_client
    )
    with pytest.raises(LiveError, match=r"practice mode.*api\.openai\.com.*not sent"):
        client.responses.create(**HELLO)
    with pytest.raises(LiveError, match="not sent"):
        mode.http_client.get("https://api.openai.com/v1/models")
    assert not no_network


def test_the_sentinel_can_fail(no_network: list[object]) -> None:
    """An ordinary client does try the network: so the test above sees something."""
    with pytest.raises(openai.APIConnectionError):
        OpenAI(base_url="https://api.openai.com/v1", api_key="sk-practice-0", max_retries=0).models.list()
    assert no_network


def test_a_real_key_is_not_shown_to_practice() -> None:
    """Not to the practice API, nor to anything else on this computer."""
    with pytest.raises(LiveError, match="real project key") as caught:
        practising(REAL).responses.create(**HELLO)
    assert "mode.key" in caught.value.cure
    with pytest.raises(LiveError, match="real project key"):
        practising(REAL, "http://localhost:9/v1").models.list()


def test_made_up_keys_may_be_tried() -> None:
    """A lesson may send a wrong key, and sees the API's own refusal."""
    with pytest.raises(openai.AuthenticationError):
        practising("nonsense").responses.create(**HELLO)


def test_a_proxy_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Practice goes straight to this computer, also where the surroundings name a proxy."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert practising().responses.create(**HELLO).output_text


def test_a_marked_cell_is_rehearsed() -> None:
    """What the fuse could not price is refused in practice too, so no cell fails only when it is live."""
    mode = live.choose(environ={})
    client = OpenAI(base_url=mode.base_url, api_key=mode.key.reveal(), http_client=mode.http_client)
    with mode.live_cell():
        assert client.responses.create(**HELLO).output_text
        with pytest.raises(LiveError, match="max_output_tokens=200"):
            client.responses.create(model=MODEL, input="Hello")
    assert client.responses.create(model=MODEL, input="Hello").output_text
    assert not live.spent().bookings


def test_a_client_keeps_its_mode(client: OpenAI, openai_site: StandIn) -> None:
    """One made in practice stays there after the switch, and says that a new one is needed."""
    before = practising()
    live.choose("live", key=REAL, environ={})
    assert before.responses.create(**HELLO).output_text
    with pytest.raises(LiveError, match="keeps the mode it was made in"):
        before.with_options(base_url="https://api.openai.com/v1").models.list()
    live.choose(environ={})
    with pytest.raises(LiveError, match=r"live mode.*127\.0\.0\.1.*not sent"):
        client.with_options(base_url="http://127.0.0.1:9/v1").models.list()
    assert not openai_site.arrived


# ------------------------------------------------------------------------------------ the live gate


def test_live_only_in_a_marked_cell(mode: live.Mode, client: OpenAI, openai_site: StandIn) -> None:
    """Outside nothing is sent, not once; inside it is; after the block the gate is shut again."""
    for _ in range(2):
        with pytest.raises(LiveError, match="not marked live"):
            client.responses.create(**HELLO)
    assert not openai_site.arrived
    with mode.live_cell():
        client.responses.create(**HELLO)
    with pytest.raises(LiveError, match="not marked live"):
        client.models.list()
    assert openai_site.arrived == ["POST https://api.openai.com/v1/responses"]


def test_the_mark_is_taken_off_after_an_error(mode: live.Mode, client: OpenAI) -> None:
    """Also when the cell fails."""
    with pytest.raises(ZeroDivisionError), mode.live_cell():
        raise ZeroDivisionError
    with pytest.raises(LiveError, match="not marked live"):
        client.models.list()


@pytest.mark.parametrize(
    ("base_url", "key", "says"),
    [
        ("https://api.openai.com/v1", "sk-practice-" + "a1B2" * 8, "practice key"),
        ("https://api.openai.com/v1", "sk-ant-" + "a1B2" * 8, "Anthropic"),
        ("http://api.openai.com/v1", REAL, "shown to nobody but OpenAI"),
        ("http://127.0.0.1:8000/v1", REAL, "127.0.0.1"),
        ("https://api.openai.com.example/v1", REAL, "example"),
    ],
)
def test_live_refuses_other_hosts_and_keys(
    mode: live.Mode, openai_site: StandIn, base_url: str, key: str, says: str
) -> None:
    """A real key goes to OpenAI alone, encrypted; and no other key goes there."""
    wrong = OpenAI(base_url=base_url, api_key=key, http_client=mode.http_client)
    with mode.live_cell(), pytest.raises(LiveError, match=says):
        wrong.responses.create(**HELLO)
    assert not openai_site.arrived


def test_redirects_are_not_followed(mode: live.Mode, client: OpenAI, openai_site: StandIn) -> None:
    """Another address is another decision."""
    with mode.live_cell():
        client.models.list()
        mode.http_client.get("https://api.openai.com/v1/models", headers=auth(), follow_redirects=True)
    assert openai_site.redirects == [False, False]


def auth() -> dict[str, str]:
    """Return the header that carries the key."""
    return {"authorization": f"Bearer {REAL}"}


def test_a_refusal_has_both_families(client: OpenAI) -> None:
    """It is the guide's error and the client's: whoever catches either sees it."""
    for kind in (LiveError, GuideError, openai.OpenAIError):
        with pytest.raises(kind):
            client.models.list()


# ----------------------------------------------------------------------------------------- the fuse


def test_the_true_price_is_booked(mode: live.Mode, client: OpenAI) -> None:
    """A whole answer, a streamed one, chat both ways, and an embedding: each at its own usage."""
    chat: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello."}]}
    chat["max_completion_tokens"] = 100
    with mode.live_cell():
        answer = client.responses.create(**HELLO)
        list(client.responses.create(**HELLO, stream=True))
        client.chat.completions.create(**chat)
        list(client.chat.completions.create(**chat, stream=True, stream_options={"include_usage": True}))
        embedding = facts.get("model.embedding").value
        client.embeddings.create(model=embedding, input="hello")
        client.models.list()
    spent = live.spent()
    assert [each.state for each in spent.bookings] == ["billed"] * 5 + ["not billed"]
    assert answer.usage
    true = price(answer.usage.input_tokens, answer.usage.output_tokens)
    assert [each.booked for each in spent.bookings[:2]] == [true, true]
    assert all(each.booked < each.quote.worst for each in spent.bookings[:5])
    assert spent.total == sum(each.booked for each in spent.bookings)


def test_raw_and_streamed_bodies_are_booked(mode: live.Mode, client: OpenAI) -> None:
    """Whichever way the client reads an answer."""
    with mode.live_cell():
        client.responses.with_raw_response.create(**HELLO)
        with client.responses.with_streaming_response.create(**HELLO) as whole:
            whole.parse()
        with client.responses.stream(**HELLO) as events:
            events.get_final_response()
    assert {each.state for each in live.spent().bookings} == {"billed"}


def test_async_clients_are_counted(mode: live.Mode, openai_site: StandIn) -> None:
    """Gate, fuse and books are the same ones."""

    async def talk() -> None:
        client = AsyncOpenAI(
            base_url=mode.base_url, api_key=mode.key.reveal(), http_client=mode.async_http_client
        )
        with pytest.raises(LiveError, match="not marked live"):
            await client.responses.create(**HELLO)
        with mode.live_cell():
            await asyncio.gather(*(client.responses.create(**HELLO) for _ in range(5)))
            async for _ in await client.responses.create(**HELLO, stream=True):
                pass
            live.choose(cap=0, environ={})
            with pytest.raises(CapError):
                await client.responses.create(**HELLO)
        await client.close()

    asyncio.run(talk())
    assert len(openai_site.arrived) == 6
    assert [each.state for each in live.spent().bookings] == ["billed"] * 6


def talk_on(client: OpenAI) -> None:
    """Ask far more often than anybody wants to pay for."""
    for _ in range(1000):
        client.responses.create(**HELLO)


def test_the_cap_is_never_crossed(mode: live.Mode, client: OpenAI, openai_site: StandIn) -> None:
    """A loop stops before it, and the message has every number and the cure."""
    worst = _quote.quote("POST", "/responses", json.dumps(HELLO).encode()).worst
    live.choose(cap=worst + worst / 3, environ={})
    with mode.live_cell(), pytest.raises(CapError) as caught:
        talk_on(client)
    spent = live.spent()
    assert 0 < len(openai_site.arrived) < 1000
    assert spent.total <= spent.cap
    for amount in (worst, spent.left, spent.total, spent.cap):
        assert pricing.money(amount) in caught.value.what
    assert "cap=" in caught.value.cure
    live.choose(cap="0.10", environ={})
    with mode.live_cell():
        client.responses.create(**HELLO)


def test_threads_share_the_fuse(mode: live.Mode, client: OpenAI, openai_site: StandIn) -> None:
    """Twenty at once, none of which is billed before all have asked: no more start than the cap allows."""
    worst = _quote.quote("POST", "/responses", json.dumps(HELLO).encode()).worst
    live.choose(cap=worst * 7, environ={})
    start, refused = threading.Barrier(20), []
    openai_site.api.play("server_error", times=None)  # what fails at the far end stays booked

    def ask() -> None:
        start.wait()
        try:
            client.with_options(max_retries=0).responses.create(**HELLO)
        except CapError as error:
            refused.append(error)
        except openai.InternalServerError:
            pass

    threads = [threading.Thread(target=ask) for _ in range(20)]
    with mode.live_cell():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(openai_site.arrived), len(refused)) == (7, 13)
    assert live.spent().left == 0


@pytest.mark.parametrize(
    ("scenario", "state"), [("rate_limited", "not billed"), ("server_error", "worst case kept")]
)
def test_retries_are_requests(
    openai_site: StandIn, mode: live.Mode, monkeypatch: pytest.MonkeyPatch, scenario: str, state: str
) -> None:
    """The client's own second try is booked too; a refusal is free, a failure stays at its worst."""
    monkeypatch.setattr(OpenAI, "_sleep_for_retry", lambda *_, **__: None)
    openai_site.api.play(scenario)
    client = OpenAI(base_url=mode.base_url, api_key=REAL, http_client=mode.http_client)
    with mode.live_cell():
        client.responses.create(**HELLO)
    assert [each.state for each in live.spent().bookings] == [state, "billed"]
    assert len(openai_site.arrived) == 2


def test_a_retry_can_blow_the_fuse(
    mode: live.Mode, client: OpenAI, openai_site: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second try is held back like a first one, and the client raises that at once."""
    monkeypatch.setattr(OpenAI, "_sleep_for_retry", lambda *_, **__: None)
    openai_site.api.play("server_error", times=None)
    live.choose(cap=_quote.quote("POST", "/responses", json.dumps(HELLO).encode()).worst, environ={})
    with mode.live_cell(), pytest.raises(CapError):
        client.responses.create(**HELLO)
    assert len(openai_site.arrived) == 1


def test_what_never_tells_stays_at_its_worst(mode: live.Mode, client: OpenAI) -> None:
    """A stream that is left, and one that tells no usage."""
    chat: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello."}]}
    with mode.live_cell():
        with client.responses.create(**HELLO, stream=True) as stream:
            next(iter(stream))
        list(client.chat.completions.create(**chat, max_completion_tokens=100, stream=True))
    spent = live.spent()
    assert [each.state for each in spent.bookings] == ["worst case kept"] * 2
    assert [each.booked for each in spent.bookings] == [each.quote.worst for each in spent.bookings]
    assert "A worst case is kept" in str(spent)


@pytest.mark.parametrize(
    ("error", "state"), [("ConnectError", "not billed"), ("ReadTimeout", "worst case kept")]
)
def test_lost_connections(
    mode: live.Mode, client: OpenAI, openai_site: StandIn, error: str, state: str
) -> None:
    """What never left is free; what may have arrived is not."""

    def lose(request: Any, **_: Any) -> None:
        raise getattr(_library(), error)("lost", request=request)

    openai_site.send = lose  # type: ignore[method-assign]
    with mode.live_cell(), pytest.raises(openai.APIConnectionError):
        client.with_options(max_retries=0).responses.create(**HELLO)
    assert [each.state for each in live.spent().bookings] == [state]


def test_live_really_goes_to_openai(no_network: list[object]) -> None:
    """With nothing in between: the client asks for that host, and a connection that fails is free."""
    mode = live.choose("live", key=REAL, environ={})
    client = OpenAI(base_url=mode.base_url, api_key=REAL, http_client=mode.http_client, max_retries=0)
    with mode.live_cell(), pytest.raises(openai.APIConnectionError):
        client.responses.create(**HELLO)
    assert "api.openai.com" in str(no_network)
    assert [each.state for each in live.spent().bookings] == ["not billed"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_packed_answer_is_read(mode: live.Mode, openai_site: StandIn, *, stream: bool) -> None:
    """OpenAI compresses what it sends; the bill is read after unpacking."""
    told = json.dumps({"type": "response.completed", "response": {"usage": USED}})
    text = f"event: response.completed\ndata: {told}\n\n" if stream else json.dumps({"usage": USED})
    kind = "text/event-stream; charset=utf-8" if stream else "application/json"
    answer = _library().Response(
        200,
        headers={"content-encoding": "gzip", "content-type": kind},
        stream=_library().ByteStream(gzip.compress(text.encode())),
    )
    openai_site.send = lambda request, **_: _whole(answer, request, stream=stream)  # type: ignore[method-assign]
    with mode.live_cell():
        sent = mode.http_client.build_request(
            "POST", "https://api.openai.com/v1/responses", headers=auth(), json=HELLO
        )
        assert b"usage" in mode.http_client.send(sent, stream=stream).read()
    assert live.spent().bookings[0].used == _quote.Usage(5, 2)


USED = {"input_tokens": 5, "output_tokens": 2}


def _whole(answer: Any, request: Any, *, stream: bool) -> Any:
    answer.request = request
    if not stream:
        answer.read()
    return answer


def test_a_request_is_sent_once_for_each_asking(mode: live.Mode, openai_site: StandIn) -> None:
    """One that was built once and is sent again is booked again."""
    with mode.live_cell():
        built = build(mode, _library().Headers(auth()))
        mode.http_client.send(built)
        mode.http_client.send(built)
    assert len(openai_site.arrived) == len(live.spent().bookings) == 2


def build(mode: live.Mode, headers: object) -> Any:
    """Build a request as the client does."""
    address = "https://api.openai.com/v1/responses"
    return mode.http_client.build_request(method="POST", url=address, headers=headers, json=HELLO)


def test_old_clients_are_refused_early(mode: live.Mode) -> None:
    """Their headers mask themselves, so a refusal may come while they build; a bare list waits for `send`."""
    with pytest.raises(LiveError, match="not marked live"):
        build(mode, _library().Headers(auth()))
    built = build(mode, list(auth().items()))
    with pytest.raises(LiveError, match="not marked live"):
        mode.http_client.send(built)


def test_a_request_is_settled_once(fuse: _fuse.Fuse) -> None:
    """Whatever is told after the first truth changes nothing."""
    ticket = fuse.book(_quote.quote("POST", "/responses", json.dumps(HELLO).encode()))
    ticket.bill(_quote.Usage(5, 2))
    ticket.bill(_quote.Usage(50, 20))
    ticket.free()
    assert fuse.spent().total == fuse.spent().bookings[0].booked == price(5, 2)


def test_the_mark_holds_for_threads(mode: live.Mode, client: OpenAI) -> None:
    """A thread that is still running when the block ends sends nothing more."""
    told: list[object] = []
    begun, ended = threading.Event(), threading.Event()

    def ask() -> None:
        told.append(client.responses.create(**HELLO).output_text)
        begun.set()
        ended.wait(5)
        try:
            client.responses.create(**HELLO)
        except LiveError as error:
            told.append(error.what)

    with mode.live_cell():
        thread = threading.Thread(target=ask)
        thread.start()
        assert begun.wait(5)
    ended.set()
    thread.join()
    assert "not marked live" in str(told[1])


FUNCTION = {"type": "function", "name": "add", "parameters": {"type": "object", "properties": {}}}
PICTURE = {"type": "input_image", "image_url": "https://example.org/cat.png"}


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/responses", {"max_output_tokens": None}, "Without max_output_tokens"),
        ("/responses", {"max_output_tokens": 0}, "Without max_output_tokens"),
        ("/responses", {"model": "gpt-99"}, "No price per token"),
        ("/responses", {"model": None}, "No price per token"),
        ("/responses", {"previous_response_id": "resp_1"}, "previous_response_id"),
        ("/responses", {"prompt": {"id": "pmpt_1"}}, "prompt"),
        ("/responses", {"tools": [{"type": "web_search"}]}, "web_search"),
        ("/responses", {"input": [{"role": "user", "content": [PICTURE]}]}, "input_image"),
        ("/responses", {"service_tier": "priority"}, "priority"),
        (
            "/chat/completions",
            {"input": None, "max_output_tokens": None, "messages": []},
            "max_completion_tokens",
        ),
        ("/images/generations", {}, "cannot tell what a POST to /images/generations costs"),
        ("/files", {}, "/files"),
    ],
    ids=lambda each: str(each)[:44],
)
def test_what_nobody_can_price_is_refused(path: str, body: dict[str, Any], says: str) -> None:
    """With words that name it, and a cure."""
    with pytest.raises(LiveError, match=says) as caught:
        _quote.quote("POST", path, json.dumps({**HELLO, **body}).encode())
    assert caught.value.cure


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"model=x"])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    """Nothing is guessed."""
    with pytest.raises(LiveError, match="not JSON"):
        _quote.quote("POST", "/responses", body)


def test_a_worst_case_is_the_worst() -> None:
    """More tokens than the prompt has, all written to the cache, and the whole answer that is allowed."""
    found = _quote.quote("POST", "/responses", json.dumps({**HELLO, "tools": [FUNCTION]}).encode())
    assert found.output_tokens == 100
    assert found.worst > price(found.input_tokens, 100)
    several = {"model": MODEL, "messages": [], "max_completion_tokens": 100, "n": 3}
    assert _quote.quote("POST", "/chat/completions", json.dumps(several).encode()).output_tokens == 300


def test_an_unpublished_vocabulary_is_counted_in_bytes() -> None:
    """No token is shorter than a byte, so that many are enough whatever the vocabulary is."""
    model = facts.get("model.cheapest").value
    text = "Grüße aus Köln, 你好" * 50
    body = {"model": model, "input": text, "max_output_tokens": 1}
    exact = _quote.quote("POST", "/responses", json.dumps({**body, "model": MODEL}).encode())
    found = _quote.quote("POST", "/responses", json.dumps(body).encode())
    assert found.input_tokens >= len(text.encode()) > exact.input_tokens


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"usage": {"input_tokens": 5, "output_tokens": 2}}, _quote.Usage(5, 2)),
        ({"usage": {"prompt_tokens": 5, "completion_tokens": 2}}, _quote.Usage(5, 2)),
        ({"usage": {"prompt_tokens": 5, "total_tokens": 5}}, _quote.Usage(5, 0)),
        (
            {
                "response": {
                    "usage": {
                        "input_tokens": 9,
                        "output_tokens": 1,
                        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3},
                    }
                }
            },
            _quote.Usage(9, 1, 4, 3),
        ),
        ({"usage": None}, None),
        ({"usage": {"input_tokens": -1, "output_tokens": 2}}, None),
        ({"usage": {"input_tokens": "5", "output_tokens": 2}}, None),
        (
            {"usage": {"input_tokens": 1, "output_tokens": 1, "input_tokens_details": {"cached_tokens": 2}}},
            None,
        ),
        ({"usage": {"input_tokens": 5, "output_tokens": 2}, "service_tier": "priority"}, None),
        ([], None),
    ],
)
def test_usage_is_read_or_not_at_all(told: object, expected: object) -> None:
    """Every dialect's; nothing that does not add up, and nothing at a rate the guide does not know."""
    assert _quote.usage(told) == expected


def test_writing_to_the_cache_costs_more() -> None:
    """And reading from it less."""
    plain, read, written = (
        _quote.cost(MODEL, _quote.Usage(1000, 0, *parts)) for parts in ((0, 0), (1000, 0), (0, 1000))
    )
    assert read < plain < written


def test_the_cap_is_the_ledgers_until_it_is_set(fuse: _fuse.Fuse) -> None:
    """Choosing again without a cap keeps it."""
    assert fuse.cap == Decimal(str(facts.get("guide.cap").value))
    live.choose(cap="$0.20", environ={})
    live.choose(environ={})
    assert fuse.cap == Decimal("0.20")


def test_spent_shows_a_table_and_its_twin(mode: live.Mode, client: OpenAI) -> None:
    """The sum first; then the last requests, numbered as they were made."""
    assert str(live.spent()).endswith("spent by 0 live requests of this kernel; $0.0500 left")
    with mode.live_cell():
        for _ in range(12):
            client.responses.create(**HELLO)
    shown = live.spent().view()
    for words in ("12 live requests", "the last 10", "/responses", MODEL, "billed"):
        assert words in shown.text
        assert html.words(words).html in shown.html
    assert " 2  /responses" not in shown.text
    assert "12  /responses" in shown.text


# ------------------------------------------------------------------------------------------ secrets


def _refused(kind: Callable[[live.Mode], object], mode: live.Mode) -> LiveError:
    with pytest.raises(LiveError) as caught:
        kind(mode)
    return caught.value


def _call(mode: live.Mode, base_url: str = "https://api.openai.com/v1") -> object:
    client = OpenAI(base_url=base_url, api_key=REAL, http_client=mode.http_client)
    return client.responses.create(**HELLO)


def _call_over_the_cap(mode: live.Mode) -> object:
    live.choose(cap=0, environ={})
    with mode.live_cell():
        return _call(mode)


def _call_async(mode: live.Mode) -> object:
    client = AsyncOpenAI(base_url=mode.base_url, api_key=REAL, http_client=mode.async_http_client)
    return asyncio.run(client.responses.create(**HELLO))


@pytest.mark.parametrize(
    "call",
    [
        _call,
        _call_over_the_cap,
        _call_async,
        lambda mode: _call(mode, "http://127.0.0.1:9/v1"),
        lambda _: _call(live.choose(environ={})),
        lambda _: _call(live.choose(environ={}), "http://localhost:9/v1"),
        lambda _: live.choose("live", key=REAL, environ={"CI": "1"}),
        lambda _: live.choose("live", key=f"{REAL}“", environ={}),
        lambda _: live.choose("live"),
        lambda _: live.choose("live", environ={"OPENAI_API_KEY": f'"{REAL}"'}),
    ],
)
def test_no_refusal_shows_the_key(
    mode: live.Mode, call: Callable[[live.Mode], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not its message, nor a traceback with the local variables of every frame but this file's own."""
    monkeypatch.setenv("OPENAI_API_KEY", REAL)
    error = _refused(call, mode)
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    shown = [repr(error), str(error)]
    for frame in report.stack:
        shown += [] if frame.filename == __file__ else [*(frame.locals or {}).values()]
    assert SIGN not in "\n".join(shown)
    assert error.__context__ is None or SIGN not in str(error.__context__)


def test_no_view_and_no_log_shows_the_key(mode: live.Mode, client: OpenAI) -> None:
    """With every logger at DEBUG; nor does a printer that looks inside."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with pytest.raises(LiveError):
            client.models.list()
        with mode.live_cell():
            client.responses.create(**HELLO)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    shown = [stream.getvalue()]
    for each in (mode, mode.gate, mode.http_client, live.spent(), mode.key):
        shown += [repr(each), str(each), str(getattr(each, "__dict__", ""))]
    for view in (mode.view(), live.spent().view()):
        shown += [view.html, view.text]
    assert SIGN not in "\n".join(shown)


# ---------------------------------------------------------------------------------------- notebooks


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_mark_and_the_tag_go_together(path: Path) -> None:
    """A cell has the tag `live` if, and only if, it opens the gate: what the kernel cannot see, this does."""
    for cell in nbformat.read(path, as_version=4).cells:
        marked = cell.cell_type == "code" and ".live_cell()" in cell.source
        assert marked == ("live" in cell.metadata.get("tags", [])), cell.id


def test_loopback_is_known_by_every_name() -> None:
    """Names and addresses of this computer, and nothing that only looks like one."""
    here = ("127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]")
    assert all(map(_guard.is_loopback, here))
    assert not any(map(_guard.is_loopback, ("127.0.0.1.example", "10.0.0.1", "localhost.example", "")))
