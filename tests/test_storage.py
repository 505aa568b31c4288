"""Where a key lives: which place wins, what is warned of, and which place suits whom."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
from dotenv import load_dotenv, set_key
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import keys, storage
from guide_helpers.errors import InputError, StorageError

ONE = "sk-practice-" + "1a" * 16
TWO = "sk-practice-" + "2b" * 16
THREE = "sk-practice-" + "3c" * 16
posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def write(folder: Path, text: str | bytes) -> Path:
    """Put a closed `.env` into a folder."""
    path = folder / ".env"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    return folder


def env(key: str) -> dict[str, str]:
    """Return an environment that holds a key."""
    return {"OPENAI_API_KEY": key, "HOME": "/nowhere"}


# ---------------------------------------------------------------------------- which place wins


@pytest.mark.parametrize(
    ("argument", "variable", "file", "winner", "place"),
    [
        pytest.param(ONE, TWO, THREE, ONE, "argument", id="the argument beats both"),
        pytest.param(None, TWO, THREE, TWO, "environment", id="the environment beats the file"),
        pytest.param(None, None, THREE, THREE, ".env", id="the file comes last"),
        pytest.param(None, "", THREE, THREE, ".env", id="an empty variable is no key"),
        pytest.param(ONE, None, None, ONE, "argument", id="the argument alone"),
        pytest.param(keys.ApiKey(ONE), TWO, None, ONE, "argument", id="an ApiKey as argument"),
    ],
)
def test_the_first_place_with_a_key_wins(  # noqa: PLR0913, PLR0917 -- a row has five columns
    tmp_path: Path, argument: Any, variable: str | None, file: str | None, winner: str, place: str
) -> None:
    """Argument, environment, file: in this order."""
    if file:
        write(tmp_path, f"OPENAI_API_KEY={file}\n")
    found = storage.find(argument, environ={} if variable is None else env(variable), folder=tmp_path)
    assert found.key == keys.ApiKey(winner)
    assert place in found.place


def test_two_different_keys_are_warned_of(tmp_path: Path) -> None:
    """A shadowed place with another key is named, masked."""
    found = storage.find(environ=env(ONE), folder=write(tmp_path, f"OPENAI_API_KEY={TWO}\n"))
    assert [look.key for look in found.differing] == [keys.ApiKey(TWO)]
    assert "different keys" in str(found)
    assert keys.mask(TWO) in str(found)


def test_the_same_key_twice_is_no_reason_to_warn(tmp_path: Path) -> None:
    """A copy of the winner is shadowed and harmless."""
    found = storage.find(environ=env(ONE), folder=write(tmp_path, f"OPENAI_API_KEY={ONE}\n"))
    assert len(found.shadowed) == 1
    assert not found.differing
    assert "different" not in str(found)


def test_no_key_anywhere_says_what_was_seen(tmp_path: Path) -> None:
    """The error lists the places, and says what each holds."""
    with pytest.raises(StorageError, match=r"environment.*set, but empty.*nothing here"):
        storage.find(environ=env(" "), folder=tmp_path)


def test_storage_agrees_with_load_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The winner is the key that a program has after the real `load_dotenv`."""
    monkeypatch.setenv("OPENAI_API_KEY", ONE)
    write(tmp_path, f"OPENAI_API_KEY={TWO}\n")
    found = storage.find(folder=tmp_path)
    load_dotenv(tmp_path / ".env")
    assert found.key.reveal() == os.environ["OPENAI_API_KEY"]


def test_looking_changes_nothing(tmp_path: Path) -> None:
    """Neither the environment nor the file is written to."""
    folder, environ = write(tmp_path, f"OPENAI_API_KEY={TWO}\n"), {"HOME": "/nowhere"}
    before = dict(os.environ), (folder / ".env").read_bytes()
    storage.survey(environ=environ, folder=folder)
    assert environ == {"HOME": "/nowhere"}
    assert (dict(os.environ), (folder / ".env").read_bytes()) == before


# ---------------------------------------------------------------------------- reading a .env


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"OPENAI_API_KEY={ONE}", id="plain"),
        pytest.param(f"OPENAI_API_KEY = {ONE}", id="spaces around the sign"),
        pytest.param(f'OPENAI_API_KEY="{ONE}"', id="double quotes"),
        pytest.param(f"export OPENAI_API_KEY='{ONE}'  # mine", id="export, quotes, comment"),
        pytest.param(f"OTHER=1\r\nOPENAI_API_KEY={ONE}\r\n", id="Windows line ends"),
        pytest.param(f"\ufeffOPENAI_API_KEY={ONE}", id="byte-order mark"),
    ],
)
def test_a_dotenv_is_read_as_dotenv_reads_it(tmp_path: Path, line: str) -> None:
    """Each usual spelling gives the bare key, with nothing to warn of."""
    found = storage.find(environ={}, folder=write(tmp_path, line))
    assert found.key.reveal() == ONE
    assert not found.survey.winner.warnings  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(f"OPENAI_API_KEY={ONE}".encode("utf-16"), "UTF-16", id="UTF-16 with its mark"),
        pytest.param(f"OPENAI_API_KEY={ONE}".encode("utf-16-le"), "UTF-16", id="UTF-16 without"),
        pytest.param(b"OPENAI_API_KEY=caf\xe9", "not written in UTF-8", id="Latin-1"),
        pytest.param(None, "is a folder", id="a virtual environment"),
    ],
)
def test_a_dotenv_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None, said: str) -> None:
    """The source raises with a cure; the survey shows it as a row, and the next place may still win."""
    if content is None:
        (tmp_path / ".env").mkdir()
    else:
        write(tmp_path, content)
    with pytest.raises(StorageError, match=said) as caught:
        storage.DotEnv(tmp_path).read()
    assert caught.value.cure
    survey = storage.survey(environ=env(ONE), folder=tmp_path)
    assert survey.winner is survey.looks[0]
    assert said in str(survey)


@pytest.mark.parametrize("content", ["", "# nothing\n", "OTHER=1\n", "OPENAI_API_KEY\n"])
def test_a_dotenv_without_the_variable_is_no_key(tmp_path: Path, content: str) -> None:
    """A file that says nothing about the key is as good as none."""
    assert storage.DotEnv(write(tmp_path, content)).read() is None


@posix
@pytest.mark.parametrize(("mode", "open_to_others"), [(0o600, False), (0o640, True), (0o644, True)])
def test_an_open_dotenv_is_warned_of(tmp_path: Path, mode: int, open_to_others: bool) -> None:  # noqa: FBT001
    """A file that other accounts may read is named, with the cure."""
    (write(tmp_path, f"OPENAI_API_KEY={ONE}") / ".env").chmod(mode)
    assert ("chmod 600" in str(storage.find(environ={}, folder=tmp_path))) is open_to_others


@posix
def test_set_key_makes_a_file_that_needs_no_warning(tmp_path: Path) -> None:
    """What the lesson teaches passes the lesson's own check."""
    set_key(tmp_path / ".env", "OPENAI_API_KEY", ONE)
    assert not storage.find(environ={}, folder=tmp_path).survey.looks[1].warnings


# ---------------------------------------------------------------------------- sick keys


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(ONE + "\n", "line break", id="line break"),
        pytest.param(f"'{ONE}'", "Quotes", id="quotes"),
        pytest.param(ONE + "\u200b", "zero width space", id="invisible character"),
        pytest.param(f"Bearer {ONE}", "space", id="two words"),
    ],
)
def test_a_sick_key_is_warned_of(tmp_path: Path, value: str, said: str) -> None:
    """The place of the key and its illness stand in the answer."""
    assert said in str(storage.find(environ=env(value), folder=tmp_path))


def test_white_space_around_a_key_is_cured(tmp_path: Path) -> None:
    """The key that comes out can be sent."""
    assert storage.find(environ=env(f" {ONE}\n"), folder=tmp_path).key.reveal() == ONE


@given(st.text("abcdefXYZ0123456789_-", min_size=16, max_size=60), st.text("pqrs789", min_size=16))
def test_nothing_shows_a_key(one: str, two: str) -> None:
    """Text, HTML and repr of every result hold the mask and never the key."""
    one, two = f"sk-proj-{one}", f"sk-proj-{two}"
    sources = [storage.Environment(env(each)) for each in (one, two)]
    found = storage.find(sources=sources)
    for thing in (found, found.survey, *found.survey.looks, *sources, *(each.read() for each in sources)):
        shown = f"{thing!r} {thing} {getattr(thing, 'view', lambda: '')()!r}"
        assert one not in shown
        assert two not in shown


def test_an_error_shows_no_key(tmp_path: Path) -> None:
    """A file that does not parse is not quoted."""
    with pytest.raises(StorageError) as caught:
        storage.find(environ={}, folder=write(tmp_path, f"{ONE}\n"))
    assert ONE not in str(caught.value)


class Drawer:
    """A source of one's own: a name and a way to read."""

    place = "drawer"

    def read(self) -> storage.Reading:
        """Return what lies in it."""
        return storage.Reading(THREE, "It does not lock.")


def test_a_new_source_is_one_small_class() -> None:
    """Anything with `place` and `read` takes part, warnings included."""
    found = storage.find(sources=[storage.Environment({}), Drawer()])
    assert found.place == "drawer"
    assert found.key.reveal() == THREE
    assert "does not lock" in str(found)


# ---------------------------------------------------------------------------- which place suits whom

EVERY = list(itertools.product(storage.PLACES, storage.OTHERS, storage.LIFETIMES))


@pytest.mark.parametrize(("place", "others", "lifetime"), EVERY)
def test_every_wish_gets_a_place_with_code(place: str, others: str, lifetime: str) -> None:
    """There is always a first choice, it has the least against it, and its code compiles."""
    choice = storage.recommend(place, others, lifetime)
    assert len(choice.best.against) == min(len(option.against) for option in choice.options)
    compile(choice.best.store.snippet, "snippet", "exec")
    assert choice.best.name in str(choice)


@pytest.mark.parametrize(
    ("place", "others", "lifetime", "best"),
    [
        ("own computer", "nobody else", "this session", "prompt with getpass"),
        ("own computer", "nobody else", "this project", ".env file, mode 600"),
        ("own computer", "nobody else", "for months", "system keychain"),
        ("own computer", "colleagues", "this project", "system keychain"),
        ("own computer", "strangers", "this session", "a practice key"),
        ("Colab", "nobody else", "for months", "Colab Secrets"),
        ("Codespaces", "colleagues", "this project", "Codespaces secret"),
        ("CI job", "nobody else", "for months", "no key at all: workload identity"),
        ("server", "colleagues", "for months", "no key at all: workload identity"),
        ("shared room or Binder", "nobody else", "this session", "a practice key"),
    ],
)
def test_the_best_place(place: str, others: str, lifetime: str, best: str) -> None:
    """The advice the lesson gives, case by case."""
    assert storage.recommend(place, others, lifetime).best.name == best


@pytest.mark.parametrize("place", storage.PLACES)
def test_no_real_key_goes_where_strangers_are(place: str) -> None:
    """Among strangers, every store that fits holds no key worth stealing."""
    fitting = [option.name for option in storage.recommend(place, "strangers").options if option.fits]
    assert {*fitting} <= {"a practice key", "no key at all: workload identity"}


@pytest.mark.parametrize("wish", [("moon",), ("Colab", "cats"), ("Colab", "strangers", "for ever")])
def test_an_unknown_wish_is_refused(wish: tuple[str, ...]) -> None:
    """The error names the words that would do."""
    with pytest.raises(InputError, match="Choose one of"):
        storage.recommend(*wish)
