"""The exception tree."""

import builtins
import inspect

import pytest

from guide_helpers import errors

CLASSES = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_the_drawing_is_the_tree(kind: type) -> None:
    """Every class stands in the drawing at the top of the module, with its builtin."""
    drawing = inspect.getdoc(errors) or ""
    line = next(line for line in drawing.splitlines() if kind.__name__ in line)
    extra = [base.__name__ for base in kind.__bases__ if hasattr(builtins, base.__name__)]
    assert kind is errors.GuideError or all(f"({name})" in line for name in extra)


def test_a_message_says_what_and_what_to_do() -> None:
    """Both halves are kept apart and joined in the message."""
    error = errors.InputError("It rained.", "Take an umbrella.")
    assert (error.what, error.cure, str(error)) == (
        "It rained.",
        "Take an umbrella.",
        "It rained. Take an umbrella.",
    )
