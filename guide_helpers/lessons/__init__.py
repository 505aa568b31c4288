"""Exercises that check themselves.

    lessons.check("00.1", reply)   looks at what you made, and says what to try next
    lessons.hint("00.1")           a nudge; ask again for a stronger one
    lessons.solution("00.1")       one way to do it

A check looks at values and at the requests that reached the practice API, never at a model's prose.
It is safe on an untouched `...` and never raises.
"""

from guide_helpers.lessons._exercise import Feedback, check, hint, solution

__all__ = ["Feedback", "check", "hint", "solution"]
