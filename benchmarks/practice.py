"""How fast the practice API is beside a bare server and beside the fastest peer, in one run.

    python benchmarks/practice.py [--aimock PATH] [--seconds 4] [--rounds 3]

Needs `wrk` and two cores: every server is kept on the first and loaded from the second. The servers
are measured in turn, in rounds, and the middle of the rounds is shown, so that other work on the
machine touches all alike. CPU per request is the figure that survives noise best.

`--aimock` is the path of `llmock` after `npm install @copilotkit/aimock`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from load import Load, Program, free_port
from paced import paced
from servers import ASK, answer

HERE = Path(__file__).parent
STREAM = {**ASK, "stream": True}


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--aimock", default="")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        servers = [stack.enter_context(each) for each in _servers(stack, chosen.aimock)]
        for server in servers:
            server.load(ASK, 32, 1)  # warm up: the tokenizer is loaded by the first request
        events = {each.name: _events(each) for each in servers}
        print("Whole answers, 32 connections")
        _table(servers, chosen, lambda each: each.load(ASK, 32, chosen.seconds), 1)
        print("\nWhole answers, 1 connection")
        _table(servers, chosen, lambda each: each.load(ASK, 1, chosen.seconds), 1)
        print("\nStreams without a pause, 32 connections")
        for server in servers:
            print(f"  {server.name}: {events[server.name]} events in a stream")
        _table(servers, chosen, lambda each: each.load(STREAM, 32, chosen.seconds), events)
        print("\nMemory (MB): " + ", ".join(f"{each.name} {each.megabytes:.0f}" for each in servers))
    paced()


def _servers(stack: ExitStack, aimock: str) -> list[Program]:
    found = []
    for name in ("bare", "practice"):
        port = free_port()
        found.append(Program(name, [sys.executable, str(HERE / "servers.py"), name, str(port)], port))
    if aimock:
        port = free_port()
        fixtures = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "hello.json"
        said = json.loads(bytes(answer(stream=False).body))["choices"][0]["message"]["content"]
        rows = [{"match": {"userMessage": "Say hello."}, "response": {"content": said}}]
        fixtures.write_text(json.dumps({"fixtures": rows}))
        command = [aimock, "-p", str(port), "-f", str(fixtures), "-c", "5", "--log-level", "silent"]
        found.append(Program("aimock", command, port))
    return found


def _events(server: Program) -> int:
    """Count the events of one stream."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", json.dumps(STREAM), headers)
    return connection.getresponse().read().count(b"data: ")


def _table(
    servers: list[Program],
    chosen: argparse.Namespace,
    measure: Callable[[Program], Load],
    events: dict[str, int] | int,
) -> None:
    rounds = [[measure(each) for each in servers] for _ in range(chosen.rounds)]
    unit = "requests/s" if events == 1 else "events/s"
    print(f"  {'server':<10}{unit:>12}{'of bare':>9}{'p99 ms':>8}{'CPU us':>8}{'of bare':>9}{'refused':>9}")
    floor: tuple[float, float] | None = None
    for place, server in enumerate(servers):
        mine = [each[place] for each in rounds]
        each_request = events if isinstance(events, int) else events[server.name]
        rate = statistics.median(each.per_second for each in mine) * each_request
        cpu = statistics.median(each.cpu for each in mine)
        p99 = statistics.median(each.p99 for each in mine)
        floor = floor or (rate, cpu)
        print(
            f"  {server.name:<10}{rate:>12,.0f}{rate / floor[0]:>9.2f}{p99:>8.2f}"
            f"{cpu:>8.1f}{cpu / floor[1]:>9.2f}{sum(each.refused for each in mine):>9}"
        )


if __name__ == "__main__":
    main()
