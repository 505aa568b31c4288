"""The batches endpoints. A batch is done the moment it is made: every line is really asked.

Each line of the input file goes to the endpoint it names, as a request of its own, and its answer
becomes a line of the output file, or of the error file when it was refused. Scenarios are met on
the way. As on the real API, a batch pays half and draws on none of the limits of single requests.
"""

from __future__ import annotations

from typing import Any

from guide_helpers.practice import body, choices, faults, metadata, paging
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import batch_lines, files
from guide_helpers.practice.endpoints.batch_lines import Line
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world import World

_WINDOW = "24h"
_WINDOW_SECONDS = 86_400
_MOST_LINES = 1_000
_MOST_LISTED, _USUALLY_LISTED = 100, 20


def create(call: Call) -> Response:
    """Run a batch and show it."""
    fields = call.json()
    endpoint = choices.required(fields, "endpoint", tuple(batch_lines.ENDPOINTS))
    choices.required(fields, "completion_window", (_WINDOW,))
    life = files.lifetime(body.optional(fields, "output_expires_after", dict))
    notes = metadata.read(fields)
    source = files.find(call, body.required(fields, "input_file_id", str))
    if source.purpose != "batch":
        raise Refused(faults.WRONG_VALUE.about(param="input_file_id", got=source.purpose, allowed="'batch'"))
    name = call.world.next_id("batch_")
    lines = _asked(call, endpoint, batch_lines.split(source.content, _MOST_LINES))
    batch = {
        **_head(call.world, name, endpoint, source.id, notes),
        **(_outcome(call, name, lines, life) if lines else _failed(call.world)),
    }
    call.shelf.batches.add(name, batch)
    return json_response(200, batch)


def list_batches(call: Call) -> Response:
    """List the batches, newest first."""
    rows = call.shelf.batches.all()[::-1]
    return json_response(200, paging.page(rows, call.request.query, _USUALLY_LISTED, _MOST_LISTED))


def retrieve(call: Call) -> Response:
    """Show one batch."""
    return json_response(200, _find(call))


def cancel(call: Call) -> Response:
    """Refuse: a batch is over before anyone can cancel it."""
    raise Refused(faults.NOT_CANCELLABLE.about(status=_find(call)["status"]))


def _find(call: Call) -> dict[str, Any]:
    batch = call.shelf.batches.get(call.path["batch"])
    if batch is None:
        raise Refused(faults.NO_OBJECT.about(param="id", kind="Batch", name=call.path["batch"]))
    return batch


def _asked(call: Call, endpoint: str, raw: list[bytes]) -> list[Line]:
    """Ask every line; each is a request with a number of its own."""
    seen: set[str] = set()
    lines = []
    for line in raw:
        call.world.requests += 1
        lines.append(batch_lines.ask(call, endpoint, line, seen))
    call.world.requests += 1
    return lines


def _head(
    world: World, name: str, endpoint: str, source: str, notes: dict[str, str] | None
) -> dict[str, Any]:
    now = world.seconds()
    return {
        "id": name,
        "object": "batch",
        "endpoint": endpoint,
        "model": None,
        "errors": None,
        "input_file_id": source,
        "completion_window": _WINDOW,
        "status": "completed",
        "output_file_id": None,
        "error_file_id": None,
        "created_at": now,
        "in_progress_at": now,
        "expires_at": now + _WINDOW_SECONDS,
        "finalizing_at": now,
        "completed_at": now,
        "failed_at": None,
        "expired_at": None,
        "cancelling_at": None,
        "cancelled_at": None,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "usage": batch_lines.usage([]),
        "metadata": notes,
    }


def _outcome(call: Call, name: str, lines: list[Line], life: int | None) -> dict[str, Any]:
    good = [line for line in lines if line.good]
    bad = [line for line in lines if not line.good]
    models = {line.model for line in good}
    return {
        "model": models.pop() if len(models) == 1 else None,
        "output_file_id": _file(call, f"{name}_output", good, life),
        "error_file_id": _file(call, f"{name}_error", bad, life),
        "request_counts": {"total": len(lines), "completed": len(good), "failed": len(bad)},
        "usage": batch_lines.usage(good),
    }


def _failed(world: World) -> dict[str, Any]:
    message = "The input file is empty. Put one request on each line."
    error = {"code": "empty_file", "line": None, "message": message, "param": None}
    return {
        "status": "failed",
        "errors": {"object": "list", "data": [error]},
        "in_progress_at": None,
        "finalizing_at": None,
        "completed_at": None,
        "failed_at": world.seconds(),
    }


def _file(call: Call, name: str, lines: list[Line], life: int | None) -> str | None:
    """Keep the lines as a file and return its id; None when there are no lines."""
    if not lines:
        return None
    # two files of one request: the id is made from the name, so that they differ
    label = files.Label(f"file-{call.world.next_id(name)[-32:]}", f"{name}.jsonl", "batch_output")
    return files.keep(call, label, b"".join(line.written() for line in lines), life).id
