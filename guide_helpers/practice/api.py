"""The practice API as one pure function: a request comes in, the world answers.

Both ways in (a socket, or no socket at all) call `handle`; neither knows what it does.
"""

from __future__ import annotations

from guide_helpers import keys
from guide_helpers.errors import PracticeError
from guide_helpers.practice import faults, gate
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Fault, Refused
from guide_helpers.practice.routes import find
from guide_helpers.practice.wire import Record, Request, Response
from guide_helpers.practice.world import World
from guide_helpers.practice.world.keyring import KeyRecord

LARGEST_BODY = 10_000_000
_NOBODY = KeyRecord("nobody", "", 0.0)


def handle(world: World, request: Request, turned_away: Fault | None = None) -> Response:
    """Answer one request, with the headers every answer carries, and remember the exchange.

    One that the way in has `turned_away` already, unread, gets that fault.
    """
    with world.lock:
        if world.rewrite is not None:
            request = world.rewrite(request)
        world.requests += 1
        written = world.ledger.requests
        now = world.clock.now()
        call = Call(world, request, {}, _NOBODY)
        try:
            response = _answer(call) if turned_away is None else turned_away.response()
        except Refused as refused:
            response = refused.fault.response()
        except RecursionError:  # brackets within brackets, thousands deep
            response = faults.BAD_JSON.response()
        _tell(call, response)
        key, masked = _caller(call)
        record = Record(world.requests, now, request, response, masked, key)
        if charged := world.ledger.requests - written:
            record.charged = world.ledger.last(charged)
        world.records.append(record)
        return response


def _caller(call: Call) -> tuple[str, str]:
    """Return the id and the masked form of a request's key, of a refused one too."""
    if call.key is not _NOBODY:
        return call.key.id, call.key.masked
    value = call.request.headers.get("authorization", "").rpartition(" ")[2]
    record = call.world.keyring.find(value)
    return (record.id, record.masked) if record else ("", keys.mask(value))


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
    gate.act(call, "permission", scope=route.scope)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refused(faults.ENCODED)
    if len(request.body) > LARGEST_BODY:
        raise Refused(faults.TOO_LARGE.about(limit=LARGEST_BODY))
    if not route.asks_model:
        gate.act_beside(call)
    response = route.endpoint(call)
    if world.store is not None and not route.reads and route.scope.startswith("api.management."):
        _keep(world)
    _take_time(call, response, asks_model=route.asks_model)
    return response


def _keep(world: World) -> None:
    """Have a change in the state file before its answer leaves, or answer that the server failed."""
    try:
        world.changed()
    except PracticeError:
        raise Refused(faults.STAGED["last"]["server_error"]) from None


def _take_time(call: Call, response: Response, *, asks_model: bool) -> None:
    """Make an answer as slow as the world's pace and the scenario want it, or break it off."""
    pace = call.world.pace
    if asks_model and (pace.latency or pace.jitter):
        response.delay = pace.wait(call.world.chance("pace"))
    if asks_model and pace.tokens_per_second:
        response.gap = 1 / pace.tokens_per_second
    if call.play is not None:
        response.delay += call.play.scenario.delay
        response.cut = call.play.scenario.cut


def _tell(call: Call, response: Response) -> None:
    """Add the headers that every answer carries."""
    key, headers = call.key, response.headers
    headers["x-request-id"] = call.world.next_id("req_")
    headers["openai-organization"] = key.organization or call.world.home.id
    headers["openai-project"] = key.project or call.world.home.default_project
    headers["openai-version"] = "2020-10-01"
    headers["openai-processing-ms"] = str(max(1, round(response.delay * 1000))) if response.delay else "1"
