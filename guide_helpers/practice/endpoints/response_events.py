"""A response as the events of a stream, in the order the SDK expects."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice.endpoints.response_items import part, status
from guide_helpers.practice.reply import Reply

Event = dict[str, Any]


def events(response: dict[str, Any], reply: Reply) -> list[tuple[str | None, Any]]:
    """Return every event, named and numbered."""
    item = response["output"][0]
    begun = {**response, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    inner = _message(item, reply) if reply.tool is None else _function_call(item, reply)
    listed: list[Event] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        *inner,
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": f"response.{status(reply)}", "response": response},
    ]
    return [(event["type"], {**event, "sequence_number": number}) for number, event in enumerate(listed)]


def _message(item: dict[str, Any], reply: Reply) -> list[Event]:
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    return [
        _added({**item, "content": []}),
        {"type": "response.content_part.added", **place, "part": part("")},
        *(
            {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
            for piece in reply.pieces
        ),
        {"type": "response.output_text.done", **place, "text": reply.text, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": part(reply.text)},
    ]


def _function_call(item: dict[str, Any], reply: Reply) -> list[Event]:
    place = {"item_id": item["id"], "output_index": 0}
    kind = "response.function_call_arguments"
    return [
        _added({**item, "arguments": ""}),
        *({"type": f"{kind}.delta", **place, "delta": piece} for piece in reply.pieces),
        {"type": f"{kind}.done", **place, "name": item["name"], "arguments": reply.text},
    ]


def _added(item: dict[str, Any]) -> Event:
    return {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {**item, "status": "in_progress"},
    }
