"""POST /v1/responses/compact: a long conversation made short, to be carried on with."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import body, compacted, faults, turns
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import response_items, responses
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.reply import Form
from guide_helpers.practice.wire import Response, json_response

_SAID_BY_OTHERS = ("assistant", "tool", "developer")


def create(call: Call) -> Response:
    """Answer with every message of the user as it was, and one sealed item for all the rest.

    The list can be sent as the start of the next `input`.
    """
    fields = call.json()
    model = call.text_model(fields)
    given = body.optional(fields, "input", str, list)
    if given is None and fields.get("previous_response_id") is None:
        raise Refused(faults.MISSING.about(param="input"))
    earlier = responses.earlier_items(call, fields)
    said = turns.of_items(given or [], earlier)
    conversation = responses.conversation_of(fields, said)
    text = compacted.summary(model, [words for role, words in said if role in _SAID_BY_OTHERS and words])
    reply, headers = call.reply(model, conversation, None, Form(text))
    name = call.world.next_id("resp_")
    items = [*earlier, *response_items.given(call, given or [])]
    kept: list[dict[str, Any]] = [each for each in items if each.get("role") == "user"]
    sealed = {
        "id": call.world.next_id("cmp_"),
        "type": "compaction",
        "encrypted_content": compacted.seal(text),
    }
    answer = {
        "id": name,
        "object": "response.compaction",
        "created_at": call.world.seconds(),
        "output": [*kept, sealed],
        "usage": responses.usage(reply),
    }
    return json_response(200, answer, headers)
