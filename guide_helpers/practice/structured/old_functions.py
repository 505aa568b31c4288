"""The first way of offering functions, `functions` and `function_call`, put in today's words and back."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import body

_OLD = frozenset({"functions", "function_call"})


def used(fields: body.Json) -> bool:
    """Tell whether a chat offers functions in the first way; where it has `tools` as well, those count."""
    return bool(fields.get("functions")) and not fields.get("tools")


def as_tools(fields: body.Json) -> body.Json:
    """Return a chat request whose functions are tools, and whose messages speak of them plainly."""
    messages = body.optional(fields, "messages", list) or []
    if _OLD.isdisjoint(fields) and not any(
        "function_call" in each for each in messages if isinstance(each, dict)
    ):
        return fields
    offered = body.optional(fields, "functions", list)
    asked = body.optional(fields, "function_call", str, dict)
    today: dict[str, Any] = {**fields, "messages": [_spoken(each) for each in messages]}
    if not used(fields):
        return today
    today["tools"] = [{"type": "function", "function": each} for each in offered]
    if asked is not None:
        today["tool_choice"] = asked if isinstance(asked, str) else {"type": "function", "function": asked}
    return today


def _spoken(message: Any) -> Any:
    """Return a message with the function it calls in its words."""
    called = message.get("function_call") if isinstance(message, dict) else None
    if not isinstance(called, dict) or message.get("content"):
        return message
    return {**message, "content": f"{called.get('name', '')}{called.get('arguments', '')}"}
