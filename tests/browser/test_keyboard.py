"""The panels of notebooks 00 and 01 with the keyboard alone: reach each control, change it, get on."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab

pytestmark = lab.MARKS
WALKED = pytest.mark.parametrize(
    "name", ["00_start_here", "01_account_setup"], indirect=True, scope="session"
)
MOST_STOPS = 150

# A reader has just opened the notebook: its first cell is chosen, and nothing of it is being edited.
_START = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = 0;
    notebook.mode = 'command';
    notebook.node.focus();
    window.look = element => {
        const style = getComputedStyle(element);
        return [style.outlineStyle, style.outlineWidth, style.borderColor, style.boxShadow].join();
    };
    window.panel = element => element.closest('.widget-vbox');
    window.said = element => {
        const copy = [...panel(element).querySelectorAll('.widget-html-content')].at(-1).cloneNode(true);
        copy.querySelectorAll('[role=status]').forEach(each => each.remove());
        return copy.innerText;
    };
    window.controls = [...notebook.node.querySelectorAll(
        '.jp-OutputArea-output .jupyter-widgets :is(input, select, textarea, button)'
    )].filter(each => !each.disabled && each.offsetParent);
    window.looks = controls.map(look);
    return controls.map(each => {
        const place = each.getBoundingClientRect();
        return {kind: each.type, panel: [...document.querySelectorAll('.widget-vbox')].indexOf(panel(each)),
                top: place.top, left: place.left, height: place.height};
    });
}"""
_STOP = """() => ({
    control: controls.indexOf(document.activeElement),
    inside: !!document.activeElement.closest('.jp-Notebook'),
    seen: look(document.activeElement) !== looks[controls.indexOf(document.activeElement)],
})"""
_FOCUS = "(control) => controls[control].focus()"
_SAID = "(control) => said(controls[control])"
_SAYS_MORE = "([control, before]) => said(controls[control]) !== before"
_STILL = "(control) => document.activeElement === controls[control]"

# What a hand on the keyboard does to each kind of control. A list has to be opened first, with Space:
# JupyterLab takes the arrows (and Enter) of a closed one for itself, and goes on to the next cell.
HANDS = {
    "select-one": ["Space", "ArrowDown", "Enter"],
    "checkbox": ["Space"],
    "radio": ["Space"],
    "number": ["Control+A", "2", "0", "Enter"],
    "text": ["Control+A", "k", "e", "n", "y", "a", "Enter"],
    "textarea": ["Control+A", "4", "2", "9", "Tab"],
    "submit": ["Enter"],
    "button": ["Enter"],
}


def walk(page: Any) -> list[dict[str, Any]]:
    """Press Tab until the notebook is left, and return each stop in it."""
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if not stop["inside"]:
            return stops
        stops.append(stop)
    raise AssertionError(f"{MOST_STOPS} presses of Tab do not lead out of the notebook.")


@WALKED
def test_tab_leads_through_every_control_and_out_again(desk: Any, name: str) -> None:
    """Each control once, in reading order; what has the focus shows it; there is no trap."""
    page = desk.show(name)
    controls = page.evaluate(_START)
    reached = [stop for stop in walk(page) if stop["control"] >= 0]
    assert controls
    assert [stop["control"] for stop in reached] == list(range(len(controls)))
    assert [controls[stop["control"]] for stop in reached if not stop["seen"]] == []
    for one, other in pairwise(controls):  # as they are drawn: in lines, from left to right
        same_line = other["top"] < one["top"] + one["height"]
        assert other["left"] > one["left"] if same_line else other["top"] > one["top"], (one, other)


@WALKED
def test_every_kind_of_control_is_changed_from_the_keyboard(desk: Any, name: str) -> None:
    """In each panel, a control of each kind changes the result; the focus stays where it is."""
    page = desk.touch(name)
    controls = page.evaluate(_START)
    unheard = {(each["panel"], each["kind"]) for each in controls}
    for control, each in enumerate(controls):
        if (each["panel"], each["kind"]) in unheard and _changes(page, control, each["kind"]):
            unheard.remove((each["panel"], each["kind"]))
    assert unheard == set()


def _changes(page: Any, control: int, kind: str) -> bool:
    """Change a control, and say whether the result took notice within a second."""
    from playwright.sync_api import TimeoutError as Late

    page.evaluate(_FOCUS, control)
    before = page.evaluate(_SAID, control)
    for key in HANDS[kind]:
        page.keyboard.press(key)
    try:
        page.wait_for_function(_SAYS_MORE, arg=[control, before], timeout=1_500)
    except Late:
        return False
    finally:
        assert kind == "textarea" or page.evaluate(_STILL, control), f"{kind} {control} lost the focus"
    return True


@pytest.mark.parametrize("name", ["00_start_here"], indirect=True, scope="session")
def test_letters_twice_as_large_lose_nothing(desk: Any, name: str) -> None:
    """At 200 % a page of 1280 pixels has 640: no text in a panel is cut off, no output is too wide."""
    page = desk.show(name)
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": 640, "height": 450})
    cut = page.evaluate("""() => [...document.querySelectorAll('.jp-OutputArea-output *')]
        .filter(each => !each.closest('[role=status], select') && each.scrollWidth > each.clientWidth + 1)
        .filter(each => getComputedStyle(each).overflowX === 'hidden' && each.innerText)
        .map(each => each.outerHTML.slice(0, 200))""")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert cut == []
