"""The questions at the end of a notebook: each answer, right or wrong, says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guide_helpers import html
from guide_helpers.errors import InputError, UnknownNameError
from guide_helpers.lessons import _contents, _progress
from guide_helpers.lessons._exercise import Quiz

if TYPE_CHECKING:
    from guide_helpers.widgets import Panel

_UNANSWERED = "Choose an answer; a wrong one costs nothing."
_VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True, slots=True)
class Answer(html.Shown):
    """What is said to an answer: whether it is right (None: not answered), and why."""

    question: str
    letter: str | None
    right: bool | None
    feedback: str
    note: str = ""

    def view(self) -> html.Block:
        """Show the verdict in a word, if there is one, then the reason."""
        if self.right is None:
            return html.stack(self.feedback, self.note)
        verdict = html.badge("right", "good") if self.right else html.badge("not quite", "warn")
        return html.stack(verdict, self.feedback, self.note)


def answer(question: str, letter: str) -> Answer:
    """Answer a question by the letter of an option, and keep the progress; never raises."""
    try:
        found = _contents.quiz(question)
    except UnknownNameError as error:
        return Answer("", None, None, f"{error.what} {error.cure}")
    chosen = str(letter).strip().lower()
    if chosen not in found.letters:
        options = "; ".join(f"{each}: {found.option(each).words}" for each in found.letters)
        return Answer(found.id, None, None, f"{found.question} Answer with a letter: {options}.")
    option = found.option(chosen)
    note = _progress.record(found.id, "passed" if option.right else "started")
    return Answer(found.id, chosen, option.right, option.feedback, note)


class Sheet:
    """The questions of one notebook: a panel for each, with no choice made at first.

    `answers` holds the letter chosen for each question (None: not yet), `result` what was said to it.
    """

    def __init__(self, quizzes: tuple[Quiz, ...]) -> None:
        """Draw the questions."""
        self._quizzes = quizzes
        self._result: dict[str, Answer] = {}
        self.panels = {each.id: self._panel(each) for each in quizzes}

    @property
    def answers(self) -> dict[str, str | None]:
        """The letter chosen for each question, by its id."""
        return {name: self._control(name).value for name in self.panels}

    @property
    def result(self) -> dict[str, Answer]:
        """What was said to each answer, by the id of its question."""
        return dict(self._result)

    def set(self, **letters: str | None) -> Sheet:
        """Answer as a reader's hand would, `sheet.set(q1="b")`, and return the sheet.

        Raises `InputError` for a question or a letter that is not on the sheet.
        """
        known = {each.id.partition(".")[2]: each for each in self._quizzes}
        for name, letter in letters.items():
            if name not in known:
                raise InputError(f"There is no question {name!r} here.", f"There are {', '.join(known)}.")
            if letter is not None and letter not in known[name].letters:
                raise InputError(
                    f"{letter!r} is no answer to {name}.", f"Letters are {', '.join(known[name].letters)}."
                )
            self._control(known[name].id).value = letter
        return self

    def view(self) -> html.Block:
        """Show every question with its options, and what was said to an answer."""
        still = [_still(each, self.result[each.id]) for each in self._quizzes]
        return html.Block("".join(each.html for each in still), "\n\n".join(each.text for each in still))

    def __str__(self) -> str:
        """Return the text twin."""
        return self.view().text

    def _control(self, name: str) -> Any:
        return self.panels[name].controls["letter"]

    def _panel(self, asked: Quiz) -> Panel:
        """Return a panel that has no choice made yet, and answers a choice."""
        import ipywidgets

        from guide_helpers.widgets import Panel

        def feedback(letter: str | None) -> Answer:
            said = answer(asked.id, letter) if letter else Answer(asked.id, None, None, _UNANSWERED)
            self._result[asked.id] = said
            return said

        options = [(f"{each}) {asked.option(each).words}", each) for each in asked.letters]
        control = ipywidgets.RadioButtons(options=options, value=None, description="Your answer")
        return Panel(feedback, letter=control)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Offer the live questions, and their static twins for where no kernel runs."""
        del include, exclude
        import ipywidgets

        column = ipywidgets.VBox([self._live(each) for each in self._quizzes])
        live = {"version_major": 2, "version_minor": 0, "model_id": column.model_id}
        return {_VIEW: live, **self.view()._repr_mimebundle_()}

    def _live(self, asked: Quiz) -> Any:
        import ipywidgets

        return ipywidgets.VBox([ipywidgets.HTML(_head(asked).html), self.panels[asked.id].widget])


def quiz(notebook: str) -> Sheet | html.Block:
    """Return the questions of a notebook, named by its two digits; never raises."""
    _, quizzes = _contents.contents(str(notebook)[:2])
    if not quizzes:
        known = sorted({each.id[:2] for each in _contents.all_quizzes()})
        error = _contents.unknown("quiz", notebook, known)
        return html.alert(error.what, error.cure, "warn")
    return Sheet(quizzes)


def _head(asked: Quiz) -> html.Block:
    number = asked.id.partition(".q")[2]
    block = html.words(f"Question {number}. {asked.question}")
    return html.Block(f'<div style="margin-top:.8em"><b>{block.html}</b></div>', block.text)


def _still(asked: Quiz, said: Answer) -> html.Block:
    """Return a question as a page can show it: its options in a row, and what was said."""
    mark = dict.fromkeys(asked.letters, "") | {said.letter or "": " (your answer)"}
    options = [f"{each}) {asked.option(each).words}{mark[each]}" for each in asked.letters]
    return html.stack(_head(asked), *options, said.view())
