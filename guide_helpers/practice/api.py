"""The practice API as one pure function: a request comes in, the world answers.

Both ways in (a socket, or no socket at all) call `handle`; neither knows what it does.
"""

from __future__ import annotations

from guide_helpers import keys
from guide_helpers.practice import faults, gate
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.routes import find
from guide_helpers.practice.wire import Record, Request, Response
from guide_helpers.practice.world import World
from guide_helpers.practice.world.keyring import KeyRecord

LARGEST_BODY = 10_000_000
_NOBODY = KeyRecord("nobody", "", 0.0)


def handle(world: World, request: Request) -> Response:
    """Answer one request, with the headers every answer carries, and remember the exchange."""
    with world.lock:
        world.requests += 1
        now = world.clock.now()
        call = Call(world, request, {}, _NOBODY)
        try:
            response = _answer(call)
        except Refused as refused:
            response = refused.fault.response()
        response.headers.update(_every(call, response))
        masked = call.key.masked or keys.mask(request.headers.get("authorization", "").rpartition(" ")[2])
        world.records.append(Record(world.requests, now, request, response, masked))
        return response


def _answer(call: Call) -> Response:
    """Check in the API's order: key, address, permission, size, then whatever the endpoint checks."""
    world, request = call.world, call.request
    key = gate.authenticate(world, request)
    call.key = key
    route, call.path = find(request.method, request.path)
    if world.plays:
        gate.meet(call, asks_model=route.asks_model)
        gate.act(call, "key")
    gate.belong(world, request, key)
    gate.permit(key, route.scope, reading=route.reads)
    gate.act(call, "permission")
    if len(request.body) > LARGEST_BODY:
        raise Refused(faults.TOO_LARGE.about(limit=LARGEST_BODY))
    response = route.endpoint(call)
    if route.asks_model:
        _take_time(call, response)
    return response


def _take_time(call: Call, response: Response) -> None:
    """Make an answer as slow as the world's pace and the scenario want it, or break it off."""
    pace = call.world.pace
    if pace.latency or pace.jitter:
        response.delay = pace.wait(call.world.chance("pace"))
    if pace.tokens_per_second:
        response.gap = 1 / pace.tokens_per_second
    if call.play is not None:
        response.delay += call.play.scenario.delay
        response.cut = call.play.scenario.cut


def _every(call: Call, response: Response) -> dict[str, str]:
    """Return the headers that every answer carries."""
    home = call.world.home
    return {
        "x-request-id": call.world.next_id("req_"),
        "openai-organization": call.key.organization or home.id,
        "openai-project": call.key.project or home.default_project,
        "openai-version": "2020-10-01",
        "openai-processing-ms": str(max(1, round(response.delay * 1000))),
    }
