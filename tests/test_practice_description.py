"""The practice API against its own description, the client's types in it, and facts of the official one."""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import openai
import pytest

from guide_helpers import facts, practice
from guide_helpers.practice import faults
from guide_helpers.practice.api import handle
from guide_helpers.practice.routes import ROUTES, Route
from guide_helpers.practice.wire import Query, Request, Response
from guide_helpers.practice.world import World
from guide_helpers.practice.world.organization import User

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import describe  # noqa: E402
import practice_page  # noqa: E402

OFFICIAL = json.loads((ROOT / "tests/official_facts.json").read_text(encoding="utf-8"))["operations"]
NEWER = {  # in the client, but not yet in the edition of the description that the facts are from
    "POST /v1/organization/projects/{}/api_keys/{}",
    "GET /v1/organization/usage/decisions",
}
UNDESCRIBED = {"DELETE /v1/responses/{}"}  # the official description says nothing of this answer

MODEL = str(facts.get("model.everyday").value)
EMBEDDING = next(iter(facts.get("embedding.dimensions").value))
IMAGE = facts.get("image.model").value[0]
ASK = [{"role": "user", "content": "Hello"}]
LINE = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"model": MODEL, "input": "a"}}
PROJECT = "/v1/organization/projects/{project}"
ALERT = {
    "currency": "USD",
    "interval": "month",
    "threshold_amount": 500,
    "notification_channel": {"type": "email", "recipients": ["a@practice.invalid"]},
}
LIMIT = {"currency": "USD", "interval": "month", "threshold_amount": 500}
ID = {
    "/v1/organization/admin_api_keys/{key}": "admin_key",
    "/v1/organization/spend_alerts/{alert}": "own_alert",
}
LAST = ("DELETE", "archive", "cancel")


@cache
def described() -> dict[str, Any]:
    """The checked-in description."""
    return json.loads(describe.FILE.read_text(encoding="utf-8"))


def listed(method: str, path: str, status: int) -> dict[str, Any]:
    """What the description says of one answer."""
    answers = described()["paths"][path][method.lower()]["responses"]
    assert str(status) in answers, (method, path, status)
    return answers["200"] if status == 200 else described()["components"]["responses"][str(status)]


def bare(route: Route) -> str:
    """How an address stands among the official facts."""
    return f"{route.method} {describe.bare(route.path)}"


# ---------------------------------------------------------------------------- the file


def test_every_address_is_described() -> None:
    """The description has the addresses of the practice API, and no others."""
    written = {(method.upper(), path) for path, each in described()["paths"].items() for method in each}
    assert written == {(route.method, route.path) for route in ROUTES}


@pytest.mark.process
def test_the_description_is_up_to_date() -> None:
    """The file is what tools/describe.py writes; its types are those of the edition it names."""
    edition = described()["info"]["description"].rpartition("openai ")[2].rstrip(".")
    if edition != openai.__version__:
        pytest.skip(f"the description stands on openai {edition}, and {openai.__version__} is installed")
    assert described() == json.loads(describe.written()), "python tools/describe.py"


def test_every_operation_has_a_name_of_its_own() -> None:
    """An operationId stands for one operation, and each says what it does."""
    operations = [each for methods in described()["paths"].values() for each in methods.values()]
    assert len({each["operationId"] for each in operations}) == len(ROUTES)
    assert all(each["summary"] for each in operations)


def test_every_address_is_official() -> None:
    """There is nothing here that OpenAI's description does not have, but for what is newer than it."""
    assert {bare(route) for route in ROUTES} - OFFICIAL.keys() == NEWER


def test_the_page_is_up_to_date() -> None:
    """The page for readers lists what is there, and the refusals nobody has seen."""
    assert practice_page.PAGE.read_text(encoding="utf-8") == practice_page.written(), (
        "python tools/practice_page.py"
    )


# ---------------------------------------------------------------------------- what it answers


class Walk:
    """A world in which there is one of everything, and a way to ask it."""

    def __init__(self) -> None:
        """Make one of everything."""
        self.world = World(practice.Clock(speed=0), practice.Limits(10**6, 10**9))
        self.keys = {"admin": self.world.issue_admin_key("a"), "project": self.world.issue_key("p")}
        second = User("user-second", "Second", "b@practice.invalid", "owner", self.world.seconds())
        self.world.home.users[second.id] = second
        self.names = {"model": MODEL, "user": second.id}
        self._make("response", "/v1/responses")
        self._make("completion", "/v1/chat/completions")
        self._make("file", "/v1/files")
        self._make("batch", "/v1/batches")
        self._make("admin_key", "/v1/organization/admin_api_keys")
        self._make("own_alert", "/v1/organization/spend_alerts")
        self._make("invite", "/v1/organization/invites")
        self._make("project", "/v1/organization/projects")
        account = self._make("account", f"{PROJECT}/service_accounts")
        self.names["key"] = account["api_key"]["id"]
        self._make("alert", f"{PROJECT}/spend_alerts")
        self.names["limit"] = self.json("GET", f"{PROJECT}/rate_limits")["data"][0]["id"]
        for path in (
            "/v1/organization/spend_limit",
            f"{PROJECT}/spend_limit",
            f"{PROJECT}/model_permissions",
        ):
            self.json("POST", path)

    def _make(self, name: str, path: str) -> dict[str, Any]:
        made = self.json("POST", path)
        self.names[name] = made["id"]
        return made

    def json(self, method: str, path: str) -> dict[str, Any]:
        """Ask, and return the body of an answer that must be good."""
        answer = self.ask(method, path)
        assert answer.status == 200, (method, path, answer.body)
        return json.loads(answer.body)

    def ask(self, method: str, path: str, *query: tuple[str, str]) -> Response:
        """Ask one operation, as its key would."""
        side = "admin" if path.startswith("/v1/organization") else "project"
        headers = {"authorization": f"Bearer {self.keys[side]}"}
        body = json.dumps(self.body(path)).encode() if method == "POST" else b""
        if (method, path) in FORMS:
            headers["content-type"], body = "multipart/form-data; boundary=x", FORMS[method, path]
        own = ID.get(path, "")
        places = {**self.names, "key": self.names.get(own or "key"), "alert": self.names.get(own or "alert")}
        needed = [("start_time", "1")] if re.search("usage/|costs", path) else []
        return handle(
            self.world, Request(method, path.format(**places), headers, body, Query([*needed, *query]))
        )

    def body(self, path: str) -> dict[str, Any]:
        """Return what an operation is sent."""
        bodies: dict[str, dict[str, Any]] = {
            "/v1/responses": {"model": MODEL, "input": "Hello", "background": True},
            "/v1/responses/compact": {"model": MODEL, "input": "Hello"},
            "/v1/chat/completions": {"model": MODEL, "messages": ASK, "store": True},
            "/v1/chat/completions/{completion}": {"metadata": {"a": "b"}},
            "/v1/embeddings": {"model": EMBEDDING, "input": "Hello"},
            "/v1/moderations": {"input": "Hello"},
            "/v1/images/generations": {"model": IMAGE, "prompt": "Hello", "size": "256x256"},
            "/v1/batches": {
                "input_file_id": self.names.get("file"),
                "endpoint": "/v1/responses",
                "completion_window": "24h",
            },
            "/v1/organization/admin_api_keys": {"name": "a"},
            "/v1/organization/invites": {"email": "a@practice.invalid", "role": "reader"},
            "/v1/organization/projects": {"name": "a"},
            PROJECT: {"name": "b"},
            f"{PROJECT}/users": {"user_id": self.names["user"], "role": "member"},
            f"{PROJECT}/users/{{user}}": {"role": "member"},
            "/v1/organization/users/{user}": {"role": "owner"},
            f"{PROJECT}/service_accounts": {"name": "a"},
            f"{PROJECT}/service_accounts/{{account}}": {"name": "b"},
            f"{PROJECT}/service_accounts/{{account}}/api_keys": {"name": "c"},
            f"{PROJECT}/api_keys/{{key}}": {"expires_in_seconds": 86_400},
            f"{PROJECT}/rate_limits/{{limit}}": {"max_requests_per_1_minute": 1},
            f"{PROJECT}/model_permissions": {"mode": "allow_list", "model_ids": [MODEL]},
        }
        if path.endswith("spend_limit"):
            return LIMIT
        return ALERT if "spend_alerts" in path else bodies.get(path, {})


def form(*parts: tuple[str, str, bytes]) -> bytes:
    """A form as it goes over the wire; a part whose name has a dot in it is a file."""
    head = b'--x\r\ncontent-disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    lines = [head % (n.encode(), f'; filename="{f}"'.encode() if f else b"", data) for n, f, data in parts]
    return b"".join(lines) + b"--x--\r\n"


def picture() -> bytes:
    """A small square PNG."""
    from guide_helpers.practice import png

    return png.draw(["A"], (256, 256), ((255, 255, 255), (0, 0, 0)), clear=False)


FORMS = {
    ("POST", "/v1/files"): form(
        ("file", "lines.jsonl", json.dumps(LINE).encode()), ("purpose", "", b"batch")
    ),
    ("POST", "/v1/images/edits"): form(
        ("image", "a.png", picture()), ("prompt", "", b"Hello"), ("model", "", IMAGE.encode())
    ),
    ("POST", "/v1/images/variations"): form(("image", "a.png", picture()), ("model", "", IMAGE.encode())),
}


def place_in_walk(route: Route) -> tuple[bool, bool, int]:
    """What ends a thing comes last: keys before their owners, the smaller things before the greater."""
    ends = any(each in f"{route.method} {route.path}" for each in LAST)
    return ends, ends and "api_keys" not in route.path, -len(route.path) if ends else 0


WALK = sorted(ROUTES, key=place_in_walk)
# what can only be refused for what is here: a model nobody trained, a batch that is done
REFUSALS = {("DELETE", "/v1/models/{model}"): 403, ("POST", "/v1/batches/{batch}/cancel"): 409}


@pytest.fixture(scope="module")
def answers() -> dict[tuple[str, str], Response]:
    """What every operation answers, each asked once in one world."""
    walk = Walk()
    return {(route.method, route.path): walk.ask(route.method, route.path) for route in WALK}


def test_every_operation_answers(answers: dict[tuple[str, str], Response]) -> None:
    """With what it needs, each operation answers 200; a few can only refuse here."""
    odd = {key: (each.status, each.body[:200]) for key, each in answers.items() if each.status != 200}
    assert {key: status for key, (status, _) in odd.items()} == REFUSALS, odd


def test_answers_fit_the_clients_own_types(answers: dict[tuple[str, str], Response]) -> None:
    """What an operation answers is listed, and fits the schema the client's types give."""
    for (method, path), answer in answers.items():
        content = listed(method, path, answer.status)["content"]
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in content, (method, path, kind)
        if kind == "application/json":
            schema = {**content[kind]["schema"], "components": described()["components"]}
            errors = jsonschema.Draft202012Validator(schema).iter_errors(json.loads(answer.body))
            assert not [f"{each.json_path}: {each.message[:200]}" for each in errors], (method, path)


def test_answers_have_every_official_field(answers: dict[tuple[str, str], Response]) -> None:
    """No field is missing that OpenAI's description says an answer must have."""
    for route in ROUTES:
        answer = answers[route.method, route.path]
        if answer.status == 200 and answer.headers["content-type"].startswith("application/json"):
            must = set(OFFICIAL.get(bare(route), {}).get("answer", ()))
            assert must <= json.loads(answer.body).keys(), bare(route)


def test_answers_carry_the_headers_they_list(answers: dict[tuple[str, str], Response]) -> None:
    """Every answer carries the headers of its kind, the limits among them where a model was asked."""
    for (method, path), answer in answers.items():
        headers = listed(method, path, answer.status)["headers"]
        assert headers.keys() <= answer.headers.keys(), (method, path)


def test_every_official_parameter_is_taken() -> None:
    """A parameter that OpenAI's description lists for an address is not refused."""
    walk = Walk()
    for route in ROUTES:
        for name, sample in OFFICIAL.get(bare(route), {}).get("query", {}).items():
            if name in {"after", "before", "page", "starting_after"} or route.method != "GET":
                continue
            values = sample if isinstance(sample, list) else [sample]
            words = [(name, str(each).lower() if isinstance(each, bool) else str(each)) for each in values]
            answer = walk.ask(route.method, route.path, *words)
            assert answer.status == 200, (bare(route), words, answer.body[:200])


def test_every_refusal_has_the_four_fields() -> None:
    """Every fault there is fits the error that the description gives each refusal."""
    schema = described()["components"]["schemas"]["Error"]
    every = [each for each in vars(faults).values() if isinstance(each, faults.Fault)]
    for fault in [*every, *(each for stage in faults.STAGED.values() for each in stage.values())]:
        jsonschema.validate(json.loads(fault.response().body), schema)


# ---------------------------------------------------------------------------- what a prompt may hold


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ([{"role": "boss", "content": "Hello"}], "input[0].role"),
        ([{"role": "user", "content": [{"type": "text", "text": "Hello"}]}], "input[0].content[0].type"),
        ([{"role": "user", "content": [{"type": "input_text"}]}], "input[0].content[0].text"),
        ([{"type": "item_reference", "id": "msg_1"}], "input[0].type"),
    ],
    ids=["role", "kind of part", "text", "kind of item"],
)
def test_a_prompt_holds_known_roles_and_parts(
    api: practice.InProcess, given: list[dict[str, Any]], param: str
) -> None:
    """An unknown role, part or item is refused, and the refusal says where it stands."""
    client = openai.OpenAI(base_url=api.base_url, api_key=api.api_key, http_client=api.http_client)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input=given)
    assert caught.value.param == param


def test_a_chat_has_known_roles(api: practice.InProcess) -> None:
    """The same in a chat, where the names of the roles are others."""
    client = openai.OpenAI(base_url=api.base_url, api_key=api.api_key, http_client=api.http_client)
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=[{"role": "boss", "content": "Hello"}])
    assert caught.value.param == "messages[0].role"


def test_what_was_given_is_listed_in_the_apis_fields(api: practice.InProcess) -> None:
    """An item keeps the fields the API knows, and a picture says how closely it would be looked at."""
    client = openai.OpenAI(base_url=api.base_url, api_key=api.api_key, http_client=api.http_client)
    parts = [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": "data:,", "mine": 1},
    ]
    made = client.responses.create(model=MODEL, input=[{"role": "user", "content": parts, "mine": 1}])
    (item,) = client.responses.input_items.list(made.id).data
    assert item.to_dict().keys() == {"id", "type", "role", "status", "content"}
    assert [part.to_dict() for part in item.content] == [
        {"type": "input_text", "text": "Look"},
        {"detail": "auto", "type": "input_image", "image_url": "data:,"},
    ]
