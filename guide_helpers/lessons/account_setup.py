"""Exercises and questions of notebook 01."""

from __future__ import annotations

import json
from typing import Any

from guide_helpers import account, claims, diagnosis, practice
from guide_helpers.errors import InputError
from guide_helpers.lessons._exercise import Exercise, NotYet, Option, Quiz

JUDGED = (1, 15, 19, 31, 42)
_SAYS_NOTHING = {"test", "project", "my project", "new project", "untitled", "foo", "name", "app"}
_PROJECTS = "/v1/organization/projects"


def _table(answer: Any, names: list[Any], what: str) -> dict[Any, Any]:
    """Return the answer if it is a dict with every name; else say what is wrong with it."""
    if not isinstance(answer, dict):
        raise NotYet(f"That is no table of {what}.", "Keep the { } of the cell, and fill in each line.")
    if missing := [str(name) for name in names if name not in answer]:
        raise NotYet(f"A line is missing: {', '.join(missing)}.", "Put it back; the cell above had it.")
    return answer


def _sorted(answer: Any) -> str:
    said = _table(answer, [usage.name for usage in account.USAGES], "uses")
    try:
        sorting = account.who_pays(**{usage.name: str(said[usage.name]) for usage in account.USAGES})
    except InputError as error:
        raise NotYet(error.what, error.cure) from None
    if any(line.right is None for line in sorting.lines):
        raise NotYet("A line is still empty.", "Every use is paid by one of PAYERS, be it nobody.")
    if sorting.wrong:
        first, more = sorting.wrong[0], len(sorting.wrong) - 1
        others = f" {more} more {'line is' if more == 1 else 'lines are'} not right yet." if more else ""
        raise NotYet(
            f"{first.usage.what}: {first.answer}? {first.feedback}{others}",
            "Ask of each line: which product is it, and whose key is shown?",
        )
    return "All eight. The bill follows the product, and behind the API it follows the key."


def _project(answer: Any) -> str:
    if isinstance(answer, str):
        raise NotYet("That is only a text.", "Keep the whole object that create() returns.")
    made = _made(getattr(answer, "id", None))
    if made is None:
        raise NotYet(*_not_made(answer))
    name = str(made["name"]).strip()
    if name.lower() in _SAYS_NOTHING or not name.strip("0123456789 "):
        raise NotYet(
            f"In a year nobody will know what {name!r} was for, and nobody will dare to close it.",
            "Make another one, and name it after the program that will use it.",
        )
    return f"The practice organization now holds {name!r}. It has no key yet, so nothing can be spent in it."


def _made(wanted: Any) -> dict[str, Any] | None:
    """Return the project of this id as the practice API made it, unless it was put away since."""
    made = None
    for each in practice.serve().seen:
        if each.method != "POST" or each.status != 200:  # noqa: PLR2004 -- it went well
            continue
        if each.path == _PROJECTS and json.loads(each.response_body)["id"] == wanted:
            made = json.loads(each.response_body)
        elif each.path == f"{_PROJECTS}/{wanted}/archive":
            made = None
    return made


def _not_made(answer: Any) -> tuple[str, str]:
    if hasattr(answer, "data"):
        return "That is the list of projects.", "A list makes nothing: use projects.create(name=...)."
    if getattr(answer, "object", "") != "organization.project":
        return (
            "That is no project.",
            "console.admin.organization.projects.create(name=...) returns one; keep it in project.",
        )
    if getattr(answer, "name", "") == "Default project":
        return (
            "That is the project every organization starts with; it was there before you came.",
            "Make one of your own with projects.create(name=...).",
        )
    return (
        "The practice API holds no open project of this id: it was put away, or another server made it.",
        "Run the cell that makes console again, then create the project and check at once.",
    )


def _no_credit(answer: Any) -> str:
    said = _table(answer, ["error", "about", "again"], "findings")
    error, about, again = said["error"], str(said["about"]).strip().lower(), said["again"]
    _money_error(error)
    if about == "speed":
        raise NotYet(
            "The class and the status speak of speed, and both mislead here.",
            "Read error.type: what does insufficient_quota say is missing?",
        )
    if about == "key":
        raise NotYet(
            "A key that is not accepted answers 401, and another class.",
            "Read error.status_code and error.type.",
        )
    if about != "money":
        raise NotYet(f"{about[:30]!r} is none of the three.", 'Choose "money", "speed" or "key".')
    if again is not False:
        raise NotYet(
            "Trying again asks the same empty till: waiting brings no money.",
            'Put False after "again"; then say to yourself who has to act.',
        )
    return f"{diagnosis.explain(error).cause.title}. Next move: the account owner, who adds credit."


def _money_error(error: Any) -> None:
    """Refuse everything that is not a 429 about money."""
    if isinstance(error, str):
        raise NotYet(
            "That is a text about the error.", "Hand over the exception itself: it carries type and code."
        )
    if hasattr(error, "output_text"):
        raise NotYet(
            "That is a good reply: the scenario was not played, or the client tried again by itself.",
            'Run server.play("no_credit"), and call with max_retries=0.',
        )
    if not isinstance(error, Exception):
        raise NotYet("That is no exception.", "Catch it: except RateLimitError as error, then keep it.")
    if getattr(error, "type", "") != "insufficient_quota":
        raise NotYet(
            f"{type(error).__name__} is another error than the one of an empty account.",
            'Run server.play("no_credit") right before the call.',
        )


_NUDGES = {
    1: "Look at the first table of this notebook: how many products, how many bills?",
    15: 'Look all five countries up: account.region("Afghanistan").',
    19: "The table under “Put in the first money” holds the smallest amount.",
    31: "The first table says what is promised today. A promise that held once has a verdict of its own.",
    42: "Which source could show that a stranger's story happened, or that it did not?",
}


def _judged(answer: Any) -> str:
    said = _table(answer, list(JUDGED), "verdicts")
    for number in JUDGED:
        word = str(said[number]).strip().lower()
        if word not in claims.VERDICTS:
            raise NotYet(
                f"Claim {number}: {word[:30]!r} is no verdict.",
                f"Choose one of {', '.join(claims.VERDICTS)}.",
            )
        if word != claims.get(number).verdict:
            right = sum(str(said[each]).strip().lower() == claims.get(each).verdict for each in JUDGED)
            raise NotYet(
                f"Claim {number} is not {word}. {right} of {len(JUDGED)} are right.", _NUDGES[number]
            )
    return "All five, and for each you know where to look. The other 37 are below."


EXERCISES = (
    Exercise(
        "01.1",
        "Sort eight uses by who pays for them.",
        (
            "Two questions decide: which product is it, and whose key is shown?",
            "No key is shown in a browser; a shop shows its own; Azure sells by itself.",
            "Two are paid by a plan, three by API credit, and each other payer has one.",
        ),
        "answers = {\n"
        '    "chat_web": "a ChatGPT plan",\n'
        '    "own_program": "API credit",\n'
        '    "editor_plugin": "API credit",\n'
        '    "codex_plan": "a ChatGPT plan",\n'
        '    "codex_key": "API credit",\n'
        '    "shop_chat": "somebody else",\n'
        '    "azure": "an Azure bill",\n'
        '    "practice": "nobody",\n'
        "}",
        3,
        _sorted,
    ),
    Exercise(
        "01.2",
        "Create a project of your own in the practice organization.",
        (
            "The client called console can do it: look under console.admin.organization.",
            "projects.list() showed what is there; projects.create(name=...) adds to it.",
            'project = console.admin.organization.projects.create(name="...what it is for...")',
        ),
        'project = console.admin.organization.projects.create(name="reading-app")',
        3,
        _project,
    ),
    Exercise(
        "01.3",
        "Call with an empty account, catch the error, and classify it.",
        (
            'First server.play("no_credit"), then a call inside try, then except RateLimitError as error.',
            "Keep the exception: caught = error. Read caught.type before you decide.",
            'answer = {"error": caught, "about": "...", "again": ...}: is it money, speed or the key?',
        ),
        'server.play("no_credit")\n'
        "try:\n"
        '    client.responses.create(model=MODEL, input="Am I rich?")\n'
        "except RateLimitError as error:\n"
        "    caught = error\n"
        'answer = {"error": caught, "about": "money", "again": False}',
        3,
        _no_credit,
    ),
    Exercise(
        "01.4",
        "Judge five claims of the article.",
        (
            "All five were met in this notebook: scroll up before you guess.",
            "Ask twice: did it hold in its time, and does it hold today?",
            "Two are true, and each other verdict is needed once.",
        ),
        'verdicts = {1: "true", 15: "wrong", 19: "true", 31: "dated", 42: "unverifiable"}',
        3,
        _judged,
    ),
)

QUIZZES = (
    Quiz(
        "01.q1",
        "A friend pays for a ChatGPT plan. Their first API call answers 429, insufficient_quota. Why?",
        (
            Option(
                "They called too fast", "It was their first call, and the type speaks of quota, not of speed."
            ),
            Option(
                "The plan brings no API credit",
                "Two products, two bills. They need to buy credit, or stay in practice mode.",
                right=True,
            ),
            Option("Their key is wrong", "A wrong key answers 401, and never gets as far as the money."),
        ),
    ),
    Quiz(
        "01.q2",
        "You bought the smallest credit and left auto-reload on. What can a runaway loop cost?",
        (
            Option("What you put in, at most", "Only with auto-reload off. It is on when the form opens."),
            Option(
                "Nothing: the spend limit stops it",
                "Only if you set one and switched on its enforcement. Before that it only writes to you.",
            ),
            Option(
                "More than you put in: it buys credit by itself",
                "That is what auto-reload is for. Switch it off, or set an enforced limit.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "01.q3",
        "Each of your programs has a project and a key of its own. One key leaks. What do you do?",
        (
            Option(
                "Revoke that one key and make a new one",
                "The other programs never notice. That is what the small boxes at the bottom are for.",
                right=True,
            ),
            Option(
                "Revoke every key of the organization",
                "The others did not leak: that stops work for nothing.",
            ),
            Option(
                "Wait until it expires", "A key without an expiry never does, and the bill starts in minutes."
            ),
        ),
    ),
)
