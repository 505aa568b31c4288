"""POST /v1/chat/completions, whole or streamed.

Taken and without effect here: `audio` (no sound is made, so `modalities` may not ask for it), and what
tunes a model that is not there, such as `seed`, `prediction` or `web_search_options`.
"""

from __future__ import annotations

from typing import NamedTuple

from guide_helpers import facts
from guide_helpers.practice import body, faults, logprobs, metadata, turns
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import chat_answer, kept_chats, moderated
from guide_helpers.practice.endpoints.chat_answer import Said
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.reply import WORDS, Form
from guide_helpers.practice.structured import forms, old_functions
from guide_helpers.practice.wire import Response, json_response, stream_response

_MOST_CHOICES = 128
_PLAIN = {"model", "messages", "stream", "temperature", "top_p", "user"}


class _Asked(NamedTuple):
    """How a chat is to be answered, beside its words."""

    form: Form = WORDS
    choices: int = 1
    most: int | None = None
    likely: logprobs.Wanted = logprobs.NONE
    judge: moderated.Judge | None = None
    old: bool = False


_PLAINLY = _Asked()


def create(call: Call) -> Response:
    """Answer a chat, and keep it if `store` is true."""
    given = call.json()
    model = call.text_model(given)
    fields = old_functions.as_tools(given)
    streamed = body.optional(fields, "stream", bool)
    conversation = turns.of_chat(body.required(fields, "messages", list))
    # most chats ask for nothing special, and need not be searched for it
    plain = fields.keys() <= _PLAIN
    asked = _PLAINLY if plain else _asked(call, fields, model, conversation, old=old_functions.used(given))
    read = conversation if plain else [*forms.described(fields), *conversation]
    reply, headers = call.reply(model, read, asked.most, asked.form, asked.choices)
    head = {
        "id": call.world.next_id("chatcmpl-"),
        "created": call.world.seconds(),
        "model": model,
        "service_tier": "default",
        "system_fingerprint": "fp_practice",
    }
    ids = [""] * asked.choices
    if reply.tool is not None:
        ids = [f"{call.world.next_id('call_')}{place or ''}" for place in range(asked.choices)]
    judged = None if asked.judge is None else asked.judge.chat(conversation, reply.text)
    said = Said(head, reply, ids, asked.likely, judged, asked.old)
    if fields.get("store"):
        kept_chats.keep(call, fields, chat_answer.completion(said))
    if streamed:
        options = body.optional(fields, "stream_options", dict) or {}
        events = chat_answer.events(said, with_usage=bool(options.get("include_usage")))
        return stream_response(events, headers)
    return json_response(200, chat_answer.completion(said), headers)


def _asked(
    call: Call, fields: body.Json, model: str, conversation: list[tuple[str, str]], *, old: bool
) -> _Asked:
    """Read what a chat asks for, refusing what the API does not take."""
    _check(fields)
    form = forms.of_chat(fields, conversation)
    choices, most = _choices(fields), _most_tokens(fields, model)
    return _Asked(form, choices, most, logprobs.of_chat(fields), moderated.wanted(call, fields), old)


def _check(fields: body.Json) -> None:
    """Refuse flags and notes of a wrong type, and an answer in sound."""
    body.optional(fields, "store", bool)
    body.optional(fields, "stream_options", dict)
    metadata.read(fields)
    if "audio" in (body.optional(fields, "modalities", list) or []):
        raise Refused(faults.NOT_HERE.about(param="modalities"))


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
