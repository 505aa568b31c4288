"""What an API key looks like, how to judge one without trusting its length, and how to hide it.

Keys are judged by their prefix and their characters, as warnings with a reason and a cure. They are
never judged by length: OpenAI does not document the format and has changed it several times, and
rejecting good keys by length is the most common fault of key checkers.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from guide_helpers import html
from guide_helpers.errors import InputError

__all__ = ["ApiKey", "Finding", "KeyName", "Verdict", "check", "mask", "name", "redact"]

# Longest prefix first: the first match names the kind. The last column says whether OpenAI issues it.
_PREFIXES = (
    ("sk-practice-", "practice key", True),
    ("sk-proj-", "project key", True),
    ("sk-svcacct-", "service-account key", True),
    ("sk-admin-", "admin key", True),
    ("sk-None-", "user key of mid 2024", True),
    ("sk-ant-", "Anthropic key", False),
    ("sk-or-", "OpenRouter key", False),
    ("sk_live_", "Stripe key", False),
    ("sk_test_", "Stripe key", False),
    ("AIza", "Google key", False),
    ("gsk_", "Groq key", False),
    ("hf_", "Hugging Face token", False),
    ("ghp_", "GitHub token", False),
    ("ek_", "ephemeral client secret", True),
    ("sk-", "legacy user key", True),
)

# Wide on purpose: better to hide a stranger's key too than to show one of ours. A bare "sk-" counts
# only where a word begins, or "risk-averse" would too. The second half of a key that a terminal or a
# mail program wrapped is hidden with the first.
_SECRET = re.compile(
    r"(?:sk-(?:proj|svcacct|admin|practice|None|ant|or)-|AIza|(?<![A-Za-z0-9])(?:sk|ek|gsk|hf|ghp)[-_])"
    r"[A-Za-z0-9_-]{12,}(?:\r?\n[A-Za-z0-9_-]{20,})*"
)

# A header quoted in an error shows whatever stood after "Bearer", also a key of a shape nobody knows.
_BEARER = re.compile(r"(?<=bearer )[^\s'\"\\]{8,}", re.IGNORECASE)

# In JSON, in addresses and in coloured output an escape ends in a letter or a digit that would glue
# itself to a key behind it.
_ESCAPE = re.compile(r"(\\[nrtbf]|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|[%=][0-9A-Fa-f]{2}|\x1b\[[0-9;]*m)")

_PLACEHOLDER = re.compile(r"your|xxx|\.\.\.|…|<.*>|example|replace|placeholder", re.IGNORECASE)
_ASCII_SPACE = " \t\r\n\f\v"
_QUOTES = " \"'\u2018\u2019\u201c\u201d"
_SHOWN_END = 4
_ENOUGH_TO_MASK = 12


class ApiKey:
    """A key that does not show itself: not in str, repr, format, HTML, vars, logs or a pickle.

    Only `reveal()` gives the value, at the one place that sends it.

    >>> key = ApiKey("sk-practice-" + "a1B2" * 8)
    >>> f"{key}"
    'sk-practice-…a1B2'
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        """Keep the value, without the white space that copying tends to add around it.

        Raises `InputError` when nothing is left.
        """
        if not isinstance(value, str) or not value.strip():
            raise InputError("There is no key here.", "Pass the key's text.")
        self.__value = value.strip()

    def reveal(self) -> str:
        """Return the key itself. Pass it on; do not print, store or bind it."""
        return self.__value

    def __repr__(self) -> str:
        """Show the kind and the last four characters."""
        return f"ApiKey({mask(self.__value)!r})"

    def __str__(self) -> str:
        """Show the masked form."""
        return mask(self.__value)

    def __format__(self, spec: str) -> str:
        """Format the masked form."""
        return format(mask(self.__value), spec)

    def __eq__(self, other: object) -> bool:
        """Compare by value, so that two sources can be told apart without showing either."""
        return isinstance(other, ApiKey) and self.__value == other.__value

    def __hash__(self) -> int:
        """Hash by value, as equality asks."""
        return hash((ApiKey, self.__value))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be pickled: a pickle is a plain-text copy. Raises `TypeError`."""
        del protocol
        raise TypeError("An ApiKey is not pickled, since that would write the key in plain text.")

    def __copy__(self) -> ApiKey:
        """Return the same object: it cannot change."""
        return self

    def __deepcopy__(self, memo: object) -> ApiKey:
        """Return the same object: it cannot change."""
        del memo
        return self


def mask(text: str) -> str:
    """Show a key's prefix and last four characters; show nothing of a text too short to hide.

    >>> mask("hunter2")
    '…'
    """
    text = "".join(filter(str.isprintable, text)).strip(_QUOTES)
    prefix = next((prefix for prefix, _, _ in _PREFIXES if text.startswith(prefix)), "")
    hidden = len(text) - len(prefix)
    if hidden < _ENOUGH_TO_MASK:
        return f"{prefix}…"
    return f"{prefix}…{text[-_SHOWN_END:]}"


def redact(text: str) -> str:
    """Return `text` with every key in it masked, also one that was wrapped over lines or escaped.

    Other vendors' keys are masked too, and whatever stands after "Bearer". Use it on anything before
    you print, log or send it.

    >>> redact("key=sk-practice-" + "a1B2" * 8)
    'key=sk-practice-…a1B2'
    """
    masked = "".join(_SECRET.sub(_masked, part) for part in _ESCAPE.split(text))
    return _BEARER.sub(_masked, masked)


def _masked(found: re.Match[str]) -> str:
    text = re.sub(r"\s", "", found[0])
    return text if "…" in text or "*" in text else mask(text)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a key: how serious, what, and what to do."""

    tone: html.Tone
    what: str
    cure: str


@dataclass(frozen=True, slots=True)
class Verdict(html.Shown):
    """What `check` thinks of a key. It holds the masked form, never the key."""

    masked: str
    kind: str
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether the key can be sent as it is; a usable key may still be revoked."""
        return all(finding.tone != "bad" for finding in self.findings)

    @property
    def sentence(self) -> str:
        """The verdict in one line."""
        if not self.usable:
            return f"{self.masked}: cannot work as it is"
        return f"{self.masked}: looks like a {self.kind}"

    def view(self) -> html.Block:
        """Show the verdict and one row per finding."""
        tone: html.Tone = "good" if self.usable else "bad"
        head = html.badge(self.sentence, tone)
        if not self.findings:
            return html.stack(head, "Only a call can tell whether it is live.")
        rows = [[finding.what, finding.cure] for finding in self.findings]
        return html.stack(head, html.table("What was found", ["What", "What to do"], rows))


def check(key: str) -> Verdict:
    """Judge the text of a key by its characters and its prefix, offline, never by its length.

    Never raises, and the verdict never holds the key.
    """
    findings = (*_characters(key), *_wrapping(key))
    bare = key.strip().strip("\"'").removeprefix("Bearer ").strip()
    if not bare:
        return Verdict("…", "empty key", (Finding("bad", "There is no key here.", "Paste the key."),))
    kind, ours = _kind(bare)
    if _PLACEHOLDER.search(bare):
        kind = "placeholder"
        findings += (Finding("bad", "This is a placeholder.", "Put your own key in its place."),)
    elif kind == "unknown kind":
        findings += (Finding("warn", "No known prefix.", "Check that the whole key was copied; try it."),)
    elif not ours:
        findings += (Finding("bad", f"Another vendor's prefix: {kind}.", "Make a key on OpenAI's own site."),)
    return Verdict(mask(bare), kind, findings)


def _kind(key: str) -> tuple[str, bool]:
    for prefix, kind, ours in _PREFIXES:
        if key.startswith(prefix):
            return kind, ours
    return "unknown kind", True


def _characters(key: str) -> tuple[Finding, ...]:
    """Name each character that no key holds, with its place counted from 1."""
    bare = key.strip(_ASCII_SPACE)  # what stands around the key is `_wrapping`'s to name
    odd = [(place, char) for place, char in enumerate(bare, 1) if not _plain(char)]
    return tuple(
        Finding(
            "bad",
            f"Character {place} is {_name_of(char)}.",
            "Delete it, or copy the key again as plain text.",
        )
        for place, char in odd
    )


def _plain(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in "-_\"' .<>")


def _name_of(char: str) -> str:
    names = {"\n": "a line break", "\r": "a carriage return", "\t": "a tab", "\ufeff": "a byte-order mark"}
    return names.get(char) or unicodedata.name(char, f"U+{ord(char):04X}").lower()


def _wrapping(key: str) -> tuple[Finding, ...]:
    found = []
    bare = key.strip(_ASCII_SPACE)
    if key != bare:
        found.append(
            Finding(
                "bad",
                "White space or a line break stands around the key.",
                "Strip it: with a line break the client never even sends the request "
                "and says only “Connection error.”",
            )
        )
    if bare[:1] in {"'", '"'} or bare[-1:] in {"'", '"'}:
        found.append(Finding("bad", "Quotes stand around the key.", "Remove them; they are sent along."))
    if " " in bare:
        found.append(Finding("bad", "A space stands inside.", "Copy the key alone, without other words."))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class KeyName(html.Shown):
    """A name for a key that still means something in a year."""

    text: str
    advice: tuple[str, ...]

    def view(self) -> html.Block:
        """Show the name and what could be better about it."""
        if not self.advice:
            return html.stack(html.badge(self.text, "good"), "Says what, where, who and when.")
        return html.stack(html.badge(self.text, "warn"), html.steps("To make it better", self.advice))


def name(app: str, environment: str, owner: str, made: dt.date) -> KeyName:
    """Build a key's name from what it is for, where it runs, who answers for it, and when it was made.

    Empty parts are left out and named in the advice.
    """
    parts = {"app": app, "environment": environment, "owner": owner}
    slugs = {part: re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") for part, text in parts.items()}
    advice = [_MISSING[part] for part, slug in slugs.items() if not slug]
    if re.fullmatch(r"(key|test|my|new|api|openai)?-?(key)?-?\d*", slugs["app"]) and slugs["app"]:
        advice.append(f"“{app}” does not say which program uses the key; name the program.")
    text = "-".join([*filter(None, slugs.values()), f"{made:%Y-%m}"])
    return KeyName(text, tuple(advice))


_MISSING = {
    "app": "Name the program: when this key leaks, you must know what stops if you revoke it.",
    "environment": "Say where it runs (laptop, staging, production): each gets a key of its own.",
    "owner": "Name who answers for it: a key without an owner is never rotated.",
}
