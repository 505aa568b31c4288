"""POST /v1/embeddings: the same text gives the same vector, and texts that share words lie nearer.

No meaning is in these vectors: each word, and each run of three letters, pushes a few numbers.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
from functools import cache
from typing import Any

from guide_helpers import facts, tokens, vocabulary
from guide_helpers.practice import body, choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.ledger import Use

_FORMATS = ("float", "base64")
_PUSHES = 8  # how many numbers a word pushes
_COMMON = 0.3  # the part that every vector shares, so that even a very short one is not zero
_RUN = 3


def create(call: Call) -> Response:
    """Answer with one vector for each text."""
    fields = call.json()
    model = _model(call, fields)
    form = choices.choice(fields, "encoding_format", _FORMATS) or _FORMATS[0]
    size = _size(fields, model)
    texts = _texts(body.required(fields, "input", str, list), model)
    used = _used(texts, model)
    draw = call.admit(model, used)
    call.charge(draw, Use("embeddings", model, used))
    data = [
        {"object": "embedding", "index": index, "embedding": _written(vector(text, model, size), form)}
        for index, (text, _) in enumerate(texts)
    ]
    usage = {"prompt_tokens": used, "total_tokens": used}
    return json_response(200, {"object": "list", "data": data, "model": model, "usage": usage}, draw.headers)


def vector(text: str, model: str, size: int) -> list[float]:
    """Return a vector of length 1; a shorter one is the start of the whole one, made longer to 1."""
    pushed = _pushed(text, _sizes()[model])
    length = math.hypot(*pushed.values()) or 1.0
    numbers = list(_common(model)[:size])
    for place, push in pushed.items():
        if place < size:
            numbers[place] += push / length
    return _unit(numbers)


def _pushed(text: str, size: int) -> dict[int, float]:
    """Return how far each place of a vector of that size is pushed by the words of a text."""
    pushed: dict[int, float] = {}
    for feature, weight in _features(text).items():
        digest = hashlib.blake2b(feature.encode(errors="replace"), digest_size=4 * _PUSHES).digest()
        for push in struct.unpack(f"<{_PUSHES}I", digest):
            place = (push >> 1) % size
            pushed[place] = pushed.get(place, 0.0) + (weight if push & 1 else -weight)
    return pushed


def _features(text: str) -> dict[str, float]:
    """Return the words and the runs of letters of a text, and how much each counts."""
    words = re.findall(r"\w+", text.casefold()) or [text]
    found: dict[str, float] = {}
    for word in words:
        found[word] = found.get(word, 0.0) + 1.0
        padded = f"^{word}$"
        for start in range(len(padded) - _RUN + 1):
            run = f"~{padded[start : start + _RUN]}"
            found[run] = found.get(run, 0.0) + 0.5
    return {feature: math.sqrt(weight) for feature, weight in found.items()}


@cache
def _common(model: str) -> tuple[float, ...]:
    """Return what every vector of a model has in common: small, and never zero anywhere."""
    size = _sizes()[model]
    digest = hashlib.shake_256(model.encode()).digest(2 * size)
    numbers = _unit([each + 0.5 for each in struct.unpack(f"<{size}h", digest)])
    return tuple(_COMMON * each for each in numbers)


def _unit(numbers: list[float]) -> list[float]:
    length = math.hypot(*numbers)
    return [each / length for each in numbers] if length else numbers


def _written(numbers: list[float], form: str) -> str | list[float]:
    """Write a vector as the API does: both forms hold the same 32-bit numbers."""
    packed = struct.pack(f"<{len(numbers)}f", *numbers)
    if form == "base64":
        return base64.b64encode(packed).decode()
    return [float(f"{each:.9g}") for each in struct.unpack(f"<{len(numbers)}f", packed)]


def _model(call: Call, fields: body.Json) -> str:
    model = call.model(fields)
    if model not in _sizes():
        raise Refused(faults.NO_EMBEDDING)
    return model


def _sizes() -> dict[str, int]:
    return dict(facts.get("embedding.dimensions").value)


def _size(fields: body.Json, model: str) -> int:
    most = _sizes()[model]
    size = body.limit(fields, "dimensions", 1)
    if size is not None and size > most:
        raise Refused(faults.TOO_BIG.about(param="dimensions", most=most, got=size))
    return size or most


def _texts(value: Any, model: str) -> list[tuple[str, int]]:
    """Return each text and its tokens, for a text, a list of texts, or lists of token numbers."""
    if isinstance(value, list) and len(value) > (most := facts.get("embedding.inputs").value):
        raise Refused(faults.TOO_MANY.about(param="input", most=most, got=len(value)))
    each_alone = isinstance(value, str) or (value and all(_is_token(each) for each in value))
    items = [value] if each_alone else value
    if not items:
        raise Refused(faults.BAD_INPUT.about(param="input"))
    return [_text(item, model) for item in items]


def _text(item: Any, model: str) -> tuple[str, int]:
    if isinstance(item, str) and item:
        return item, tokens.count(item, model).tokens
    if isinstance(item, list) and item and all(_is_token(each) for each in item):
        return _decoded(item, model), len(item)
    raise Refused(faults.BAD_INPUT.about(param="input"))


def _is_token(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _decoded(numbers: list[int], model: str) -> str:
    """Return the text of token numbers, so that both spellings of a text give one vector."""
    try:
        import tiktoken.model

        coder = vocabulary.load(tiktoken.model.encoding_name_for_model(model))
        return coder.decode(numbers)
    except ImportError:  # the browser edition: the numbers stand for themselves
        return " ".join(map(str, numbers))
    except (KeyError, OverflowError):
        raise Refused(faults.BAD_INPUT.about(param="input")) from None


def _used(texts: list[tuple[str, int]], model: str) -> int:
    longest = facts.model(model).context
    for _, count in texts:
        if longest is not None and count > longest:
            raise Refused(faults.TOO_LONG.about(most=longest, got=count))
    used = sum(count for _, count in texts)
    if used > (most := facts.get("embedding.tokens").value):
        raise Refused(faults.TOO_MANY_TOKENS.about(most=most, got=used))
    return used
