"""Ready for a first call: what is there, what is missing, and where to go next."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guide_helpers import facts, html

_ADDRESS = re.compile(r"[\w-]+(?:\.[\w-]+)+/?[\w/-]*")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to have: what to do about it, the facts it rests on, and whether a first call needs it."""

    name: str
    what: str
    do: str
    facts: tuple[str, ...]
    needed: bool

    @property
    def where(self) -> str:
        """The ledger's words for where to go and what to expect, with the date of each."""
        return self.links.text

    @property
    def links(self) -> html.Block:
        """The same, with every address as a link."""
        return html.stack(*[_linked(facts.get(name)) for name in self.facts])


STEPS = (
    Step(
        "supported_country",
        "A country on the list",
        "Look for your country on the official list first: without it, nothing below helps.",
        ("menu.countries",),
        needed=True,
    ),
    Step("has_account", "An API account", "Sign up.", ("account.signup",), needed=True),
    Step(
        "phone_at_hand",
        "A phone at hand",
        "Have a phone beside you that can receive the code.",
        ("account.phone",),
        needed=True,
    ),
    Step(
        "credit_bought",
        "Prepaid credit",
        "Buy the smallest amount.",
        ("menu.billing", "billing.minimum"),
        needed=True,
    ),
    Step(
        "auto_reload_off",
        "Auto-reload off",
        "Switch it off in the payment form, before you confirm.",
        ("billing.auto_reload",),
        needed=False,
    ),
    Step(
        "project_made",
        "A project of its own",
        "Make one project per program, so that each has its own keys and its own limit.",
        ("menu.projects", "account.project_maker"),
        needed=False,
    ),
    Step(
        "budget_set",
        "A spend limit",
        "Set it, and switch on its enforcement.",
        ("menu.spend", "billing.hard_limit"),
        needed=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Readiness(html.Shown):
    """The steps that are done and those that are missing, in the order to take them."""

    done: tuple[Step, ...]
    missing: tuple[Step, ...]

    @property
    def can_call(self) -> bool:
        """Whether nothing is missing that a first call needs."""
        return not any(step.needed for step in self.missing)

    @property
    def next(self) -> Step | None:
        """The step to take now; None when everything is done."""
        return self.missing[0] if self.missing else None

    @property
    def sentence(self) -> str:
        """Where you stand, in one line."""
        so_far = f"{len(self.done)} of {len(STEPS)} done"
        if self.next is None:
            return f"{so_far}: ready for a first call, and guarded."
        if self.can_call:
            return f"{so_far}: a first call would work, but it is not guarded yet."
        return f"{so_far}: a first call would fail today."

    @property
    def _next(self) -> html.Block:
        return html.stack(self.next.do, self.next.links) if self.next else html.words("")

    def view(self) -> html.Block:
        """Show where you stand, the next step, and a row per missing thing."""
        if self.next is None:
            return html.stack(html.badge(self.sentence, "good"), "Next: notebook 02 makes the key.")
        rows = [
            [place, step.what, "needed" if step.needed else "wise", html.stack(step.do, step.links)]
            for place, step in enumerate(self.missing, 1)
        ]
        return html.stack(
            html.badge(self.sentence, "info" if self.can_call else "warn"),
            html.alert(f"Next: {self.next.what[0].lower()}{self.next.what[1:]}", self._next, "info"),
            html.table(
                "Still missing, in order", ["Step", "What", "For a call", "What to do, and where"], rows
            ),
        )


def ready(  # noqa: PLR0913 -- seven tick boxes are seven arguments
    *,
    supported_country: bool = False,
    has_account: bool = False,
    phone_at_hand: bool = False,
    credit_bought: bool = False,
    auto_reload_off: bool = False,
    project_made: bool = False,
    budget_set: bool = False,
) -> Readiness:
    """Compare what you have with what a first call needs, and with what keeps it cheap."""
    have = {
        "supported_country": supported_country,
        "has_account": has_account,
        "phone_at_hand": phone_at_hand,
        "credit_bought": credit_bought,
        "auto_reload_off": auto_reload_off,
        "project_made": project_made,
        "budget_set": budget_set,
    }
    done = tuple(step for step in STEPS if have[step.name])
    return Readiness(done, tuple(step for step in STEPS if not have[step.name]))


def _linked(fact: facts.Fact) -> html.Block:
    """Return a fact in one line; a value that is an address and nothing else becomes a link."""
    said, shown = html.words(f"{fact.says}: "), html.words(fact.words)
    dated = html.words(f" (as of {fact.as_of.isoformat()}).")
    if _ADDRESS.fullmatch(fact.words):
        shown = html.Block(
            f'<a style="text-decoration:underline" href="https://{fact.words}">{shown.html}</a>', shown.text
        )
    return html.Block(said.html + shown.html + dated.html, said.text + shown.text + dated.text)
