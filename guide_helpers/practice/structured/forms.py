"""What form a reply takes: words, a JSON document, or the arguments of a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guide_helpers.practice import body, faults
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.reply import WORDS, Form, sentence
from guide_helpers.practice.structured import schema_check, tools

Conversation = list[tuple[str, str]]
_MOST_STOPS = 4
_SHAPING = frozenset({"response_format", "stop", "text", "tool_choice", "tools"})  # without these: words


def of_chat(fields: body.Json, conversation: Conversation) -> Form:
    """Return the form a chat request asks for."""
    if _SHAPING.isdisjoint(fields):
        return WORDS
    wanted = body.optional(fields, "response_format", dict) or {}
    described = wanted
    if wanted.get("type") == "json_schema":
        described = body.required(wanted, "json_schema", dict)
    text = _document(wanted.get("type", "text"), described, "response_format", conversation)
    offered = tools.of_chat(fields)
    return _form(offered, tools.choice(fields, offered), text, conversation, _stops(fields))


def of_response(fields: body.Json, conversation: Conversation) -> Form:
    """Return the form a request for a response asks for."""
    if _SHAPING.isdisjoint(fields):
        return WORDS
    wanted = body.optional(body.optional(fields, "text", dict) or {}, "format", dict) or {}
    text = _document(wanted.get("type", "text"), wanted, "text.format", conversation)
    offered = tools.of_response(fields)
    return _form(offered, tools.choice(fields, offered), text, conversation, ())


def described(fields: body.Json) -> Conversation:
    """Return what the model reads besides the conversation, which counts as input: tools and schema."""
    text = fields.get("text")
    format_ = fields.get("response_format") or (text.get("format") if isinstance(text, dict) else None)
    schema = format_ if isinstance(format_, dict) and format_.get("type") == "json_schema" else None
    return [("developer", tools.compact(each)) for each in (fields.get("tools"), schema) if each]


def _form(
    offered: tuple[tools.Tool, ...],
    choice: tools.Choice,
    text: str | None,
    conversation: Conversation,
    stops: tuple[str, ...],
) -> Form:
    tool = tools.called(offered, choice, conversation)
    return Form(tool.arguments, tool.name) if tool else Form(text, stops=stops)


def _document(kind: Any, wanted: Mapping[str, Any], param: str, conversation: Conversation) -> str | None:
    """Return the document a format asks for, None when it asks for words."""
    if kind == "text":
        return None
    if kind == "json_object":
        if not any("json" in text.lower() for _, text in conversation):
            why = f"the input must contain the word 'json', to use '{param}' of type 'json_object'."
            raise Refused(faults.BAD_VALUE.about(param=param, why=why))
        return tools.compact({"reply": sentence(conversation)})
    if kind != "json_schema":
        why = "supported types are: 'json_object', 'json_schema', and 'text'."
        raise Refused(faults.BAD_VALUE.about(param=f"{param}.type", why=why))
    name = tools.named(wanted, param)
    schema = body.required(wanted, "schema", dict)
    written, why = schema_check.document(schema, strict=bool(body.optional(wanted, "strict", bool)))
    if not why and not isinstance(written, dict):
        why = "schema must be a JSON Schema of 'type: \"object\"'."
    if why:
        raise Refused(faults.BAD_SCHEMA.about(param=param, what=f"response_format '{name}'", why=why))
    return tools.compact(written)


def _stops(fields: body.Json) -> tuple[str, ...]:
    """Return the texts that end a reply."""
    value = body.optional(fields, "stop", str, list)
    stops = [value] if isinstance(value, str) else value or []
    if len(stops) > _MOST_STOPS or not all(isinstance(each, str) and each for each in stops):
        why = f"expected a text or up to {_MOST_STOPS} texts, none of them empty."
        raise Refused(faults.BAD_VALUE.about(param="stop", why=why))
    return tuple(stops)
