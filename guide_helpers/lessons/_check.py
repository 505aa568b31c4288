"""Judge an answer, give hints, show a solution; none of them ever raises at a reader."""

from __future__ import annotations

from collections import Counter
from functools import partial

from guide_helpers import html, keys
from guide_helpers.errors import UnknownNameError
from guide_helpers.lessons import _attempt, _contents, _progress
from guide_helpers.lessons._exercise import Exercise, Feedback, NotYet
from guide_helpers.lessons._unfinished import unfinished

SECONDS = 30.0
_hints_given: Counter[str] = Counter()


def check(exercise: str, answer: object = ...) -> Feedback:
    """Judge an answer and keep the progress. Never raises, prints nothing, and ends.

    An untouched `...` is "not started", wherever it sits in the answer. Code of yours that raises, runs
    too long or prints too much is told in words; so is a fault of the check itself.
    """
    try:
        found = _contents.exercise(exercise)
    except UnknownNameError as error:
        return Feedback("", "not yet", error.what, error.cure)
    if unfinished(answer):
        return Feedback(found.id, "not started", found.goal, "Replace the ... and run the cell again.")
    feedback = _judged(found, answer)
    state = "passed" if feedback.state == "passed" else "started"
    note = _progress.record(found.id, state)
    seen, do = keys.redact(feedback.seen), keys.redact(feedback.do)  # a judge may quote the answer
    return Feedback(feedback.exercise, feedback.state, seen, do, note)


def _judged(exercise: Exercise, answer: object) -> Feedback:
    outcome = _attempt.bounded(partial(exercise.judge, answer), SECONDS)
    if outcome.late:
        return Feedback(
            exercise.id,
            "not yet",
            f"The check had not ended after {SECONDS:g} seconds and was stopped.",
            "Look for a loop in your code that never reaches its end.",
        )
    error = outcome.error
    if error is None:
        return Feedback(exercise.id, "passed", str(outcome.value), "")
    ours = not isinstance(error, NotYet | _attempt.Flooded) and not _attempt.line_of(error.__traceback__)
    seen, do = _fault(exercise, error) if ours else _attempt.failure("Your code", error)
    return Feedback(exercise.id, "not yet", seen, do)


def _fault(exercise: Exercise, error: BaseException) -> tuple[str, str]:
    """Return two sentences about a judge that failed: the fault is the guide's, and says so."""
    return (
        f"The check could not read this answer ({type(error).__name__}): a gap in the guide, not your fault.",
        f'Compare it with the goal: {exercise.goal} lessons.hint("{exercise.id}") shows what is expected.',
    )


def hint(exercise: str) -> html.Block:
    """Return the next of three hints, each more telling; the third stays and points to the solution."""
    try:
        found = _contents.exercise(exercise)
    except UnknownNameError as error:
        return html.alert(error.what, error.cure, "warn")
    last = len(found.hints)
    step = min(_hints_given[found.id] + 1, last)
    _hints_given[found.id] = step
    note = _progress.record(found.id, "open", hints=step)
    after = f'There is no further hint; lessons.solution("{found.id}") shows one way.' if step == last else ""
    body = html.stack(found.hints[step - 1], after, note)
    return html.alert(f"Hint {step} of {last} for {found.id}", body, "info")


def solution(exercise: str) -> html.Block:
    """Return one way to solve the exercise, as code."""
    try:
        found = _contents.exercise(exercise)
    except UnknownNameError as error:
        return html.alert(error.what, error.cure, "warn")
    return html.stack(f"One way to do {found.id}:", html.code(found.solution))
