"""The lines of a batch: a request each, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from guide_helpers.practice import body, choices, faults, gate
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import chat, embeddings, responses
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Request, Response

ENDPOINTS: Mapping[str, Callable[[Call], Response]] = {
    "/v1/chat/completions": chat.create,
    "/v1/responses": responses.create,
    "/v1/embeddings": embeddings.create,
}


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one line: the status and body of an answer, or why it was never asked."""

    id: str
    custom_id: str | None
    request_id: str
    status: int
    answer: Mapping[str, Any]

    @property
    def good(self) -> bool:
        """Whether the request was answered."""
        return self.status == HTTPStatus.OK

    @property
    def model(self) -> str | None:
        """The model that answered."""
        return self.answer.get("model")

    def written(self) -> bytes:
        """Write the line as it stands in the output or error file."""
        response = {"status_code": self.status, "request_id": self.request_id, "body": self.answer}
        line = {"id": self.id, "custom_id": self.custom_id, "response": response, "error": None}
        return json.dumps(line).encode() + b"\n"


def split(content: bytes, most: int) -> list[bytes]:
    """Return the lines that hold anything; refuse too many."""
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) > most:
        raise Refused(faults.TOO_MANY.about(param="input_file_id", most=most, got=len(lines)))
    return lines


def ask(call: Call, endpoint: str, raw: bytes, seen: set[str]) -> Line:
    """Ask one line; `seen` are the custom ids so far, since each may stand only once."""
    custom_id = None
    try:
        fields = body.parse(raw)
        custom_id = body.required(fields, "custom_id", str)
        if custom_id in seen:
            raise Refused(faults.TWICE.about(param="custom_id", got=custom_id))  # noqa: TRY301 -- one way out
        seen.add(custom_id)
        asked = _request(fields, endpoint, call.request.headers)
        line = Call(call.world, asked, {}, call.key, batch=True)
        gate.meet(line, asks_model=True)
        response = ENDPOINTS[endpoint](line)
    except Refused as refused:
        response = refused.fault.response()
    except RecursionError:  # lists within lists, too deep to write down again
        response = faults.BAD_JSON.response()
    answer = json.loads(response.body)
    names = call.world.next_id("batch_req_"), custom_id, call.world.next_id("req_")
    return Line(*names, response.status, answer)


def _request(fields: body.Json, endpoint: str, headers: Mapping[str, str]) -> Request:
    choices.required(fields, "method", ("POST",))
    choices.required(fields, "url", (endpoint,))
    asked = body.required(fields, "body", dict)
    if asked.get("stream"):
        raise Refused(faults.NO_STREAM.about(param="stream"))
    content_type = {**headers, "content-type": "application/json"}
    return Request("POST", endpoint, content_type, json.dumps(asked).encode())


def usage(lines: list[Line]) -> dict[str, Any]:
    """Add up what the answered lines used, whatever their endpoint calls it."""
    asked = sum(_used(line, "input_tokens", "prompt_tokens") for line in lines)
    written = sum(_used(line, "output_tokens", "completion_tokens") for line in lines)
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": asked + written,
    }


def _used(line: Line, *names: str) -> int:
    used = line.answer.get("usage") or {}
    return next((int(used[name]) for name in names if name in used), 0)
