"""The desk: what the live page and the log show, and that neither counts as a request."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from guide_helpers import practice
from guide_helpers.errors import PracticeError
from guide_helpers.practice import log as logs
from guide_helpers.practice.desk import Desk, Door
from guide_helpers.practice.desk.state import state
from guide_helpers.practice.wire import Request, Response

PAGES = {"/": "text/html", "/_practice/page.css": "text/css", "/_practice/page.js": "text/javascript"}


def connect(api: practice.InProcess, key: str = "") -> OpenAI:
    """Return the real client."""
    return OpenAI(
        base_url=api.base_url, api_key=key or api.api_key, max_retries=0, http_client=api.http_client
    )


def look(api: practice.InProcess, path: str, door: Door | None = None, **headers: str) -> Response:
    """Ask the desk for something, under this computer's own name if no other is given."""
    asked = Request("GET", path, {"host": "127.0.0.1:8765", **headers})
    answer = Desk(api.world, door or Door()).answer(asked)
    assert answer is not None
    return answer


def shown(api: practice.InProcess) -> dict[str, Any]:
    """Return what the page is told."""
    return dict(json.loads(look(api, "/_practice/state").body))


# ---------------------------------------------------------------------------- the page


@pytest.mark.parametrize(("path", "kind"), PAGES.items(), ids=PAGES)
def test_the_page_stands_alone(api: practice.InProcess, path: str, kind: str) -> None:
    """It is three files of its own, which name no other site, and it lets no other script in."""
    answer = look(api, path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(kind)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    text = answer.body.decode()
    assert "://" not in text
    for absolute in ('href="/', 'src="/', 'fetch("/', "url("):
        assert absolute not in text
    assert "innerHTML" not in text
    assert "<script>" not in text
    assert "style=" not in text


def test_a_good_request_is_shown_whole(api: practice.InProcess, model: str) -> None:
    """Time, method, path, status, masked key, tokens, cost and duration, as the reply itself tells them."""
    reply = connect(api).responses.create(model=model, input="A secret prompt.")
    row = shown(api)["requests"][0]
    assert reply.usage is not None
    assert (row["method"], row["path"], row["status"]) == ("POST", "/v1/responses", 200)
    assert (row["tokens_in"], row["tokens_out"]) == (reply.usage.input_tokens, reply.usage.output_tokens)
    assert row["model"] == model
    assert row["key"].startswith("sk-practice-…")
    assert row["key_id"] == api.keys[0].id
    assert row["cost"] == format(api.world.ledger.total, "f").rstrip("0")
    assert row["ms"] == 1
    assert row["error"] is None
    assert "secret prompt" not in json.dumps(shown(api))


def test_a_refusal_is_shown_with_its_cause(api: practice.InProcess, model: str) -> None:
    """It has a code and one line of words, and used nothing."""
    api.play("no_credit")
    with pytest.raises(openai.RateLimitError):
        connect(api).responses.create(model=model, input="x")
    connect(api).models.list()
    told = shown(api)
    row = told["refusals"][0]
    assert [each["number"] for each in told["refusals"]] == [1]
    assert (row["status"], row["error"], row["model"]) == (429, "credit_balance_exhausted", model)
    assert row["cause"].startswith("You exceeded your current quota")
    assert (row["tokens_in"], row["cost"]) == (None, None)


def test_a_slow_stream_takes_its_time_on_the_page(model: str) -> None:
    """The milliseconds are those of the whole answer, by the practice clock."""
    pace = practice.Pace(latency=2, tokens_per_second=10)
    api = practice.in_process(clock=practice.Clock(speed=0), pace=pace)
    chunks = list(connect(api).responses.create(model=model, input="x", stream=True))
    assert shown(api)["requests"][0]["ms"] == 2_000 + 100 * (len(chunks) - 1)


def test_keys_are_shown_with_their_standing(api: practice.InProcess) -> None:
    """The newest first, masked: name, kind, when last used and how often, and whether it still works."""
    old, spare = api.issue_key("old laptop"), api.issue_key("spare")
    connect(api, old).models.list()
    api.revoke_key(old)
    api.world.record(spare).expires = api.world.seconds() - 1
    told = shown(api)["keys"]
    assert [(each["name"], each["state"], each["requests"]) for each in told] == [
        ("spare", "expired", 0),
        ("old laptop", "revoked", 1),
        ("first key", "works", 0),
    ]
    assert told[0]["used"] is None
    assert told[1]["used"] == api.clock.now()
    assert old not in json.dumps(told)


def test_buckets_refill_on_the_page_by_themselves(model: str) -> None:
    """A look shows the level of the moment, and leaves the bucket as it was."""
    api = practice.in_process(limits=practice.Limits(3, 40_000), clock=practice.Clock(speed=0))
    for _ in range(3):
        connect(api).responses.create(model=model, input="x")
    levels = []
    for _ in range(3):
        bar = shown(api)["buckets"][0]["bars"][0]
        levels.append((bar["left"], bar["most"], bar["full_in"]))
        api.clock.advance(20)
    assert levels == [(0, 3, 60), (1, 3, 40), (2, 3, 20)]


def test_money_is_shown_by_project_and_model(api: practice.InProcess, model: str) -> None:
    """Credit left and spent add up, exactly."""
    connect(api).responses.create(model=model, input="x")
    told = shown(api)["money"][0]
    cost = api.world.ledger.total
    home = api.world.home
    assert home.credit is not None
    assert Decimal(told["credit"]) == home.credit - cost
    assert told["spent_this_month"] == told["projects"][0]["spent"] == told["models"][0]["cost"]
    assert told["models"][0]["model"] == model
    api.clock.advance(40 * 86_400)
    assert (shown(api)["money"][0]["spent_this_month"], shown(api)["money"][0]["models"]) == ("0", [])


def test_scenarios_are_shown_while_they_are_played(api: practice.InProcess) -> None:
    """What, how often, for whom and for which share."""
    api.play("overloaded", None, share=0.2, path="/v1/chat")
    api.play("no_credit", 2, key=api.api_key)
    told = shown(api)["playing"]
    assert told[0] == {"name": "overloaded", "left": None, "key": None, "path": "/v1/chat", "share": 0.2}
    assert (told[1]["left"], told[1]["key"]) == (2, "first key")


def test_the_page_is_bounded(api: practice.InProcess) -> None:
    """A thousand keys, refusals and scenarios make no page of a thousand lines."""
    for each in range(300):
        api.issue_key(f"key {each}")
        connect(api).models.list()
    told = state(api.world)
    assert told["count"] == 300
    assert max(len(told[part]) for part in ("requests", "keys", "refusals")) <= 50


def test_looking_is_not_a_request(model: str) -> None:
    """Page and state are neither counted nor remembered; an unknown address of the API is."""
    with practice.serve(seed=96) as server:
        client = OpenAI(base_url=server.base_url.removesuffix("/v1"), api_key="none", max_retries=0)
        for path in ("/", "/_practice/state", "/_practice/page.js", "/_practice/nothing"):
            try:
                client.get(path, cast_to=object)
            except openai.NotFoundError:
                assert path == "/_practice/nothing"
        assert (server.seen, server.world.requests) == ((), 0)
        OpenAI(base_url=server.base_url, api_key=server.api_key).responses.create(model=model, input="x")
        assert [each.path for each in server.seen] == ["/v1/responses"]


# ---------------------------------------------------------------------------- the door


def test_on_loopback_looking_is_free_under_its_own_name(api: practice.InProcess) -> None:
    """A name that is not this computer's own, as in DNS rebinding, sees nothing without the token."""
    door = Door(token="right")  # noqa: S106 -- made up
    for host in ("127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765"):
        assert look(api, "/_practice/state", door, host=host).status == 200
    for host in ("evil.example", "127.0.0.1.evil.example", "", "[::2]", "localhost.evil.example:8765"):
        assert look(api, "/_practice/state", door, host=host).status == 403
        assert look(api, "/", door, host=host).status == 403
    assert (
        look(api, "/_practice/state", door, **{"host": "hub.example", "x-practice-token": "right"}).status
        == 200
    )


def test_on_a_network_looking_needs_the_token(api: practice.InProcess) -> None:
    """Page and state are shut without it, and with a wrong one."""
    door = Door(token="right", loopback=False)  # noqa: S106 -- made up
    for path in ("/", "/_practice/state"):
        assert look(api, path, door).status == 403
        assert look(api, path, door, **{"x-practice-token": "wröng"}).status == 403
        assert look(api, path, door, **{"x-practice-token": "right"}).status == 200


def test_each_server_has_a_token_of_its_own() -> None:
    """Nobody guesses it, and showing the door does not show it."""
    one, other = Door(), Door()
    assert one.token != other.token
    assert len(one.token) >= 32
    assert one.token not in repr(one)


# ---------------------------------------------------------------------------- the log


def test_the_log_has_a_line_for_each_request(api: practice.InProcess, model: str, tmp_path: Path) -> None:
    """Both times, what was asked and what came of it; no body, no header, no key."""
    real = dt.datetime(2027, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    log = logs.Log(str(tmp_path / "log"), now=lambda: real)
    connect(api).responses.create(model=model, input=f"my key is {api.api_key}")
    log.write(api.world.records[-1])
    with pytest.raises(openai.NotFoundError):
        connect(api).models.retrieve(api.api_key)
    log.write(api.world.records[-1])
    log.close()
    text = (tmp_path / "log").read_text()
    good, bad = map(json.loads, text.splitlines())
    assert list(good) == [
        "time", "real_time", "id", "method", "path", "status", "key", "key_id",
        "model", "tokens_in", "tokens_out", "cost", "ms", "error",
    ]  # fmt: skip
    assert good["time"] == "2026-11-23T09:00:00.000Z"
    assert good["real_time"] == "2027-01-02T03:04:05.000Z"
    assert (good["status"], good["model"], good["error"]) == (200, model, None)
    assert good["id"] == api.seen[0].response_headers["x-request-id"]
    assert (bad["status"], bad["error"]) == (404, "model_not_found")
    assert bad["path"].startswith("/v1/models/sk-practice-…")
    assert api.api_key not in text


def test_a_log_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """The message has the cure."""
    with pytest.raises(PracticeError, match="Choose another file"):
        logs.Log(str(tmp_path / "nowhere" / "log"))


def test_a_full_disk_ends_the_log_and_nothing_else(api: practice.InProcess, tmp_path: Path) -> None:
    """The practice API goes on without it."""

    class Full:
        def write(self, _: str) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            raise OSError(28, "No space left on device")

    log = logs.Log(str(tmp_path / "log"))
    log.close()
    log._file = Full()  # type: ignore[assignment]
    connect(api).models.list()
    log.write(api.world.records[-1])
    log.write(api.world.records[-1])
