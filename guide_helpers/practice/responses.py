"""POST /v1/responses, whole or streamed."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import body
from guide_helpers.practice.call import Call
from guide_helpers.practice.reply import Reply
from guide_helpers.practice.wire import Response, json_response, stream_response

_NOT_YET = ("tools", "previous_response_id", "conversation", "prompt", "background")
_LEAST_OUTPUT = 16

# what a caller may set and gets back; the second half is what the API answers by default
_ECHOED: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}


def create(call: Call) -> Response:
    """Answer with a response object."""
    fields = call.json()
    model = call.model(fields)
    body.unsupported(fields, _NOT_YET)
    most = body.limit(fields, "max_output_tokens", _LEAST_OUTPUT)
    conversation = body.messages(body.required(fields, "input", str, list), "input")
    if instructions := body.optional(fields, "instructions", str):
        conversation.insert(0, ("developer", instructions))
    reply, headers = call.reply(model, conversation, most)
    response = _response(call, fields, model, reply)
    if body.optional(fields, "stream", bool):
        return stream_response(_events(response, reply)).with_headers(headers)
    return json_response(200, response, headers)


def _response(call: Call, fields: body.Json, model: str, reply: Reply) -> dict[str, Any]:
    return {
        "id": call.world.next_id("resp_"),
        "object": "response",
        "created_at": call.world.seconds(),
        "status": _status(reply),
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if reply.cut else None,
        "model": model,
        "output": [_item(call.world.next_id("msg_"), reply)],
        **{name: fields[name] if fields.get(name) is not None else usual for name, usual in _ECHOED.items()},
        "usage": {
            "input_tokens": reply.prompt_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": reply.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": reply.total_tokens,
        },
    }


def _status(reply: Reply) -> str:
    return "incomplete" if reply.cut else "completed"


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item(item_id: str, reply: Reply) -> dict[str, Any]:
    return {
        "id": item_id,
        "type": "message",
        "role": "assistant",
        "status": _status(reply),
        "content": [_part(reply.text)],
    }


def _events(response: dict[str, Any], reply: Reply) -> list[tuple[str | None, Any]]:
    """Return every event in the order the SDK expects, numbered."""
    item = response["output"][0]
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    begun = {**response, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    opened = {**item, "status": "in_progress", "content": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": opened},
        {"type": "response.content_part.added", **place, "part": _part("")},
        *(
            {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
            for piece in reply.pieces
        ),
        {"type": "response.output_text.done", **place, "text": reply.text, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": _part(reply.text)},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": f"response.{_status(reply)}", "response": response},
    ]
    return [(event["type"], {**event, "sequence_number": number}) for number, event in enumerate(events)]
