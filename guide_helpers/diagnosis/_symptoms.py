"""What an error, or a text about one, gives away: read into one plain value, keys masked first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guide_helpers import keys

_DEEPEST_CHAIN = 20

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

# A line of a traceback that shows code or a place in a file: both may hold any word at all.
_FRAME = re.compile(r"^(?:\s{2,}|\s*-+>|File |Cell In|-{20,}$)")

_STATUS = re.compile(
    r"(?:Error code: |status(?:_code)?['\"]?\s*[:= ]\s*|HTTP/\d(?:\.\d)? |(?:Client|Server) error '?"
    r"|\b\w+Error )([45]\d\d)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Timeout|InV1|Protocol)\b")
_FIELD = r"""\b{}\b\\?['"]?\s*[:=]\s*\\?['"]?(\w+)"""
_TYPE, _CODE = (re.compile(_FIELD.format(field)) for field in ("type", "code"))

_STATUS_OF = {
    "BadRequestError": 400,
    "AuthenticationError": 401,
    "PermissionDeniedError": 403,
    "NotFoundError": 404,
    "UnprocessableEntityError": 422,
    "RateLimitError": 429,
    "InternalServerError": 500,
}


@dataclass(frozen=True, slots=True)
class Symptoms:
    """What there is to judge by; `text` is safe to show, `words` is the part of it that says something."""

    text: str
    words: str
    held_key: bool
    pasted: bool
    names: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    status: int = 0


def of_error(error: BaseException) -> Symptoms:
    """Read an exception and the ones behind it.

    Works by attribute (`status_code`, `type`, `code`, `body`), so any version of the client will do.
    """
    chain = list(_chain(error))
    answered = next((each for each in chain if isinstance(getattr(each, "status_code", None), int)), None)
    if answered is not None:
        return _of_answer(answered)
    lines = dict.fromkeys(f"{type(each).__name__}: {each}" for each in chain)
    raw = "\n".join(lines)
    text = keys.redact(raw)
    names = frozenset(type(each).__name__ for each in chain)
    return Symptoms(text, text, held_key=text != raw, pasted=False, names=names)


def of_text(raw: str) -> Symptoms:
    """Read a traceback, a JSON body or a log line."""
    text = keys.redact(raw)
    words = _without_frames(_COLOUR.sub("", text))
    names = frozenset(_NAME.findall(words))
    return Symptoms(
        text,
        words,
        held_key=text != raw,
        pasted=True,
        names=names,
        types=frozenset(_TYPE.findall(words)),
        codes=frozenset(_CODE.findall(words)),
        status=_status(words, names),
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give the error and what caused it, outermost first."""
    link: BaseException | None = error
    for _ in range(_DEEPEST_CHAIN):
        if link is None:
            return
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _of_answer(error: BaseException) -> Symptoms:
    """Read an error that the API itself answered with."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, Mapping) else {}
    fields = inner if isinstance(inner, Mapping) else {}
    message = str(fields.get("message") or error)
    type_, code = (_told(error, fields, name) for name in ("type", "code"))
    status = int(error.status_code)  # type: ignore[attr-defined] # of_error looked
    told = "".join(f", {name} {word}" for name, word in (("type", type_), ("code", code)) if word)
    raw = f"{type(error).__name__} {status}{told}: {message}"
    return Symptoms(
        text=keys.redact(raw),
        words=keys.redact(message),
        held_key=keys.redact(raw) != raw,
        pasted=False,
        names=frozenset({type(error).__name__}),
        types=frozenset(filter(None, [type_])),
        codes=frozenset(filter(None, [code])),
        status=status,
    )


def _told(error: BaseException, fields: Mapping[str, Any], name: str) -> str:
    word = getattr(error, name, None) or fields.get(name)
    return word if isinstance(word, str) else ""


def _without_frames(text: str) -> str:
    if "Traceback" not in text:
        return text
    return "\n".join(line for line in text.splitlines() if not _FRAME.match(line))


def _status(words: str, names: Iterable[str]) -> int:
    if found := _STATUS.findall(words):
        return int(found[-1])
    return next((_STATUS_OF[name] for name in sorted(names) if name in _STATUS_OF), 0)
