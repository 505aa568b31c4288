"""The desk: a live page about a running practice API, and the side from which notebooks attach to it.

Nothing here is part of the API that is practised: these requests are not counted and not remembered.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from guide_helpers.errors import GuideError, PracticeError
from guide_helpers.practice import codec
from guide_helpers.practice.desk import control
from guide_helpers.practice.desk.control import Control
from guide_helpers.practice.desk.door import Door
from guide_helpers.practice.desk.state import state
from guide_helpers.practice.wire import Request, Response, json_response
from guide_helpers.practice.world import World

__all__ = ["Desk", "Door"]

_SIDE = "/_practice"
_LARGEST_BODY = 100_000
_FILES = {
    f"{_SIDE}/page.css": ("page.css", "text/css; charset=utf-8"),
    f"{_SIDE}/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
# what every answer carries: no script and no style from anywhere else, in no frame of another site,
# and no address with a token in it handed on
_SAFE = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Desk:
    """The live page and the control side of one world."""

    def __init__(self, world: World, door: Door) -> None:
        """Open the desk behind a door."""
        self.world, self.door = world, door
        self.control = Control(world)

    def answer(self, request: Request) -> Response | None:
        """Answer what is asked of the desk; None for an address that is not the desk's."""
        if request.path not in {"/", _SIDE} and not request.path.startswith(f"{_SIDE}/"):
            return None
        response = self._answer(request)
        response.headers.update(_SAFE)
        return response

    def _answer(self, request: Request) -> Response:
        if request.path == f"{_SIDE}/control":
            return self._control(request)
        if request.method not in {"GET", "HEAD"}:
            return _refuse(405, "Here one can only look.", allow="GET, HEAD")
        if request.path in _FILES:
            return _file(*_FILES[request.path])
        if not self.door.may_look(request):
            return _refuse(403, "Open the address that was printed at the start, with its token.")
        return self._shown(request.path)

    def _shown(self, path: str) -> Response:
        if path == "/":
            return _file("page.html", "text/html; charset=utf-8")
        if path == f"{_SIDE}/state":
            return json_response(200, state(self.world))
        return _refuse(404, "There is nothing at this address.")

    def _control(self, request: Request) -> Response:
        if request.method != "POST":
            return _refuse(405, "Send a POST.", allow="POST")
        if not self.door.may_change(request):
            return _refuse(
                403,
                "The control side needs the token that was printed at the start.",
                "Set GUIDE_PRACTICE_URL to the whole address and restart the kernel.",
            )
        if len(request.body) > _LARGEST_BODY:
            return _refuse(413, "That is too much to ask at once.")
        try:
            asked = codec.decode(request.body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return _refuse(400, "That is not a JSON object.")
        try:
            return json_response(200, {"result": self.control.do(asked)})
        except GuideError as error:
            return json_response(400, control.refusal(error))


def _file(name: str, kind: str) -> Response:
    return Response(200, {"content-type": kind}, (_read(name),))


@cache
def _read(name: str) -> bytes:
    return resources.files(__name__).joinpath(name).read_bytes()


def _refuse(status: int, why: str, cure: str = "", **headers: str) -> Response:
    return json_response(status, control.refusal(PracticeError(why, cure)), headers)
