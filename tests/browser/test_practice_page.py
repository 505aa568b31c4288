"""The live page in a real browser, while a client runs."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from guide_helpers import practice

sys.path.insert(0, str(Path(__file__).parent))
import lab

MISSING = [
    name
    for name, there in {
        "Chromium": lab.chromium() is not None,
        "playwright": importlib.util.find_spec("playwright") is not None,
    }.items()
    if not there
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        bool(MISSING) and not os.environ.get("GUIDE_REQUIRE_BROWSER"),
        reason=f"no {' and no '.join(MISSING)} here",
    ),
]
SOON = 10_000


@pytest.fixture
def server() -> Iterator[practice.Server]:
    """A practice API whose clock stands still, so that a drained bucket stays drained."""
    with practice.serve(limits=practice.Limits(3, 40_000), clock=practice.Clock(speed=0)) as running:
        yield running


def use(server: practice.Server, model: str) -> None:
    """Make two good calls and a refused one."""
    client = OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0)
    for _ in range(2):
        client.responses.create(model=model, input="x")
    server.play("overloaded", 2)
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model=model, input="x")


@pytest.mark.parametrize("width", [1280, 480])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_what_happens(
    browser: Any, server: practice.Server, model: str, width: int, scheme: str
) -> None:
    """Requests, buckets, money, plays and keys appear by themselves, no key does, and nothing complains."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(server.page)
    page.wait_for_selector("text=None yet", timeout=SOON)
    use(server, model)
    page.wait_for_selector("#requests tbody tr:nth-child(3)", timeout=SOON)
    text = page.inner_text("body")
    for words in (
        "503 server_is_overloaded",
        "0 of 3 requests per minute",
        "Credit left",
        "first key",
        "once more",
    ):
        assert words in text
    assert server.api_key not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_attribute("[role=meter]", "aria-valuetext") == "0 of 3 left"
    assert problems == []
    page.close()


def test_the_page_works_behind_a_prefix(browser: Any, server: practice.Server) -> None:
    """All its addresses are relative, so a proxy may serve it below any path."""
    asked: list[str] = []
    root = server.page.partition("/?")[0]
    page = browser.new_page()

    def forward(route: Any) -> None:
        asked.append(route.request.url)
        route.continue_(url=route.request.url.replace("/user/ada/proxy/8765", ""))

    page.route("**/*", forward)
    page.goto(f"{root}/user/ada/proxy/8765/")
    page.wait_for_selector("text=Running", timeout=SOON)
    assert all("/user/ada/proxy/8765/" in each for each in asked)
    page.close()


def test_the_page_says_when_the_server_is_gone(browser: Any, server: practice.Server) -> None:
    """It keeps what it showed last, and says so in words."""
    page = browser.new_page()
    page.goto(server.page)
    page.wait_for_selector("text=Running", timeout=SOON)
    server.close()
    page.wait_for_selector("text=does not answer", timeout=SOON)
    assert "first key" in page.inner_text("#keys")
    page.close()
