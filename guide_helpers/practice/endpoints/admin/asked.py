"""Read what a request to the admin side asks for: names, roles, lifetimes, scopes, a page of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from guide_helpers import keys
from guide_helpers.practice import body, faults, paging
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response

_USUAL_PAGE, _LARGEST_PAGE = 20, 100
_LONGEST_TEXT = 256
_LONGEST_LIFE = 31_536_000
_MOST_SCOPES = 100
_SCOPE = re.compile(r"[a-z0-9_.]{1,64}")


def fields(call: Call) -> body.Json:
    """Return the body as a JSON object; none at all counts as an empty one."""
    return call.json() if call.request.body else {}


def text(asked: body.Json, name: str) -> str | None:
    """Return a short text without any key in it, or None; refuse an empty or a very long one."""
    found = body.optional(asked, name, str)
    if found is None:
        return None
    if not found.strip():
        raise Refused(faults.BAD_VALUE.about(param=name, why="it is empty."))
    if len(found) > _LONGEST_TEXT:
        raise Refused(
            faults.BAD_VALUE.about(param=name, why=f"it is longer than {_LONGEST_TEXT} characters.")
        )
    return keys.redact(found)


def name(asked: body.Json, param: str = "name") -> str:
    """Return a short text that must be there."""
    body.required(asked, param, str)
    return text(asked, param) or ""


def flag(asked: body.Json, param: str) -> bool:
    """Return a yes or no; left out means no."""
    return bool(body.optional(asked, param, bool))


def expiry(call: Call, asked: body.Json) -> int | None:
    """Return when what is made now expires (world's seconds), or None for never."""
    life = body.limit(asked, "expires_in_seconds", 1)
    if life is None:
        return None
    if life > _LONGEST_LIFE:
        raise Refused(faults.TOO_BIG.about(param="expires_in_seconds", most=_LONGEST_LIFE, got=life))
    return call.world.seconds() + life


def scopes(asked: body.Json) -> tuple[str, ...] | None:
    """Return the scopes asked for, each once, or None; refuse what cannot be a scope."""
    found = body.optional(asked, "scopes", list)
    if found is None:
        return None
    if len(found) > _MOST_SCOPES:
        raise Refused(faults.TOO_MANY.about(param="scopes", most=_MOST_SCOPES, got=len(found)))
    for place, each in enumerate(found):
        if not isinstance(each, str):
            raise Refused(
                faults.WRONG_TYPE.about(param=f"scopes[{place}]", expected="a string", got="another type")
            )
        if not _SCOPE.fullmatch(each):
            raise Refused(faults.BAD_VALUE.about(param=f"scopes[{place}]", why="it is not a scope."))
    return tuple(dict.fromkeys(found))


def room(things: Sequence[object] | Mapping[str, object], what: str, most: int) -> None:
    """Refuse when there are as many things as the practice world keeps."""
    if len(things) >= most:
        raise Refused(faults.NO_ROOM.about(what=what, most=most))


def page(call: Call, rows: Sequence[Mapping[str, Any]]) -> Response:
    """Answer with the page of rows that was asked for: 20 unless said otherwise, 100 at most."""
    return json_response(200, paging.page(rows, call.request.query, _USUAL_PAGE, _LARGEST_PAGE))


def gone(what: str, thing: str) -> Response:
    """Answer that a thing was deleted; `what` is its kind, such as "organization.user"."""
    return json_response(200, {"object": f"{what}.deleted", "id": thing, "deleted": True})
