"""One Chromium for all browser tests, and one JupyterLab: each takes seconds to start."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    missing = [each for each in lab.MISSING if each != "jupyterlab"]
    assert not missing, f"GUIDE_REQUIRE_BROWSER is set, but {', '.join(missing)} is missing."
    with lab.headless() as opened:
        yield opened


@pytest.fixture(scope="session")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Desk]:
    """JupyterLab, in a page of its own."""
    assert not lab.MISSING, f"GUIDE_REQUIRE_BROWSER is set, but {', '.join(lab.MISSING)} is missing."
    with lab.jupyterlab(lab.NOTEBOOKS, tmp_path_factory.mktemp("lab")) as ready:
        yield lab.Desk(lab.new_page(browser), ready)


@pytest.fixture(scope="session", params=sorted(path.stem for path in lab.NOTEBOOKS.glob("*.ipynb")))
def name(request: pytest.FixtureRequest) -> str:
    """Every notebook; tests of one notebook run after each other, so that it is opened once."""
    return str(request.param)
