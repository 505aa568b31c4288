"""What there is to do: found by name, so that a notebook's exercises are one file and no list.

`lessons/<part>.py` belongs to the notebook `<two digits>_<part>.ipynb`; it holds `EXERCISES` and
`QUIZZES`, two tuples. A file that is not there is a notebook without exercises.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from guide_helpers import keys, routes
from guide_helpers.errors import UnknownNameError
from guide_helpers.lessons._exercise import Exercise, Quiz


@cache
def contents(number: str) -> tuple[tuple[Exercise, ...], tuple[Quiz, ...]]:
    """Return the exercises and the questions of the notebook with this number."""
    part = next((each.file[3:] for each in routes.NOTEBOOKS if each.number == number), "")
    name = f"guide_helpers.lessons.{part}"
    if not part or find_spec(name) is None:
        return (), ()
    module = import_module(name)
    return tuple(getattr(module, "EXERCISES", ())), tuple(getattr(module, "QUIZZES", ()))


def exercise(wanted: str) -> Exercise:
    """Return an exercise by its id; raises `UnknownNameError` that names near ones."""
    known = {each.id: each for each in contents(_number(wanted))[0]}
    if wanted in known:
        return known[wanted]
    raise unknown("exercise", wanted, [each.id for each in all_exercises()])


def quiz(wanted: str) -> Quiz:
    """Return a question by its id; raises `UnknownNameError` that names near ones."""
    known = {each.id: each for each in contents(_number(wanted))[1]}
    if wanted in known:
        return known[wanted]
    raise unknown("question", wanted, [each.id for each in all_quizzes()])


def all_exercises() -> list[Exercise]:
    """Return every exercise, in the order of the notebooks."""
    return [each for notebook in routes.NOTEBOOKS for each in contents(notebook.number)[0]]


def all_quizzes() -> list[Quiz]:
    """Return every question, in the order of the notebooks."""
    return [each for notebook in routes.NOTEBOOKS for each in contents(notebook.number)[1]]


def unknown(kind: str, wanted: object, known: list[str]) -> UnknownNameError:
    """Return the error for an id nobody has heard of; it names the ones that look like it."""
    said = keys.redact(str(wanted))[:40]
    near = difflib.get_close_matches(said, known, n=3, cutoff=0.6)
    same = [name for name in known if name[:2] == said[:2]]
    cure = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(same or known)}."
    return UnknownNameError(f"There is no {kind} called {said!r}.", cure)


def _number(wanted: object) -> str:
    return str(wanted)[:2]
