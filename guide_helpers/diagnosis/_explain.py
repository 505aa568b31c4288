"""Weigh the signs of every cause against the symptoms, and say what follows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from guide_helpers import html
from guide_helpers.diagnosis._catalogue import CATALOGUE, UNKNOWN, Cause, Sign
from guide_helpers.diagnosis._symptoms import Symptoms, of_error, of_text
from guide_helpers.errors import InputError

# The API's own words weigh most, and the type above the code: billing codes have changed before.
_TYPE, _CODE, _WORDS, _NAME, _STATUS = 5, 4, 3, 2, 1
_SURE, _LIKELY = 4, 2
_LONGEST_QUOTE = 70

_RETRY = {
    "now": "yes, at once",
    "later": "yes, but wait first",
    "never": "no: it fails again until something changes",
}
_TONES: dict[str, html.Tone] = {"now": "info", "later": "warn", "never": "bad"}


@dataclass(frozen=True, slots=True)
class Diagnosis(html.Shown):
    """Why a call failed, how sure that is, and what to do; `text` is a copy without any key."""

    cause: Cause
    confidence: str
    evidence: tuple[str, ...]
    text: str
    held_key: bool
    pasted: bool

    @property
    def sentence(self) -> str:
        """The diagnosis in one line."""
        return f"{self.cause.title}. Retry: {self.cause.retry}. Next move: {self.cause.mover}."

    def view(self) -> html.Block:
        """Show the cause, what it rests on, whose move it is, and three steps."""
        unknown = self.cause is UNKNOWN
        rows: list[list[html.Content]] = [
            ["How sure is that?", f"{self.confidence}: {'; '.join(self.evidence)}"],
            ["Try again?", "that cannot be said" if unknown else _RETRY[self.cause.retry]],
            ["Whose move is it?", self.cause.mover],
            ["Where to read more", _link(self.cause.notebook)],
        ]
        return html.stack(
            html.alert(self.cause.title, tone="plain" if unknown else _TONES[self.cause.retry]),
            html.table("What that means", ["Question", "Answer"], rows),
            html.steps("What to do", self.cause.advice),
            html.alert("A key stood in it", _HELD, "warn") if self.held_key else "",
            html.stack("A copy that is safe to show:", html.code(self.text)) if self.pasted else "",
        )


_HELD = "It is masked here. If the original was saved, sent or shown to anybody, revoke that key."


def explain(error_or_text: BaseException | str) -> Diagnosis:
    """Say why a call failed, from the exception or from a pasted traceback, JSON body or log line.

    Keys are masked before anything is read, so no answer holds one. A text that gives nothing away
    is answered with the cause "unknown". Raises `InputError` for an empty text or another type.
    """
    symptoms = _read(error_or_text)
    found = [(*_weigh(sign, symptoms), cause) for cause in CATALOGUE for sign in cause.signs]
    weight, evidence, cause = max(found, key=lambda each: each[0])
    if not weight:
        cause, evidence = UNKNOWN, ("nothing in it matches a cause in the catalogue",)
    return Diagnosis(cause, _in_words(weight), evidence, symptoms.text, symptoms.held_key, symptoms.pasted)


def _read(error_or_text: BaseException | str) -> Symptoms:
    if isinstance(error_or_text, BaseException):
        return of_error(error_or_text)
    if not isinstance(error_or_text, str) or not error_or_text.strip():
        raise InputError("There is nothing to explain yet.", "Pass an exception, or the text of one.")
    return of_text(error_or_text)


def _weigh(sign: Sign, seen: Symptoms) -> tuple[int, tuple[str, ...]]:
    """Return how much speaks for a sign and in which words; 0 when one of its conditions fails."""
    said = re.search(sign.words, seen.words, re.IGNORECASE) if sign.words else None
    asked = (
        (_TYPE, sign.type, sign.type in seen.types, f"its type is {sign.type}"),
        (_CODE, sign.code, sign.code in seen.codes, f"its code is {sign.code}"),
        (_WORDS, sign.words, said, f"it says “{_quote(said)}”"),
        (_NAME, sign.name, sign.name in seen.names, f"it is {_article(sign.name)} {sign.name}"),
        (_STATUS, sign.status, sign.status == seen.status, f"its status is {sign.status}"),
    )
    conditions = [(weight, holds, why) for weight, wanted, holds, why in asked if wanted]
    if not all(holds for _, holds, _ in conditions):
        return 0, ()
    return sum(weight for weight, _, _ in conditions), tuple(why for _, _, why in conditions)


def _quote(said: re.Match[str] | None) -> str:
    text = " ".join(said[0].split()) if said else ""
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _article(name: str) -> str:
    return "an" if name[:1] in "AEIOU" else "a"


def _in_words(weight: int) -> str:
    if weight >= _SURE:
        return "sure"
    if weight >= _LIKELY:
        return "likely"
    return "a guess" if weight else "unknown"


def _link(notebook: str) -> html.Block:
    name = escape(f"{notebook}.ipynb")
    return html.Block(
        f'<a style="text-decoration:underline" href="{name}">notebook {name}</a>', f"notebook {name}"
    )
