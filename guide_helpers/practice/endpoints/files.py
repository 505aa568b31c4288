"""The files endpoints: upload, list, look at one, read it, delete it."""

from __future__ import annotations

from typing import Any, NamedTuple

from guide_helpers.practice import body, choices, faults, multipart, paging
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.kept import File

_PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
_ORDERS = ("asc", "desc")
_MOST_LISTED = 10_000
_DAY = 86_400
_BATCH_LIFE = 30 * _DAY
_SHORTEST_LIFE, _LONGEST_LIFE = 3_600, 30 * _DAY


class Label(NamedTuple):
    """What a file is called."""

    id: str
    name: str
    purpose: str


def create(call: Call) -> Response:
    """Keep an uploaded file."""
    parts = multipart.parse(call.request.headers.get("content-type", ""), call.request.body)
    upload, purpose = parts.get("file"), parts.get("purpose")
    for param, part in (("file", upload), ("purpose", purpose)):
        if part is None:
            raise Refused(faults.MISSING.about(param=param))
    if upload is None or purpose is None or upload.filename is None:
        raise Refused(faults.WRONG_TYPE.about(param="file", expected="a file", got="a string"))
    choices.check(purpose.text, "purpose", _PURPOSES)
    if purpose.text == "batch" and not upload.filename.endswith(".jsonl"):
        raise Refused(faults.NOT_JSONL)
    life = lifetime(_expiry(parts)) or (_BATCH_LIFE if purpose.text == "batch" else None)
    name = call.world.next_id("file-")
    label = Label(name, upload.filename, purpose.text)
    return json_response(200, shown(keep(call, label, upload.content, life)))


def list_files(call: Call) -> Response:
    """List the files, newest first unless asked otherwise."""
    query = call.request.query
    files = [each for each in call.shelf.files.all() if not _gone(call, each)]
    if purpose := query.get("purpose"):
        files = [each for each in files if each.purpose == purpose]
    if choices.check(query.get("order", "desc"), "order", _ORDERS) == "desc":
        files.reverse()
    return json_response(200, paging.page([shown(each) for each in files], query, _MOST_LISTED, _MOST_LISTED))


def retrieve(call: Call) -> Response:
    """Show one file."""
    return json_response(200, shown(find(call, call.path["file"])))


def content(call: Call) -> Response:
    """Give back what is in a file."""
    file = find(call, call.path["file"])
    return Response(200, {"content-type": "application/octet-stream"}, (file.content,))


def delete(call: Call) -> Response:
    """Forget a file."""
    file = find(call, call.path["file"])
    call.shelf.files.remove(file.id)
    return json_response(200, {"id": file.id, "object": "file", "deleted": True})


def keep(call: Call, label: Label, data: bytes, life: int | None) -> File:
    """Keep a file for so many seconds (for good when None), and return it."""
    now = call.world.seconds()
    file = File(label.id, label.name, label.purpose, now, None if life is None else now + life, data)
    call.shelf.files.add(file.id, file)
    return file


def find(call: Call, name: str) -> File:
    """Return a file that is here and has not expired, or refuse as the API does."""
    file = call.shelf.files.get(name)
    if file is None or _gone(call, file):
        raise Refused(faults.NO_OBJECT.about(param="id", kind="File", name=name))
    return file


def shown(file: File) -> dict[str, Any]:
    """Return a file as the API shows it."""
    return {
        "id": file.id,
        "object": "file",
        "bytes": len(file.content),
        "created_at": file.made,
        "expires_at": file.expires,
        "filename": file.name,
        "purpose": file.purpose,
        "status": "processed",
        "status_details": None,
    }


def lifetime(fields: body.Json | None) -> int | None:
    """Return the seconds of an expiry policy; refuse one the API does not take."""
    if fields is None:
        return None
    choices.required(fields, "anchor", ("created_at",))
    body.required(fields, "seconds", int)
    seconds = body.limit(fields, "seconds", _SHORTEST_LIFE)
    if seconds is not None and seconds > _LONGEST_LIFE:
        raise Refused(faults.TOO_BIG.about(param="seconds", most=_LONGEST_LIFE, got=seconds))
    return seconds


def _expiry(parts: dict[str, multipart.Part]) -> dict[str, Any] | None:
    """Read the policy out of a form, where a number is a text."""
    found: dict[str, Any] = {
        name: parts[f"expires_after[{name}]"].text
        for name in ("anchor", "seconds")
        if f"expires_after[{name}]" in parts
    }
    seconds = found.get("seconds", "")
    if seconds.isascii() and seconds.isdigit() and len(seconds) < len(str(_LONGEST_LIFE)) + 3:
        found["seconds"] = int(seconds)
    return found or None


def _gone(call: Call, file: File) -> bool:
    return file.expires is not None and call.world.seconds() >= file.expires
