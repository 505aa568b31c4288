"""POST /v1/moderations: the shape of the real answer, from a small list of words and not a model."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Any

from guide_helpers import facts, tokens
from guide_helpers.practice import body, choices, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.ledger import Use

# what is looked for; a category with no words is never flagged here
_WORDS: dict[str, tuple[str, ...]] = {
    "harassment": ("idiot", "moron", "you are worthless"),
    "harassment/threatening": ("i will hurt you", "you will pay for this"),
    "hate": ("subhuman", "vermin"),
    "hate/threatening": ("exterminate them",),
    "illicit": ("shoplift", "counterfeit", "pick a lock"),
    "illicit/violent": ("build a bomb", "make a bomb"),
    "self-harm": ("suicide", "self-harm", "hurt myself", "kill myself"),
    "self-harm/instructions": ("how to hurt myself", "how to kill myself"),
    "self-harm/intent": ("i want to hurt myself", "i want to kill myself"),
    "sexual": ("porn", "pornography"),
    "sexual/minors": (),
    "violence": ("kill", "stab", "shoot him", "shoot them"),
    "violence/graphic": ("gore", "dismember"),
}
_ALSO_IMAGES = {
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "violence",
    "violence/graphic",
}
_MOST_INPUTS = 2_048


def create(call: Call) -> Response:
    """Answer with one result for each text, or with one for a mix of texts and images."""
    fields = call.json()
    chosen = model(call, fields)
    inputs = _inputs(body.required(fields, "input", str, list))
    used = sum(tokens.count(text, chosen).tokens for text, _ in inputs)
    draw = call.admit(chosen, used)
    call.charge(draw, Use("moderations", chosen, used))
    results = [result(text, kinds) for text, kinds in inputs]
    return json_response(
        200, {"id": call.world.next_id("modr-"), "model": chosen, "results": results}, draw.headers
    )


def model(call: Call, fields: body.Json) -> str:
    """Return the moderation model a request names, the usual one when it names none, or refuse."""
    known = facts.get("moderation.model").value
    named = body.optional(fields, "model", str) or known[0]
    if named not in known:
        call.world.model(named)  # an unknown or retired model is another refusal
    return call.permitted(choices.check(named, "model", known))


def _inputs(value: Any) -> list[tuple[str, frozenset[str]]]:
    """Return each text to judge, with the kinds of input it stands for."""
    if isinstance(value, str):
        return [(value, frozenset({"text"}))]
    if not value:
        raise Refused(faults.BAD_INPUT.about(param="input"))
    if len(value) > _MOST_INPUTS:
        raise Refused(faults.TOO_MANY.about(param="input", most=_MOST_INPUTS, got=len(value)))
    if all(isinstance(each, str) for each in value):
        return [(each, frozenset({"text"})) for each in value]
    parts = [_part(each, f"input[{place}]") for place, each in enumerate(value)]
    return [(" ".join(text for _, text in parts), frozenset(kind for kind, _ in parts))]


def _part(item: Any, param: str) -> tuple[str, str]:
    """Return the kind of one part and its text; an image is taken, but nobody looks at it."""
    if not isinstance(item, dict):
        raise Refused(faults.BAD_INPUT.about(param=param))
    kind = item.get("type")
    if kind == "text" and isinstance(item.get("text"), str):
        return "text", item["text"]
    image = item.get("image_url")
    if kind == "image_url" and isinstance(image, dict) and isinstance(image.get("url"), str):
        return "image", ""
    raise Refused(faults.BAD_INPUT.about(param=param))


def result(text: str, kinds: frozenset[str]) -> dict[str, Any]:
    """Judge a text that stands for some kinds of input."""
    plain = " ".join(text.casefold().split())
    found = {category: bool(_pattern(category).search(plain)) for category in _WORDS}
    return {
        "flagged": any(found.values()),
        "categories": found,
        "category_scores": {each: _score(each, plain, flagged=hit) for each, hit in found.items()},
        "category_applied_input_types": {each: _applied(each, kinds) for each in _WORDS},
    }


@cache
def _pattern(category: str) -> re.Pattern[str]:
    words = "|".join(map(re.escape, _WORDS[category]))
    return re.compile(rf"\b(?:{words})\b" if words else r"(?!)")


def _score(category: str, text: str, *, flagged: bool) -> float:
    """Return a number that follows from the text alone: near 1 where flagged, near 0 elsewhere."""
    digest = hashlib.sha256(f"{category}:{text}".encode(errors="replace")).digest()
    small = int.from_bytes(digest[:4], "big") / 2**32
    return round(0.9 + small / 11, 6) if flagged else round(small / 1_000, 9)


def _applied(category: str, kinds: frozenset[str]) -> list[str]:
    return [
        kind for kind in ("text", "image") if kind in kinds and (kind == "text" or category in _ALSO_IMAGES)
    ]
