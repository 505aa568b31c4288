"""The words the practice API answers with: always the same for the same prompt, and never to be
taken for a model's.
"""  # noqa: D205 -- one sentence over two lines

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from guide_helpers import keys, tokens

_LONGEST_QUOTE = 60
_SHORT = 2_000  # characters
_QUOTED = ("user", "tool", "function")

# what OpenAI's token-counting recipe adds around each message of a chat, and once per request
_PER_MESSAGE = 3
_PER_REQUEST = 3


@dataclass(frozen=True, slots=True)
class Form:
    """What a reply says instead of its usual words, the function it calls, and where it must stop."""

    text: str | None = None
    tool: str | None = None
    stops: tuple[str, ...] = ()


WORDS = Form()


class Reply(NamedTuple):
    """A reply, what it counts, and whether a limit cut it short.

    With a `tool` the text is the arguments that function is called with.
    """

    model: str
    text: str
    prompt_tokens: int
    output_tokens: int
    cut: bool
    tool: str | None = None

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text as a stream brings it, a token at a time."""
        return (
            _cut(self.text, self.model) if len(self.text) <= _SHORT else tokens.pieces(self.text, self.model)
        )

    @property
    def total_tokens(self) -> int:
        """Prompt and reply together."""
        return self.prompt_tokens + self.output_tokens


def answer(
    model: str,
    conversation: Sequence[tuple[str, str]],
    most_tokens: int | None,
    form: Form = WORDS,
    asked: int | None = None,
) -> Reply:
    """Answer a conversation of (role, text) pairs, in at most so many tokens.

    `asked` are the conversation's own tokens where they have been counted already.
    """
    text = sentence(conversation) if form.text is None else form.text
    text = _stopped(text, form.stops)
    count = counted(text, model)
    cut = most_tokens is not None and count > most_tokens
    if cut:
        text = "".join(tokens.pieces(text, model)[:most_tokens])
        count = tokens.count(text, model).tokens
    read = prompt_tokens(model, conversation) if asked is None else asked
    return Reply(model, text, read, count, cut, form.tool)


def sentence(conversation: Sequence[tuple[str, str]]) -> str:
    """Return the usual words; they quote what was asked last, or what a function gave back."""
    asked = next((text for role, text in reversed(conversation) if role in _QUOTED), "")
    return _words(asked[:_SHORT])  # only its start is quoted


def _stopped(text: str, stops: Sequence[str]) -> str:
    """Return the text up to the first stop."""
    return text[: min((text.find(stop) for stop in stops if stop in text), default=len(text))]


def prompt_tokens(model: str, conversation: Sequence[tuple[str, str]]) -> int:
    """Count a conversation with the overhead of the chat format."""
    return _PER_REQUEST + sum(
        _PER_MESSAGE + counted(role, model) + counted(text, model) for role, text in conversation
    )


def counted(text: str, model: str) -> int:
    """Count the tokens of a text; a short one is remembered, since a chat sends all of it with each turn."""
    return _remembered(text, model) if len(text) <= _SHORT else tokens.count(text, model).tokens


@lru_cache(maxsize=2_000)
def _remembered(text: str, model: str) -> int:
    return tokens.count(text, model).tokens


@lru_cache(maxsize=500)
def _cut(text: str, model: str) -> tuple[str, ...]:
    return tokens.pieces(text, model)


@lru_cache(maxsize=500)
def _words(prompt: str) -> str:
    quoted = keys.redact(" ".join(prompt.split()))  # a reply is printed, and stored in notebooks
    if len(quoted) > _LONGEST_QUOTE:
        quoted = quoted[:_LONGEST_QUOTE].rstrip() + "…"
    return (
        "This is a practice reply: a small program on this computer wrote it, not a model. "
        f"It read: “{quoted}”. Everything around it is real: the request, the tokens, the ids."
    )
