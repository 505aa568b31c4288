"""POST /v1/images/edits and /v1/images/variations: real pictures that follow from the ones uploaded.

The real API has retired variations with the only model that made them. So it is here, for whoever names
no model; a current model is allowed to make some, which is this practice API's own.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import Any

from guide_helpers.practice import body, choices, faults, multipart, png
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import picture_orders
from guide_helpers.practice.endpoints.picture_orders import Order, Picture
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.multipart import Part
from guide_helpers.practice.wire import Response, json_response

_MOST_PICTURES, _MOST_VARIATIONS = 16, 10
_NUMBERS = ("n", "partial_images", "output_compression", "frame_count", "frame_duration_ms")
_FLAGS = {"true": True, "false": False}
_IMAGES = ("image", "image[]")
_SQUARES = ("256x256", "512x512", "1024x1024")
_REPLY_FORMATS = ("url", "b64_json")
_OTHER_KINDS = (b"\xff\xd8\xff", b"RIFF")  # JPEG, WebP
_HEADER = struct.Struct(">8s4x4sII")
_LONGEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class _Given:
    """A picture that was uploaded; its sides are known if it is a PNG."""

    content: bytes
    sides: tuple[int, int] | None

    @property
    def tokens(self) -> int:
        """What reading it counts."""
        return picture_orders.tokens_of(*(self.sides or picture_orders.sides(picture_orders.USUAL_SIZE)))


def edit(call: Call) -> Response:
    """Answer with `n` pictures of the prompt, as large as the first one given, whole or streamed."""
    fields, files = _form(call)
    given = _pictures(files)
    first, mask = given[0], files.get("mask")
    if mask and _given(mask[0], "mask").sides != first.sides:
        why = "it must be a PNG as wide and high as the first image."
        raise Refused(faults.BAD_VALUE.about(param="mask", why=why))
    own = first.sides if first.sides and picture_orders.fits(*first.sides) else None
    usual = f"{own[0]}x{own[1]}" if own else picture_orders.USUAL_SIZE
    order = picture_orders.take(call, fields, _digest(given), sum(each.tokens for each in given), usual)
    return picture_orders.deliver(call, order, "image_edit", fields)


def vary(call: Call) -> Response:
    """Answer with `n` pictures, each in other colours, as an address that holds it or in base64."""
    fields, files = _form(call)
    if not fields.get("model"):
        raise Refused(faults.NO_VARIATIONS)
    model, given = picture_orders.chosen_model(call, fields), _pictures(files)
    if len(given) > 1 or given[0].sides is None or given[0].sides[0] != given[0].sides[1]:
        raise Refused(faults.BAD_VALUE.about(param="image", why="it must be one square PNG."))
    count = picture_orders.up_to(fields, "n", 1, _MOST_VARIATIONS) or 1
    form = choices.choice(fields, "response_format", _REPLY_FORMATS) or "url"
    width, height = picture_orders.sides(choices.choice(fields, "size", _SQUARES) or _SQUARES[-1])
    picture = Picture("variation", width, height, after=_digest(given))
    order = Order(model, picture, count, "medium", streamed=False, partial=0, read=given[0].tokens)
    response = picture_orders.deliver(call, order, "", fields)
    if form == "b64_json":
        return response
    answer = dict(body.parse(response.body))
    answer["data"] = [{"url": f"data:image/png;base64,{each['b64_json']}"} for each in answer["data"]]
    return json_response(200, answer, response.headers)


def _form(call: Call) -> tuple[dict[str, Any], dict[str, list[Part]]]:
    """Return the fields of a form, with the numbers and flags that stand in it as text, and its files."""
    fields: dict[str, Any] = {}
    files: dict[str, list[Part]] = {}
    for part in multipart.parts(call.request.headers.get("content-type", ""), call.request.body):
        if part.filename is not None:
            files.setdefault(part.field, []).append(part)
        else:
            name = part.field.partition("[")[0]
            fields[name] = _value(name, part.text)
    if "markup" in files:
        raise Refused(faults.NOT_HERE.about(param="markup"))
    return fields, files


def _value(name: str, text: str) -> Any:
    if name == "stream":
        return _FLAGS.get(text.lower(), text)
    if name in _NUMBERS and text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
        return int(text)
    return text


def _pictures(files: dict[str, list[Part]]) -> list[_Given]:
    """Return the pictures that were uploaded, or refuse."""
    parts = [part for name in _IMAGES for part in files.get(name, [])]
    if not parts:
        raise Refused(faults.MISSING.about(param="image"))
    if len(parts) > _MOST_PICTURES:
        raise Refused(faults.TOO_MANY.about(param="image", most=_MOST_PICTURES, got=len(parts)))
    return [_given(part, "image") for part in parts]


def _given(part: Part, param: str) -> _Given:
    """Look at the first bytes of an upload, as the real API does, or refuse what is no picture."""
    content = part.content
    if len(content) >= _HEADER.size:
        signature, chunk, width, height = _HEADER.unpack_from(content)
        if signature == png.SIGNATURE and chunk == b"IHDR" and width and height:
            return _Given(content, (width, height))
    if content.startswith(_OTHER_KINDS) and param == "image":
        return _Given(content, None)
    raise Refused(faults.NOT_A_PICTURE.about(param=param))


def _digest(given: list[_Given]) -> bytes:
    return hashlib.sha256(b"".join(each.content for each in given)).digest()
