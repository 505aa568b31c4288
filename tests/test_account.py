"""What an account needs: steps, countries, and the tree that a key hangs in."""

from __future__ import annotations

import itertools

import pytest

from guide_helpers import account, facts
from guide_helpers.errors import GuideError, InputError

NAMES = [step.name for step in account.STEPS]
NEEDED = [step.name for step in account.STEPS if step.needed]


@pytest.mark.parametrize("missing", NEEDED)
def test_a_call_fails_when_one_needed_thing_is_missing(missing: str) -> None:
    """Each needed step alone is enough to make a first call fail."""
    readiness = account.ready(**{name: name != missing for name in NAMES})
    assert not readiness.can_call
    assert readiness.next is not None
    assert readiness.next.name == missing


def test_a_call_works_without_the_guards() -> None:
    """Auto-reload, project and limit are wise, not needed."""
    readiness = account.ready(**dict.fromkeys(NEEDED, True))
    assert readiness.can_call
    assert [step.name for step in readiness.missing] == ["auto_reload_off", "project_made", "budget_set"]


def test_everything_done_points_to_the_next_notebook() -> None:
    """With every box ticked nothing is next but notebook 02."""
    readiness = account.ready(**dict.fromkeys(NAMES, True))
    assert readiness.next is None
    assert "notebook 02" in str(readiness)


@pytest.mark.parametrize("ticks", [*itertools.product([False, True], repeat=len(NAMES))])
def test_done_and_missing_share_out_the_steps(ticks: tuple[bool, ...]) -> None:
    """Every step is either done or missing, in the order of the steps, for every set of ticks."""
    readiness = account.ready(**dict(zip(NAMES, ticks, strict=True)))
    assert {*readiness.done} | {*readiness.missing} == {*account.STEPS}
    assert len(readiness.done) == sum(ticks)
    assert [*readiness.missing] == [step for step in account.STEPS if step in readiness.missing]


def test_what_a_call_needs_comes_before_what_is_wise() -> None:
    """The order of the steps never sends a reader to a guard before a need."""
    needed = [step.needed for step in account.STEPS]
    assert needed == sorted(needed, reverse=True)


@pytest.mark.parametrize("step", account.STEPS, ids=lambda step: step.name)
def test_each_step_tells_where_from_the_ledger(step: account.Step) -> None:
    """A step's place is the ledger's words with the ledger's date."""
    fact = facts.get(step.facts[0])
    assert fact.words in step.where
    assert fact.as_of.isoformat() in step.where


@pytest.mark.parametrize(
    ("country", "listed"),
    [
        pytest.param("Ukraine", True, id="on the list"),
        pytest.param("  ukraine ", True, id="spelled carelessly"),
        pytest.param("hong  kong", False, id="known to be missing"),
        pytest.param("Kenya", None, id="not known here"),
        pytest.param("South Korea", None, id="not mistaken for its neighbour"),
    ],
)
def test_region_answers_only_what_the_ledger_knows(country: str, listed: bool | None) -> None:  # noqa: FBT001
    """A country is on the list, off it, or honestly unknown."""
    assert account.region(country).listed is listed


@pytest.mark.parametrize("name", [*facts.get("region.missing").value, *facts.get("region.surprising").value])
def test_region_knows_every_name_of_the_ledger(name: str) -> None:
    """Each name the ledger holds gets the ledger's answer, with its date."""
    region = account.region(name)
    assert region.listed is (name in facts.get("region.surprising").value)
    assert facts.get("region.missing").as_of.isoformat() in str(region)


def test_only_an_exception_is_told_as_one() -> None:
    """A country that is served in part is said to be; another is not."""
    assert "every part" in account.region("Ukraine").sentence
    assert "every part" not in account.region("Taiwan").sentence


def test_an_unknown_country_gets_the_official_address() -> None:
    """Where the guide does not know, it says where to look."""
    assert facts.get("menu.countries").value in str(account.region("Kenya"))


@pytest.mark.parametrize("nothing", ["", "   "])
def test_no_country_is_an_input_error(nothing: str) -> None:
    """An empty name is refused with a cure."""
    with pytest.raises(InputError) as caught:
        account.region(nothing)
    assert caught.value.cure


def test_tree_names_every_project_and_key_in_both_forms() -> None:
    """The drawing and its words hold the same names."""
    drawn = account.tree({"reader": ["laptop", "server"], "bot": ["phone"]}, organization="Ada")
    for name in ("Ada", "reader", "laptop", "server", "bot", "phone"):
        assert name in drawn.text
        assert f">{name}</text>" in drawn.html


def test_tree_escapes_and_shortens_names() -> None:
    """A name is text, never markup, and never wider than its box."""
    drawn = account.tree({"<b>": ["k" * 40]})
    assert "<b>b" not in drawn.html
    assert "&lt;b&gt;</text>" in drawn.html
    assert "k" * 18 not in drawn.html.split("<svg")[1]


@pytest.mark.parametrize("projects", [{}, {"empty": []}], ids=["no project", "no key"])
def test_tree_of_nothing_is_refused(projects: dict[str, list[str]]) -> None:
    """There must be something to draw."""
    with pytest.raises(GuideError):
        account.tree(projects)
