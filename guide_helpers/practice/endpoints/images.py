"""POST /v1/images/generations: a real picture, of the first words of the prompt."""

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
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.ledger import Use

_MOST = 10
_LONGEST_PROMPT = 32_000
_WORDS = 8
_WORDS_A_LINE = 2
_LONGEST_WORD = 16
_USUAL_SIZE = "1024x1024"
_QUALITIES = ("low", "medium", "high", "auto")
_BACKGROUNDS = ("opaque", "transparent", "auto")
_FORMATS = ("png",)
_OLD = ("response_format", "style")
_NOT_YET = ("stream", "partial_images", "frame_count", "svg")

# sizes as the client describes them: sides of whole 16s, no more than three to one, at most 4K
_STEP = 16
_LONGEST_RATIO = 3
_SMALLEST_SIDE, _LARGEST_SIDE, _MOST_PIXELS = 256, 3_840, 3_840 * 2_160

# the practice API's own rule: the real count depends on the model and the quality
_PIXELS_A_TOKEN = 64 * 64


@dataclass(frozen=True, slots=True)
class _Picture:
    prompt: str
    width: int
    height: int
    clear: bool

    def draw(self, number: int) -> str:
        """Return one of the pictures, in base64; each number has its own colour."""
        colours = _colours(f"{number}:{self.prompt}")
        picture = png.draw(_lines(self.prompt), (self.width, self.height), colours, clear=self.clear)
        return base64.b64encode(picture).decode()


def create(call: Call) -> Response:
    """Answer with `n` pictures."""
    fields = call.json()
    model = _model(call, fields)
    _refuse(fields)
    choices.choice(fields, "output_format", _FORMATS)
    count = _count(fields)
    picture = _picture(fields)
    usage = _usage(tokens.count(picture.prompt, model).tokens, count * _image_tokens(picture))
    quality = choices.choice(fields, "quality", _QUALITIES)
    draw = call.admit(model, usage["total_tokens"])
    used = Use("images", model, usage["input_tokens"], usage["output_tokens"], images=count)
    call.charge(draw, used)
    answer = {
        "created": call.world.seconds(),
        "background": "transparent" if picture.clear else "opaque",
        "data": [{"b64_json": picture.draw(number)} for number in range(count)],
        "output_format": _FORMATS[0],
        "quality": "medium" if quality in (None, "auto") else quality,
        "size": f"{picture.width}x{picture.height}",
        "usage": usage,
    }
    return json_response(200, answer, draw.headers)


def _refuse(fields: body.Json) -> None:
    """Refuse what the API took from older models, and what the practice API does not do."""
    for name in _OLD:
        if fields.get(name) is not None:
            raise Refused(faults.UNKNOWN_PARAMETER.about(param=name))
    for name in _NOT_YET:
        if fields.get(name):
            raise Refused(faults.NOT_HERE.about(param=name))


def _model(call: Call, fields: body.Json) -> str:
    model: str = body.required(fields, "model", str)
    known = facts.get("image.model").value
    if model not in known:
        call.world.model(model)  # an unknown or retired model is another refusal
    return call.permitted(choices.check(model, "model", known))


def _count(fields: body.Json) -> int:
    count = body.limit(fields, "n", 1)
    if count is not None and count > _MOST:
        raise Refused(faults.TOO_BIG.about(param="n", most=_MOST, got=count))
    return count or 1


def _picture(fields: body.Json) -> _Picture:
    prompt = body.required(fields, "prompt", str)
    if not 0 < len(prompt) <= _LONGEST_PROMPT:
        raise Refused(faults.BAD_INPUT.about(param="prompt"))
    size = body.optional(fields, "size", str) or "auto"
    width, height = _sides(_USUAL_SIZE if size == "auto" else size)
    return _Picture(
        prompt, width, height, choices.choice(fields, "background", _BACKGROUNDS) == "transparent"
    )


def _sides(size: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", size)
    width, height = map(int, found.groups()) if found else (0, 0)
    short, long = sorted((width, height))
    fits = (
        short >= _SMALLEST_SIDE
        and long <= min(_LARGEST_SIDE, short * _LONGEST_RATIO)
        and width * height <= _MOST_PIXELS
        and width % _STEP == height % _STEP == 0
    )
    if not fits:
        raise Refused(faults.BAD_SIZE.about(param="size", got=size, usual=_USUAL_SIZE))
    return width, height


def _lines(prompt: str) -> list[str]:
    words = [word[:_LONGEST_WORD] for word in png.letters(prompt[:500]).split()][:_WORDS]
    return [" ".join(words[start : start + _WORDS_A_LINE]) for start in range(0, len(words), _WORDS_A_LINE)]


def _colours(text: str) -> tuple[png.Colour, png.Colour]:
    """Return a light colour and a dark one that follow from the text."""
    red, green, blue = hashlib.sha256(text.encode(errors="replace")).digest()[:3]
    return (200 + red % 56, 200 + green % 56, 200 + blue % 56), (red % 90, green % 90, blue % 90)


def _image_tokens(picture: _Picture) -> int:
    return -(-picture.width * picture.height // _PIXELS_A_TOKEN)


def _usage(asked: int, drawn: int) -> dict[str, Any]:
    return {
        "input_tokens": asked,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": asked},
        "output_tokens": drawn,
        "output_tokens_details": {"image_tokens": drawn, "text_tokens": 0},
        "total_tokens": asked + drawn,
    }
