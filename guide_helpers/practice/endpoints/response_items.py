"""The items a response is made of, those that were given and those that came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guide_helpers.practice.reply import Reply

if TYPE_CHECKING:
    from guide_helpers.practice.call import Call


def status(reply: Reply) -> str:
    """Return how a reply ended."""
    return "incomplete" if reply.cut else "completed"


def part(text: str) -> dict[str, Any]:
    """Return a piece of text in a message."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def output(call: Call, reply: Reply) -> dict[str, Any]:
    """Return the item a reply is: a message, or a call of a function."""
    if reply.tool is not None:
        return {
            "id": call.world.next_id("fc_"),
            "type": "function_call",
            "call_id": call.world.next_id("call_"),
            "name": reply.tool,
            "arguments": reply.text,
            "status": status(reply),
        }
    return {
        "id": call.world.next_id("msg_"),
        "type": "message",
        "role": "assistant",
        "status": status(reply),
        "content": [part(reply.text)],
    }


def given(call: Call, value: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the input's items as the API lists them, each with an id."""
    items = [{"role": "user", "content": value}] if isinstance(value, str) else value
    return [_given(item, f"{call.world.next_id('in_')[3:-4]}{place:04x}") for place, item in enumerate(items)]


def _given(item: dict[str, Any], digits: str) -> dict[str, Any]:
    kind = item.get("type") or "message"
    prefix = {"function_call": "fc_", "function_call_output": "fco_"}.get(str(kind), "msg_")
    listed = {**item, "id": prefix + digits, "type": kind, "status": "completed"}
    if isinstance(item.get("content"), str):
        text = item["content"]
        spoken = part(text) if item.get("role") == "assistant" else {"type": "input_text", "text": text}
        return {**listed, "role": str(item.get("role", "user")), "content": [spoken]}
    return listed
