"""Say how each step of a client went: one line each, and exit code 1 when one failed."""

from __future__ import annotations

import os
from collections.abc import Callable

MODEL = os.environ.get("PRACTICE_MODEL", "")
EMBEDDING_MODEL = os.environ.get("PRACTICE_EMBEDDING_MODEL", "")
BASE_URL = os.environ.get("OPENAI_BASE_URL", "")
WRONG_KEY = "sk-practice-wrong"
NO_MODEL = "no-such-model"


def run(steps: dict[str, Callable[[], object]]) -> None:
    """Take the steps in their order. A step says something short about what it saw, or raises."""
    failed = False
    for name, step in steps.items():
        try:
            said = step()
            print(f"{name}\tok\t{said}", flush=True)
        except BaseException as error:  # noqa: BLE001 -- whatever goes wrong in someone else's program is the news
            failed = True
            words = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"{name}\tFAILED\t{words[:300]}", flush=True)
    raise SystemExit(failed)


def refused(call: Callable[[], object], error: type[BaseException], status: int) -> str:
    """Make a call that must be refused; return the class and the status of the refusal."""
    caught = _raised(call, error)
    seen = getattr(caught, "status_code", status)
    assert seen == status, f"{type(caught).__name__} with {seen}"
    return f"{type(caught).__name__} {seen}"


def _raised(call: Callable[[], object], error: type[BaseException]) -> BaseException:
    try:
        call()
    except error as caught:
        return caught
    raise AssertionError(f"nobody raised {error.__name__}")
