"""How much the practice API costs over a bare server that returns the same bytes.

    python benchmarks/practice.py

Both run in one process each and are asked by one keep-alive connection at a time from here; the
figures are ratios from this one run, in rounds taken in turn, so that other work on the machine
touches both alike.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from guide_helpers import facts
from guide_helpers.practice import Limits, over_http
from guide_helpers.practice.world import World

ROUNDS, CALLS = 7, 400
ASK = json.dumps({"model": facts.get("model.everyday").value, "input": "Say hello."}).encode()
WITHOUT_LIMITS = Limits(10**9, 10**12)


def practice(pipe: multiprocessing.connection.Connection) -> None:
    """Serve the practice API and send back its port and key."""
    world = World(limits=WITHOUT_LIMITS)
    listener = over_http.listen(0)
    pipe.send((listener.getsockname()[1], world.issue_key("benchmark")))
    over_http.server(world).run(sockets=[listener])


def bare(pipe: multiprocessing.connection.Connection) -> None:
    """Serve an answer of the same size that never changes."""
    answer = os.urandom(600).hex().encode()

    async def endpoint(request: Request) -> Response:
        await request.body()
        return Response(answer, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", endpoint, methods=["POST"])])
    listener = over_http.listen(0)
    pipe.send((listener.getsockname()[1], "none"))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


@dataclass
class Served:
    """A server in a process of its own."""

    process: multiprocessing.Process
    port: int
    key: str

    @classmethod
    def start(cls, target: Callable[..., None]) -> Served:
        """Start it and wait for its port."""
        here, there = multiprocessing.Pipe()
        process = multiprocessing.Process(target=target, args=(there,), daemon=True)
        process.start()
        served = cls(process, *here.recv())
        time.sleep(0.5)
        return served

    def round(self) -> float:
        """Return the seconds per call of one round on one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        start = time.perf_counter()
        for _ in range(CALLS):
            connection.request("POST", "/v1/responses", ASK, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                raise SystemExit(f"The server answered {answer.status}.")
        return (time.perf_counter() - start) / CALLS


def main() -> None:
    """Run both in turn and print the table."""
    servers = {"bare Starlette": Served.start(bare), "practice API": Served.start(practice)}
    for served in servers.values():
        served.round()  # the first round loads the vocabulary
    times: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, served in servers.items():
            times[name].append(served.round())
    floor = statistics.median(times["bare Starlette"])
    print(f"{'server':<16}{'ms per call':>12}{'ratio':>8}")
    for name, taken in times.items():
        middle = statistics.median(taken)
        print(f"{name:<16}{1000 * middle:>12.3f}{middle / floor:>8.2f}")


if __name__ == "__main__":
    main()
