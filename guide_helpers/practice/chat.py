"""POST /v1/chat/completions, whole or streamed."""

from __future__ import annotations

from typing import Any

from guide_helpers import facts
from guide_helpers.practice import body, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.reply import Reply
from guide_helpers.practice.wire import Response, json_response, stream_response

_NOT_YET = ("n", "tools", "functions", "response_format", "stop", "logprobs", "audio")


def create(call: Call) -> Response:
    """Answer a chat."""
    fields = call.json()
    model = call.model(fields)
    body.unsupported(fields, _NOT_YET)
    conversation = body.messages(body.required(fields, "messages", list), "messages")
    reply, headers = call.reply(model, conversation, _most_tokens(fields, model))
    head = {
        "id": call.world.next_id("chatcmpl-"),
        "created": call.world.seconds(),
        "model": model,
        "service_tier": "default",
        "system_fingerprint": "fp_practice",
    }
    if body.optional(fields, "stream", bool):
        options = body.optional(fields, "stream_options", dict) or {}
        events = _events(head, reply, with_usage=bool(options.get("include_usage")))
        return stream_response(events).with_headers(headers)
    return json_response(200, _completion(head, reply), headers)


def _most_tokens(fields: body.Json, model: str) -> int | None:
    if fields.get("max_tokens") is not None and not model.startswith(_old_families()):
        raise Refused(faults.MAX_TOKENS.about(param="max_tokens"))
    return body.limit(fields, "max_completion_tokens", 1) or body.limit(fields, "max_tokens", 1)


def _old_families() -> tuple[str, ...]:
    return tuple(facts.get("model.max_tokens").value)


def _completion(head: dict[str, Any], reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(reply)}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(reply)}


def _events(head: dict[str, Any], reply: Reply, *, with_usage: bool) -> list[tuple[str | None, Any]]:
    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        tail = {"usage": None} if with_usage else {}
        return {**head, "object": "chat.completion.chunk", "choices": [choice], **tail}

    first = chunk({"role": "assistant", "content": "", "refusal": None})
    middle = [chunk({"content": piece}) for piece in reply.pieces]
    events = [first, *middle, chunk({}, _reason(reply))]
    if with_usage:
        events.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(reply)})
    return [*((None, event) for event in events), (None, "[DONE]")]


def _reason(reply: Reply) -> str:
    return "length" if reply.cut else "stop"


def _usage(reply: Reply) -> dict[str, Any]:
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.total_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
