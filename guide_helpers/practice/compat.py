"""The profile in which the client's own test suite can run: `key-guide practice --compat openai-python`.

The suite expects a server without memory. It uses two literal keys and literal ids, deletes the same
thing many times, leaves out what must be there, and fills every field with a placeholder, some of which
the API itself would refuse. The tables below say what stands for what. Each request is put into the
API's own words before the world sees it, and the literal things are put back as they were at first;
what answers is the practice API as it always is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from guide_helpers import facts
from guide_helpers.errors import UnknownNameError
from guide_helpers.practice import body, codec, multipart, png
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.multipart import Part
from guide_helpers.practice.wire import Query, Request
from guide_helpers.practice.world import World
from guide_helpers.practice.world.kept import KeptResponse, Shelf
from guide_helpers.practice.world.keyring import ADMIN, USER, KeyRecord
from guide_helpers.practice.world.limiter import Limits
from guide_helpers.practice.world.organization import (
    Alert,
    Invite,
    Member,
    Organization,
    Project,
    ServiceAccount,
    SpendLimit,
    User,
)

_KEY, _ADMIN_KEY = "My API Key", "My Admin API Key"
_USER_KEY_ID, _ADMIN_KEY_ID = "api_key_id", "key_id"
_USER, _ACCOUNT, _ALERT, _INVITE = "user_id", "service_account_id", "alert_id", "invite_id"
_NEWCOMER = "newcomer"
_PROJECTS = ("project_id", "proj_123")
_RESPONSES = (
    "response_id",
    "resp_123",
    "previous_response_id",
    "resp_677efb5139a88190b512bc3fef8e535d",
)
_CHAT = "completion_id"
_FINE_TUNE = "ft:{model}:acemeco:suffix:abc123"

_ENDLESS = 1_000_000_000
_A_DAY = 86_400

# what stands for nothing: fields of a body or a form that are left out when they hold exactly this
_NOTHING: dict[str, tuple[Any, ...]] = {
    "conversation": ("string",),  # conversations are not practised
    "create_service_account_only": (True,),  # asked for together with a key's lifetime
    "frame_count": (2, b"2"),  # asked for together with a PNG
    "frame_duration_ms": (20, b"20"),
    "geography": ("geography",),  # never together with a residency
    "markup": (b"Example data",),  # no real mask, and never both of them
    "mask": (b"Example data",),
    "max_completion_tokens": (0,),
    "max_tokens": (0,),
    "model": ("model", "gpt-image-1.5", b"gpt-image-1.5"),  # no name, and one that draws nothing here
    "prompt": ({"id": "id", "variables": {"foo": "string"}, "version": "version"},),
    "response_format": ("url", b"url"),
    "role_id": ("role_id",),
    "style": ("vivid",),
    "svg": ({"model": "x", "reasoning": {"effort": "none"}},),
    "svg[model]": (b"x",),
    "svg[reasoning][effort]": (b"none",),
    "user_id": (_USER,),  # who is in the project already
}

# what stands for something else, at any depth of a body
_INSTEAD: dict[str, tuple[Any, Any]] = {
    "encoding_format": ("base64", "float"),  # a strict client cannot read the one it asks for by itself
    "email": ("email", "somebody@practice.invalid"),
    "output_schema": ({"foo": "bar"}, {"type": "object"}),
    "parameters": ({"foo": "bar"}, {}),
    "projects": ([{"id": "id", "role": "member"}], [{"id": _PROJECTS[0], "role": "member"}]),
    "role": ("role", "owner"),
}

# the words behind the question mark that stand for nothing
_NO_QUERY = {("after", "after"), ("before", "before"), ("limit", "0"), ("page", "page")}

_PICTURE = b"Example data"

# where the client's types have room for no other role than this, although the API lists every message
_SAID = [{"role": "assistant", "content": "string"}]


def prepare(world: World, profile: str) -> None:
    """Prepare a new world for a profile. Raises `UnknownNameError`, naming them, for one there is not."""
    if profile not in PROFILES:
        raise UnknownNameError(
            f"There is no profile called {profile!r}.", f"Choose one of {', '.join(PROFILES)}."
        )
    PROFILES[profile](world)


def openai_python(world: World) -> None:
    """Prepare a world for the suite: its keys and ids, no limits, and credit without end."""
    world.limits = Limits(_ENDLESS, _ENDLESS)
    world.home.credit = None
    real = {
        _KEY: world.issue_key("the suite's key"),
        _ADMIN_KEY: world.issue_admin_key("the suite's admin key"),
    }
    world.immortal.update(_FINE_TUNE.format(model=model.id) for model in facts.models())
    kept = _kept(world, real[_KEY])

    def rewrite(request: Request) -> Request:
        """Put a request into the API's own words, after everything literal is back in its place."""
        _restore(world, kept)
        return _reworded(request, real)

    world.rewrite = rewrite


PROFILES: Mapping[str, Callable[[World], None]] = {"openai-python": openai_python}


# ---------------------------------------------------------------------------- what is literal


def _kept(world: World, key: str) -> Shelf:
    """Make, by asking, a response and a chat that are kept, and return them under the suite's names."""
    from guide_helpers.practice.api import handle

    headers = {"authorization": f"Bearer {key}"}
    model = facts.get("model.everyday").value
    asked = {
        "/v1/responses": {"model": model, "input": _SAID, "background": True},
        "/v1/chat/completions": {"model": model, "messages": _SAID, "store": True},
    }
    for path, fields in asked.items():
        handle(world, Request("POST", path, headers, codec.encode(fields)))
    made, shelf = world.shelves[world.home.default_project], Shelf()
    world.records.clear()
    (response,), (chat,) = made.responses.all(), made.chats.all()
    for name in _RESPONSES:
        shelf.responses.add(name, dataclasses.replace(response, response={**response.response, "id": name}))
    shelf.chats.add(_CHAT, dataclasses.replace(chat, completion={**chat.completion, "id": _CHAT}))
    return shelf


def _restore(world: World, kept: Shelf) -> None:
    """Put every literal thing back as it was at first."""
    shelf = world.shelves.setdefault(world.home.default_project, Shelf())
    for response in kept.responses.all():
        shelf.responses.add(response.response["id"], _again(response))
    for chat in kept.chats.all():
        shelf.chats.add(_CHAT, dataclasses.replace(chat))
    _people_and_projects(world.home, world.seconds())
    for name, kind, project in ((_USER_KEY_ID, USER, _PROJECTS[0]), (_ADMIN_KEY_ID, ADMIN, "")):
        record = KeyRecord(name, "", world.clock.now(), id=name, kind=kind, project=project)
        record.organization, record.owner = world.home.id, next(iter(world.home.users))
        world.keyring.keep(f"compat-{name}", record)


def _again(kept: KeptResponse) -> KeptResponse:
    return dataclasses.replace(kept, waiting=False, cancelled=False)


def _people_and_projects(home: Organization, now: int) -> None:
    for name in (_USER, _NEWCOMER):
        home.users[name] = User(name, "name", f"{name}@practice.invalid", "reader", now)
    home.invites[_INVITE] = Invite(_INVITE, "email@practice.invalid", "reader", now, now + 7 * _A_DAY)
    home.spend_limit, home.alerts[_ALERT] = SpendLimit(_ENDLESS), _alert()
    for name in _PROJECTS:
        project = home.projects[name] = Project(name, name, now)
        project.members[_USER] = Member("member", now)
        project.service_accounts[_ACCOUNT] = ServiceAccount(_ACCOUNT, "name", "member", now)
        project.spend_limit, project.alerts[_ALERT] = SpendLimit(_ENDLESS), _alert()


def _alert() -> Alert:
    return Alert(_ALERT, 1, ["someone@practice.invalid"])


# ---------------------------------------------------------------------------- what is put into other words


def _reworded(request: Request, real: dict[str, str]) -> Request:
    """Return a request in the API's own words."""
    path = request.path if request.path.startswith("/v1/") else f"/v1{request.path}"
    path = path.replace("/rate_limit_id", f"/rl-{facts.get('model.everyday').value}")
    headers = dict(request.headers)
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if value in real:
        headers["authorization"] = f"{scheme} {real[value]}"
    query = Query([pair for pair in request.query.pairs if pair not in _NO_QUERY])
    return Request(request.method, path, headers, _body(request, path), query)


def _body(request: Request, path: str) -> bytes:
    kind = request.headers.get("content-type", "")
    try:
        if kind.startswith("multipart/"):
            return _form(kind, request.body, path)
        return codec.encode(_fields(dict(body.parse(request.body)), path)) if request.body else b""
    except (Refused, RecursionError):  # not what it says it is: the endpoint refuses it in its own words
        return request.body


def _fields(fields: dict[str, Any], path: str) -> dict[str, Any]:
    """Return a body without its placeholders, and with what the suite leaves out."""
    found = {**_usual().get(path, {}), **_without_placeholders(fields)}
    return {**found, "input": _SAID} if path.endswith("/compact") else found


def _without_placeholders(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _instead(name, value) for name, value in fields.items() if value not in _NOTHING.get(name, ())
    }


def _instead(name: str, value: Any) -> Any:
    if name in _INSTEAD and _INSTEAD[name][0] == value:
        return _INSTEAD[name][1]
    if isinstance(value, dict):
        return _without_placeholders(value)
    return [_instead(name, each) for each in value] if isinstance(value, list) else value


def _usual() -> dict[str, dict[str, Any]]:
    """Return, by address, what the suite leaves out although the API asks for it."""
    model, image = facts.get("model.everyday").value, facts.get("image.model").value[0]
    return {
        "/v1/responses": {"model": model, "input": "string"},
        "/v1/images/generations": {"model": image},
        "/v1/images/edits": {"model": image},
        "/v1/images/variations": {"model": image},
        f"/v1/organization/projects/{_PROJECTS[0]}/users": {"user_id": _NEWCOMER},
    }


def _form(kind: str, written: bytes, path: str) -> bytes:
    """Return a form without its placeholders, with a real picture, and with what the suite leaves out."""
    sent = multipart.parts(kind, written)
    parts = [part for part in sent if part.content not in _NOTHING.get(part.field, ())]
    there = {part.field for part in parts}
    usual = _usual().get(path, {}).items()
    parts += [Part(name, None, value.encode()) for name, value in usual if name not in there]
    mark = multipart.boundary(kind)
    return b"".join(b"--%b\r\n%b\r\n" % (mark, _written(part)) for part in parts) + b"--%b--\r\n" % mark


def _written(part: Part) -> bytes:
    name = f'; filename="{part.filename}"' if part.filename is not None else ""
    head = f'content-disposition: form-data; name="{part.field}"{name}'
    content = _picture() if part.content == _PICTURE else part.content
    return head.encode() + b"\r\n\r\n" + content


@cache
def _picture() -> bytes:
    return png.draw(["PICTURE"], (256, 256), ((255, 255, 255), (0, 0, 0)), clear=True)
