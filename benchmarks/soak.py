"""Whether the practice API stays as small and as exact after a million requests as after the first.

    python benchmarks/soak.py [--requests 1000000] [--state FILE] [--http]

Several keys of several projects ask for whole and streamed answers and for embeddings, faster than
their limits allow, while the clock moves. What every reply says it used is counted here, priced here,
and must be what the ledger has: to the last digit.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from guide_helpers import facts, pricing
from guide_helpers.practice import Clock, Limits, over_http
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Query, Request
from guide_helpers.practice.world import World
from guide_helpers.practice.world.keyring import KeyRecord
from guide_helpers.practice.world.organization import Project
from guide_helpers.practice.world.store import Store

PROJECTS, KEYS = 3, 2
STEP = 0.01  # the world's seconds from one request to the next
LIMITS = Limits(requests=2_000, tokens=10_000_000)
EVERY = 100_000
CENT = Decimal("0.01")

Used = Counter[tuple[str, str]]  # (model, "input", "cached" or "output") -> tokens
Send = Callable[[Request], tuple[int, bytes]]


def main() -> None:
    """Run, print a line for every hundred thousand requests, and check the sums."""
    parser = argparse.ArgumentParser(description="Ask the practice API very often.")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--state", type=Path, help="keep the world in this file meanwhile")
    parser.add_argument("--http", action="store_true", help="ask over HTTP")
    asked = parser.parse_args()
    world = World(clock=Clock(speed=0), limits=LIMITS, credit=None)
    store = Store(asked.state, world) if asked.state else None
    used, statuses = soak(world, over_the_wire(world) if asked.http else directly(world), asked.requests)
    print("answers:", ", ".join(f"{count:,} x {status}" for status, count in sorted(statuses.items())))
    check(world, used)
    if store is not None:
        check_file(store, world)


def directly(world: World) -> Send:
    """Return a way to ask without a socket."""

    def send(request: Request) -> tuple[int, bytes]:
        response = handle(world, request)
        return response.status, response.body

    return send


def over_the_wire(world: World) -> Send:
    """Return a way to ask over one connection to a server in a thread."""
    connection = http.client.HTTPConnection(over_http.HOST, over_http.Thread(world).port)

    def send(request: Request) -> tuple[int, bytes]:
        connection.request(request.method, request.path, request.body, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()

    return send


def soak(world: World, send: Send, requests: int) -> tuple[Used, Counter[int]]:
    """Ask so many times; return what the replies say they used, and how often each status came."""
    used: Used = Counter()
    statuses: Counter[int] = Counter()
    print(f"{'requests':>10}{'RSS MB':>9}{'MB per million':>16}{'requests/s':>12}")
    start, first = time.perf_counter(), 0.0
    for number, request in enumerate(islice(mix(world), requests), 1):
        status, body = send(request)
        world.clock.advance(STEP)
        statuses[status] += 1
        if status == http.client.OK:
            count(request, body, used)
        if number % EVERY == 0:
            gc.collect()
            now, took = rss(), time.perf_counter() - start
            first = first or now  # the first hundred thousand are the warm-up
            growth = f"{(now - first) / (number - EVERY) * 1_000_000:.2f}" if number > EVERY else "-"
            print(f"{number:>10,}{now:>9.1f}{growth:>16}{EVERY / took:>12,.0f}", flush=True)
            start = time.perf_counter()
    return used, statuses


def mix(world: World) -> Iterator[Request]:
    """Yield requests for ever: each key in turn, each kind of request in turn."""
    everyday = str(facts.get("model.everyday").value)
    other = next(each for each in pricing.current_models() if each != everyday)
    small = next(iter(facts.get("embedding.dimensions").value))
    messages = [{"role": "user", "content": "What is a token?"}]
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    asks = [
        ("/v1/chat/completions", {"model": everyday, "messages": messages}),
        ("/v1/responses", {"model": everyday, "input": "Say hello."}),
        ("/v1/chat/completions", {"model": other, "messages": messages, **streamed}),
        ("/v1/responses", {"model": other, "input": "Grüße, 世界", "stream": True}),
        ("/v1/embeddings", {"model": small, "input": "a short text", "dimensions": 8}),
    ]
    written = [(path, json.dumps(fields).encode()) for path, fields in asks]
    for value, (path, body) in zip(cycle(keys(world)), cycle(written), strict=True):
        yield Request("POST", path, {"authorization": f"Bearer {value}"}, body)


def keys(world: World) -> list[str]:
    """Give the home organization more projects, and return some keys of each."""
    home = world.home
    values = []
    for number in range(PROJECTS):
        project = Project(f"proj_{number}", f"Project {number}", world.seconds())
        home.projects[project.id] = project
        for _ in range(KEYS):
            record = KeyRecord("soak", "", world.seconds(), organization=home.id, project=project.id)
            record.owner = next(iter(home.users))
            values.append(world.keyring.issue(record))
    # one more, so that keys and kinds of request fall together in every way
    return [*values, world.issue_key("soak")]


def count(request: Request, body: bytes, used: Used) -> None:
    """Add what a reply says it used."""
    if body.startswith(b"{"):
        reply = json.loads(body)
    else:
        lines = [line for line in body.splitlines() if line.startswith(b"data: {")]
        reply = json.loads(lines[-1].removeprefix(b"data: "))
        reply = reply.get("response", reply)
    usage = reply["usage"]
    model = json.loads(request.body)["model"]
    taken = usage.get("input_tokens", usage.get("prompt_tokens"))
    details = usage.get("input_tokens_details") or usage.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens", 0)
    used[model, "input"] += taken - cached
    used[model, "cached"] += cached
    used[model, "output"] += usage.get("output_tokens", usage.get("completion_tokens", 0))


def check(world: World, used: Used) -> None:
    """Compare the ledger, and what the admin side tells of it, with the sum made here."""
    expected = cost(world, used)
    tokens = sum(used.values())
    verdict("ledger, USD", world.ledger.total, expected)
    sums = list(world.ledger.sums.values())
    verdict("sums of minutes, USD", sum((each.cost for each in sums), Decimal(0)), expected)
    verdict("sums of minutes, tokens", sum(each.input_tokens + each.output_tokens for each in sums), tokens)
    value = world.issue_admin_key("soak")
    told = [row for kind in ("completions", "embeddings") for row in rows(world, value, f"usage/{kind}")]
    if not told:
        print("no usage endpoints here")
        return
    told_tokens = sum(each["input_tokens"] + each.get("output_tokens", 0) for each in told)
    verdict("usage endpoints, tokens", told_tokens, tokens)
    costs = sum((Decimal(each["amount"]["value"]) for each in rows(world, value, "costs")), Decimal(0))
    verdict("costs endpoint, USD", costs.quantize(CENT), expected.quantize(CENT))


def cost(world: World, used: Used) -> Decimal:
    """Price the tokens of each model by the guide's own prices."""
    total = Decimal(0)
    for (model, kind), tokens in used.items():
        rates = pricing.rates(model, 1, world.clock.today(), batch=False)
        cached = rates.input if rates.cached is None else rates.cached
        rate = {"input": rates.input, "cached": cached, "output": rates.output}[kind]
        total += tokens * rate / 1_000_000
    return total


def rows(world: World, key: str, what: str) -> list[dict[str, Any]]:
    """Return every result of a usage endpoint, page by page; none when there is no such endpoint."""
    found: list[dict[str, Any]] = []
    page: str | None = ""
    while page is not None:
        query = [("start_time", "0" if not world.ledger.sums else _start(world)), ("bucket_width", "1d")]
        query += [("page", page)] if page else []
        headers = {"authorization": f"Bearer {key}"}
        answer = handle(world, Request("GET", f"/v1/organization/{what}", headers, b"", Query(query)))
        if answer.status != http.client.OK:
            return []
        reply = json.loads(answer.body, parse_float=Decimal)
        found += [row for bucket in reply["data"] for row in bucket["results"]]
        page = reply.get("next_page")
    return found


def _start(world: World) -> str:
    return str(min(each.minute for each in world.ledger.sums.values()) * 60 // 86_400 * 86_400)


def check_file(store: Store, world: World) -> None:
    """Close the file, open it again, and compare."""
    store.close()
    start = time.perf_counter()
    again = World(clock=Clock(speed=0))
    with Store(store.path, again):
        size = store.path.stat().st_size / 1_000_000
        print(f"the file: {size:.1f} MB, opened in {time.perf_counter() - start:.2f} s")
        verdict("ledger in the file, USD", again.ledger.total, world.ledger.total)


def verdict(what: str, found: object, expected: object) -> None:
    """Print a comparison; stop when the two differ."""
    print(f"{what:<26}{found!s:>20}  {'equal' if found == expected else f'but {expected} was expected'}")
    if found != expected:
        raise SystemExit(1)


def rss() -> float:
    """Return how much memory this process holds, in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


if __name__ == "__main__":
    main()
