"""What a key looks like, and that it never shows."""

from __future__ import annotations

import copy
import datetime as dt
import logging
import pickle
import string
import traceback
from dataclasses import asdict, dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from guide_helpers import keys
from guide_helpers.errors import InputError

ALPHABET = string.ascii_letters + string.digits + "-_"
BODY = "aB3dE5gH7jK9mN1pQ2rS"
OPENAI_PREFIXES = ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-", "sk-", "ek_", "sk-practice-"]

bodies = st.text(ALPHABET, min_size=20, max_size=170).filter(
    lambda body: body[0].isalnum() and keys.check("sk-proj-" + body).kind != "placeholder"
)


@given(st.sampled_from(OPENAI_PREFIXES), bodies)
def test_a_good_key_of_any_length_is_usable(prefix: str, body: str) -> None:
    """Prefix and characters decide; length never does."""
    assert keys.check(prefix + body).usable


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("sk-proj-" + BODY, "project key"),
        ("sk-svcacct-" + BODY, "service-account key"),
        ("sk-admin-" + BODY, "admin key"),
        ("sk-" + BODY, "legacy user key"),
        ("ek_" + BODY, "ephemeral client secret"),
        ("sk-practice-" + BODY, "practice key"),
        ("sk-ant-" + BODY, "Anthropic key"),
        ("sk-or-" + BODY, "OpenRouter key"),
        ("sk-your-key-here", "placeholder"),
        ("<paste your key>", "placeholder"),
        (BODY, "unknown kind"),
        ("", "empty key"),
        (" \n", "empty key"),
    ],
)
def test_the_kind_is_read_from_the_prefix(key: str, kind: str) -> None:
    """Each known prefix names its kind."""
    assert keys.check(key).kind == kind


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        ("{}\n", "line break"),
        ("{}\r", "line break"),
        (" {}", "White space"),
        ('"{}"', "Quotes"),
        ("“{}”", "left double quotation mark"),
        ("\ufeff{}", "byte-order mark"),
        ("{}\u200bx", "zero width space"),
        ("{}\u00a0", "no-break space"),
        ("{}\u0430", "cyrillic small letter a"),
        ("Bearer {}", "space"),
    ],
    ids=["lf", "cr", "space", "quotes", "curly", "bom", "zwsp", "nbsp", "cyrillic", "bearer"],
)
def test_damage_is_named_with_a_cure(damage: str, word: str) -> None:
    """An invisible or stray character makes a key unusable, is named, and comes with what to do."""
    verdict = keys.check(damage.format("sk-proj-" + BODY))
    assert not verdict.usable
    assert any(word in finding.what for finding in verdict.findings)
    assert all(finding.cure for finding in verdict.findings)


def test_the_place_of_an_odd_character_is_told() -> None:
    """Counted from 1, as a reader counts."""
    assert "Character 12 is zero width space." in str(keys.check("sk-proj-aaa\u200b" + BODY))


@given(st.sampled_from(OPENAI_PREFIXES), bodies, st.text(max_size=3), st.text(max_size=3))
def test_a_verdict_never_holds_the_key(prefix: str, body: str, before: str, after: str) -> None:
    """Whatever stands around it, no form of the verdict shows more than its last four characters."""
    verdict = keys.check(before + prefix + body + after)
    for form in (repr(verdict), str(verdict), verdict.view().html, str(asdict(verdict))):
        assert body not in form


# ---------------------------------------------------------------------------- ApiKey

SIGN = "c4n4ry"
CANARY = "sk-proj-" + BODY + SIGN + BODY


@dataclass
class Settings:
    """A place people keep keys in."""

    key: keys.ApiKey


def surfaces(key: keys.ApiKey) -> dict[str, object]:
    """Return every way a value tends to be shown."""
    return {
        "str": str(key),
        "repr": repr(key),
        "f-string": f"{key}",
        "format": f"{key!s:>40}",
        "percent": "%s %r" % (key, key),  # noqa: UP031 -- the old way is still in use
        "list": str([key]),
        "dict": repr({"key": key}),
        "dataclass": repr(Settings(key)),
        "asdict": repr(asdict(Settings(key))),
        "dir": repr([getattr(key, name) for name in dir(key) if name not in {"reveal", "_ApiKey__value"}]),
        "copy": repr((copy.copy(key), copy.deepcopy(key))),
    }


@pytest.mark.parametrize("surface", surfaces(keys.ApiKey(CANARY)))
def test_a_key_never_shows(surface: str) -> None:
    """Only the prefix and the last four characters appear."""
    shown = str(surfaces(keys.ApiKey(CANARY))[surface])
    assert SIGN not in shown


def test_a_mask_drops_what_cannot_be_seen() -> None:
    """An invisible character at the end does not take a place in the mask."""
    assert keys.mask("sk-proj-" + BODY + "\u200b") == f"sk-proj-…{BODY[-4:]}"


def test_a_key_has_no_dict() -> None:
    """`vars` finds nothing to show."""
    with pytest.raises(TypeError):
        vars(keys.ApiKey(CANARY))


def test_a_key_is_not_pickled() -> None:
    """A pickle would be a plain-text copy; the refusal says so."""
    with pytest.raises(TypeError, match="plain text"):
        pickle.dumps(keys.ApiKey(CANARY))


def test_a_traceback_with_locals_hides_the_key() -> None:
    """The rich form of a traceback prints local variables; the key is masked in it."""

    def fails(key: keys.ApiKey) -> None:
        raise ValueError(key)

    try:
        fails(keys.ApiKey(CANARY))
    except ValueError as error:
        lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    assert SIGN not in "".join(lines)


def test_a_log_record_hides_the_key(caplog: pytest.LogCaptureFixture) -> None:
    """Logging formats late; it still formats the mask."""
    logging.getLogger("guide").warning("key %s %r", keys.ApiKey(CANARY), keys.ApiKey(CANARY))
    assert SIGN not in caplog.text


def test_a_key_reveals_itself_once_asked() -> None:
    """`reveal` gives the value, without the white space that copying added."""
    assert keys.ApiKey(f" {CANARY}\n").reveal() == CANARY
    assert keys.ApiKey(CANARY) == keys.ApiKey(CANARY)
    assert len({keys.ApiKey(CANARY), keys.ApiKey(CANARY)}) == 1


@pytest.mark.parametrize("nothing", ["", "  \n", None])
def test_no_key_is_an_error(nothing: str) -> None:
    """Nothing is not a key."""
    with pytest.raises(InputError):
        keys.ApiKey(nothing)


# ---------------------------------------------------------------------------- redact and mask


@given(st.sampled_from(["sk-proj-", "sk-", "ek_", "sk-practice-"]), bodies, st.text(), st.text())
def test_redact_never_leaks(prefix: str, body: str, before: str, after: str) -> None:
    """A key between any two texts (not glued to a letter) is gone after redacting."""
    assume(body not in before + after)
    text = f"{before} {prefix}{body} {after}"
    assert body not in keys.redact(text)


@pytest.mark.parametrize(
    "frame",
    [
        'api_key="{}"',
        '{{"key": \\"{}\\"}}',
        "Bearer {}",
        "key={},",
        "({})",
        "<b>{}</b>",
        "https://x/?key={}&y=1",
        "'{}'.",
        r"line\n{}",
        "key%20{}",
        "key=3D{}",
        r"key=\u003d{}",
        '{{"text": "a\\tb\\n{}\\n"}}',
        "\x1b[32m{}\x1b[0m",
        "{}\n",
    ],
)
def test_redact_finds_a_key_in_its_usual_surroundings(frame: str) -> None:
    """JSON, headers, prose, HTML and addresses."""
    key = "sk-proj-" + BODY * 4
    assert keys.redact(frame.format(key)) == frame.format("sk-proj-…Q2rS".replace("Q2rS", key[-4:]))


@pytest.mark.parametrize("key", ["AIza" + BODY * 2, "gsk_" + BODY, "hf_" + BODY, "sk_live_" + BODY])
def test_other_vendors_keys_are_masked_too(key: str) -> None:
    """Whoever pastes the wrong key is spared as well."""
    assert BODY not in keys.redact(f"key: {key}")


def test_whatever_follows_bearer_is_masked() -> None:
    """Also a key of a shape nobody knows."""
    assert keys.redact("Authorization: Bearer abcdef0123456789xyz") == "Authorization: Bearer …9xyz"


def test_redact_follows_a_key_over_a_line_break() -> None:
    """A terminal wrapped it at 80 columns: the second half goes too."""
    key = "sk-proj-" + BODY * 8
    wrapped = key[:80] + "\n" + key[80:]
    shown = keys.redact(f"key: {wrapped} end")
    assert shown == f"key: sk-proj-…{key[-4:]} end"


@given(st.text())
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    """A masked text is stable."""
    assert keys.redact(keys.redact(text)) == keys.redact(text)


def test_plain_prose_is_left_alone() -> None:
    """Words that merely look similar stay."""
    prose = "The risk-averse task-manager asked: sk- is a prefix, sk-proj- another."
    assert keys.redact(prose) == prose


# ---------------------------------------------------------------------------- names


def test_a_whole_name_needs_no_advice() -> None:
    """App, environment, owner and month, in a form that any system takes."""
    named = keys.name("Reading App", "laptop", "Ada", dt.date(2026, 11, 23))
    assert (named.text, named.advice) == ("reading-app-laptop-ada-2026-11", ())


@pytest.mark.parametrize("lazy", ["key1", "test", "my-key", "New Key 2", "openai"])
def test_a_lazy_name_is_explained(lazy: str) -> None:
    """“key1” says nothing about what breaks when it is revoked."""
    assert any("name the program" in each for each in keys.name(lazy, "x", "y", dt.date(2026, 1, 1)).advice)


def test_each_missing_part_is_asked_for() -> None:
    """Three empty fields, three pieces of advice."""
    assert len(keys.name("", "", "", dt.date(2026, 1, 1)).advice) == 3
