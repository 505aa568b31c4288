"""The functions a caller offers, and which of them the practice reply calls."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guide_helpers.practice import body, faults
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.structured import schema_check

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST = 128


@dataclass(frozen=True, slots=True)
class Tool:
    """One function: its name, and the arguments a practice reply calls it with, as JSON."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What `tool_choice` asks: "none", "auto" or "required", and perhaps one function by name."""

    mode: str
    name: str | None = None


def of_chat(fields: body.Json) -> tuple[Tool, ...]:
    """Return the functions of a chat request, whose description stands under "function"."""
    return tuple(
        _tool(body.required(each, "function", dict), f"{param}.function") for param, each in _listed(fields)
    )


def of_response(fields: body.Json) -> tuple[Tool, ...]:
    """Return the functions of a request for a response, where a tool is flat."""
    return tuple(_tool(each, param) for param, each in _listed(fields))


def choice(fields: body.Json, tools: Sequence[Tool]) -> Choice:
    """Return what `tool_choice` asks, "auto" when it is left out."""
    asked = body.optional(fields, "tool_choice", str, dict)
    if asked is None:
        return Choice("auto")
    if not tools:
        why = "it is only allowed when 'tools' are specified."
        raise Refused(faults.BAD_VALUE.about(param="tool_choice", why=why))
    if isinstance(asked, str):
        return Choice(_one_of(asked, ("none", "auto", "required")))
    _one_of(asked.get("type"), ("function",))
    named = asked.get("function", asked)
    name = named.get("name") if isinstance(named, dict) else None
    if name not in [tool.name for tool in tools]:
        why = f"there is no function {name!r} in 'tools'."
        raise Refused(faults.BAD_VALUE.about(param="tool_choice", why=why))
    return Choice("required", name)


def called(tools: Sequence[Tool], asked: Choice, conversation: Sequence[tuple[str, str]]) -> Tool | None:
    """Return the function to call, or None for a reply in words.

    Left to itself, the practice API calls a function when somebody asked something, and speaks when a
    function has answered. Of several functions it calls the one whose name shares most words with
    the question, the first where that does not decide.
    """
    role, question = conversation[-1] if conversation else ("user", "")
    if not tools or asked.mode == "none" or (asked.mode == "auto" and role != "user"):
        return None
    if asked.name is not None:
        return next(tool for tool in tools if tool.name == asked.name)
    words = _words(question)
    return max(tools, key=lambda tool: len(_words(tool.name) & words))


def _words(text: str) -> set[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", text)
    return set(apart.lower().split())


def _listed(fields: body.Json) -> list[tuple[str, Mapping[str, Any]]]:
    """Return every tool with its place in the request."""
    listed = body.optional(fields, "tools", list) or []
    if len(listed) > _MOST:
        why = f"at most {_MOST} tools are allowed."
        raise Refused(faults.BAD_VALUE.about(param="tools", why=why))
    for place, each in enumerate(listed):
        if not isinstance(each, dict):
            fault = faults.WRONG_TYPE
            raise Refused(fault.about(param=f"tools[{place}]", expected="an object", got="another type"))
        if each.get("type") != "function":
            raise Refused(faults.NOT_HERE.about(param=f"tools[{place}].type"))
    return [(f"tools[{place}]", each) for place, each in enumerate(listed)]


def _tool(function: Mapping[str, Any], param: str) -> Tool:
    name = named(function, param)
    parameters = body.optional(function, "parameters", dict)
    if not parameters:
        return Tool(name, "{}")
    strict = bool(body.optional(function, "strict", bool))
    written, why = schema_check.document({"type": "object", **parameters}, strict=strict)
    if not why and not isinstance(written, dict):
        why = "schema must be a JSON Schema of 'type: \"object\"'."
    if why:
        fault = faults.BAD_SCHEMA.about(param=f"{param}.parameters", what=f"function '{name}'", why=why)
        raise Refused(fault)
    return Tool(name, compact(written))


def named(fields: body.Json, param: str) -> str:
    """Return the name of a function or a format, or refuse one the API does not take."""
    name = str(body.required(fields, "name", str))
    if not _NAME.fullmatch(name):
        why = "a name has 1 to 64 letters, digits, underscores and dashes."
        raise Refused(faults.BAD_VALUE.about(param=f"{param}.name", why=why))
    return name


def compact(value: Any) -> str:
    """Write JSON as a model does: on one line, without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        why = f"supported values are: {', '.join(map(repr, known))}."
        raise Refused(faults.BAD_VALUE.about(param="tool_choice", why=why))
    return str(value)
