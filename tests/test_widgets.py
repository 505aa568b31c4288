"""The one widget class, and every panel made of it."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets
import pytest

from guide_helpers import html, widgets
from guide_helpers.errors import InputError
from guide_helpers.widgets import Panel

PANELS = {name: getattr(widgets, name) for name in widgets.__all__ if name != "Panel"}
VIEW = "application/vnd.jupyter.widget-view+json"


def double(number: int, word: str = "is") -> html.Block:
    """Stand in for a function of the guide."""
    if number < 0:
        raise InputError("Below zero.", "Go up.")
    return html.words(f"twice {number} {word} {2 * number}")


def panel() -> Panel:
    """Return a panel with one knob."""
    return Panel(double, number=ipywidgets.IntText(value=2, description="Number"))


def test_a_knob_changes_the_result() -> None:
    """Live HTML, text twin and result follow the control."""
    shown = panel()
    shown.controls["number"].value = 21
    assert str(shown) == "twice 21 is 42"
    assert shown._view.value.endswith("twice 21 is 42")
    assert str(shown.set(number=4)) == "twice 4 is 8"


def test_a_guide_error_becomes_an_alert() -> None:
    """The panel stays alive and says what to do; the next value works again."""
    shown = panel().set(number=-1)
    assert str(shown) == "✗ Below zero.\nGo up."
    assert 'role="alert"' in shown._view.value
    assert str(shown.set(number=1)) == "twice 1 is 2"


def test_a_bug_keeps_its_traceback() -> None:
    """Only the guide's own errors are caught."""
    with pytest.raises(ZeroDivisionError):
        Panel(lambda number: 1 // number, number=ipywidgets.IntText(value=0, description="Number"))


def test_a_control_must_be_an_argument() -> None:
    """A slip in a control's name is an error at once, naming the arguments."""
    with pytest.raises(InputError, match="number, word"):
        Panel(double, nubmer=ipywidgets.IntText())
    with pytest.raises(InputError, match="It has number"):
        panel().set(colour="red")


@pytest.mark.parametrize("make", PANELS.values(), ids=PANELS)
def test_every_panel_has_its_twins(make: Callable[[], Panel]) -> None:
    """Each is live, and has a static table and a text for where nothing runs."""
    shown = make()
    bundle = shown._repr_mimebundle_()
    assert bundle.keys() == {VIEW, "text/html", "text/plain"}
    assert bundle["text/plain"] == str(shown) != ""
    assert bundle["text/html"] == shown._view.value


@pytest.mark.parametrize("make", PANELS.values(), ids=PANELS)
def test_only_controls_of_both_ipywidgets(make: Callable[[], Panel]) -> None:
    """No control that Colab's ipywidgets 7.7.1 lacks."""
    missing_in_7 = {
        "TagsInput",
        "ColorsInput",
        "FloatsInput",
        "IntsInput",
        "Stack",
        "DatetimePicker",
        "TimePicker",
    }
    used = {type(control).__name__ for control in make().controls.values()}
    assert not used & missing_in_7
