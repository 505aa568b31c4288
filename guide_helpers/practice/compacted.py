"""A long conversation made short: what is left of it, in the sealed form a caller carries along.

The real API seals what its model made of the conversation. Here it is the start of each answer, packed so
that it reads like nothing; nobody who opens it finds a secret.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from guide_helpers import tokens
from guide_helpers.practice import faults
from guide_helpers.practice.faults import Refused

_SEAL = b"practice:"
_LONGEST = 20_000
_MOST_TOKENS = 400
_SHARE = 4  # of the tokens of what was answered, one in so many is left


def summary(model: str, answers: Sequence[str]) -> str:
    """Return the start of each answer: together a quarter of them, and no more than 400 tokens."""
    pieces = [tokens.pieces(" ".join(answer.split()), model) for answer in answers]
    most = min(_MOST_TOKENS, sum(map(len, pieces)) // _SHARE)
    each = most // len(pieces) if pieces else 0
    return "\n".join("".join(piece[:each]) for piece in pieces if each)


def seal(text: str) -> str:
    """Return a text as a caller carries it."""
    return base64.b64encode(_SEAL + zlib.compress(text.encode(errors="replace"))).decode()


def read(item: Mapping[str, Any], param: str) -> str:
    """Return the text that an item carries, or refuse one that was not sealed here."""
    sealed = item.get("encrypted_content")
    fault = faults.NOT_COMPACTED.about(param=f"{param}.encrypted_content")
    if not isinstance(sealed, str):
        raise Refused(faults.MISSING.about(param=f"{param}.encrypted_content"))
    try:
        packed = base64.b64decode(sealed, validate=True)
        opened = zlib.decompressobj()
        text = opened.decompress(packed.removeprefix(_SEAL), _LONGEST)
    except (ValueError, binascii.Error, zlib.error):
        raise Refused(fault) from None
    if not (packed.startswith(_SEAL) and opened.eof):
        raise Refused(fault)
    return text.decode(errors="replace")
