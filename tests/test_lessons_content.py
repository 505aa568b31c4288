"""The exercises and questions of the notebooks: what passes, what does not, and what is said to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import openai
import pytest
from openai import OpenAI

from guide_helpers import account, claims, lessons, practice
from guide_helpers.lessons import _contents, account_setup
from guide_helpers.lessons._exercise import Quiz
from guide_helpers.lessons.start_here import EXAMPLE

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
MINE = ("00", "01")
EXERCISES = [each.id for number in MINE for each in _contents.contents(number)[0]]
QUIZZES = [each for number in MINE for each in _contents.contents(number)[1]]


def said(exercise: str, answer: object) -> str:
    """Check an answer that is not right, and return what was said; it always names a next step."""
    feedback = lessons.check(exercise, answer)
    assert feedback.state == "not yet", feedback
    assert feedback.seen
    assert feedback.do
    assert "a gap in the guide" not in feedback.seen
    return f"{feedback.seen} {feedback.do}"


def passes(exercise: str, answer: object) -> None:
    """Check an answer that is right."""
    feedback = lessons.check(exercise, answer)
    assert feedback.state == "passed", feedback


@pytest.fixture(scope="module")
def client() -> OpenAI:
    """The client of the notebooks, on the server that the checks look at."""
    server = practice.serve()
    return OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0)


@pytest.fixture(scope="module")
def projects() -> Any:
    """The practice console of notebook 01."""
    server = practice.serve()
    console = OpenAI(base_url=server.base_url, admin_api_key=server.issue_admin_key("tests"))
    return console.admin.organization.projects


# ---------------------------------------------------------------------------- notebook 00


def test_own_words_pass_and_the_example_does_not(client: OpenAI, model: str) -> None:
    """00.1 looks at what went over the wire."""
    example = client.responses.create(model=model, input=EXAMPLE)
    passes("00.1", client.responses.create(model=model, input="Name three uses of a rubber duck."))
    assert "example's words" in said("00.1", example)
    assert "only text" in said("00.1", example.output_text)
    assert "No such reply" in said("00.1", SimpleNamespace(id="resp_of_another_world"))
    assert "no words" in said("00.1", client.responses.create(model=model, input=" "))


def test_the_host_is_this_computer(client: OpenAI) -> None:
    """00.2 takes the host in any spelling, and explains the live one, a port, and a guess."""
    passes("00.2", client.base_url.host)
    passes("00.2", str(client.base_url))
    passes("00.2", "localhost")
    assert "live client" in said("00.2", "api.openai.com")
    assert "a port" in said("00.2", client.base_url.port)
    assert "not where" in said("00.2", "the cloud")


def test_the_total_is_the_bill(client: OpenAI, model: str) -> None:
    """00.3 tells apart what a reader may have counted instead."""
    usage = client.responses.create(model=model, input=EXAMPLE).usage
    assert usage is not None
    passes("00.3", usage.total_tokens)
    assert "only what you sent" in said("00.3", usage.input_tokens)
    assert "only the reply" in said("00.3", usage.output_tokens)
    assert "characters" in said("00.3", len(EXAMPLE))
    assert "words" in said("00.3", len(EXAMPLE.split()))
    assert "one number" in said("00.3", usage)
    assert "not the total" in said("00.3", 7)


# ---------------------------------------------------------------------------- notebook 01

RIGHT = {usage.name: usage.payer for usage in account.USAGES}


def test_eight_uses_are_sorted() -> None:
    """01.1 names the first line that is not right, why, and how many more there are."""
    passes("01.1", RIGHT)
    plan = said("01.1", {**RIGHT, "own_program": "a ChatGPT plan"})
    assert "brings no API credit" in plan
    assert "more" not in plan.split("?")[0]
    assert "1 more line is" in said("01.1", {**RIGHT, "own_program": "nobody", "azure": "API credit"})
    assert "Choose one of" in said("01.1", {**RIGHT, "azure": "Microsoft"})
    assert "missing: azure" in said("01.1", {name: RIGHT[name] for name in RIGHT if name != "azure"})
    assert "still empty" in said("01.1", {**RIGHT, "azure": ""})
    assert "no table" in said("01.1", "API credit")


@pytest.mark.parametrize("usage", account.USAGES, ids=lambda usage: usage.name)
def test_each_line_alone_can_be_wrong(usage: account.Usage) -> None:
    """01.1 says the sorter's own words to each of the four wrong payers."""
    for payer in set(account.PAYERS) - {usage.payer}:
        assert usage.what in said("01.1", {**RIGHT, usage.name: payer})


def test_a_project_is_made_on_the_server(projects: Any) -> None:
    """01.2 believes what the practice API did, not what was typed."""
    made = projects.create(name="reading-app")
    passes("01.2", made)
    passes("01.2", projects.retrieve(made.id))
    assert "only a text" in said("01.2", made.id)
    assert "list of projects" in said("01.2", projects.list())
    assert "before you came" in said("01.2", next(iter(projects.list())))
    assert "no project" in said("01.2", SimpleNamespace(id="key_1", object="organization.admin_api_key"))
    assert "what 'test' was for" in said("01.2", projects.create(name="test"))
    assert "what '1' was for" in said("01.2", projects.create(name="1"))
    projects.archive(made.id)
    assert "put away" in said("01.2", made)


def test_a_project_made_elsewhere_does_not_count() -> None:
    """01.2 looks at this notebook's practice API only."""
    with practice.serve(seed=99) as other:
        console = OpenAI(base_url=other.base_url, admin_api_key=other.issue_admin_key("tests"))
        assert "another server" in said("01.2", console.admin.organization.projects.create(name="far-away"))


def caught(client: OpenAI, model: str, scenario: str) -> openai.APIStatusError:
    """Return the error of a scenario."""
    practice.serve().play(scenario)
    with pytest.raises(openai.APIStatusError) as raised:
        client.responses.create(model=model, input="Am I rich?")
    return raised.value


def test_an_empty_account_is_classified(client: OpenAI, model: str) -> None:
    """01.3 wants the exception itself, what it is about, and whether to try again."""
    error = caught(client, model, "no_credit")
    right = {"error": error, "about": "money", "again": False}
    passes("01.3", right)
    assert "both mislead" in said("01.3", {**right, "about": "speed"})
    assert "answers 401" in said("01.3", {**right, "about": "key"})
    assert "none of the three" in said("01.3", {**right, "about": "the weather"})
    assert "empty till" in said("01.3", {**right, "again": True})
    assert "text about the error" in said("01.3", {**right, "error": "insufficient_quota"})
    assert "no exception" in said("01.3", {**right, "error": 429})
    assert "missing: again" in said("01.3", {"error": error, "about": "money"})


@pytest.mark.parametrize("scenario", ["rate_limited", "revoked"])
def test_another_error_is_not_the_empty_account(client: OpenAI, model: str, scenario: str) -> None:
    """01.3 is not passed with a 429 about speed, nor with a 401."""
    error = caught(client, model, scenario)
    assert "another error" in said("01.3", {"error": error, "about": "money", "again": False})


def test_a_reply_means_that_the_client_tried_again(client: OpenAI, model: str) -> None:
    """01.3 explains why no error was seen."""
    reply = client.responses.create(model=model, input="Am I rich?")
    assert "tried again by itself" in said("01.3", {"error": reply, "about": "money", "again": False})


def test_five_claims_are_judged() -> None:
    """01.4 names the first wrong verdict without giving it away, and counts the right ones."""
    right = {number: claims.get(number).verdict for number in account_setup.JUDGED}
    passes("01.4", right)
    for number, verdict in right.items():
        for other in set(claims.VERDICTS) - {verdict}:
            words = said("01.4", {**right, number: other})
            assert f"Claim {number} is not {other}" in words
            assert "4 of 5" in words
            assert verdict not in words.split("are right.")[1]
    assert "no verdict" in said("01.4", {**right, 1: "perhaps"})
    assert "missing: 42" in said("01.4", {number: right[number] for number in right if number != 42})
    assert "no table" in said("01.4", ["true"] * 5)


def test_an_attached_notebook_can_do_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """01.2 works on a practice API in another program."""
    with practice.serve(seed=98) as running:
        monkeypatch.setenv("GUIDE_PRACTICE_URL", running.page)
        server = practice.serve()
        console = OpenAI(base_url=server.base_url, admin_api_key=server.issue_admin_key("from afar"))
        passes("01.2", console.admin.organization.projects.create(name="from-afar"))


# ---------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("answer", [object(), -1, "", [], {}, print], ids=type)
def test_nonsense_gets_a_sentence_of_its_own(exercise: str, answer: object) -> None:
    """No answer is a gap in the guide."""
    said(exercise, answer)


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)
def test_a_question_has_one_right_answer_and_a_reason_for_each(quiz: Quiz) -> None:
    """Three options, one right, every one with a reason of its own."""
    assert sum(option.right for option in quiz.options) == 1
    assert len(quiz.options) == 3
    assert len({option.feedback for option in quiz.options}) == 3
    assert all(option.feedback.endswith(".") for option in quiz.options)


@pytest.mark.parametrize("number", MINE)
def test_the_right_answer_is_not_always_at_the_same_place(number: str) -> None:
    """Who always takes the first one is not right always."""
    places = [[o.right for o in quiz.options].index(True) for quiz in _contents.contents(number)[1]]
    assert len(set(places)) > 1


@pytest.mark.process
@pytest.mark.parametrize("number", MINE)
def test_every_solution_solves_its_own_notebook(number: str, solved: Callable[[str], list[str]]) -> None:
    """Put in place of the stubs, the solutions pass every check, in a run from top to bottom."""
    exercises, _ = _contents.contents(number)
    assert solved(number) == [f"✓ {each.id} passed" for each in exercises]


@pytest.fixture
def solved() -> Callable[[str], list[str]]:
    """Run a notebook with the solutions in place of the stubs; return the first line of each check."""
    from nbclient import NotebookClient

    def run(number: str) -> list[str]:
        path = next(NOTEBOOKS.glob(f"{number}_*.ipynb"))
        notebook = nbformat.read(path, as_version=4)
        solutions = {each.id: each.solution for each in _contents.contents(number)[0]}
        checks = [cell for cell in notebook.cells if "lessons.check(" in cell.source]
        for cell in checks:
            line = next(each for each in cell.source.splitlines() if "lessons.check(" in each)
            cell.source = f"{solutions[line.split(chr(34))[1]]}\n{line}"
        NotebookClient(
            notebook,
            timeout=60,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            store_widget_state=False,
        ).execute()
        return [cell.outputs[-1]["data"]["text/plain"].splitlines()[0] for cell in checks]

    return run
