"""A room of a hundred readers: paced streams at once, and what they cost."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path

from load import Program, free_port
from servers import ASK

READERS, TOKENS_A_SECOND = 100, 50


def paced() -> None:
    """Open the streams, time them, and print how near to the ideal they came."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).parent / "servers.py"), "practice", str(port)]
    with Program("practice", [*command, str(TOKENS_A_SECOND)], port) as server:
        asyncio.run(_read(server))  # warm up
        before, start = server.cpu_seconds, time.perf_counter()
        seen = asyncio.run(_room(server))
        cores = (server.cpu_seconds - before) / (time.perf_counter() - start)
    totals, firsts, events = zip(*seen, strict=True)
    ideal = (events[0] - 2) / TOKENS_A_SECOND  # a pause between two events, none after the last
    late = statistics.quantiles(firsts, n=100)[98]
    print(f"\n{READERS} streams at {TOKENS_A_SECOND} tokens a second, {events[0]} events each")
    print(f"  total: {statistics.median(totals):.2f} s, {statistics.median(totals) / ideal:.3f} of ideal")
    print(f"  first event: 99th percentile {1000 * late:.0f} ms; CPU: {cores:.2f} of a core")


async def _room(server: Program) -> list[tuple[float, float, int]]:
    return await asyncio.gather(*(_read(server) for _ in range(READERS)))


async def _read(server: Program) -> tuple[float, float, int]:
    """Read one stream; return the seconds to its end and to its first event, and its events."""
    body = json.dumps({**ASK, "stream": True})
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {server.key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    start = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head.encode())
    first, events = 0.0, 0
    while chunk := await reader.read(65_536):
        if b"data: " in chunk:
            first = first or time.perf_counter() - start
            events += chunk.count(b"data: ")
    writer.close()
    return time.perf_counter() - start, first, events


if __name__ == "__main__":
    paced()
