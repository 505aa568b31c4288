"""Counts, inside a notebook's kernel, what its card must say: calls in live cells, and the network.

`measure_cards.py` puts calls of these functions between the cells of a copy; nothing here is part of a
lesson. Outside live cells no connection may leave the computer, and none of the reader's keys is there.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from typing import Any

from guide_helpers.practice import handles

MARK = "card-meter: "

_reached: set[str] = set()
_before: dict[int, tuple[int, int]] = {}
_live: list[tuple[str, int, int, int]] = []
_calls = [0]


def start() -> None:
    """Forget every key of the environment, and refuse connections to other computers, noting them."""
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        del os.environ[name]
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def only_here(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _note(str(address[0]))
        connect(self, address)

    def look_up_here(host: Any, *rest: Any, **named: Any) -> Any:
        _note(host.decode() if isinstance(host, bytes) else host or "")
        return look_up(host, *rest, **named)

    socket.socket.connect = only_here  # type: ignore[assignment, method-assign]
    socket.getaddrinfo = look_up_here


def _note(host: str) -> None:
    if host in {"", "localhost"}:
        return
    try:
        local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        _reached.add(host)
        raise OSError(f"The card is measured without a network: {host} is not this computer.")


def live_begins() -> None:
    """Remember where every practice API stands before a live cell."""
    _before.clear()
    for server in _servers():
        seen = server.seen
        _before[id(server)] = (seen[-1].number if seen else 0, server.world.ledger.requests)


def live_ends() -> None:
    """Count what reached the practice APIs since: every call, and the tokens of those that were answered."""
    for server in _servers():
        calls, charged = _before.get(id(server), (0, 0))
        _calls[0] += sum(each.number > calls for each in server.seen)
        for entry in server.world.ledger.last(server.world.ledger.requests - charged):
            use = entry.use
            _live.append((use.model, use.input_tokens, use.output_tokens, use.cached_tokens))


def _servers() -> list[Any]:
    return [server for server in handles._running.values() if server.running]  # noqa: SLF001 -- the meter


def report() -> None:
    """Print what was counted, for `measure_cards.py` to read."""
    print(MARK + json.dumps({"calls": _calls[0], "live": _live, "reached": sorted(_reached)}))
