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


class Panel:
    """Controls above, a result below; each change calls the function again.

    `Panel(function, name=control, ...)` passes the value of each control to the argument of the same
    name. The result is anything `html.words` can show. In a notebook the panel is live; where nothing
    runs (GitHub, a saved page) its static HTML and text stand in. A `GuideError` becomes an alert;
    any other exception is a bug and keeps its traceback.

    A key typed or pasted into a text control does not stay: the control is refilled with a masked
    copy before anything else sees it, since a notebook can save what a widget holds.
    """

    def __init__(self, function: Callable[..., object], /, **controls: Any) -> None:
        """Draw the controls and the first result.

        Raises `InputError` when a control's name is no argument of the function.
        """
        _check_names(function, controls)
        self._function = function
        self.controls = controls
        self._view = ipywidgets.HTML(layout=ipywidgets.Layout(width="100%"))
        self._masked: dict[Any, str] = {}
        for control in controls.values():
            _fit(control)
            if isinstance(control, ipywidgets.Text | ipywidgets.Textarea):
                control.observe(self._mask, names="value")
            control.observe(self._refresh, names="value")
        row = ipywidgets.Layout(display="flex", flex_flow="row wrap", width="100%")
        self.widget = ipywidgets.VBox([ipywidgets.HBox([*controls.values()], layout=row), self._view])
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

    def _refresh(self, _: object) -> None:
        try:
            shown = html.words(self.result)
        except GuideError as error:
            shown = html.alert(error.what, error.cure, "bad")
        held_key = any(control.value == copy for control, copy in self._masked.items())
        self._shown = html.stack(_HELD_KEY, shown) if held_key else shown
        self._view.value = self._shown.html

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


def _fit(control: Any) -> None:
    """Let labels be read whole and controls shrink with the window."""
    control.style.description_width = "initial"
    control.layout.width = control.layout.width or "auto"
    control.layout.max_width = "100%"
    control.layout.margin = "2px 16px 2px 0"
