"""How text becomes tokens: exact where the vocabulary is known, labelled where it is not."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from guide_helpers import facts, html, vocabulary

if TYPE_CHECKING:
    import tiktoken

__all__ = ["TokenCount", "count", "pieces"]

# what the newest published models use, and so the best guess for a model nobody has documented
_NEWEST = "o200k_base"

# a run of a million spaces makes tiktoken 0.14 panic with a BaseException, and a million letters
# without a space take it a second; 300,000 of either are fine, longer runs are estimated
_LONGEST_RUN = 300_000


@dataclass(frozen=True, slots=True)
class TokenCount(html.Shown):
    """How many tokens a text is; `why` says what an inexact count rests on."""

    tokens: int
    characters: int
    encoding: str
    exact: bool
    why: str = ""

    @property
    def sentence(self) -> str:
        """The count in words, "about" where it is not exact."""
        unit = "token" if self.tokens == 1 else "tokens"
        if self.exact:
            return f"{self.tokens:,} {unit} ({self.encoding}, exact)"
        return f"about {self.tokens:,} {unit} ({self.why})"

    def view(self) -> html.Block:
        """Show the count as one sentence."""
        return html.words(self.sentence)


def count(text: str, model: str | None = None) -> TokenCount:
    """Count the tokens of `text` as `model` would (by default the guide's everyday model).

    Never touches the network and never raises for any text. The count is `exact` when tiktoken
    knows the model's vocabulary; for a model it does not know, the newest published vocabulary is
    used and the result says so; without tiktoken (the browser edition) it is an estimate by length.
    """
    encoding, known = _encoding_of(model or _everyday())
    coder = _coder(encoding)
    if coder is None:
        return _estimate(text, "tiktoken is not installed here: estimated from the length")
    if _has_long_run(text):
        return _estimate(text, "one unbroken run is too long to split: estimated from the length")
    tokens = len(coder.encode_ordinary(text))
    why = "" if known else f"{encoding}; the vocabulary of {model} is not published"
    return TokenCount(tokens, len(text), encoding, known, why)


def pieces(text: str, model: str | None = None) -> tuple[str, ...]:
    """Cut `text` where the tokenizer cuts it; joined together the pieces are the text again.

    A character that needs several tokens stays in one piece. Without tiktoken the cuts are made
    every four characters.
    """
    encoding, _ = _encoding_of(model or _everyday())
    coder = _coder(encoding)
    if coder is None or _has_long_run(text):
        size = facts.get("tokens.rule").value
        return tuple(text[start : start + size] for start in range(0, len(text), size))
    return tuple(_whole_characters(coder, text))


def _whole_characters(coder: tiktoken.Encoding, text: str) -> list[str]:
    found: list[str] = []
    pending = b""
    for token in coder.encode_ordinary(text):
        pending += coder.decode_single_token_bytes(token)
        try:
            found.append(pending.decode())
        except UnicodeDecodeError:
            continue
        pending = b""
    return found


@cache
def _everyday() -> str:
    return str(facts.get("model.everyday").value)


@lru_cache(maxsize=1_000)
def _encoding_of(model: str) -> tuple[str, bool]:
    """Name the model's encoding and say whether tiktoken knows it for this model."""
    try:
        import tiktoken.model

        name = tiktoken.model.encoding_name_for_model(model)
    except (ImportError, KeyError):
        return _NEWEST, False
    return (name, True) if name in vocabulary.PACKED else (_NEWEST, False)


@cache
def _coder(encoding: str) -> tiktoken.Encoding | None:
    try:
        return vocabulary.load(encoding)
    except ImportError:
        return None


def _has_long_run(text: str) -> bool:
    return len(text) > _LONGEST_RUN and any(
        run.end() - run.start() > _LONGEST_RUN for run in re.finditer(r"\S+|\s+", text)
    )


def _estimate(text: str, why: str) -> TokenCount:
    size = facts.get("tokens.rule").value
    return TokenCount(
        math.ceil(len(text.encode(errors="replace")) / size), len(text), "none", exact=False, why=why
    )
