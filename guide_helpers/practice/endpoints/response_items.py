"""The items a response is made of, those that were given and those that came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from guide_helpers.practice import logprobs
from guide_helpers.practice.reply import Reply

if TYPE_CHECKING:
    from guide_helpers.practice.call import Call

# what is kept of an item that is not a message, and of a part that is not text
_KEPT = {
    "function_call": ("fc_", ("call_id", "name", "arguments")),
    "function_call_output": ("fco_", ("call_id", "output")),
    "compaction": ("cmp_", ("encrypted_content",)),
}
_MEDIA = ("type", "refusal", "image_url", "file_id", "file_url", "file_data", "filename")


def status(reply: Reply) -> str:
    """Return how a reply ended."""
    return "incomplete" if reply.cut else "completed"


def part(text: str, likely: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return a piece of text in a message, and how likely its tokens were if that was asked for."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": list(likely)}


def output(call: Call, reply: Reply, likely: logprobs.Wanted = logprobs.NONE) -> dict[str, Any]:
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
        "content": [part(reply.text, likely.of(reply.pieces) if likely.asked else ())],
    }


def given(call: Call, value: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the input's items as the API lists them, each with an id."""
    items = [{"role": "user", "content": value}] if isinstance(value, str) else value
    return [_given(item, f"{call.world.next_id('in_')[3:-4]}{place:04x}") for place, item in enumerate(items)]


def _given(item: dict[str, Any], digits: str) -> dict[str, Any]:
    """Return an item with the fields the API keeps of it."""
    kind = item.get("type") or "message"
    if kind != "message":
        prefix, names = _KEPT[kind]
        return {"id": prefix + digits, "type": kind, "status": "completed"} | {
            name: item[name] for name in names
        }
    role, content = item["role"], item["content"]
    parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
    return {
        "id": f"msg_{digits}",
        "type": kind,
        "role": role,
        "status": "completed",
        "content": [_part(each, role) for each in parts],
    }


def _part(given: dict[str, Any], role: str) -> dict[str, Any]:
    if isinstance(given.get("text"), str):
        return part(given["text"]) if role == "assistant" else {"type": "input_text", "text": given["text"]}
    kept = {name: each for name, each in given.items() if name in _MEDIA and isinstance(each, str)}
    if given["type"] == "input_image":
        return {"detail": given.get("detail") or "auto", **kept}
    return kept
