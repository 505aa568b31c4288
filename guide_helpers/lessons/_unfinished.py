"""Is this answer still the stub? The placeholder `...` may sit deep inside what a reader hands over."""

from __future__ import annotations

import dataclasses
import dis
import inspect
import re
from collections.abc import Mapping
from types import CodeType, EllipsisType
from typing import Any

_DEPTH = 4
_ITEMS = 200
_BUILT_IN = 1 << 8  # CPython's mark of a class that nobody can change
_EMPTY = {
    "RESUME", "NOP", "COPY_FREE_VARS", "MAKE_CELL", "RETURN_GENERATOR", "POP_TOP",
    "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "CALL_INTRINSIC_1", "RERAISE", "CACHE",
}  # fmt: skip
# three dots that stand alone, as a value would: a line of their own, or after = ( [ { : , or a quote
_DOTS = re.compile(r"""(?m)(?:^|[=(\[{:,"'])[ \t]*(?:\.\.\.|…)[ \t]*(?:$|[)\]},"'])""")


def unfinished(answer: object) -> bool:
    """Say whether an answer is nothing yet, or still holds a placeholder.

    Looks into functions whose only statement is `...`, classes, lists, dicts, dataclasses and text;
    never runs what it looks at, and takes what it cannot look into as an answer.
    """
    try:
        return answer is None or _holds(answer, _DEPTH)
    except Exception:  # noqa: BLE001 -- whatever cannot be looked into is an answer, to be judged
        return False


def _holds(thing: Any, depth: int) -> bool:
    if isinstance(thing, EllipsisType):
        return True
    if isinstance(thing, str):
        return bool(_DOTS.search(thing)) or str(Ellipsis) in thing.split()
    if inspect.isclass(thing):
        return depth > 0 and _stub_class(thing, depth)
    return (depth > 0 and _any(_members(thing), depth)) or _stub_function(thing)


def _members(thing: Any) -> list[Any]:
    """Return what a collection or a dataclass holds, as far as it is looked at."""
    if isinstance(thing, Mapping):
        return [*list(thing)[:_ITEMS], *list(thing.values())[:_ITEMS]]
    if isinstance(thing, list | tuple | set | frozenset):
        return list(thing)[:_ITEMS]
    if dataclasses.is_dataclass(thing):
        return [getattr(thing, field.name, None) for field in dataclasses.fields(thing)]
    return []


def _any(things: list[Any], depth: int) -> bool:
    return any(_holds(each, depth - 1) for each in things)


def _stub_class(kind: type, depth: int) -> bool:
    """Say whether a class of the reader's own has a placeholder among its members, or no members."""
    if kind.__flags__ & _BUILT_IN:
        return False
    own = [each for name, each in vars(kind).items() if not name.startswith("__") or inspect.isfunction(each)]
    return (not own and kind.__bases__ == (object,)) or _any(own, depth)


def _stub_function(thing: Any) -> bool:
    """Say whether a function does nothing, or uses `...` as a value; its decorators are looked through."""
    plain = inspect.unwrap(getattr(thing, "__func__", thing)) if callable(thing) else thing
    body = getattr(plain, "__code__", None)
    return isinstance(body, CodeType) and (_empty(body) or _dots_inside(body))


def _empty(body: CodeType) -> bool:
    """Say whether nothing but a docstring, `pass`, `...` or a bare `return` stands in the body."""
    if body.co_name == "<lambda>":
        return False  # `lambda: None` was written on purpose
    for step in dis.get_instructions(body):
        if step.opname not in _EMPTY:
            return False
        if step.opname in {"LOAD_CONST", "RETURN_CONST"} and step.argval is not None:
            return False
    return True


def _dots_inside(body: CodeType) -> bool:
    return any(
        isinstance(each, EllipsisType) or (isinstance(each, CodeType) and _dots_inside(each))
        for each in body.co_consts
    )
