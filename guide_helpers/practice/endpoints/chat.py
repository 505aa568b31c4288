"""POST /v1/chat/completions, whole or streamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from guide_helpers import facts
from guide_helpers.practice import body, faults, turns
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.reply import Reply
from guide_helpers.practice.structured import forms
from guide_helpers.practice.wire import Response, json_response, stream_response

_NOT_YET = ("functions", "logprobs", "audio")
_MOST_CHOICES = 128


def create(call: Call) -> Response:
    """Answer a chat."""
    fields = call.json()
    model = call.text_model(fields)
    body.unsupported(fields, _NOT_YET)
    conversation = turns.of_chat(body.required(fields, "messages", list))
    form, choices, most = forms.of_chat(fields, conversation), _choices(fields), _most_tokens(fields, model)
    streamed = body.optional(fields, "stream", bool)
    options = body.optional(fields, "stream_options", dict) or {}
    read = [*forms.described(fields), *conversation]
    reply, headers = call.reply(model, read, most, form, choices)
    head = {
        "id": call.world.next_id("chatcmpl-"),
        "created": call.world.seconds(),
        "model": model,
        "service_tier": "default",
        "system_fingerprint": "fp_practice",
    }
    said = _Said(head, reply, [f"{call.world.next_id('call_')}{place or ''}" for place in range(choices)])
    if streamed:
        events = _events(said, with_usage=bool(options.get("include_usage")))
        return stream_response(events, headers)
    return json_response(200, _completion(said), headers)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a chat answers: the fields every chunk has, the reply, and an id for each choice's call."""

    head: dict[str, Any]
    reply: Reply
    call_ids: list[str]


def _choices(fields: body.Json) -> int:
    choices = body.limit(fields, "n", 1) or 1
    if choices > _MOST_CHOICES:
        raise Refused(faults.TOO_BIG.about(param="n", most=_MOST_CHOICES, got=choices))
    return choices


def _most_tokens(fields: body.Json, model: str) -> int | None:
    if fields.get("max_tokens") is not None and not model.startswith(_old_families()):
        raise Refused(faults.MAX_TOKENS.about(param="max_tokens"))
    return body.limit(fields, "max_completion_tokens", 1) or body.limit(fields, "max_tokens", 1)


def _old_families() -> tuple[str, ...]:
    return tuple(facts.get("model.max_tokens").value)


def _completion(said: _Said) -> dict[str, Any]:
    choices = [
        {
            "index": place,
            "message": _message(said.reply, call_id),
            "logprobs": None,
            "finish_reason": _reason(said.reply),
        }
        for place, call_id in enumerate(said.call_ids)
    ]
    return {**said.head, "object": "chat.completion", "choices": choices, "usage": _usage(said)}


def _message(reply: Reply, call_id: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    if reply.tool is None:
        return message
    function = {"name": reply.tool, "arguments": reply.text}
    called = {"id": call_id, "type": "function", "function": function}
    return {**message, "content": None, "tool_calls": [called]}


def _events(said: _Said, *, with_usage: bool) -> list[tuple[str | None, Any]]:
    """Return every chunk: each choice in turn, then the usage where it is asked for."""
    head = {**said.head, "object": "chat.completion.chunk"}
    tail: dict[str, Any] = {"usage": None} if with_usage else {}
    events: list[dict[str, Any]] = []
    for place, call_id in enumerate(said.call_ids):
        deltas = _deltas(said.reply, call_id)
        reasons = [*[None] * (len(deltas) - 1), _reason(said.reply)]
        for delta, reason in zip(deltas, reasons, strict=True):
            choice = {"index": place, "delta": delta, "logprobs": None, "finish_reason": reason}
            events.append({**head, "choices": [choice], **tail})
    if with_usage:
        events.append({**head, "choices": [], "usage": _usage(said)})
    return [*((None, event) for event in events), (None, "[DONE]")]


def _deltas(reply: Reply, call_id: str) -> list[dict[str, Any]]:
    """Return what each chunk of one choice adds."""
    first: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
    if reply.tool is None:
        return [first, *({"content": piece} for piece in reply.pieces), {}]
    begun = {"id": call_id, "type": "function", "function": {"name": reply.tool, "arguments": ""}}
    return [
        {**first, "content": None, "tool_calls": [{"index": 0, **begun}]},
        *({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in reply.pieces),
        {},
    ]


def _reason(reply: Reply) -> str:
    if reply.cut:
        return "length"
    return "stop" if reply.tool is None else "tool_calls"


def _usage(said: _Said) -> dict[str, Any]:
    output = said.reply.output_tokens * len(said.call_ids)
    return {
        "prompt_tokens": said.reply.prompt_tokens,
        "completion_tokens": output,
        "total_tokens": said.reply.prompt_tokens + output,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
