"""Who said what: the several spellings of a conversation as (role, text), checked as the API does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guide_helpers.practice import body, choices, compacted, faults
from guide_helpers.practice.faults import Refused

_CHAT_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_ITEM_ROLES = ("assistant", "system", "developer", "user")
_TEXTS = ("input_text", "output_text")
_DETAILS = ("low", "high", "auto", "original")
_PARTS = (*_TEXTS, "input_image", "input_file", "refusal")


def of_chat(value: list[Any]) -> list[tuple[str, str]]:
    """Return the turns of a chat, in which functions may have been called and have answered."""
    turns = body.messages([_spoken(each, place) for place, each in enumerate(value)], "messages")
    _check_answers(value)
    return turns


def of_items(value: str | list[Any], earlier: Iterable[dict[str, Any]] = ()) -> list[tuple[str, str]]:
    """Return the turns of a response's input, after those of earlier items."""
    new = [_user(value)] if isinstance(value, str) else value
    items = [*earlier, *new]
    turns = body.messages([_said(each, place) for place, each in enumerate(items)], "input") if items else []
    _check_outputs([each for each in items if isinstance(each, dict)])
    return turns


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _spoken(message: Any, place: int) -> Any:
    """Return a chat message with the calls it makes in its words."""
    if not isinstance(message, dict):
        return message
    _check_role(message, f"messages[{place}]", _CHAT_ROLES)
    if not message.get("tool_calls"):
        return message
    param = f"messages[{place}].tool_calls"
    calls = body.optional(message, "tool_calls", list)
    texts = [_text(message.get("content"))]
    for call in calls:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(call.get("id"), str):
            raise Refused(faults.MISSING.about(param=param))
        texts += [_field(function, name, param) for name in ("name", "arguments")]
    return {"role": "assistant", "content": "".join(texts)}


def _said(item: Any, place: int) -> Any:
    """Return an input item as a message."""
    if not isinstance(item, dict):
        return item
    param, kind = f"input[{place}]", item.get("type") or "message"
    if kind == "function_call":
        words = [_field(item, name, param) for name in ("call_id", "name", "arguments")]
        return {"role": "assistant", "content": "".join(words[1:])}
    if kind == "compaction":
        return {"role": "developer", "content": compacted.read(item, param)}
    if kind == "function_call_output":
        _field(item, "call_id", param)
        _check_parts(item.get("output"), f"{param}.output")
        return {"role": "tool", "content": item.get("output")}
    if kind != "message":
        raise Refused(faults.NOT_HERE.about(param=f"{param}.type"))
    _check_role(item, param, _ITEM_ROLES)
    _check_parts(item.get("content"), f"{param}.content")
    return item


def _check_role(message: dict[str, Any], param: str, roles: tuple[str, ...]) -> None:
    choices.check(_field(message, "role", param), f"{param}.role", roles)


def _check_parts(content: Any, param: str) -> None:
    """Refuse a part that is not of a known kind; those of text must have it, the others are not looked at."""
    for place, part in enumerate(content if isinstance(content, list) else ()):
        name = f"{param}[{place}]"
        if not isinstance(part, dict):
            raise Refused(faults.WRONG_TYPE.about(param=name, expected="an object", got="another type"))
        choices.check(_field(part, "type", name), f"{name}.type", _PARTS)
        if part["type"] in _TEXTS:
            _field(part, "text", name)
        choices.choice(part, "detail", _DETAILS)


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _field(item: dict[str, Any], name: str, param: str) -> str:
    if not isinstance(item.get(name), str):
        raise Refused(faults.MISSING.about(param=f"{param}.{name}"))
    return str(item[name])


def _check_answers(messages: list[dict[str, Any]]) -> None:
    """Refuse a tool message nobody asked for, and a call that nobody answered."""
    waiting: list[str] = []
    known: set[str] = set()
    for place, message in enumerate(messages):
        if message.get("role") == "tool":
            answered = message.get("tool_call_id")
            if not (isinstance(answered, str) and answered in known):
                why = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                raise Refused(faults.TOOL_ORDER.about(param=f"messages[{place}].role", why=why))
            waiting = [each for each in waiting if each != answered]
            continue
        _check_none_waits(waiting, place)
        waiting = [call["id"] for call in message.get("tool_calls") or []]
        known = set(waiting)
    _check_none_waits(waiting, len(messages))


def _check_none_waits(waiting: list[str], place: int) -> None:
    if waiting:
        why = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. Without one: {', '.join(waiting)}"
        )
        raise Refused(faults.TOOL_ORDER.about(param=f"messages[{place}].role", why=why))


def _check_outputs(items: list[dict[str, Any]]) -> None:
    """Refuse an output without its call, and a call without its output."""
    calls = dict.fromkeys(each["call_id"] for each in items if each.get("type") == "function_call")
    outputs = dict.fromkeys(each["call_id"] for each in items if each.get("type") == "function_call_output")
    if call_id := next((each for each in outputs if each not in calls), None):
        why = f"No tool call found for function call output with call_id {call_id}."
        raise Refused(faults.TOOL_ORDER.about(param="input", why=why))
    if call_id := next((each for each in calls if each not in outputs), None):
        why = f"No tool output found for function call {call_id}."
        raise Refused(faults.TOOL_ORDER.about(param="input", why=why))
