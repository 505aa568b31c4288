"""The spend fuse: no request is sent that could take the kernel's spending over the cap.

A request's worst case is booked before it is sent, and replaced by its true price when the answer
tells it. What never tells (a stream that was left, a lost connection) stays booked at its worst. An
answer of 400 to 499 is a refusal and costs nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from guide_helpers import facts, html, pricing
from guide_helpers.errors import CapError, InputError
from guide_helpers.live._quote import Quote, Usage, cost

_SHOWN = 10
KEPT, BILLED, FREE = "worst case kept", "billed", "not billed"


@dataclass(frozen=True, slots=True)
class Booking:
    """One request and what is booked for it, in USD; at first the worst case."""

    quote: Quote
    booked: Decimal
    state: str = KEPT
    used: Usage | None = None


@dataclass(frozen=True, slots=True)
class Spent(html.Shown):
    """What this kernel's live requests cost so far, in USD, and what is left under the cap."""

    bookings: tuple[Booking, ...]
    cap: Decimal

    @property
    def total(self) -> Decimal:
        """Everything that is booked."""
        return sum((each.booked for each in self.bookings), Decimal(0))

    @property
    def left(self) -> Decimal:
        """What may still be spent; never below zero."""
        return max(Decimal(0), self.cap - self.total)

    @property
    def sentence(self) -> str:
        """The sum in words."""
        count = len(self.bookings)
        made = "1 live request" if count == 1 else f"{count:,} live requests"
        return (
            f"{pricing.money(self.total)} of {pricing.money(self.cap)} spent by {made} of this kernel; "
            f"{pricing.money(self.left)} left"
        )

    def view(self) -> html.Block:
        """Show the sum, and a row for each of the last requests."""
        share = float(self.total / self.cap) if self.cap else 1.0
        head = html.bar(share, self.sentence)
        if not self.bookings:
            return head
        first = max(0, len(self.bookings) - _SHOWN)
        caption = "Live requests" if first == 0 else f"Live requests, the last {_SHOWN}"
        headers = ["No.", "Address", "Model", "Tokens in", "Tokens out", "Booked", "State"]
        rows = [_row(number, each) for number, each in enumerate(self.bookings[first:], first + 1)]
        kept = any(each.state == KEPT for each in self.bookings)
        note = (
            "A worst case is kept where no answer told its usage; the true cost is at most that."
            if kept
            else ""
        )
        table = html.table(caption, headers, rows, numbers=["No.", *headers[3:6]])
        return html.stack(head, table, note)


def _row(number: int, each: Booking) -> list[html.Content]:
    used = each.used or (Usage(0, 0) if each.state == FREE else each.quote)
    chip = html.badge(each.state, "warn" if each.state == KEPT else "plain")
    counts = [f"{used.input_tokens:,}", f"{used.output_tokens:,}"]
    return [str(number), each.quote.path, each.quote.model, *counts, pricing.money(each.booked), chip]


class Ticket:
    """Leave to send one request; whoever sees its answer settles it, once."""

    def __init__(self, fuse: Fuse, place: int) -> None:
        """Remember which booking it is."""
        self._fuse, self._place = fuse, place

    def free(self) -> None:
        """Book nothing: it never left, or it was refused."""
        self._fuse.settle(self._place, None)

    def bill(self, used: Usage) -> None:
        """Book what was used."""
        self._fuse.settle(self._place, used)


class Fuse:
    """The bookings of one kernel and the cap over them; any thread may ask."""

    def __init__(self) -> None:
        """Start at nothing spent; the cap is the ledger's until the reader sets one."""
        self._lock = threading.Lock()
        self._bookings: list[Booking] = []
        self._total = Decimal(0)
        self._cap: Decimal | None = None

    @property
    def cap(self) -> Decimal:
        """The cap, in USD."""
        return Decimal(str(facts.get("guide.cap").value)) if self._cap is None else self._cap

    def set_cap(self, cap: Decimal | float | str) -> None:
        """Set the cap, in USD. Raises `InputError` for what is no amount of money."""
        try:
            amount = Decimal(str(cap).strip().lstrip("$"))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            raise InputError("The cap is not an amount of money.", 'Write it in USD, such as cap="0.10".')
        self._cap = amount

    def book(self, quote: Quote) -> Ticket:
        """Book a request's worst case. Raises `CapError` when that could cross the cap."""
        with self._lock:
            left = self.cap - self._total
            if quote.worst > left:
                raise CapError(*self._refusal(quote, max(left, Decimal(0))))
            self._bookings.append(Booking(quote, quote.worst, KEPT if quote.worst else FREE))
            self._total += quote.worst
            return Ticket(self, len(self._bookings) - 1)

    def settle(self, place: int, used: Usage | None) -> None:
        """Replace the worst case by the truth; a second settling changes nothing."""
        with self._lock:
            old = self._bookings[place]
            if old.state != KEPT:
                return
            amount = Decimal(0) if used is None else cost(old.quote.model, used)
            state = FREE if used is None else BILLED
            self._bookings[place] = replace(old, booked=amount, state=state, used=used)
            self._total += amount - old.booked

    def spent(self) -> Spent:
        """Return what is booked now."""
        with self._lock:
            return Spent(tuple(self._bookings), self.cap)

    def _refusal(self, quote: Quote, left: Decimal) -> tuple[str, str]:
        needed, spent, cap = map(pricing.money, (quote.worst, self._total, self.cap))
        what = (
            f"This request could cost {needed}, and {pricing.money(left)} is left: "
            f"{spent} of the cap of {cap} is spent. It was not sent."
        )
        return (
            what,
            'Ask for fewer tokens, or raise the cap on purpose: live.choose("live", cap="…"), in USD.',
        )
