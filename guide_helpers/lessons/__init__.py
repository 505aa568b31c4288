"""Exercises that check themselves, questions that explain themselves, and how far you are.

    lessons.check("00.1", reply)     looks at what you made, and says what to try next
    lessons.hint("00.1")             a nudge; ask again for a stronger one, three in all
    lessons.solution("00.1")         one way to do it
    lessons.quiz("00")               the questions at the end of a notebook
    lessons.answer("00.q1", "b")     the same in plain code
    lessons.progress()               a table of what you have done, in every session

A check looks at values, at files and at the requests that reached the practice API, never at a model's
prose. It is safe on an untouched `...`, never raises, and ends.
"""

from guide_helpers.lessons._check import check, hint, solution
from guide_helpers.lessons._code import read as from_code
from guide_helpers.lessons._exercise import Feedback
from guide_helpers.lessons._progress import Progress, progress
from guide_helpers.lessons._questions import Answer, Sheet, answer, quiz
from guide_helpers.lessons._solved import write as solve

__all__ = [
    "Answer",
    "Feedback",
    "Progress",
    "Sheet",
    "answer",
    "check",
    "from_code",
    "hint",
    "progress",
    "quiz",
    "solution",
    "solve",
]
