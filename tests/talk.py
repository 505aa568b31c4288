"""How the tests talk to the practice API: the real client, and raw requests to a fresh world."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from openai import OpenAI

from guide_helpers import practice
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World

ERROR_FIELDS = {"message", "type", "param", "code"}


def connect(api: practice.Server | practice.InProcess, **options: Any) -> OpenAI:
    """Return the real client for either way in; it tries once."""
    http = {"http_client": api.http_client} if isinstance(api, practice.InProcess) else {}
    return OpenAI(base_url=api.base_url, **{"api_key": api.api_key, "max_retries": 0, **http, **options})


def post(
    headers: dict[str, str], body: bytes, path: str = "/v1/files", method: str = "POST"
) -> tuple[int, Any]:
    """Send raw bytes to a fresh world."""
    world = World(limits=practice.Limits(10**6, 10**9))
    head = {"authorization": f"Bearer {world.issue_key('test')}", **headers}
    answer = handle(world, Request(method, path, head, body))
    return answer.status, json.loads(answer.body)


# whatever JSON can hold
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None)),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["type", "text", "url", "image_url", "seconds"]), inner)
    ),
    max_leaves=8,
)
