"""Run what a reader wrote, with an end to it.

The code runs in a thread of its own, since a notebook's own thread has no clock to stop it with.
When its time is up, Python is asked to raise an exception inside that thread: this ends any loop of
Python code. A call that waits outside Python (a long `sleep`, a download) goes on behind the scenes
until it comes back, and then ends. What it prints goes to a bounded buffer.
"""

from __future__ import annotations

import contextlib
import contextvars
import ctypes
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from guide_helpers import keys
from guide_helpers.lessons._exercise import NotYet

SECONDS = 5.0
PRINTED = 20_000
_SHOWN = 160
_KNOCKS = 50


class Stopped(SystemExit):
    """Raised inside code that ran too long; no `except Exception` swallows it, and a thread ends quietly."""


class Flooded(BaseException):
    """Raised inside code that printed too much."""


@dataclass(slots=True)
class Outcome:
    """How it went: the value or the error, whether time ran out, and what was printed."""

    value: Any = None
    error: BaseException | None = None
    late: bool = False
    printed: str = ""


class _Sink:
    """Takes what one thread prints, up to a bound; other threads print where they did."""

    def __init__(self, elsewhere: Any) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.thread: int | None = None
        self.elsewhere = elsewhere

    def write(self, text: str) -> int:
        if threading.get_ident() != self.thread:
            return int(self.elsewhere.write(text) or 0)
        self.size += len(text)
        if self.size > PRINTED:
            raise Flooded
        self.parts.append(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.elsewhere, name)

    def flush(self) -> None:
        if threading.get_ident() != self.thread:
            self.elsewhere.flush()


@dataclass(slots=True)
class _Worker:
    call: Callable[[], Any]
    sink: _Sink
    outcome: Outcome = field(default_factory=Outcome)

    def run(self) -> None:
        self.sink.thread = threading.get_ident()
        try:
            self.outcome.value = self.call()
        except BaseException as error:  # noqa: BLE001 -- it is told to the reader in words
            self.outcome.error = error


def bounded(call: Callable[[], Any], seconds: float) -> Outcome:
    """Call in a worker thread, wait at most `seconds`, and tell how it went; raises nothing of its own."""
    sink = _Sink(sys.stdout)
    worker = _Worker(call, sink)
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(worker.run,), daemon=True)
    with contextlib.redirect_stdout(sink):
        thread.start()
        try:
            thread.join(seconds)
        finally:
            late = thread.is_alive()
            if late:
                _stop(thread)
    outcome = Outcome(late=True) if late else worker.outcome
    outcome.printed = "".join(sink.parts)
    return outcome


def _stop(thread: threading.Thread) -> None:
    """Raise `Stopped` inside the thread; knock again while something in there swallows it."""
    for _ in range(_KNOCKS):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped)
        )
        thread.join(0.002)
        if not thread.is_alive():
            return


def attempt(function: Callable[..., Any], /, *arguments: Any, seconds: float = SECONDS, **named: Any) -> Any:
    """Call a reader's function and return what it returns.

    Raises `NotYet`, in words, when it is no function, raises, needs more than `seconds`, or prints more
    than a page can hold.
    """
    name = getattr(function, "__name__", "your function")
    if not callable(function):
        raise NotYet(f"{_brief(function)} is no function.", "Hand over its name, without brackets after it.")
    call = f"{name}({_arguments(arguments, named)})"
    outcome = bounded(lambda: function(*arguments, **named), seconds)
    if outcome.late:
        raise NotYet(
            f"{call} had not ended after {seconds:g} seconds and was stopped.",
            "Look for a loop that never reaches its end, or a wait that is too long.",
        )
    if outcome.error is not None:
        raise NotYet(*failure(call, outcome.error))
    return outcome.value


def failure(call: str, error: BaseException) -> tuple[str, str]:
    """Return two sentences about an error in a reader's code: what was seen, what to do."""
    if isinstance(error, NotYet):
        return error.seen, error.do
    if isinstance(error, Flooded):
        return (
            f"{call} printed more than {PRINTED:,} characters and was stopped.",
            "Let it return its result, and print nothing inside a loop.",
        )
    said = keys.redact(str(error)).strip().splitlines()
    words = f": {said[0][:_SHOWN]}" if said and said[0] else ""
    where = line_of(error.__traceback__)
    place = f" in line {where} of its cell" if where else ""
    seen = f"{call} raised {type(error).__name__}{place}{words}."
    return seen, "Run it by itself in a cell, and mend that first."


def line_of(trace: TracebackType | None) -> int | None:
    """Return the last line of the reader's own code in a traceback, or None if there is none."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _arguments(arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    return ", ".join([*map(_brief, arguments), *(f"{name}={_brief(each)}" for name, each in named.items())])


def _brief(thing: object) -> str:
    try:
        text = keys.redact(repr(thing))
    except Exception:  # noqa: BLE001 -- an object of the reader's may not know how to show itself
        text = type(thing).__name__
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004 -- one short word per argument
