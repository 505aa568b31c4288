"""The chats that were kept (`store`): list them, read one, change its notes, delete it."""

from __future__ import annotations

import re
from typing import Any

from guide_helpers.practice import body, choices, faults, metadata, paging
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.kept import KeptChat

_USUAL_PAGE, _LARGEST_PAGE = 20, 100
_ORDERS = ("asc", "desc")

# what a kept chat shows of its request besides the answer, and what the API answers by default
_REMEMBERED: dict[str, Any] = {
    "seed": None,
    "top_p": 1.0,
    "temperature": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "tools": None,
    "tool_choice": None,
    "response_format": None,
}


def keep(call: Call, fields: body.Json, completion: dict[str, Any]) -> None:
    """Keep a chat that was just answered."""
    remembered = {
        name: usual if fields.get(name) is None else fields[name] for name, usual in _REMEMBERED.items()
    }
    shown = {
        **completion,
        **remembered,
        "request_id": call.world.next_id("req_"),
        "input_user": fields.get("user"),
        "metadata": metadata.read(fields) or {},
    }
    name = completion["id"]
    asked = [_asked(each, f"{name}-{place}") for place, each in enumerate(fields["messages"])]
    call.shelf.chats.add(name, KeptChat(shown, asked))


def list_chats(call: Call) -> Response:
    """List the chats, oldest first unless asked otherwise; of one model, or with certain notes."""
    query = call.request.query
    rows = [each.completion for each in call.shelf.chats.all()]
    if model := query.get("model"):
        rows = [each for each in rows if each["model"] == model]
    for name, value in query.items():
        if note := re.fullmatch(r"metadata\[(.+)\]", name):
            rows = [each for each in rows if each["metadata"].get(note[1]) == value]
    return _page(call, rows)


def retrieve(call: Call) -> Response:
    """Show one chat."""
    return json_response(200, _kept(call).completion)


def update(call: Call) -> Response:
    """Change the notes of a chat; nothing else of it can be changed."""
    kept, fields = _kept(call), call.json()
    if "metadata" not in fields:
        raise Refused(faults.MISSING.about(param="metadata"))
    kept.completion = {**kept.completion, "metadata": metadata.read(fields) or {}}
    return json_response(200, kept.completion)


def delete(call: Call) -> Response:
    """Forget a chat."""
    name = _kept(call).completion["id"]
    call.shelf.chats.remove(name)
    return json_response(200, {"id": name, "object": "chat.completion.deleted", "deleted": True})


def messages(call: Call) -> Response:
    """List what a chat was asked, in the order of the request."""
    return _page(call, _kept(call).messages)


def _page(call: Call, rows: list[dict[str, Any]]) -> Response:
    query = call.request.query
    newest_first = choices.check(query.get("order", "asc"), "order", _ORDERS) == "desc"
    rows = rows[::-1] if newest_first else rows
    return json_response(200, paging.page(rows, query, _USUAL_PAGE, _LARGEST_PAGE))


def _asked(message: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a message as the API lists it: its text, and its parts where it had any."""
    content = message.get("content")
    parts = content if isinstance(content, list) else None
    if parts is not None:
        content = "".join(str(each.get("text", "")) for each in parts if isinstance(each, dict))
    return {"name": None, **message, "id": name, "content": content, "content_parts": parts}


def _kept(call: Call) -> KeptChat:
    name = call.path["completion"]
    kept = call.shelf.chats.get(name)
    if kept is None:
        raise Refused(faults.NOT_FOUND.about(param="completion_id", kind="Chat completion", name=name))
    return kept
