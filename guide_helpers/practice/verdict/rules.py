"""The rules of the verdict, each one function and the figures it goes by."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from guide_helpers import facts
from guide_helpers.practice.verdict.evidence import Call, Seen
from guide_helpers.practice.verdict.result import Finding, Verdict
from guide_helpers.practice.wire import Exchange

# how much too early a retry may come (seconds): clocks and roundings differ
_EARLY = 0.05
# within this time (seconds) nobody tops up an account or mends a key: what comes again is a retry
_HOPELESS = 60.0
# waits below this (seconds) are none, and two of them in a row are no back-off
_AT_ONCE = 0.1
# waits that differ by no more than this share, and a little for the way (seconds), are the same; chance
# alone hardly ever makes three such waits, and from so many seconds on a wait need not grow
_SAME, _WAY, _LONG = 0.02, 0.01, 5.0
# so many refusals in so many seconds after the first are a storm
_STORM, _STORM_SECONDS = 10, 10.0
# so many other requests that ran into the same empty bucket are no accident
_HAMMERED = 3

_SHOWN = 6


def judge(exchanges: Iterable[Exchange]) -> Verdict:
    """Judge a client by its exchanges, oldest first; each key is judged for itself.

    Judge when the client is done: what was not tried again by then counts as given up.
    """
    calls = [Call(each) for each in exchanges]
    refused = sum(not call.good for call in calls)
    if not (verdict := Verdict(len(calls), refused)).judged:
        return verdict
    callers: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        callers[call.exchange.key or call.exchange.request_headers.get("authorization", "")].append(call)
    seen = [Seen(each) for each in callers.values()]
    found = (rule(seen) for rule in _RULES)
    return replace(verdict, findings=tuple(each for each in found if each is not None))


def _ignored_retry_after(seen: list[Seen]) -> Finding | None:
    """Find the same request again before the wait was over that the refusal named."""
    early = [
        (first, again)
        for first, again in _retries(seen)
        if not first.hopeless and first.wait is not None and again.at < first.at + first.wait - _EARLY
    ]
    if not early:
        return None
    first, again = early[0]
    what = (
        f"Request {again.number} came {_seconds(again.at - first.at)} after request {first.number}, "
        f"whose answer asked for {_seconds(first.wait or 0)}."
    )
    cure = (
        "Wait as long as retry-after says. The openai client's own retries do, and so does "
        "stamina with on=limits.retry_hint."
    )
    return _finding("ignored_retry_after", [again for _, again in early], what, cure)


def _retried_hopeless(seen: list[Seen]) -> Finding | None:
    """Find a request that can only be refused again, sent again unchanged within a minute.

    When it then went well, and not by the client's own retry, somebody mended the cause in between.
    """
    pairs = [
        (first, again)
        for first, again in _retries(seen)
        if first.hopeless and again.at - first.at <= _HOPELESS and (again.by_client or not again.good)
    ]
    if not pairs:
        return None
    first, again = pairs[0]
    what = f"Request {again.number} repeated request {first.number}, which {first.words()}."
    return _finding("retried_hopeless", [again for _, again in pairs], what, _instead(pairs))


def _instead(pairs: list[tuple[Call, Call]]) -> str:
    """Say what to do instead of a hopeless retry, for each kind of it there was."""
    money = [again for first, again in pairs if first.about_money]
    cures = []
    if any(again.by_client for again in money):
        cures.append(
            "The openai client did this by itself: it retries every 429, also one about money, unless "
            "the answer carries x-should-retry: false. Set max_retries=0, and read error.type before you "
            "retry, or let limits.retry_hint do so."
        )
    elif money:
        cures.append(
            "Money does not come with time: read error.type before you retry, or let limits.retry_hint do so."
        )
    if len(money) < len(pairs):
        cures.append("Mend the request, the key or its permissions first; the same words fail again.")
    return " ".join(cures)


def _no_back_off(seen: list[Seen]) -> Finding | None:
    """Find a refusal without a named wait that was retried several times, after waits that did not grow.

    Either two waits were next to none, or three short ones were all the same; waits with chance in
    them are never that.
    """
    rigid = [run for each in seen for thread in each.threads for run in _runs(thread) if _rigid(_waits(run))]
    if not rigid:
        return None
    waits = ", ".join(_seconds(wait) for wait in _waits(rigid[0])[:_SHOWN])
    what = f"From request {rigid[0][0].number} on the same request came again after {waits}."
    cure = (
        "Wait longer before each retry, with some chance in the wait: the openai client's own retries "
        "do, and so does stamina."
    )
    return _finding("no_back_off", [call for run in rigid for call in run[1:]], what, cure)


def _runs(thread: list[Call]) -> list[list[Call]]:
    """Return each refusal that passes and named no wait, with its retries, up to the first that is not."""
    runs: list[list[Call]] = []
    retried = False
    for call in thread:
        if retried:
            runs[-1].append(call)
        retried_next = not call.good and not call.hopeless and call.wait is None
        if retried_next and not retried:
            runs.append([call])
        retried = retried_next
    return runs


def _waits(run: list[Call]) -> list[float]:
    return [again.at - first.at for first, again in itertools.pairwise(run)]


def _rigid(waits: list[float]) -> bool:
    at_once = (max(pair) < _AT_ONCE for pair in itertools.pairwise(waits))
    alike = (
        max(three) < _LONG and max(three) - min(three) <= _SAME * max(three) + _WAY
        for three in zip(waits, waits[1:], waits[2:], strict=False)
    )
    return any(at_once) or any(alike)


def _storm(seen: list[Seen]) -> Finding | None:
    """Find ten more requests of one key refused within ten seconds of a refusal."""
    blown = [call for each in seen for call in _blown(each)]
    if not blown:
        return None
    what = (
        f"A refusal came, and {len(blown)} more requests were refused within {_seconds(_STORM_SECONDS)} "
        f"of it, from request {blown[0].number} on."
    )
    cure = (
        "Send fewer at once (a semaphore holds the rest back), and stop sending when a refusal comes; "
        "wait with some chance in it, so that not all come back together."
    )
    return _finding("storm", blown, what, cure)


def _blown(seen: Seen) -> list[Call]:
    """Return what was refused in storms, without the refusal that should have been the last."""
    busy = [call for call in seen.calls if call.busy]
    blown: list[Call] = []
    place = 0
    while place < len(busy):
        group = [call for call in busy[place + 1 :] if call.at - busy[place].at <= _STORM_SECONDS]
        if len(group) >= _STORM:
            blown += group
            place += len(group)
        place += 1
    return blown


def _hammered_limit(seen: list[Seen]) -> Finding | None:
    """Find three other requests for the same model, refused before the wait of a refusal was over.

    What belongs to a storm is not counted again.
    """
    hits = [call for each in seen if not _blown(each) for call in _hits(each)]
    if len(hits) < _HAMMERED:
        return None
    what = f"{len(hits)} other requests for the same model ran into a limit known to be empty."
    cure = (
        "Hold every request for that model back until the wait is over; "
        "x-ratelimit-remaining-requests and -tokens say what is left."
    )
    return _finding("hammered_limit", hits, what, cure)


def _hits(seen: Seen) -> list[Call]:
    hits: list[Call] = []
    empty: dict[str, tuple[Call, float]] = {}
    for call in seen.calls:
        if not call.limited:
            continue
        first, until = empty.get(call.model, (call, 0.0))
        if call.at < until - _EARLY and call.same != first.same:
            hits.append(call)
        elif call.at >= until - _EARLY:
            empty[call.model] = call, call.at + (call.wait or 0)
    return hits


def _gave_up_too_early(seen: list[Seen]) -> Finding | None:
    """Find a refusal that passes soon, or an answer that broke off, that was never tried again."""
    patience = facts.get("client.longest_wait").value
    left = [
        call
        for each in seen
        for thread in each.threads
        if _untried(thread) and ((call := thread[-1]).wait or 0) <= patience
    ]
    if not left:
        return None
    first = min(left, key=lambda call: call.number)
    what = f"Request {first.number} {first.words()}, and never came again."
    cure = (
        "Try again: leave the openai client's max_retries as it is, or use stamina with on=limits.retry_hint."
    )
    if any(call.exchange.cut for call in left):
        cure += " No client asks again for a stream that broke off: catch the error and ask anew."
    return _finding("gave_up_too_early", left, what, cure)


def _untried(thread: list[Call]) -> bool:
    """Say whether the last of these calls failed for the first time, of something that passes."""
    last = thread[-1]
    if len(thread) > 1 and not thread[-2].good:
        return False
    return last.exchange.cut or (last.busy and not last.too_large)


_RULES: tuple[Callable[[list[Seen]], Finding | None], ...] = (
    _ignored_retry_after,
    _retried_hopeless,
    _no_back_off,
    _storm,
    _hammered_limit,
    _gave_up_too_early,
)


def _retries(seen: list[Seen]) -> list[tuple[Call, Call]]:
    pairs = [pair for each in seen for pair in each.retries]
    return sorted(pairs, key=lambda pair: pair[1].number)


def _finding(name: str, calls: list[Call], what: str, cure: str) -> Finding:
    calls = sorted(calls, key=lambda call: call.number)
    numbers = tuple(call.number for call in calls)
    if len(numbers) > 1:
        listed = ", ".join(map(str, numbers[:_SHOWN])) + (" …" if len(numbers) > _SHOWN else "")
        what = f"{what} Requests concerned: {listed}."
    return Finding(name, len(calls), calls[0].at, what, cure, numbers)


def _seconds(seconds: float) -> str:
    return f"{max(0.0, seconds):,.3g} s"
