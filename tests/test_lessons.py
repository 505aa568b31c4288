"""Exercises that check themselves."""

from __future__ import annotations

import pytest
from openai import OpenAI

from guide_helpers import lessons, practice
from guide_helpers.lessons._exercise import _exercises
from guide_helpers.lessons.start_here import EXAMPLE

EXERCISES = _exercises()


@pytest.fixture(scope="module")
def client() -> OpenAI:
    """The client of notebook 00, on the server that its checks look at."""
    server = practice.serve()
    return OpenAI(base_url=server.base_url, api_key=server.api_key)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_untouched_stub_is_not_started(exercise: str) -> None:
    """Running everything raises nothing and blames nobody."""
    assert lessons.check(exercise, ...).state == "not started"


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("answer", [object(), -1, "", [], {}, lambda: None], ids=type)
def test_no_answer_raises(exercise: str, answer: object) -> None:
    """Any nonsense gets a sentence and something to do."""
    feedback = lessons.check(exercise, answer)
    assert feedback.state == "not yet"
    assert feedback.seen
    assert feedback.do


@pytest.mark.parametrize("exercise", EXERCISES)
def test_hints_grow_and_a_solution_stands(exercise: str) -> None:
    """Three hints, each once, then the last again; the solution is Python."""
    hints = [str(lessons.hint(exercise)) for _ in range(4)]
    assert len(set(hints)) == 3
    assert hints[2] == hints[3]
    compile(EXERCISES[exercise].solution, exercise, "exec")
    assert EXERCISES[exercise].solution in str(lessons.solution(exercise))


def test_an_unknown_exercise_names_the_known() -> None:
    """A slip in the number is answered with the list."""
    assert "00.1" in str(lessons.check("99.9", 1))
    assert "no exercise" in str(lessons.hint("99.9"))
    assert "no exercise" in str(lessons.solution("99.9"))


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
