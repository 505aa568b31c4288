"""axe-core on every notebook in a real JupyterLab: outputs, widgets and text cells, light and dark."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import axe
import lab

pytestmark = lab.MARKS


@pytest.fixture(scope="session")
def program() -> str:
    """axe-core itself."""
    try:
        return axe.source()
    except axe.NoAxeError as error:
        if os.environ.get("GUIDE_REQUIRE_BROWSER"):
            raise
        pytest.skip(str(error))


def test_axe_finds_nothing_new(desk: Any, name: str, program: str) -> None:
    """No finding in either theme but the known ones; and these are still there."""
    page = desk.show(name)
    axe.load(page, program)
    known = [each for each in axe.KNOWN if name in each.notebooks]
    found = []
    for theme in ("Dark", "Light"):
        desk.dress(theme)
        found += [(theme, *each) for each in axe.findings(page)]
    assert [each for each in found if not any(axe.explained(each[1:], one) for one in known)] == []
    expected = [one for one in known if one.always]
    gone = [one for one in expected if not any(axe.explained(each[1:], one) for each in found)]
    assert gone == [], "These do not occur any more: delete them from axe.KNOWN."


@pytest.mark.parametrize("name", ["00_start_here"], indirect=True, scope="session")
def test_axe_sees_what_is_wrong(desk: Any, name: str, program: str) -> None:
    """A picture without words and a box without a label, put into an output, are found."""
    page = desk.show(name)
    axe.load(page, program)
    spoilt = '<div id="spoilt"><img src="data:,"><input></div>'
    add = "(html) => document.querySelector('.jp-OutputArea-output').insertAdjacentHTML('beforeend', html)"
    page.evaluate(add, spoilt)
    found = {rule for rule, element, _ in axe.findings(page)}
    page.evaluate("() => document.getElementById('spoilt').remove()")
    assert {"image-alt", "label"} <= found
