"""The practice API as a program of its own, in a terminal."""

from __future__ import annotations

import contextlib

from guide_helpers.practice import over_http
from guide_helpers.practice.world import World


class Terminal:
    """A practice API that answers until it is stopped."""

    def __init__(self, port: int, seed: int) -> None:
        """Bind the port. Raises `PracticeError` when it is taken."""
        world = World(seed=seed)
        self._listener = over_http.listen(port)
        self._server = over_http.server(world)
        self.variables = {
            "OPENAI_BASE_URL": f"http://{over_http.HOST}:{self._listener.getsockname()[1]}/v1",
            "OPENAI_API_KEY": world.issue_key("terminal key"),
        }

    def run(self) -> None:
        """Answer until Ctrl+C."""
        with contextlib.suppress(KeyboardInterrupt):
            self._server.run(sockets=[self._listener])
