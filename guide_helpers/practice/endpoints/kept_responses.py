"""What can be done with a response that was kept: read it, delete it, cancel it, list what it was given."""

from __future__ import annotations

import re

from guide_helpers.practice import faults, paging
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.response_events import events
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response, stream_response
from guide_helpers.practice.world.kept import KeptResponse

_USUAL_PAGE = 20
_LARGEST_PAGE = 100


def retrieve(call: Call) -> Response:
    """Show a response, or stream it again from an event on; one made in the background is ready by then."""
    kept = _kept(call)
    kept.waiting = False
    query = call.request.query
    if query.get("stream", "false").lower() != "true":
        return json_response(200, kept.shown())
    after = _event(query.get("starting_after", "-1"))
    return stream_response([each for each in events(kept.shown()) if each[1]["sequence_number"] > after])


def _event(text: str) -> int:
    """Read the number of an event, or refuse."""
    if not re.fullmatch(r"-1|[0-9]{1,9}", text):
        raise Refused(faults.WRONG_TYPE.about(param="starting_after", expected="an integer", got="a string"))
    return int(text)


def delete(call: Call) -> Response:
    """Forget a response."""
    _kept(call)
    call.shelf.responses.remove(call.path["response"])
    return json_response(200, {"id": call.path["response"], "object": "response", "deleted": True})


def cancel(call: Call) -> Response:
    """Stop a response that waits in the background; one that is finished stays as it is."""
    kept = _kept(call)
    if not kept.background:
        raise Refused(faults.NOT_BACKGROUND.about())
    if kept.waiting:
        kept.waiting, kept.cancelled = False, True
    return json_response(200, kept.shown())


def input_items(call: Call) -> Response:
    """List what a response was given, the conversation before it included; newest first by default."""
    rows = _kept(call).items
    order = call.request.query.get("order", "desc")
    if order not in {"asc", "desc"}:
        raise Refused(faults.BAD_VALUE.about(param="order", why="expected 'asc' or 'desc'."))
    rows = rows if order == "asc" else rows[::-1]
    return json_response(200, paging.page(rows, call.request.query, _USUAL_PAGE, _LARGEST_PAGE))


def _kept(call: Call) -> KeptResponse:
    kept = call.shelf.responses.get(call.path["response"])
    if kept is None:
        raise Refused(faults.NO_RESPONSE.about(id=call.path["response"]))
    return kept
