"""POST /v1/responses, whole or streamed, and POST /v1/responses/input_tokens."""

from __future__ import annotations

from typing import Any

from guide_helpers import facts
from guide_helpers.practice import body, faults, logprobs, metadata, turns
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import moderated, response_items
from guide_helpers.practice.endpoints.response_events import events
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.reply import Reply, prompt_tokens
from guide_helpers.practice.structured import forms
from guide_helpers.practice.wire import Response, json_response, stream_response
from guide_helpers.practice.world.kept import KeptResponse

_NOT_YET = ("conversation", "prompt")
_LEAST_OUTPUT = 16

# what a caller may set and gets back: its types, and what the API answers by default
_ECHOED: dict[str, tuple[tuple[type, ...], Any]] = {
    "instructions": ((str,), None),
    "max_output_tokens": ((int,), None),
    "max_tool_calls": ((int,), None),
    "metadata": ((dict,), {}),
    "parallel_tool_calls": ((bool,), True),
    "previous_response_id": ((str,), None),
    "prompt_cache_key": ((str,), None),
    "reasoning": ((dict,), {"effort": None, "summary": None}),
    "safety_identifier": ((str,), None),
    "store": ((bool,), True),
    "temperature": ((int, float), 1.0),
    "text": ((dict,), {"format": {"type": "text"}}),
    "tool_choice": ((str, dict), "auto"),
    "tools": ((list,), []),
    "top_logprobs": ((int,), None),
    "top_p": ((int, float), 1.0),
    "truncation": ((str,), "disabled"),
    "user": ((str,), None),
}


def create(call: Call) -> Response:
    """Answer with a response object, and keep it unless `store` is false."""
    fields = call.json()
    model = call.text_model(fields)
    body.unsupported(fields, _NOT_YET)
    most = body.limit(fields, "max_output_tokens", _LEAST_OUTPUT)
    echoed = _echoed(fields)
    streamed, background = (body.optional(fields, name, bool) for name in ("stream", "background"))
    if background and not echoed["store"]:
        raise Refused(faults.NOT_HERE.about(param="store"))
    likely, judge = logprobs.of_response(fields), moderated.wanted(call, fields)
    given = body.required(fields, "input", str, list)
    earlier = earlier_items(call, fields)
    conversation = conversation_of(fields, turns.of_items(given, earlier))
    form = forms.of_response(fields, conversation)
    reply, headers = call.reply(model, [*forms.described(fields), *conversation], most, form)
    response = {**_response(call, model, reply, likely), **echoed, "usage": usage(reply)}
    if background:
        response["background"] = True
    if judge is not None:
        response["moderation"] = judge.response(conversation, reply.text)
    waiting = bool(background and not streamed)
    kept = KeptResponse(response, [*earlier, *response_items.given(call, given)], waiting)
    if echoed["store"]:
        call.shelf.responses.add(response["id"], kept)
    if streamed:
        return stream_response(events(response), headers)
    return json_response(200, kept.shown(), headers)


def input_tokens(call: Call) -> Response:
    """Count what a request for a response would read, without making one."""
    fields = call.json()
    named = body.optional(fields, "model", str) is not None
    model = call.text_model(fields) if named else str(facts.get("model.everyday").value)
    body.unsupported(fields, _NOT_YET)
    _echoed(fields)
    given = body.optional(fields, "input", str, list)
    conversation = conversation_of(fields, turns.of_items(given or [], earlier_items(call, fields)))
    forms.of_response(fields, conversation)
    count = prompt_tokens(model, [*forms.described(fields), *conversation])
    return json_response(200, {"object": "response.input_tokens", "input_tokens": count})


def _echoed(fields: body.Json) -> dict[str, Any]:
    """Return what the response repeats of the request, after a look at the types."""
    echoed = {}
    for name, (types, usual) in _ECHOED.items():
        value = body.optional(fields, name, *types)
        echoed[name] = usual if value is None else value
    metadata.read(fields)
    usual_tool = {"strict": True, "parameters": None}
    return {**echoed, "tools": [{**usual_tool, **each} for each in echoed["tools"] if isinstance(each, dict)]}


def earlier_items(call: Call, fields: body.Json) -> list[dict[str, Any]]:
    """Return the items of the conversation so far, those of `previous_response_id`."""
    previous = body.optional(fields, "previous_response_id", str)
    if previous is None:
        return []
    kept = call.shelf.responses.get(previous)
    if kept is None:
        raise Refused(faults.NO_PREVIOUS.about(param="previous_response_id", id=previous))
    return [*kept.items, *kept.shown()["output"]]


def conversation_of(fields: body.Json, said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what was said, after the instructions if there are any."""
    instructions = body.optional(fields, "instructions", str)
    return [("developer", instructions), *said] if instructions else said


def _response(call: Call, model: str, reply: Reply, likely: logprobs.Wanted) -> dict[str, Any]:
    return {
        "id": call.world.next_id("resp_"),
        "object": "response",
        "created_at": call.world.seconds(),
        "status": response_items.status(reply),
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if reply.cut else None,
        "model": model,
        "output": [response_items.output(call, reply, likely)],
    }


def usage(reply: Reply) -> dict[str, Any]:
    """Return what a reply used, as a response tells it."""
    return {
        "input_tokens": reply.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": reply.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": reply.total_tokens,
    }
