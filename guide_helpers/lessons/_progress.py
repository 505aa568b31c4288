"""How far you are: a table with a row for each notebook."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from guide_helpers import html, routes
from guide_helpers.lessons._contents import contents
from guide_helpers.lessons._store import Entries, Entry, Store

_NONE = "\u2013"
_stores: dict[Path | None, Store] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One notebook: exercises passed and started, of how many; questions right, of how many.

    `hints` are hints seen, and `when` is the last day of work (UTC); a code that was read out holds
    neither (None and "").
    """

    notebook: str
    title: str
    passed: int
    started: int
    exercises: int
    right: int
    questions: int
    hints: int | None = None
    when: str = ""

    @property
    def open(self) -> int:
        """Exercises not begun."""
        return max(0, self.exercises - self.passed - self.started)


@dataclass(frozen=True, slots=True)
class Progress(html.Shown):
    """A row for each notebook, where it is kept ("" for nowhere), and what is to say about that."""

    rows: tuple[Row, ...]
    kept: str = ""
    note: str = ""

    @property
    def code(self) -> str:
        """The same as a short code to read out; it holds counts and nothing about you."""
        from guide_helpers.lessons._code import written

        return written([(row.passed, row.started, row.right) for row in self.rows])

    def view(self) -> html.Block:
        """Show the table under its sum."""
        cells = [
            [
                row.notebook,
                row.title,
                row.passed,
                row.started,
                row.open,
                f"{row.right} of {row.questions}" if row.questions else _NONE,
                _NONE if row.hints is None else row.hints,
                row.when or _NONE,
            ]
            for row in self.rows
        ]
        headers = ["Notebook", "Title", "Passed", "Started", "Open", "Quiz right", "Hints", "Last"]
        passed, known = sum(row.passed for row in self.rows), sum(row.exercises for row in self.rows)
        return html.stack(
            html.table(
                f"Progress: {passed} of {known} exercises passed",
                headers,
                cells,
                numbers=["Passed", "Started", "Open", "Quiz right", "Hints"],
            ),
            self.note,
        )


def progress() -> Progress:
    """Return what you have done so far, in every session on this computer."""
    store = _store()
    entries, note = store.entries()
    kept = str(store.path or "")
    return Progress(tuple(_row(notebook, entries) for notebook in routes.NOTEBOOKS), kept, note)


def record(name: str, state: str, hints: int = 0) -> str:
    """Keep what was done; return a sentence if the file of progress needs one."""
    return _store().record(name, Entry(state, hints))


def _store() -> Store:
    from guide_helpers.lessons._store import place

    path = place(os.environ)
    if path not in _stores:
        _stores[path] = Store(path)
    return _stores[path]


def _row(notebook: routes.Notebook, entries: Entries) -> Row:
    exercises, quizzes = contents(notebook.number)
    done = [entries.get(each.id, Entry()) for each in exercises]
    answered = [entries.get(each.id, Entry()) for each in quizzes]
    return Row(
        notebook.number,
        notebook.title,
        passed=sum(each.state == "passed" for each in done),
        started=sum(each.state == "started" for each in done),
        exercises=len(exercises),
        right=sum(each.state == "passed" for each in answered),
        questions=len(quizzes),
        hints=sum(each.hints for each in done),
        when=max((each.when for each in [*done, *answered]), default="")[:10],
    )
