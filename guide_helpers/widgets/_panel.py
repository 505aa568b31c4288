"""The one widget class of the guide: a function with knobs on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import ipywidgets

from guide_helpers import html, keys
from guide_helpers.errors import GuideError, InputError

_HELD_KEY = html.alert(
    "What you typed held a key",
    "The box now holds a masked copy. If the original was saved, sent or shown to anybody, revoke that key.",
    "warn",
)
_VIEW = "application/vnd.jupyter.widget-view+json"
_UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


class Panel:
    """Controls above, a result below; each change calls the function again.

    `Panel(function, name=control, ...)` passes the value of each control to the argument of the same
    name. The result is anything `html.words` can show. In a notebook the panel is live; where nothing
    runs (GitHub, a saved page) its static HTML and text stand in. A `GuideError` becomes an alert;
    any other exception is a bug and keeps its traceback.

    Every control needs a `description`: it is its label. A slider gets a box for the number beside
    it, because a slider alone is hard to set exactly, or without a mouse. A result is called out to a
    screen reader when it changes: one line, politely; an alert at once. Text counts when it is left
    or Enter is pressed, not at every key. The controls are never redrawn, so none loses the focus.

    A key typed or pasted into a text control does not stay: the control is refilled with a masked
    copy before anything else sees it, since a notebook can save what a widget holds.
    """

    def __init__(self, function: Callable[..., object], /, **controls: Any) -> None:
        """Draw the controls and the first result.

        Raises `InputError` when a control's name is no argument of the function, when it has no
        label, or when it is a slider that no typed number can stand beside.
        """
        _check_names(function, controls)
        _check_labels(controls)
        self._function = function
        self.controls = controls
        self._view = ipywidgets.HTML(layout=ipywidgets.Layout(width="100%"))
        self._masked: dict[Any, str] = {}
        for control in controls.values():
            if isinstance(control, ipywidgets.Text | ipywidgets.Textarea):
                control.observe(self._mask, names="value")
            control.observe(self._refresh, names="value")
        drawn = [each for control in controls.values() for each in _drawn(control)]
        for each in drawn:
            _fit(each)
        row = ipywidgets.Layout(display="flex", flex_flow="row wrap", width="100%")
        self.widget = ipywidgets.VBox([ipywidgets.HBox(drawn, layout=row), self._view])
        self._refresh(None)

    @property
    def result(self) -> object:
        """What the function returns for the controls as they stand."""
        return self._function(**{name: control.value for name, control in self.controls.items()})

    def set(self, **values: object) -> Panel:
        """Set controls by name, as a reader's hand would, and return the panel.

        Raises `InputError` for a control the panel does not have.
        """
        for name, value in values.items():
            if name not in self.controls:
                raise InputError(
                    f"This panel has no control called {name!r}.",
                    f"It has {', '.join(self.controls)}.",
                )
            self.controls[name].value = value
        return self

    def __str__(self) -> str:
        """Return the text twin of what the panel shows."""
        return self._shown.text

    def _mask(self, change: Any) -> None:
        copy = keys.redact(change["new"])
        if copy != change["new"]:
            self._masked[change["owner"]] = copy
            change["owner"].value = copy

    def _refresh(self, change: object) -> None:
        try:
            shown, urgent = html.words(self.result), False
        except GuideError as error:
            shown, urgent = html.alert(error.what, error.cure, "bad"), True
        live = _called_out(shown, urgent=urgent)
        if any(control.value == copy for control, copy in self._masked.items()):
            shown, live = html.stack(_HELD_KEY, shown), _called_out(_HELD_KEY, urgent=True) + live
        self._shown = shown
        self._view.value = live if change else shown.html

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Offer the live widget, and its static twins for where no kernel runs."""
        del include, exclude
        live = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return {_VIEW: live, "text/html": self._shown.html, "text/plain": self._shown.text}


def _check_names(function: Callable[..., object], controls: dict[str, Any]) -> None:
    known = inspect.signature(function).parameters
    if strangers := [name for name in controls if name not in known]:
        raise InputError(
            f"{', '.join(strangers)}: no such argument of {function.__name__}.",
            f"Its arguments are {', '.join(known)}.",
        )


def _check_labels(controls: dict[str, Any]) -> None:
    for name, control in controls.items():
        if not control.description.strip():
            raise InputError(
                f"The control {name!r} has no label.", "Give it a description: what it asks, in words."
            )


def _drawn(control: Any) -> list[Any]:
    """Return what is drawn for a control: a slider brings a box for the same number."""
    if not type(control).__name__.endswith("Slider"):
        return [control]
    boxes = {
        ipywidgets.IntSlider: ipywidgets.BoundedIntText,
        ipywidgets.FloatSlider: ipywidgets.BoundedFloatText,
    }
    if type(control) not in boxes:
        raise InputError(
            f"A {type(control).__name__} has no single number to type.",
            "Use an IntSlider, a FloatSlider or boxes for numbers.",
        )
    box = boxes[type(control)](
        value=control.value,
        min=control.min,
        max=control.max,
        step=control.step,
        description=f"{control.description}, typed",
    )
    control.readout = False
    ipywidgets.link((control, "value"), (box, "value"))
    return [control, box]


def _called_out(shown: html.Block, *, urgent: bool) -> str:
    """Return the HTML of a changed result, so that a screen reader hears of it.

    An alert interrupts and is read whole; anything else waits for a pause and is its first line.
    """
    if urgent:
        return f'<div role="alert">{shown.html}</div>'
    line = html.words(f"Result: {shown.text.partition(chr(10))[0]}").html
    return (
        f'<div style="position:relative"><div role="status" style="{_UNSEEN}">{line}</div></div>{shown.html}'
    )


def _fit(control: Any) -> None:
    """Let labels be read whole, controls shrink with the window, and text count once it is whole."""
    if control.has_trait("continuous_update"):
        control.continuous_update = False
    control.style.description_width = "initial"
    control.layout.width = control.layout.width or "auto"
    control.layout.max_width = "100%"
    control.layout.margin = "2px 16px 2px 0"
