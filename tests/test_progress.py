"""Progress between sessions, and the code that is read out across a room."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from guide_helpers import lessons, routes
from guide_helpers.cli import app
from guide_helpers.errors import InputError
from guide_helpers.lessons import _code, _contents, _progress, _store
from guide_helpers.lessons._store import Entry, Store, join

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ENTRIES = st.dictionaries(
    st.sampled_from(["00.1", "00.2", "00.q1", "05.2"]),
    st.builds(
        Entry,
        st.sampled_from(_store.LEVELS),
        st.integers(0, 3),
        st.sampled_from(["", "2026-11-23T09:30:00+00:00", "2026-11-24T09:30:00+00:00"]),
    ),
)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of progress that is not there yet, and is everybody's for this test."""
    made = tmp_path / "kept" / "progress.json"
    monkeypatch.setenv("GUIDE_PROGRESS", str(made))
    return made


# ---------------------------------------------------------------------------- where it is kept


def test_the_place_is_the_readers_own(tmp_path: Path) -> None:
    """The user's data folder; a variable names another; test and CI runs leave no trace."""
    own = _store.place({})
    assert own is not None
    assert own.name == "progress.json"
    assert "openai-key-guide" in own.parts
    assert _store.place({"GUIDE_PROGRESS": str(tmp_path / "p.json"), "CI": "1"}) == tmp_path / "p.json"
    for name in ("CI", "PYTEST_VERSION", "PYTEST_CURRENT_TEST"):
        assert _store.place({name: "1"}) is None


def test_this_very_run_touches_no_home() -> None:
    """The suite names a file of its own before anything is imported."""
    kept = lessons.progress().kept
    assert kept
    assert not Path(kept).is_relative_to(Path.home() / ".local")


def test_without_a_place_it_lives_in_memory() -> None:
    """In a test run progress still moves, for this session, and says that it is not kept."""
    store = Store(None)
    assert store.record("00.1", Entry("passed")) == ""
    entries, said = store.entries()
    assert entries["00.1"].state == "passed"
    assert "not kept" in said


# ---------------------------------------------------------------------------- what is kept


def test_checks_hints_and_answers_move_it(path: Path) -> None:
    """A table of what was done; an untouched stub moves nothing."""
    lessons.check("00.2", ...)
    assert not path.exists()
    lessons.check("00.2", "127.0.0.1")
    lessons.check("00.3", -1)
    _check_hints("00.3")
    row = lessons.progress().rows[0]
    assert (row.passed, row.started, row.hints) == (1, 1, 2)
    assert row.open == row.exercises - 2
    assert row.when == datetime.now(UTC).date().isoformat()
    assert json.loads(path.read_text("utf-8"))["done"]["00.2"]["state"] == "passed"


def _check_hints(exercise: str) -> None:
    from guide_helpers.lessons import _check

    _check._hints_given.clear()
    lessons.hint(exercise)
    lessons.hint(exercise)


def test_what_was_passed_stays_passed(path: Path) -> None:
    """A later wrong try takes nothing away."""
    lessons.check("00.2", "127.0.0.1")
    lessons.check("00.2", "api.openai.com")
    assert lessons.progress().rows[0].passed == 1
    assert path.exists()


def test_another_session_reads_it(path: Path) -> None:
    """A fresh kernel sees what an older one kept."""
    lessons.check("00.2", "127.0.0.1")
    assert Store(path).entries()[0]["00.2"].state == "passed"


def test_two_kernels_lose_nothing(path: Path) -> None:
    """Each writes what it knows; the file knows both, whoever writes last."""
    one, two = Store(path), Store(path)
    one.record("00.1", Entry("passed"))
    two.record("00.2", Entry("started"))
    one.record("00.3", Entry("open", 2))
    states = {name: entry.state for name, entry in Store(path).entries()[0].items()}
    assert states == {"00.1": "passed", "00.2": "started", "00.3": "open"}


@pytest.mark.process
def test_two_kernels_at_the_same_moment_lose_nothing(path: Path) -> None:
    """Four processes, a hundred entries, no entry lost, no half file, no litter."""
    program = (
        "import sys; from pathlib import Path; from guide_helpers.lessons._store import Entry, Store\n"
        "for n in range(25): Store(Path(sys.argv[1])).record(f'0{sys.argv[2]}.{n}', Entry('passed'))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(path), str(number)]) for number in range(4)
    ]
    assert [each.wait(60) for each in running] == [0, 0, 0, 0]
    assert len(Store(path).entries()[0]) == 100
    assert {each.name for each in path.parent.iterdir()} == {"progress.json", "progress.json.lock"}


@given(ENTRIES, ENTRIES, ENTRIES)
def test_joining_needs_no_order(one: Any, two: Any, three: Any) -> None:
    """Whoever comes first, the result is the same, and joining twice changes nothing."""
    assert join(one, two) == join(two, one)
    assert join(join(one, two), three) == join(one, join(two, three))
    assert join(one, one) == join(one)


@given(ENTRIES)
def test_what_is_saved_is_loaded(entries: Any) -> None:
    """The file holds everything."""
    assert _store._parsed(json.loads(json.dumps(_body(entries)))) == entries


def _body(entries: dict[str, Entry], version: int = 1) -> dict[str, Any]:
    done = {name: {"state": e.state, "hints": e.hints, "when": e.when} for name, e in entries.items()}
    return {"version": version, "done": done}


# ---------------------------------------------------------------------------- when the file is not right


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"done": {}}',
        b'{"version": "1", "done": {}}',
        b'{"version": 1, "done": {"00.1": {"state": "best"}}}',
        b'{"version": 1, "done": {"00.1": {"state": "passed", "hints": "3"}}}',
        b'{"version": 1, "done": {"00.1": {"colour": "red"}}}',
        b'{"version": 1, "done": []}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_set_aside(path: Path, content: bytes) -> None:
    """Under a name with the date, untouched; a sentence says so once; the new one works."""
    path.parent.mkdir()
    path.write_bytes(content)
    entries, said = _store.load(path, NOW)
    assert entries == {}
    aside = path.with_name("progress-damaged-2026-11-23-093000.json")
    assert aside.read_bytes() == content
    assert aside.name in said
    assert not path.exists()


def test_damage_is_told_with_the_check(path: Path) -> None:
    """The reader sees the sentence where it happens, and only once."""
    path.parent.mkdir()
    path.write_text("{", "utf-8")
    assert "was damaged. It was set aside as progress-damaged-" in str(lessons.check("00.2", "127.0.0.1"))
    assert "damaged" not in str(lessons.check("00.2", "127.0.0.1"))
    assert lessons.progress().rows[0].passed == 1


def test_a_newer_file_is_left_alone(path: Path) -> None:
    """It is not read, not written, and the sentence says so; the session still counts."""
    path.parent.mkdir()
    body = json.dumps({"version": 2, "stars": 5})
    path.write_text(body, "utf-8")
    assert "newer edition" in str(lessons.check("00.2", "127.0.0.1"))
    assert "newer edition" in str(lessons.progress())
    assert path.read_text("utf-8") == body
    assert lessons.progress().rows[0].passed == 1


def test_a_place_that_cannot_be_written_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check works and says that nothing is kept."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GUIDE_PROGRESS", str(tmp_path / "file" / "progress.json"))
    feedback = lessons.check("00.2", "127.0.0.1")
    assert feedback.state == "passed"
    assert "cannot be kept" in feedback.note


def test_a_file_that_cannot_be_read_is_not_written_over(path: Path) -> None:
    """What is in the way is left as it is, and the sentence says so."""
    path.mkdir(parents=True)
    (path / "mine").write_text("")
    assert "cannot be kept" in Store(path).record("00.1", Entry("passed"))
    assert (path / "mine").exists()


def test_a_write_that_breaks_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader sees the old file or the new one, never half of it; nothing is left lying about."""
    store = Store(path)
    store.record("00.1", Entry("passed"))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_store.os, "fsync", full)
    assert "No space left" in store.record("00.2", Entry("passed"))
    assert path.read_bytes() == before
    assert {each.name for each in path.parent.iterdir()} == {"progress.json", "progress.json.lock"}


def test_a_stuck_lock_stops_nobody(path: Path) -> None:
    """Somebody sits on the lock: after a moment the work goes on without it."""
    path.parent.mkdir()
    with _store.locked(path), _store.locked(path, patience=0.02):
        _store.save(path, {"00.1": Entry("passed")})
    assert path.exists()


# ---------------------------------------------------------------------------- the code

COUNTS = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 7), st.integers(0, 7)), min_size=8, max_size=8)


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every notebook have as many exercises and questions as a code can count."""
    monkeypatch.setattr(_code, "contents", lambda _: ((None,) * 30, (None,) * 7))


def counted(code: str) -> list[tuple[int, int, int]]:
    """Return what a code says."""
    return [(row.passed, row.started, row.right) for row in _code.read(code).rows]


@pytest.mark.usefixtures("roomy")
class TestCode:
    """What holds for every code."""

    @given(COUNTS)
    def test_it_comes_back(self, counts: list[tuple[int, int, int]]) -> None:
        """Written and read, in capitals or not, with or without its dashes."""
        code = _code.written(counts)
        assert counted(code) == counts
        assert counted(f"  {code.lower().replace('-', ' ')} ") == counts
        assert set(code) <= {*_code.SYMBOLS, "-"}
        assert all(len(group) == 4 for group in code.split("-"))

    @given(COUNTS)
    def test_any_wrong_character_is_noticed(self, counts: list[tuple[int, int, int]]) -> None:
        """Every place, every other symbol; none passes, the version and the check included."""
        code = _code.written(counts).replace("-", "")
        value = [code[:at] + other + code[at + 1 :] for at in range(len(code)) for other in _code.SYMBOLS]
        wrong = [each for each in value if each != code]
        assert len(wrong) == len(code) * 31
        assert all(_code._value(each) % 1021 for each in wrong)
        with pytest.raises(InputError, match="does not add up"):
            _code.read(wrong[len(wrong) // 2])

    @given(COUNTS)
    def test_any_swapped_neighbours_are_noticed(self, counts: list[tuple[int, int, int]]) -> None:
        """And the message says which group to look at."""
        code = _code.written(counts).replace("-", "")
        for at, (left, right) in enumerate(pairwise(code)):
            if left != right:
                with pytest.raises(InputError, match=r"changed places|does not add up") as caught:
                    _code.read(code[:at] + right + left + code[at + 2 :])
                if at:
                    assert "changed places" in str(caught.value)


def test_a_code_is_short() -> None:
    """One group for a beginner, five for everything."""
    assert len(_code.written([(0, 0, 0)] * 8).split("-")) == 1
    assert len(_code.written([(3, 0, 3), (3, 1, 2), *[(0, 0, 0)] * 6]).split("-")) == 2
    assert len(_code.written([(15, 7, 7)] * 8).split("-")) == 5
    assert _code.written([(99, 99, 99)]) == _code.written([(15, 7, 7)])


def test_version_one_stays_readable() -> None:
    """A code that was read out in 2026 means the same for ever."""
    assert _code.written([(2, 1, 0), *[(0, 0, 0)] * 7]) == WRITTEN_2026
    row = _code.read(WRITTEN_2026).rows[0]
    assert (row.notebook, row.passed, row.started, row.right) == ("00", 2, 1, 0)


WRITTEN_2026 = "36A2-22TA"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "0 characters"),
        ("3AW", "missing or one too many"),
        ("3AW77", "missing or one too many"),
        ("3AWO", "0, O, 1 and I look too much alike"),
        ("3A-1I", "0, O, 1 and I look too much alike"),
        ("3AW!", "letters and digits only"),
        ("3AW8", "at least one character is another"),
        ("A3W7", "changed places|is another"),
    ],
)
def test_a_wrong_code_says_what_it_looks_like(code: str, words: str) -> None:
    """Each kind of mistake has its own sentence."""
    with pytest.raises(InputError, match=words) as caught:
        _code.read(code)
    assert caught.value.cure


def test_a_newer_code_is_not_guessed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version, or more exercises than there are, come from a newer guide."""
    with monkeypatch.context() as newer:
        newer.setattr(_code, "VERSION", 2)
        code = _code.written([(1, 0, 0)])
    with pytest.raises(InputError, match="does not know"):
        _code.read(code)
    for counts in ([(15, 15, 7)], [(0, 0, 0)] * 8 + [(1, 0, 0)]):
        with pytest.raises(InputError, match="does not have"):
            _code.read(_code.written(counts))


def test_every_notebook_fits_into_the_code() -> None:
    """Who adds a sixteenth exercise to a notebook needs a new version of the code."""
    for notebook in routes.NOTEBOOKS:
        exercises, quizzes = _contents.contents(notebook.number)
        assert len(exercises) < _code.PASSED
        assert len(quizzes) < _code.RIGHT


# ---------------------------------------------------------------------------- the table and the command


def test_the_table_shows_every_notebook(path: Path) -> None:
    """A row each; the code is that of the table."""
    shown = lessons.progress()
    assert [row.notebook for row in shown.rows] == [each.number for each in routes.NOTEBOOKS]
    assert f"of {sum(row.exercises for row in shown.rows)} exercises passed" in str(shown)
    assert shown.kept == str(path)
    assert str(path) not in str(shown)
    row = _progress.Row("00", "t", 1, 1, 1, 0, 0)
    assert row.open == 0


@pytest.mark.usefixtures("path")
def test_the_command_shows_it() -> None:
    """Table, code and back again."""
    lessons.check("00.2", "127.0.0.1")
    run = CliRunner().invoke
    table = run(app, ["progress"]).output
    assert "Progress: 1 of" in table
    assert "Kept in" in table
    code = run(app, ["progress", "--code"]).output.strip()
    read = run(app, ["progress", "--read", code]).output
    assert "Progress: 1 of" in read
    assert "Kept in" not in read
    wrong = run(app, ["progress", "--read", "3AW8"])
    assert isinstance(wrong.exception, InputError)


def test_the_command_solves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`key-guide solve OUT` names what it wrote."""
    from guide_helpers.lessons import _solved

    origin = tmp_path / "notebooks"
    origin.mkdir()
    (origin / "00_a.ipynb").write_text('{"cells": []}')
    monkeypatch.setattr(_solved, "folder", lambda: origin)
    out = CliRunner().invoke(app, ["solve", str(tmp_path / "out")])
    assert out.output.strip() == str(tmp_path / "out" / "00_a.ipynb")
