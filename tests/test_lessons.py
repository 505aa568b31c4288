"""Exercises that check themselves, questions that explain themselves, and two builds of one source."""

from __future__ import annotations

import ast
import asyncio
import functools
import json
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from openai import OpenAI

from guide_helpers import html, lessons, practice, routes
from guide_helpers.errors import InputError
from guide_helpers.lessons import _attempt, _check, _contents, _questions, _solved
from guide_helpers.lessons._exercise import Exercise, NotYet, Option, Quiz
from guide_helpers.lessons._unfinished import unfinished
from guide_helpers.lessons.start_here import EXAMPLE

EXERCISES = {each.id: each for each in _contents.all_exercises()}
QUIZZES = {each.id: each for each in _contents.all_quizzes()}
PATHS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
PRACTISED = [path for path in PATHS if _contents.contents(path.name[:2])[0]]
SOON = 0.03
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def client() -> OpenAI:
    """The client of notebook 00, on the server that its checks look at."""
    server = practice.serve()
    return OpenAI(base_url=server.base_url, api_key=server.api_key)


@pytest.fixture
def judged_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], str]], str]:
    """Put an exercise with a judge of the test's own in the place of the real ones."""

    def put(judge: Callable[[Any], str]) -> str:
        made = Exercise("00.9", "Reach the goal.", ("one", "two", "three"), "x = 1", 1, judge)
        monkeypatch.setattr(_contents, "contents", lambda _: ((made,), ()))
        return made.id

    return put


# ---------------------------------------------------------------------------- the contents


def test_contents_belong_to_a_notebook() -> None:
    """Every file of exercises is named for a notebook, and its ids begin with that notebook's number."""
    files = {path.stem for path in Path(lessons.__file__).parent.glob("[a-z]*.py")}
    assert files <= {each.file[3:] for each in routes.NOTEBOOKS}
    for notebook in routes.NOTEBOOKS:
        exercises, quizzes = _contents.contents(notebook.number)
        assert all(re.fullmatch(rf"{notebook.number}\.\d+", each.id) for each in exercises)
        assert all(re.fullmatch(rf"{notebook.number}\.q\d+", each.id) for each in quizzes)


def test_ids_are_given_once() -> None:
    """No two exercises and no two questions share an id."""
    ids = [each.id for each in [*_contents.all_exercises(), *_contents.all_quizzes()]]
    assert len(set(ids)) == len(ids)


def test_a_new_file_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook gets exercises by one file more; nothing else is told of it."""
    assert routes.NOTEBOOKS[7].file == "07_protect_and_ship"
    (tmp_path / "protect_and_ship.py").write_text(
        "from guide_helpers.lessons._exercise import Exercise\n"
        "EXERCISES = (Exercise('07.99', 'g', ('a', 'b', 'c'), 'x = 1', 1, lambda _: 'Right.'),)\n"
    )
    monkeypatch.setattr(lessons, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "guide_helpers.lessons.protect_and_ship", raising=False)
    _contents.contents.cache_clear()
    try:
        assert lessons.check("07.99", 1).state == "passed"
    finally:
        _contents.contents.cache_clear()
        sys.modules.pop("guide_helpers.lessons.protect_and_ship", None)
        if hasattr(lessons, "protect_and_ship"):
            del lessons.protect_and_ship


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_an_exercise_is_whole(exercise: Exercise) -> None:
    """Three different hints, minutes, a goal in a sentence, and a solution that is Python."""
    assert len(set(exercise.hints)) == 3
    assert 1 <= exercise.minutes <= 15
    assert exercise.goal.endswith(".")
    compile(exercise.solution, exercise.id, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert "..." not in exercise.solution


@pytest.mark.parametrize("quiz", QUIZZES.values(), ids=QUIZZES)
def test_a_question_is_whole(quiz: Quiz) -> None:
    """One right option, and for each option a reason of its own."""
    assert quiz.question.endswith("?")
    assert sum(option.right for option in quiz.options) == 1
    assert len({option.feedback for option in quiz.options}) == len(quiz.options) >= 2
    assert all(option.feedback.endswith((".", ".”", "…")) for option in quiz.options)


# ---------------------------------------------------------------------------- not started


def empty_body(number: int) -> int:
    """Stand for a stub."""
    ...  # noqa: PIE790 -- as a notebook has it


async def empty_coroutine() -> None:
    """Stand for a stub."""
    ...  # noqa: PIE790 -- as a notebook has it


def dots_returned() -> Any:
    """Stand for a stub that returns its placeholder."""
    return ...


def dots_within() -> Any:
    """Stand for a stub with a placeholder among other code."""

    def inner(number: int) -> Any:
        return number + ...  # type: ignore[operator]

    return inner(1)


@functools.wraps(empty_body)
def wrapped(*_: Any) -> int:
    """Stand for a decorated stub."""
    return 1


class EmptyClass:  # noqa: D101 -- that nothing stands in it is the point
    ...


class EmptyMethod:
    """Stand for a stub of a class."""

    limit = 3

    def wait(self) -> float:  # noqa: D102 -- that nothing stands in it is the point
        ...


class DotsInside:
    """Stand for a class whose value is a placeholder."""

    limit = ...


@dataclass
class Answered:
    """Stand for a reader's own record."""

    key: object
    owner: str = "me"


UNFINISHED = {
    "dots": ...,
    "none": None,
    "function": empty_body,
    "coroutine": empty_coroutine,
    "returned": dots_returned,
    "within": dots_within,
    "wrapped": wrapped,
    "lambda": lambda: ...,
    "class": EmptyClass,
    "method": EmptyMethod,
    "bound method": EmptyMethod().wait,
    "class value": DotsInside,
    "list": ["pay", ..., "wait"],
    "dict value": {"no_credit": ...},
    "dict key": {...: 1},
    "deep": {"a": [("b", [...])]},
    "record": Answered(...),
    "list of functions": [empty_body],
    "text": "...",
    "one character": "…",
    "text in a line": "OPENAI_API_KEY=...\nOTHER=1",
    "text in quotes": 'client.create(model="...")',
    "text between lines": "for each in range(3):\n    ...\n",
    "text of the object": f"https://{...}/ {...}",
}
FINISHED = {
    "number": 0,
    "empty text": "",
    "prose": "Once upon a time ... there was a key. And then...",
    "function": lambda: None,
    "builtin": len,
    "class": dict,
    "error class": InputError,
    "library class": OpenAI,
    "list": [],
    "record": Answered("x"),
    "module": json,
    "method": "x".upper,
}


@pytest.mark.parametrize("answer", UNFINISHED.values(), ids=UNFINISHED)
def test_a_placeholder_is_seen_wherever_it_sits(answer: object) -> None:
    """An untouched stub is “not started”, in every shape a stub can have."""
    assert unfinished(answer)
    assert lessons.check("00.1", answer).state == "not started"


@pytest.mark.parametrize("answer", FINISHED.values(), ids=FINISHED)
def test_an_answer_is_no_placeholder(answer: object) -> None:
    """What somebody wrote is judged."""
    assert not unfinished(answer)


def test_a_hostile_object_is_an_answer() -> None:
    """What cannot be looked into is judged, and the look raises nothing."""

    class Hostile(dict[str, int]):
        def values(self) -> Any:
            raise RuntimeError

        def __getattr__(self, name: str) -> Any:
            raise ZeroDivisionError

    endless: list[Any] = []
    endless.append(endless)
    assert not unfinished(Hostile(a=1))
    assert not unfinished(endless)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_untouched_stub_is_not_started(exercise: str) -> None:
    """Running everything raises nothing and blames nobody."""
    assert lessons.check(exercise, ...).state == "not started"
    assert lessons.check(exercise).state == "not started"


# ---------------------------------------------------------------------------- judging


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("answer", [object(), -1, "", [], {}, lambda: None], ids=type)
def test_no_answer_raises(exercise: str, answer: object) -> None:
    """Any nonsense gets a sentence that is not a fault of ours, and something to do."""
    feedback = lessons.check(exercise, answer)
    assert feedback.state == "not yet"
    assert feedback.seen
    assert feedback.do
    assert "gap in the guide" not in feedback.seen


def test_a_judge_that_fails_is_our_fault(judged_by: Callable[[Callable[[Any], str]], str]) -> None:
    """It says so in words, with the goal and the way to a hint, and no traceback."""

    def judge(answer: Any) -> str:
        raise KeyError(answer)

    feedback = lessons.check(judged_by(judge), 1)
    assert feedback.state == "not yet"
    assert "gap in the guide, not your fault" in feedback.seen
    assert "Reach the goal." in feedback.do
    assert "lessons.hint" in feedback.do


def written_in_a_notebook(source: str) -> Any:
    """Define a function as a cell of a notebook does, and return it."""
    names = {"__name__": "__main__", "time": time}
    exec(source, names)
    return names["answer"]


def test_code_that_raises_is_told_in_words(judged_by: Callable[[Callable[[Any], str]], str]) -> None:
    """Name, line and message of the error, in a sentence; a key in the message is masked."""
    key = "sk-" + "proj-" + "a1B2" * 20
    broken = written_in_a_notebook(f"def answer(n):\n    raise ValueError('bad {key}', n)")
    for judge in (lambda given: str(_attempt.attempt(given, 7)), lambda given: given(7)):
        feedback = lessons.check(judged_by(judge), broken)
        assert feedback.state == "not yet"
        assert "raised ValueError in line 2 of its cell" in feedback.seen
        assert key not in str(feedback)
        assert "Traceback" not in str(feedback)
    assert "answer(7)" in lessons.check(judged_by(lambda given: str(_attempt.attempt(given, 7))), broken).seen


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n        try: time.sleep(0.001)\n        except Exception: pass",
        "yes = iter(int, 1)\n    for _ in yes: pass",
    ],
    ids=["bare", "swallowing", "iterator"],
)
def test_an_endless_loop_is_ended(body: str, judged_by: Callable[[Callable[[Any], str]], str]) -> None:
    """The check comes back in time, says so, and leaves no thread at work behind it."""
    endless = written_in_a_notebook(f"def answer():\n    {body}")
    before = threading.active_count()
    start = time.perf_counter()
    feedback = lessons.check(judged_by(lambda given: str(_attempt.attempt(given, seconds=SOON))), endless)
    assert time.perf_counter() - start < 2
    assert f"answer() had not ended after {SOON:g} seconds" in feedback.seen
    assert threading.active_count() == before


def test_a_judge_has_an_end_too(
    judged_by: Callable[[Callable[[Any], str]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code that a judge calls directly cannot hang the notebook either."""
    monkeypatch.setattr(_check, "SECONDS", SOON)
    endless = written_in_a_notebook("def answer():\n    while True: pass")
    feedback = lessons.check(judged_by(lambda given: given()), endless)
    assert "had not ended" in feedback.seen
    assert feedback.do


def test_a_flood_of_print_is_stopped(
    judged_by: Callable[[Callable[[Any], str]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What a reader's function prints stays off the page; too much of it is an answer in words."""
    quiet = written_in_a_notebook("def answer():\n    print('hello')\n    return 3")
    loud = written_in_a_notebook("def answer():\n    while True: print('x' * 999)")
    assert lessons.check(judged_by(lambda given: str(_attempt.attempt(given))), quiet).state == "passed"
    for judge in (lambda given: str(_attempt.attempt(given)), lambda given: given()):
        assert "printed more than 20,000 characters" in lessons.check(judged_by(judge), loud).seen
    assert capsys.readouterr() == ("", "")


def test_other_threads_print_where_they_did(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the reader's function is silenced while it runs."""

    def answer() -> int:
        other = threading.Thread(target=print, args=("from elsewhere",))
        other.start()
        other.join()
        return 1

    assert _attempt.attempt(answer) == 1
    assert capsys.readouterr().out == "from elsewhere\n"


def test_an_attempt_needs_a_function() -> None:
    """Brackets too many are a known slip."""
    with pytest.raises(NotYet, match="42 is no function") as caught:
        _attempt.attempt(42)
    assert "without brackets" in caught.value.do


def test_a_check_works_inside_a_running_loop(judged_by: Callable[[Callable[[Any], str]], str]) -> None:
    """A notebook's own thread runs an event loop; a judge may still run a coroutine."""

    async def answer() -> str:
        await asyncio.sleep(0)
        return "done"

    name = judged_by(lambda given: asyncio.run(given()))

    async def cell() -> lessons.Feedback:
        return lessons.check(name, answer)

    assert asyncio.run(cell()).seen == "done"


def test_a_key_in_an_answer_is_not_repeated(judged_by: Callable[[Callable[[Any], str]], str]) -> None:
    """A judge may quote what it got; the page gets a masked copy, of an id too."""
    key = "sk-" + "proj-" + "a1B2" * 20

    def judge(answer: Any) -> str:
        raise NotYet(f"{answer!r} is not it.", f"Compare {answer}.")

    assert key not in str(lessons.check("00.2", key))
    assert key not in str(lessons.check(judged_by(judge), key))
    assert key not in str(lessons.check(judged_by(lambda answer: f"Right: {answer}"), key))
    assert key[:40] not in str(lessons.check(key, 1)) + str(lessons.answer(key, "a"))


def test_exit_in_an_answer_does_not_end_the_kernel(
    judged_by: Callable[[Callable[[Any], str]], str],
) -> None:
    """`sys.exit()` in a reader's function is an error like another."""
    leaving = written_in_a_notebook("def answer():\n    raise SystemExit(1)")
    name = judged_by(lambda given: str(_attempt.attempt(given)))
    assert "raised SystemExit" in lessons.check(name, leaving).seen


# ---------------------------------------------------------------------------- hints and solutions


@pytest.mark.parametrize("exercise", EXERCISES)
def test_hints_grow_and_a_solution_stands(exercise: str) -> None:
    """Three hints, each once, then the last again, which points to the solution."""
    _check._hints_given.clear()
    hints = [str(lessons.hint(exercise)) for _ in range(4)]
    assert len(set(hints)) == 3
    assert hints[2] == hints[3]
    assert [f'lessons.solution("{exercise}")' in each for each in hints] == [False, False, True, True]
    assert EXERCISES[exercise].solution in str(lessons.solution(exercise))


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [("0.1", "00.1"), ("00.11", "00.1"), ("00.77", "00.2"), ("zz", "00.1"), (7, "00.1")],
)
def test_an_unknown_exercise_names_near_ones(wanted: Any, offered: str) -> None:
    """A slip in the number is answered with what it may have meant, and never raises."""
    for said in (lessons.check(wanted, 1), lessons.hint(wanted), lessons.solution(wanted)):
        assert "There is no exercise" in str(said)
        assert offered in str(said)


# ---------------------------------------------------------------------------- notebook 00


def test_own_words_pass_and_the_example_does_not(client: OpenAI, model: str) -> None:
    """00.1 looks at what went over the wire."""
    own = client.responses.create(model=model, input="Name three uses of a rubber duck.")
    example = client.responses.create(model=model, input=EXAMPLE)
    assert lessons.check("00.1", own).state == "passed"
    assert "example's words" in lessons.check("00.1", example).seen
    assert "only text" in lessons.check("00.1", own.output_text).seen


def test_the_host_is_this_computer(client: OpenAI) -> None:
    """00.2 takes the host in any spelling, and explains the live one."""
    assert lessons.check("00.2", client.base_url.host).state == "passed"
    assert lessons.check("00.2", str(client.base_url)).state == "passed"
    assert "live client" in lessons.check("00.2", "api.openai.com").seen


def test_the_total_is_the_bill(client: OpenAI, model: str) -> None:
    """00.3 tells apart what a reader may have counted instead."""
    usage = client.responses.create(model=model, input=EXAMPLE).usage
    assert usage is not None
    assert lessons.check("00.3", usage.total_tokens).state == "passed"
    assert "only what you sent" in lessons.check("00.3", usage.input_tokens).seen
    assert "only the reply" in lessons.check("00.3", usage.output_tokens).seen
    assert "characters" in lessons.check("00.3", len(EXAMPLE)).seen
    assert "words" in lessons.check("00.3", len(EXAMPLE.split())).seen


# ---------------------------------------------------------------------------- questions

SPECIMENS = (
    Quiz(
        "00.q1",
        "Which header carries the key?",
        (
            Option("cookie", "Browsers use cookies; the client does not."),
            Option("authorization", "As Bearer and the key.", right=True),
            Option("none", "Without it the answer is 401."),
        ),
    ),
    Quiz("00.q2", "Who pays?", (Option("you", "Yes.", right=True), Option("nobody", "Only in practice."))),
)


@pytest.fixture
def sheet(monkeypatch: pytest.MonkeyPatch) -> lessons.Sheet:
    """Two questions of the test's own."""
    monkeypatch.setattr(_contents, "contents", lambda number: ((), SPECIMENS if number == "00" else ()))
    made = lessons.quiz("00")
    assert isinstance(made, lessons.Sheet)
    return made


def test_a_sheet_begins_without_a_choice(sheet: lessons.Sheet) -> None:
    """Nothing is preselected, nothing is right, and the twin shows every option."""
    assert sheet.answers == {"00.q1": None, "00.q2": None}
    assert [each.right for each in sheet.result.values()] == [None, None]
    assert "Question 1. Which header carries the key?\na) cookie\nb) authorization" in str(sheet)
    assert str(sheet.set()) == str(sheet)


def test_a_click_is_answered(sheet: lessons.Sheet) -> None:
    """Each option has its own reason, in the live panel, in the twin and in Python."""
    control = sheet.panels["00.q1"].controls["letter"]
    for number, option in enumerate(SPECIMENS[0].options):
        control.index = number
        assert option.feedback in sheet.panels["00.q1"]._view.value
        assert option.feedback in str(sheet)
        assert sheet.result["00.q1"].right is option.right
    assert sheet.answers == {"00.q1": "c", "00.q2": None}
    assert "c) none (your answer)\n! not quite\nWithout it" in str(sheet)


def test_a_sheet_is_set_like_a_panel(sheet: lessons.Sheet) -> None:
    """By the short name of the question; slips are named."""
    assert sheet.set(q1="b", q2="b").answers == {"00.q1": "b", "00.q2": "b"}
    assert [each.right for each in sheet.result.values()] == [True, False]
    assert sheet.set(q1=None).answers["00.q1"] is None
    with pytest.raises(InputError, match="There are q1, q2"):
        sheet.set(q9="a")
    with pytest.raises(InputError, match="Letters are a, b"):
        sheet.set(q2="c")


def test_a_sheet_has_its_twins(sheet: lessons.Sheet) -> None:
    """Live, and static for where no kernel runs; every control has a label."""
    bundle = sheet._repr_mimebundle_()
    assert bundle.keys() == {VIEW, "text/html", "text/plain"}
    assert bundle["text/plain"] == str(sheet)
    assert "Who pays?" in bundle["text/html"]
    assert all(panel.controls["letter"].description for panel in sheet.panels.values())


@pytest.mark.usefixtures("sheet")
@pytest.mark.parametrize("letter", ["b", " B ", "B"])
def test_the_plain_twin_answers(letter: str) -> None:
    """The letter may be written large."""
    said = lessons.answer("00.q1", letter)
    assert (said.right, said.letter) == (True, "b")
    assert "✓ right" in str(said)
    assert lessons.answer("00.q1", "a").right is False


@pytest.mark.usefixtures("sheet")
@pytest.mark.parametrize(
    ("question", "letter", "words"),
    [("00.q1", "z", "a: cookie; b: authorization"), ("00.q1", None, "cookie"), ("00.q9", "a", "00.q1")],
)
def test_a_wrong_letter_gets_the_options(question: str, letter: Any, words: str) -> None:
    """No slip raises; it is told what there is."""
    said = lessons.answer(question, letter)
    assert said.right is None
    assert words in str(said)


def test_a_notebook_without_questions_says_so() -> None:
    """An unknown number is answered in words."""
    assert "There is no quiz called '99'" in str(lessons.quiz("99"))


def test_dollars_in_a_question_are_no_formula() -> None:
    """The options reach a page escaped."""
    shown = _questions._still(Quiz("00.q1", "<b>?", (Option("<i>", "x"),)), lessons.answer("zz", "a"))
    assert isinstance(shown, html.Block)
    assert "<i>" not in shown.html


# ---------------------------------------------------------------------------- two builds


def cell(kind: str, source: Any, name: str = "x") -> dict[str, Any]:
    """Return a notebook's cell as the file holds it."""
    more = {"outputs": [{"output_type": "stream"}], "execution_count": 3} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source, **more}


def test_a_solution_takes_the_place_of_its_stub() -> None:
    """The stub goes, everything else stays; outputs go; the original is left alone."""
    cells = [
        cell("code", ["a = 1\n", "a"]),
        cell("code", ["host = ..."]),
        cell("markdown", "Then check."),
        cell("code", 'lessons.check("00.2", host)'),
    ]
    original = {"cells": cells, "nbformat": 4}
    made = _solved.solved(original)
    assert [_solved.source(each) for each in made["cells"]] == [
        "a = 1\na",
        "host = client.base_url.host",
        "Then check.",
        'lessons.check("00.2", host)',
    ]
    assert not any(each.get("outputs") for each in made["cells"])
    assert cells[1]["source"] == ["host = ..."]


def test_stub_and_check_may_share_a_cell() -> None:
    """The solution takes the lines above the check; the check stays."""
    both = cell("code", 'host = ...\n\nlessons.check("00.2", host)\nlast')
    made = _solved.solved({"cells": [both]})
    expected = 'host = client.base_url.host\nlessons.check("00.2", host)\nlast'
    assert _solved.source(made["cells"][0]) == expected


@pytest.mark.parametrize(
    "cells",
    [
        [cell("code", 'lessons.check("00.2", 1)')],
        [cell("code", "host = 1"), cell("code", 'lessons.check("00.2", host)')],
        [
            cell("code", "host = ..."),
            cell("code", 'lessons.check("00.2", host)'),
            cell("code", 'lessons.check("00.1", host)'),
        ],
    ],
    ids=["first", "no dots", "two checks"],
)
def test_a_check_needs_a_stub(cells: list[dict[str, Any]]) -> None:
    """A notebook out of form is named, instead of losing a cell."""
    with pytest.raises(InputError, match="has no stub above it"):
        _solved.solved({"cells": cells})


def test_solving_writes_over_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not over files, unless told to; never over the learner's own; all or nothing."""
    origin = tmp_path / "notebooks"
    origin.mkdir()
    for name in ("00_a", "01_b"):
        (origin / f"{name}.ipynb").write_text(json.dumps({"cells": [cell("code", "1")], "nbformat": 4}))
    monkeypatch.setattr(_solved, "folder", lambda: origin)
    out = tmp_path / "solved"
    assert [path.name for path in lessons.solve(out)] == ["00_a.ipynb", "01_b.ipynb"]
    (out / "00_a.ipynb").unlink()
    (out / "01_b.ipynb").write_text("mine")
    with pytest.raises(InputError, match=r"already 01_b.*--force"):
        lessons.solve(out)
    assert not (out / "00_a.ipynb").exists()
    lessons.solve(out, force=True)
    assert (out / "01_b.ipynb").read_text() != "mine"
    with pytest.raises(InputError, match="learner's notebooks"):
        lessons.solve(origin, force=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        lessons.solve(tmp_path / "file" / "deeper")


def signature(source: str) -> dict[str, str]:
    """Return the names a cell assigns or defines, with the parameters of functions."""
    names: dict[str, str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names[node.name] = f"{type(node).__name__}({ast.unparse(node.args)})"
        elif isinstance(node, ast.ClassDef):
            inside = "\n".join(ast.unparse(each) for each in node.body)
            names[node.name] = f"class {sorted(signature(inside).items())}"
        else:
            stored = (each for each in ast.walk(node) if isinstance(each, ast.Name))
            names |= {each.id: "value" for each in stored if isinstance(each.ctx, ast.Store)}
    return names


def disagreements(stub: str, solution: str, others: str) -> list[str]:
    """Return the names on which stub and solution differ.

    A solution may have names of its own, but none that another cell of the notebook (`others`) uses.
    """
    asked, given = signature(stub), signature(solution)
    used = set(re.findall(r"\w+", others))
    wrong = [name for name, form in asked.items() if given.get(name) != form]
    return wrong + [name for name in given if name not in asked and name in used]


@pytest.mark.parametrize(
    ("stub", "solution", "agree"),
    [
        ("x = ...", "x = 1", True),
        ("x = ...", "y = 1\nx = y", True),
        ("x = ...", "y = 1", False),
        ("x = ...", "x = client = 1", False),
        ("x = ...", "for client in (1, 2):\n    x = client", False),
        ("x = y = ...", "x = 1", False),
        ("def f(a, b=2):\n    ...", "def f(a, b=2):\n    return a", True),
        ("def f(a, b=2):\n    ...", "def f(a, b=3):\n    return a", False),
        ("def f(a):\n    ...", "def f(b):\n    return b", False),
        ("def f(a):\n    ...", "async def f(a):\n    return a", False),
        ("class C:\n    def f(self): ...", "class C:\n    def f(self): return 1", True),
        ("class C:\n    def f(self): ...", "class C:\n    def g(self): return 1", False),
    ],
)
def test_signatures_are_told_apart(stub: str, solution: str, agree: bool) -> None:  # noqa: FBT001
    """The comparison below sees what it is for."""
    assert (disagreements(stub, solution, "client = 1") == []) is agree


@pytest.mark.parametrize("path", PRACTISED, ids=lambda path: path.stem)
def test_stub_and_solution_agree(path: Path) -> None:
    """The solution assigns what the stub does and no name of another cell; both define the same functions."""
    notebook = json.loads(path.read_text("utf-8"))
    found = list(_solved.stubs(notebook))
    assert [stub.exercise for stub in found] == [each.id for each in _contents.contents(path.name[:2])[0]]
    for stub in found:
        solution = EXERCISES[stub.exercise].solution
        others = "\n".join(_solved.source(each) for each in notebook["cells"] if each is not stub.cell)
        assert disagreements(stub.code, solution, others) == [], stub.exercise


def states(notebook: Any) -> dict[str, str]:
    """Return what each check of an executed notebook says."""
    said = {}
    for each in notebook.cells:
        if each.cell_type == "code" and (found := _solved.CHECK.search(each.source)):
            text = "".join(out["data"]["text/plain"] for out in each.outputs if "data" in out)
            state = re.search(rf"{re.escape(found[1])} (not started|not yet|passed)", text)
            said[found[1]] = state[1] if state else text
    return said


def executed(notebook: Any, folder: Path) -> Any:
    """Run a notebook as a reader does, progress in a file of its own."""
    client = NotebookClient(
        nbformat.reads(json.dumps(notebook), as_version=4),
        timeout=60,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
    )
    return client.execute()


@pytest.mark.process
@pytest.mark.parametrize("path", PRACTISED, ids=lambda path: path.stem)
def test_the_learners_set_blames_nobody(path: Path, tmp_path: Path) -> None:
    """Run all: nothing raises, and every check says “not started”."""
    done = executed(json.loads(path.read_text("utf-8")), tmp_path)
    assert states(done) == {each.id: "not started" for each in _contents.contents(path.name[:2])[0]}


@pytest.mark.process
@pytest.mark.parametrize("path", PRACTISED, ids=lambda path: path.stem)
def test_the_solved_set_passes(path: Path, tmp_path: Path) -> None:
    """With the solutions in place, every check passes."""
    made = _solved.solved(json.loads(path.read_text("utf-8")))
    assert states(executed(made, tmp_path)) == {
        each.id: "passed" for each in _contents.contents(path.name[:2])[0]
    }


@pytest.mark.process
def test_a_wrong_solution_would_be_found(tmp_path: Path) -> None:
    """So that the green above means the solutions."""
    made = json.loads(PATHS[0].read_text("utf-8"))
    for stub in _solved.stubs(made):
        right = EXERCISES[stub.exercise].solution
        stub.fill(right if stub.exercise != "00.2" else "host = 'api.openai.com'")
    assert list(states(executed(made, tmp_path)).values()) == ["passed", "not yet", "passed"]
