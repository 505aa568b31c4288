"""What a caller orders of the images endpoints, drawn and handed over: whole, or as the events of a stream.

Taken and without effect here: `complexity`, `moderation`, `input_fidelity` and `output_compression`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any

from guide_helpers import facts, tokens
from guide_helpers.practice import body, choices, faults, png
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response, stream_response
from guide_helpers.practice.world.ledger import Use

_MOST, _MOST_PARTIAL, _WHOLE = 10, 3, 100
_LONGEST_PROMPT = 32_000
_WORDS = 8
_WORDS_A_LINE = 2
_LONGEST_WORD = 16
USUAL_SIZE = "1024x1024"
FORMAT = "png"
_WORDS_OF = {
    "background": ("opaque", "transparent", "auto"),
    "complexity": ("low", "medium", "high"),
    "input_fidelity": ("low", "high"),
    "moderation": ("low", "auto"),
    "output_format": (FORMAT,),
    "quality": ("low", "medium", "high", "xhigh", "max", "auto"),
}
_OLD = ("response_format", "style")
_NOT_YET = ("frame_count", "frame_duration_ms", "svg", "markup")

# sizes as the client describes them: sides of whole 16s, no more than three to one, at most 4K
_STEP = 16
_LONGEST_RATIO = 3
_SMALLEST_SIDE, _LARGEST_SIDE, _MOST_PIXELS = 256, 3_840, 3_840 * 2_160

# the practice API's own rule: the real count depends on the model and the quality
_PIXELS_A_TOKEN = 64 * 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to draw: its words, its sides in pixels, and what its colours follow from besides them."""

    words: str
    width: int
    height: int
    clear: bool = False
    after: bytes = b""

    @property
    def size(self) -> str:
        """The sides as the API writes them."""
        return f"{self.width}x{self.height}"

    def draw(self, number: int, share: float = 1.0) -> str:
        """Return one of the pictures, in base64; each number has its own colours.

        With a `share` below 1 it is not finished: only so many of its lines are there.
        """
        colours = _colours(f"{number}:{self.words}".encode(errors="replace") + self.after)
        lines = _lines(self.words)
        shown = lines[: int(len(lines) * share)]
        picture = png.draw(shown, (self.width, self.height), colours, clear=self.clear)
        return base64.b64encode(picture).decode()


@dataclass(frozen=True, slots=True)
class Order:
    """Everything a caller asked for. `read` are the tokens of the pictures that came with it."""

    model: str
    picture: Picture
    count: int
    quality: str
    streamed: bool
    partial: int
    read: int = 0


def take(call: Call, fields: body.Json, given: bytes = b"", read: int = 0, usual: str = USUAL_SIZE) -> Order:
    """Read an order; refuse what the API does not take, or took from older models only.

    `given` is what pictures came with it, in `read` tokens, and `usual` the size when none is asked for.
    """
    model = chosen_model(call, fields)
    for name in _OLD:
        if fields.get(name) is not None:
            raise Refused(faults.UNKNOWN_PARAMETER.about(param=name))
    for name in _NOT_YET:
        if fields.get(name):
            raise Refused(faults.NOT_HERE.about(param=name))
    said = {name: choices.choice(fields, name, allowed) for name, allowed in _WORDS_OF.items()}
    up_to(fields, "output_compression", 0, _WHOLE)
    partial = up_to(fields, "partial_images", 0, _MOST_PARTIAL) or 0
    width, height = sides(body.optional(fields, "size", str) or "auto", usual)
    picture = Picture(_prompt(fields), width, height, said["background"] == "transparent", given)
    quality = "medium" if said["quality"] in (None, "auto") else str(said["quality"])
    streamed = bool(body.optional(fields, "stream", bool))
    return Order(model, picture, up_to(fields, "n", 1, _MOST) or 1, quality, streamed, partial, read)


def deliver(call: Call, order: Order, kind: str, fields: body.Json) -> Response:
    """Draw and hand over; `kind` is what the events of a stream are called after."""
    picture, drawn = order.picture, order.count * tokens_of(order.picture.width, order.picture.height)
    usage = _usage(tokens.count(picture.words, order.model).tokens, order.read, drawn)
    draw = call.admit(order.model, usage["total_tokens"])
    used = usage["input_tokens"], usage["output_tokens"]
    call.charge(draw, Use("images", order.model, *used, images=order.count, size=picture.size))
    about = {
        "background": "transparent" if picture.clear else "opaque",
        "output_format": FORMAT,
        "quality": order.quality,
        "size": picture.size,
    }
    who = fields.get("safety_identifier") or fields.get("user")
    if isinstance(who, str):
        about["safety_identifier"] = who
    if order.streamed:
        return stream_response(_events(call, order, kind, about, usage), draw.headers)
    data = [{"b64_json": picture.draw(number)} for number in range(order.count)]
    answer = {"created": call.world.seconds(), "data": data, **about, "usage": usage}
    return json_response(200, answer, draw.headers)


def _events(
    call: Call, order: Order, kind: str, about: dict[str, str], usage: dict[str, Any]
) -> list[tuple[str | None, Any]]:
    """Return, for each picture, what it looked like on the way, and then the whole of it."""
    events: list[dict[str, Any]] = []
    head = {**about, "created_at": call.world.seconds()}
    for number in range(order.count):
        for step in range(order.partial):
            unfinished = order.picture.draw(number, step / (order.partial + 1))
            which = {"partial_image_index": step, "b64_json": unfinished}
            events.append({"type": f"{kind}.partial_image", **head, **which})
        whole = order.picture.draw(number)
        events.append({"type": f"{kind}.completed", **head, "b64_json": whole, "usage": usage})
    return [(event["type"], event) for event in events]


def chosen_model(call: Call, fields: body.Json) -> str:
    """Return the image model that is asked for, or refuse."""
    model: str = body.required(fields, "model", str)
    known = facts.get("image.model").value
    if model not in known:
        call.world.model(model)  # an unknown or retired model is another refusal
    return call.permitted(choices.check(model, "model", known))


def up_to(fields: body.Json, name: str, least: int, most: int) -> int | None:
    """Return a number within its bounds, None when it is left out, or refuse."""
    number = body.limit(fields, name, least)
    if number is not None and number > most:
        raise Refused(faults.TOO_BIG.about(param=name, most=most, got=number))
    return number


def sides(size: str, usual: str = USUAL_SIZE) -> tuple[int, int]:
    """Return the width and height of a size, or refuse one the API does not draw."""
    found = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", usual if size == "auto" else size)
    width, height = map(int, found.groups()) if found else (0, 0)
    if not fits(width, height):
        raise Refused(faults.BAD_SIZE.about(param="size", got=size, usual=USUAL_SIZE))
    return width, height


def fits(width: int, height: int) -> bool:
    """Tell whether the API draws pictures of this size."""
    short, long = sorted((width, height))
    return (
        short >= _SMALLEST_SIDE
        and long <= min(_LARGEST_SIDE, short * _LONGEST_RATIO)
        and width * height <= _MOST_PIXELS
        and width % _STEP == height % _STEP == 0
    )


def tokens_of(width: int, height: int) -> int:
    """Return the tokens of a picture; one that is larger than any the API draws is made smaller first."""
    return -(-min(width * height, _MOST_PIXELS) // _PIXELS_A_TOKEN)


def _prompt(fields: body.Json) -> str:
    prompt = str(body.required(fields, "prompt", str))
    if not 0 < len(prompt) <= _LONGEST_PROMPT:
        raise Refused(faults.BAD_INPUT.about(param="prompt"))
    return prompt


def _lines(prompt: str) -> list[str]:
    words = [word[:_LONGEST_WORD] for word in png.letters(prompt[:500]).split()][:_WORDS]
    return [" ".join(words[start : start + _WORDS_A_LINE]) for start in range(0, len(words), _WORDS_A_LINE)]


def _colours(seed: bytes) -> tuple[png.Colour, png.Colour]:
    """Return a light colour and a dark one that follow from the seed."""
    red, green, blue = hashlib.sha256(seed).digest()[:3]
    return (200 + red % 56, 200 + green % 56, 200 + blue % 56), (red % 90, green % 90, blue % 90)


def _usage(text: int, read: int, drawn: int) -> dict[str, Any]:
    return {
        "input_tokens": text + read,
        "input_tokens_details": {"image_tokens": read, "text_tokens": text},
        "output_tokens": drawn,
        "output_tokens_details": {"image_tokens": drawn, "text_tokens": 0},
        "total_tokens": text + read + drawn,
    }
