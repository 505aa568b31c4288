"""What a chat answers, as one object or as the chunks of a stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from guide_helpers.practice import logprobs
from guide_helpers.practice.reply import Reply
from guide_helpers.practice.wire import HOLE, Repeated


class Said(NamedTuple):
    """What a chat answers: the fields every chunk has, the reply, and an id for each choice's call.

    `moderation` is there if it was asked for; `old` is a chat whose functions stood in `functions`.
    """

    head: dict[str, Any]
    reply: Reply
    call_ids: list[str]
    likely: logprobs.Wanted = logprobs.NONE
    moderation: dict[str, Any] | None = None
    old: bool = False

    @property
    def reason(self) -> str:
        """Why it ended."""
        if self.reply.cut:
            return "length"
        if self.reply.tool is None:
            return "stop"
        return "function_call" if self.old else "tool_calls"


def completion(said: Said) -> dict[str, Any]:
    """Return the whole answer."""
    likely = _likely(said, said.reply.pieces) if said.likely.asked else None
    choices = [
        {"index": place, "message": _message(said, call_id), "logprobs": likely, "finish_reason": said.reason}
        for place, call_id in enumerate(said.call_ids)
    ]
    whole = {**said.head, "object": "chat.completion", "choices": choices, "usage": _usage(said)}
    return whole if said.moderation is None else {**whole, "moderation": said.moderation}


def _message(said: Said, call_id: str) -> dict[str, Any]:
    reply = said.reply
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    if reply.tool is None:
        return message
    function = {"name": reply.tool, "arguments": reply.text}
    if said.old:
        return {**message, "content": None, "function_call": function}
    called = {"id": call_id, "type": "function", "function": function}
    return {**message, "content": None, "tool_calls": [called]}


def events(said: Said, *, with_usage: bool) -> list[tuple[str | None, Any]]:
    """Return every chunk: each choice in turn, then the usage where it is asked for."""
    head = {**said.head, "object": "chat.completion.chunk"}
    tail: dict[str, Any] = {"usage": None} if with_usage else {}
    events: list[Any] = []
    for place, call_id in enumerate(said.call_ids):

        def chunk(delta: dict[str, Any], reason: str | None = None, logs: Any = None) -> dict[str, Any]:
            choice = {"index": place, "delta": delta, "logprobs": logs, "finish_reason": reason}  # noqa: B023
            return {**head, "choices": [choice], **tail}

        events += _chunks(said, call_id, chunk)
    if said.moderation is not None:
        events.append({**head, "choices": [], "moderation": said.moderation, **tail})
    if with_usage:
        events.append({**head, "choices": [], "usage": _usage(said)})
    return [*((None, event) for event in events), (None, "[DONE]")]


def _chunks(said: Said, call_id: str, chunk: Callable[..., dict[str, Any]]) -> list[Any]:
    """Return the chunks of one choice."""
    if said.reply.tool is not None:
        *deltas, last = _deltas(said, call_id)
        return [*map(chunk, deltas), chunk(last, said.reason)]
    first = chunk({"role": "assistant", "content": "", "refusal": None})
    pieces = said.reply.pieces
    if said.likely.asked:
        likely = [{"content": [each], "refusal": None} for each in said.likely.of(pieces)]
        spoken: list[Any] = [
            chunk({"content": piece}, None, logs) for piece, logs in zip(pieces, likely, strict=True)
        ]
    else:
        spoken = [Repeated(chunk({"content": HOLE}), pieces)]
    return [first, *spoken, chunk({}, said.reason)]


def _deltas(said: Said, call_id: str) -> list[dict[str, Any]]:
    """Return what each chunk adds to the call of a function."""
    reply = said.reply
    first: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
    begun: dict[str, Any] = {"name": reply.tool, "arguments": ""}
    if said.old:
        more = [{"function_call": {"arguments": piece}} for piece in reply.pieces]
        return [{**first, "content": None, "function_call": begun}, *more, {}]
    called = {"index": 0, "id": call_id, "type": "function", "function": begun}
    return [
        {**first, "content": None, "tool_calls": [called]},
        *({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in reply.pieces),
        {},
    ]


def _likely(said: Said, pieces: tuple[str, ...]) -> dict[str, Any]:
    """Return how likely each token was; the arguments of a function have no such list."""
    content = said.likely.of(pieces) if said.reply.tool is None else None
    return {"content": content, "refusal": None}


def _usage(said: Said) -> dict[str, Any]:
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
