"""What an account needs before a first call: an organization, a country on the list, and credit.

Everything that OpenAI can change (menu paths, countries, amounts) is read from the ledger and shown
with its date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from guide_helpers import facts, html
from guide_helpers.errors import InputError

__all__ = ["Readiness", "Region", "Step", "ready", "region", "tree"]


# ---------------------------------------------------------------------------- ready for a first call


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
        chosen = [facts.get(name) for name in self.facts]
        return "; ".join(f"{fact.says}: {fact.words} (as of {fact.as_of.isoformat()})" for fact in chosen)


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

    def view(self) -> html.Block:
        """Show where you stand, the next step, and a row per missing thing."""
        if self.next is None:
            return html.stack(html.badge(self.sentence, "good"), "Next: notebook 02 makes the key.")
        rows = [
            [place, step.what, "needed" if step.needed else "wise", step.do, step.where]
            for place, step in enumerate(self.missing, 1)
        ]
        return html.stack(
            html.badge(self.sentence, "info" if self.can_call else "warn"),
            html.alert(f"Next: {self.next.what.lower()}", self.next.do, "info"),
            html.table(
                "Still missing, in order", ["Step", "What", "For a call", "What to do", "Where"], rows
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


# ---------------------------------------------------------------------------- is your country on the list


@dataclass(frozen=True, slots=True)
class Region(html.Shown):
    """What the ledger knows of one country; `listed` is None when it knows nothing."""

    country: str
    listed: bool | None
    sentence: str
    advice: str

    def view(self) -> html.Block:
        """Show the answer, its date, and what to do."""
        words: dict[bool | None, tuple[str, html.Tone]] = {
            True: ("on the list", "good"),
            False: ("not on the list", "bad"),
            None: ("not known here", "warn"),
        }
        word, tone = words[self.listed]
        return html.stack(html.badge(f"{self.country}: {word}", tone), self.sentence, self.advice)


def region(country: str) -> Region:
    """Say whether the API is offered in a country, as far as the ledger knows.

    The ledger holds the names people ask about and get wrong; for every other name the answer is an
    honest "not known here" with the address of the official list. Raises `InputError` for no name.
    """
    asked = " ".join(country.split())
    if not asked:
        raise InputError("No country was named.", "Write its English name, such as Ukraine.")
    look = f"Look it up yourself: {facts.get('menu.countries').words}"
    if name := _among(asked, "region.missing"):
        fact = facts.get("region.missing")
        return Region(name, listed=False, sentence=f"It was missing, {fact.dated}.", advice=fact.note)
    if name := _among(asked, "region.surprising"):
        fact = facts.get("region.surprising")
        limits = " Not every part of the country is served." if _among(asked, "region.exceptions") else ""
        sentence = f"People often say otherwise, but it was there, {fact.dated}.{limits}"
        return Region(name, listed=True, sentence=sentence, advice=f"{look}.")
    count = facts.get("region.count")
    sentence = (
        f"The official list is long ({count.words}, as of {count.as_of.isoformat()}); it is not kept here."
    )
    return Region(asked, listed=None, sentence=sentence, advice=f"{look}.")


def _among(asked: str, fact: str) -> str:
    """Return the ledger's spelling of a name, or nothing."""
    names: list[str] = facts.get(fact).value
    return next((name for name in names if name.casefold() == asked.casefold()), "")


# ---------------------------------------------------------------------------- who owns a key

_BOX, _GAP, _HEIGHT, _LONGEST = 132, 16, 44, 17
_ROWS = (8, 92, 176)
_EXAMPLE = {"reading-app": ("laptop", "server"), "homework-bot": ("laptop",)}


def tree(projects: Mapping[str, Sequence[str]] | None = None, organization: str = "Ada") -> html.Block:
    """Draw an organization, its projects and their keys, and say the same in words.

    `projects` gives the names of each project's keys; without it an example is drawn. Raises
    `InputError` when there is no project, or a project has no key.
    """
    projects = _EXAMPLE if projects is None else projects
    if not projects or not all(projects.values()):
        raise InputError("There is nothing to draw.", "Give at least one project, each with a key.")
    left, shapes, centres = _GAP, [], []
    for project, names in projects.items():
        middles = [left + place * (_BOX + _GAP) + _BOX / 2 for place in range(len(names))]
        centre = sum(middles) / len(middles)
        shapes += [_line(centre, middle, 1) for middle in middles]
        shapes += [_box(x, 2, "key", name) for x, name in zip(middles, names, strict=True)]
        shapes.append(_box(centre, 1, "project", project))
        centres.append(centre)
        left += len(names) * (_BOX + _GAP) + _GAP
    top = sum(centres) / len(centres)
    shapes = [
        *(_line(top, centre, 0) for centre in centres),
        *shapes,
        _box(top, 0, "organization", organization),
    ]
    size = f'viewBox="0 0 {left} {_ROWS[-1] + _HEIGHT + 8}" width="{left}" style="max-width:100%"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(shapes)}</svg>'
    return html.figure(
        svg, _in_words(organization, projects), "Money is paid at the top; keys hang at the bottom."
    )


def _in_words(organization: str, projects: Mapping[str, Sequence[str]]) -> str:
    parts = [f"project {project} with the keys {', '.join(names)}" for project, names in projects.items()]
    return f"A tree: the organization {organization} holds {'; and '.join(parts)}"


def _box(centre: float, row: int, kind: str, name: str) -> str:
    """Draw a labelled box, white on the guide's own colours so that it reads in both themes."""
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    fill = html.TONES[("info", "plain", "good")[row]]
    y = _ROWS[row]
    text = 'text-anchor="middle" fill="#fff" font-family="sans-serif"'
    return (
        f'<rect x="{centre - _BOX / 2:g}" y="{y}" width="{_BOX}" height="{_HEIGHT}" rx="4" fill="{fill}"/>'
        f'<text x="{centre:g}" y="{y + 17}" font-size="11" {text}>{kind}</text>'
        f'<text x="{centre:g}" y="{y + 34}" font-size="14" {text}>{escape(short)}</text>'
    )


def _line(upper: float, lower: float, row: int) -> str:
    return (
        f'<line x1="{upper:g}" y1="{_ROWS[row] + _HEIGHT}" x2="{lower:g}" y2="{_ROWS[row + 1]}" '
        'stroke="#7a7f87" stroke-width="2"/>'
    )
