"""How long to wait between tries, and what a crowd of waiting clients does to a limit."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from guide_helpers import html
from guide_helpers.errors import InputError, UnknownNameError

# (chance, wait before any jitter, wait before this one, base) -> wait; all in seconds
_Step = Callable[[random.Random, float, float, float], float]

POLICIES: dict[str, _Step | None] = {
    "none": None,
    "fixed": lambda _chance, _ceiling, _last, base: base,
    "exponential": lambda _chance, ceiling, _last, _base: ceiling,
    "full jitter": lambda chance, ceiling, _last, _base: chance.uniform(0, ceiling),
    "equal jitter": lambda chance, ceiling, _last, _base: ceiling / 2 + chance.uniform(0, ceiling / 2),
    "decorrelated": lambda chance, _ceiling, last, base: chance.uniform(base, 3 * last),
}

_MOST_DOUBLINGS = 64  # far past any cap, and small enough not to overflow
_EPSILON = 1e-9  # a bucket that holds a whole request but for rounding holds it


@dataclass(frozen=True, slots=True)
class Try:
    """Everybody's n-th try: how many were sent and let in, in which seconds, and how crowded."""

    number: int
    sent: int
    through: int
    earliest: float
    latest: float
    crowd: int


@dataclass(frozen=True, slots=True)
class Backoff(html.Shown):
    """What a crowd of clients got from a limit; `collisions` are retries that met another one.

    Two retries meet when they fall into the same second.
    """

    policy: str
    clients: int
    limit: int
    tries: tuple[Try, ...]
    collisions: int

    @property
    def through(self) -> int:
        """Clients that got an answer in the end."""
        return sum(each.through for each in self.tries)

    @property
    def requests(self) -> int:
        """Requests on the wire, first tries and retries."""
        return sum(each.sent for each in self.tries)

    @property
    def sentence(self) -> str:
        """The result in words."""
        retries = self.requests - self.clients
        return (
            f"{self.policy}: {self.through:,} of {self.clients:,} clients got through, with "
            f"{self.requests:,} requests on the wire. {self.collisions:,} of {retries:,} retries "
            "met another one in the same second."
        )

    def view(self) -> html.Block:
        """Show the sentence and one row per try."""
        headers = ["Try", "Sent", "Let in", "From second", "To second", "Busiest second"]
        rows = [
            [each.number, each.sent, each.through, f"{each.earliest:.1f}", f"{each.latest:.1f}", each.crowd]
            for each in self.tries
        ]
        caption = f"{self.clients:,} clients at once, {self.limit:,} requests a minute"
        return html.stack(self.sentence, html.table(caption, headers, rows, numbers=headers))


def delays(
    policy: str, *, attempts: int, base: float = 1.0, cap: float = 60.0, seed: int = 0
) -> tuple[float, ...]:
    """Return the waits in seconds between so many tries: one fewer than tries, none for "none".

    `base` is the first wait before any jitter and `cap` the longest. Raises `UnknownNameError` for
    a policy not in `POLICIES`, `InputError` for fewer than one attempt or a wait below zero.

    >>> delays("exponential", attempts=5, cap=5)
    (1.0, 2.0, 4.0, 5.0)
    """
    if policy not in POLICIES:
        raise UnknownNameError(f"No policy is called {policy!r}.", f"Choose one of {', '.join(POLICIES)}.")
    if attempts < 1 or base < 0 or cap < 0:
        raise InputError("There is at least one attempt, and no wait below zero.", "Mend the numbers.")
    step = POLICIES[policy]
    chance = random.Random(seed)  # noqa: S311 -- a lesson repeats with its seed; nothing here is secret
    waits: list[float] = []
    for doublings in range(attempts - 1 if step else 0):
        ceiling = min(cap, base * 2.0 ** min(doublings, _MOST_DOUBLINGS))
        last = waits[-1] if waits else base
        waits.append(float(min(cap, step(chance, ceiling, last, base))) if step else 0.0)
    return tuple(waits)


def simulate(  # noqa: PLR0913 -- the knobs of a laboratory, each named at the call
    policy: str,
    *,
    limit: int,
    clients: int = 100,
    attempts: int = 6,
    base: float = 1.0,
    cap: float = 60.0,
    seed: int = 0,
) -> Backoff:
    """Let `clients` call at second 0 and follow one policy until they are let in or out of attempts.

    The server holds a bucket of `limit` requests, full at first, that refills evenly in a minute; a
    refused request takes nothing from it. OpenAI does not publish its algorithm: this is a model of
    one. Each client draws its own chance from `seed`. Raises what `delays` raises, and `InputError`
    when there are no clients or no limit.
    """
    if clients < 1 or limit < 1:
        raise InputError("There is at least one client, and one request a minute.", "Mend the numbers.")
    waits = [
        delays(policy, attempts=attempts, base=base, cap=cap, seed=seed * 1_000_003 + client)
        for client in range(clients)
    ]
    log = _run(waits, limit)
    crowds = Counter(int(at + _EPSILON) for at, number, _ in log if number)
    collisions = sum(size for size in crowds.values() if size > 1)
    numbers = sorted({number for _, number, _ in log})
    tries = tuple(_try(number, [each for each in log if each[1] == number]) for number in numbers)
    return Backoff(policy, clients, limit, tries, collisions)


def _run(waits: list[tuple[float, ...]], limit: int) -> list[tuple[float, int, bool]]:
    """Play it through; return (second, tries before it, let in) of each request, in order."""
    level, at = float(limit), 0.0
    log: list[tuple[float, int, bool]] = []
    queue = [(0.0, client, 0) for client in range(len(waits))]
    while queue:
        now, client, number = heapq.heappop(queue)
        level, at = min(limit, level + (now - at) * limit / 60), now
        let_in = level >= 1 - _EPSILON
        log.append((now, number, let_in))
        if let_in:
            level -= 1
        elif number < len(waits[client]):
            heapq.heappush(queue, (now + waits[client][number], client, number + 1))
    return log


def _try(number: int, log: list[tuple[float, int, bool]]) -> Try:
    crowds = Counter(int(at + _EPSILON) for at, _, _ in log)
    times = [at for at, _, _ in log]
    through = sum(let_in for _, _, let_in in log)
    return Try(number + 1, len(log), through, min(times), max(times), max(crowds.values()))
