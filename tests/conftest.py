"""What every test stands on: a frozen date, no network, no keys of whoever runs them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from guide_helpers import facts, practice

TESTS = Path(__file__).parent
ROOT = TESTS.parent
GUARD = TESTS / "guard"

# Notebooks run in kernels of their own, which inherit this environment.
os.environ["GUIDE_TODAY"] = facts.get("guide.written", today=None).value.isoformat()
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(GUARD), os.environ.get("PYTHONPATH", "")]))
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
progress = tempfile.TemporaryDirectory(prefix="guide-")  # nothing is kept where a reader's progress is
os.environ["GUIDE_PROGRESS"] = str(Path(progress.name) / "progress.json")
for name in [name for name in os.environ if name.startswith("OPENAI_") or name == "GUIDE_PRACTICE_URL"]:
    del os.environ[name]

sys.path.insert(0, str(GUARD))
import sitecustomize  # noqa: E402, F401 -- guards this process as it guards the kernels

collect_ignore = ["guard"]

# The same examples in every run; GUIDE_FUZZ=1 looks for new ones, ten times as long.
hypothesis.settings.register_profile("fixed", derandomize=True, max_examples=30, deadline=None)
hypothesis.settings.register_profile("fuzz", max_examples=300, deadline=None)
hypothesis.settings.load_profile("fuzz" if os.environ.get("GUIDE_FUZZ") else "fixed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what needs a browser last: while one is open, its event loop runs in this thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture
def model() -> str:
    """The model the lessons use."""
    return str(facts.get("model.everyday").value)


@pytest.fixture
def api() -> practice.InProcess:
    """A fresh practice API whose clock stands still."""
    return practice.in_process(clock=practice.Clock(speed=0))


@pytest.fixture(scope="session")
def server() -> Iterator[practice.Server]:
    """One practice API over HTTP, for tests that only read."""
    with practice.serve(seed=7) as running:
        yield running
