"""A response as the events of a stream, in the order the SDK expects."""

from __future__ import annotations

from typing import Any

from guide_helpers import tokens
from guide_helpers.practice.endpoints.response_items import part

Event = dict[str, Any]


def events(response: dict[str, Any]) -> list[tuple[str | None, Any]]:
    """Return every event that made a response, named and numbered.

    One made in the background was queued first; one that was cancelled just stops.
    """
    begun = {**response, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    listed: list[Event] = [{"type": "response.created", "response": begun}]
    if response.get("background"):
        listed.append({"type": "response.queued", "response": {**begun, "status": "queued"}})
    listed.append({"type": "response.in_progress", "response": begun})
    for item in response["output"]:
        spoken = _message if item["type"] == "message" else _call
        listed += spoken(item, response["model"])
        listed.append({"type": "response.output_item.done", "output_index": 0, "item": item})
    if response["output"]:
        listed.append({"type": f"response.{response['status']}", "response": response})
    return [(event["type"], {**event, "sequence_number": number}) for number, event in enumerate(listed)]


def _message(item: dict[str, Any], model: str) -> list[Event]:
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    whole = item["content"][0]
    likely, pieces = whole["logprobs"], tokens.pieces(whole["text"], model)
    delta = {"type": "response.output_text.delta", **place}
    return [
        _added({**item, "content": []}),
        {"type": "response.content_part.added", **place, "part": part("")},
        *(
            {**delta, "delta": piece, "logprobs": likely[number : number + 1]}
            for number, piece in enumerate(pieces)
        ),
        {"type": "response.output_text.done", **place, "text": whole["text"], "logprobs": likely},
        {"type": "response.content_part.done", **place, "part": whole},
    ]


def _call(item: dict[str, Any], model: str) -> list[Event]:
    place = {"item_id": item["id"], "output_index": 0}
    kind = "response.function_call_arguments"
    pieces = tokens.pieces(item["arguments"], model)
    return [
        _added({**item, "arguments": ""}),
        *({"type": f"{kind}.delta", **place, "delta": piece} for piece in pieces),
        {"type": f"{kind}.done", **place, "name": item["name"], "arguments": item["arguments"]},
    ]


def _added(item: dict[str, Any]) -> Event:
    return {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {**item, "status": "in_progress"},
    }
