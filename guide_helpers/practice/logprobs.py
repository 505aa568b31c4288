"""How likely each token of a reply was: made up, always the same for the same reply."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guide_helpers.practice import body, faults
from guide_helpers.practice.faults import Refused

_MOST = 20
_LEAST_LIKELY = 0.6

# what might have stood there instead; no model was asked
_OTHERS = (
    *(" the", " a", " and", " of", " to", " in", " is", " it", " that", " for", " on", " with"),
    *(" as", " this", " by", " an", " be", " at", " or", " are", " from", " not", " was", " but"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whether a caller asks for the tokens' likelihood, and how many others beside each."""

    asked: bool
    others: int = 0

    def of(self, pieces: Sequence[str]) -> list[dict[str, Any]]:
        """Return an entry for each piece of a reply; none when nobody asks."""
        if not self.asked:
            return []
        return [_entry(piece, place, self.others) for place, piece in enumerate(pieces)]


NONE = Wanted(asked=False)


def of_chat(fields: body.Json) -> Wanted:
    """Return what a chat asks: `logprobs` and `top_logprobs`."""
    asked, others = bool(body.optional(fields, "logprobs", bool)), _others(fields)
    if others and not asked:
        why = "'logprobs' must be true to use it."
        raise Refused(faults.BAD_VALUE.about(param="top_logprobs", why=why))
    return Wanted(asked, others)


def of_response(fields: body.Json) -> Wanted:
    """Return what a request for a response asks: a word in `include`, and `top_logprobs`."""
    included = body.optional(fields, "include", list) or []
    return Wanted("message.output_text.logprobs" in included, _others(fields))


def _others(fields: body.Json) -> int:
    others = body.limit(fields, "top_logprobs", 0) or 0
    if others > _MOST:
        raise Refused(faults.TOO_BIG.about(param="top_logprobs", most=_MOST, got=others))
    return others


def _entry(piece: str, place: int, others: int) -> dict[str, Any]:
    digest = hashlib.sha256(f"{place}:{piece}".encode(errors="replace")).digest()
    likely = _LEAST_LIKELY + (1 - _LEAST_LIKELY) * (digest[0] + 0.5) / 256
    top = [_token(piece, likely)] if others else []
    first, left = digest[1], 1 - likely
    turned = [_OTHERS[(first + step) % len(_OTHERS)] for step in range(len(_OTHERS))]
    for other in [each for each in turned if each != piece][: max(0, others - 1)]:
        left /= 2
        top.append(_token(other, left))
    return {**_token(piece, likely), "top_logprobs": top}


def _token(text: str, likely: float) -> dict[str, Any]:
    written = text.encode(errors="replace")
    return {"token": text, "bytes": list(written), "logprob": round(math.log(likely), 6)}
