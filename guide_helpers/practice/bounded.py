"""A server that nobody can hold up: bounds on connections, on the size of a head, and on patience.

A client that sends half a request and waits is dropped. Nothing here runs per request; a look around
once a second is enough.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

import uvicorn

MOST_CONNECTIONS = 500
_ROOM_FOR_REFUSALS = 300  # connections beyond the most that still get an answer saying so
_LONGEST_HEAD = 65_536  # bytes; h11 has a bound of its own, httptools would take any number
_HEAD_SECONDS, _BODY_SECONDS = 10.0, 60.0
_TICKS = 10  # uvicorn ticks ten times a second


class Bounded(uvicorn.Server):
    """uvicorn with patience that ends."""

    def __init__(self, config: uvicorn.Config, crowd: set[Any]) -> None:
        """Keep the open connections in `crowd`, where the application can count them."""
        super().__init__(config)
        self.server_state.connections = crowd
        self._waiting: dict[Any, tuple[object, str, float]] = {}
        config.load()
        config.http_protocol_class = _bounded(config.http_protocol_class)

    async def on_tick(self, counter: int) -> bool:
        """Look around once a second."""
        if counter % _TICKS == 0:
            self.look_around(monotonic())
        return await super().on_tick(counter)

    def look_around(self, now: float) -> None:
        """Drop every connection that has been waiting too long for the rest of a request."""
        waiting = {}
        connections: list[Any] = list(self.server_state.connections)
        for each in connections:
            part, patience = _awaited(each)
            if not part:
                continue
            cycle, was, since = self._waiting.get(each, (None, "", now))
            if (cycle, was) != (each.cycle, part):
                since = now
            if now - since > patience:
                each.transport.abort()
            else:
                waiting[each] = each.cycle, part, since
        self._waiting = waiting


def _awaited(connection: Any) -> tuple[str, float]:
    """Return what a connection waits for, and how many seconds it may."""
    cycle = connection.cycle
    if cycle is None or cycle.response_complete:
        return "head", _HEAD_SECONDS
    return ("body", _BODY_SECONDS) if cycle.more_body else ("", 0.0)


def _bounded(protocol: Any) -> Any:
    """Return uvicorn's class of a connection with bounds on how many there are and how long a head is."""

    class Connection(protocol):  # type: ignore[misc]
        head, unwanted = 0, False

        def connection_made(self, transport: Any) -> None:
            if len(self.server_state.connections) >= MOST_CONNECTIONS + _ROOM_FOR_REFUSALS:
                self.unwanted = True
                transport.abort()
            else:
                super().connection_made(transport)

        def connection_lost(self, reason: Exception | None) -> None:
            if not self.unwanted:
                super().connection_lost(reason)

        def data_received(self, data: bytes) -> None:
            before = self.cycle
            super().data_received(data)
            if self.cycle is not before:
                self.head = 0
            elif before is None or before.response_complete:
                self.head += len(data)
                if self.head > _LONGEST_HEAD:
                    self.transport.abort()

    return Connection
