"""What an account needs: steps, countries, and the tree that a key hangs in."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import account, facts
from guide_helpers.account import _region
from guide_helpers.account._ready import STEPS
from guide_helpers.errors import GuideError, InputError

NAMES = [step.name for step in STEPS]
NEEDED = [step.name for step in STEPS if step.needed]


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
    assert {*readiness.done} | {*readiness.missing} == {*STEPS}
    assert len(readiness.done) == sum(ticks)
    assert [*readiness.missing] == [step for step in STEPS if step in readiness.missing]


def test_what_a_call_needs_comes_before_what_is_wise() -> None:
    """The order of the steps never sends a reader to a guard before a need."""
    needed = [step.needed for step in STEPS]
    assert needed == sorted(needed, reverse=True)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_each_step_tells_where_from_the_ledger(step: account.Step) -> None:
    """A step's place is the ledger's words with the ledger's date."""
    fact = facts.get(step.facts[0])
    assert fact.words in step.where
    assert fact.as_of.isoformat() in step.where


@pytest.mark.parametrize(
    ("country", "name", "listed"),
    [
        pytest.param("Ukraine", "Ukraine", True, id="on the list"),
        pytest.param("  ukraine ", "Ukraine", True, id="spelled carelessly"),
        pytest.param("hong  kong", "Hong Kong", False, id="known to be missing"),
        pytest.param("TÜRKİYE", "Turkey", True, id="another name, with signs"),
        pytest.param("u.s.a.", "United States of America", True, id="letters"),
        pytest.param("the Gambia", "Gambia", True, id="an article"),
        pytest.param("St Lucia", "Saint Lucia", True, id="a shortened word"),
        pytest.param("Cote d\N{RIGHT SINGLE QUOTATION MARK}Ivoire", "Côte d'Ivoire", True, id="no accent"),
        pytest.param("Ivory Coast", "Côte d'Ivoire", True, id="in English"),
        pytest.param("Bosnia & Herzegovina", "Bosnia and Herzegovina", True, id="a sign for and"),
        pytest.param("Czech Republic", "Czechia (Czech Republic)", True, id="what stands in brackets"),
        pytest.param("Russian Federation", "Russia", False, id="missing, by its long name"),
        pytest.param("South Korea", "South Korea", True, id="not mistaken for its neighbour"),
        pytest.param("Niger", "Niger", True, id="not mistaken for a longer name"),
    ],
)
def test_a_country_is_found_in_many_spellings(country: str, name: str, listed: bool) -> None:  # noqa: FBT001
    """Capitals, accents, articles and common other names lead to the ledger's name."""
    region = account.region(country)
    assert (region.country, region.listed) == (name, listed)


@pytest.mark.parametrize("fact", ["region.listed", "region.missing"])
def test_region_knows_every_name_of_the_ledger(fact: str) -> None:
    """Each name the ledger holds gets the ledger's answer, with its date."""
    for name in facts.get(fact).value:
        region = account.region(name)
        assert (region.country, region.listed) == (name, fact == "region.listed")
        assert facts.get(fact).as_of.isoformat() in str(region)


def test_the_ledgers_lists_agree() -> None:
    """The list is as long as it is said to be; who surprises is on it, who is missing is not."""
    listed, missing = facts.get("region.listed").value, facts.get("region.missing").value
    assert len(set(listed)) == len(listed) == facts.get("region.count").value
    assert not set(listed) & set(missing)
    assert set(facts.get("region.surprising").value) <= set(listed)


def test_every_other_spelling_belongs_to_a_name() -> None:
    """No line of the table of spellings is lost, and none takes over another country's own name."""
    names = {*facts.get("region.listed").value, *facts.get("region.missing").value}
    text = Path(_region.__file__).with_name("spellings.toml").read_text("utf-8")
    assert set(tomllib.loads(text)) <= names
    for name, others in tomllib.loads(text).items():
        for other in others:
            region = account.region(other)
            assert region.country == name or name in region.near
    assert all(account.region(name).country == name for name in names)


@pytest.mark.parametrize(("slip", "near"), [("Kenia", "Kenya"), ("Phillipines", "Philippines")])
def test_a_slip_gets_near_names_and_the_official_address(slip: str, near: str) -> None:
    """A name the ledger does not know is answered with names like it and with where to look."""
    region = account.region(slip)
    assert region.listed is None
    assert near in region.near
    assert f"Did you mean {near}" in str(region)
    assert facts.get("menu.countries").value in str(region)


def test_a_name_of_several_countries_asks_which() -> None:
    """Korea may be two countries with two answers."""
    region = account.region("Korea")
    assert region.listed is None
    assert set(region.near) == {"North Korea", "South Korea"}


@given(st.text(max_size=200))
def test_any_text_is_a_country_or_not(text: str) -> None:
    """Whatever is typed gets an answer, or is refused because nothing was typed."""
    if text.split():
        assert str(account.region(text))
    else:
        with pytest.raises(InputError):
            account.region(text)


def test_only_an_exception_is_told_as_one() -> None:
    """A country that is served in part is said to be; another is not."""
    assert "every part" in account.region("Ukraine").sentence
    assert "every part" not in account.region("Taiwan").sentence


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
    assert "k" * 27 not in drawn.html.split("<svg")[1]


def test_a_project_without_a_key_is_drawn_as_such() -> None:
    """An empty drawer is shown, and said."""
    drawn = account.tree({"empty": []})
    assert "no key yet" in drawn.text
    assert "no key yet</text>" in drawn.html


def test_tree_fits_a_narrow_page() -> None:
    """However many projects there are, the drawing grows down, never wider than a phone."""
    drawn = account.tree({f"project {number}": ["a", "b", "c"] for number in range(20)})
    found = re.search(r'width="(\d+)"', drawn.html)
    assert found is not None
    assert int(found[1]) < 400
    assert "max-width:100%" in drawn.html


def test_tree_of_nothing_is_refused() -> None:
    """There must be something to draw."""
    with pytest.raises(GuideError):
        account.tree({})


def test_the_screens_are_drawn_from_the_ledger_and_said_in_words() -> None:
    """Four screens, each with alternative text, with the ledger's amounts and none of a key."""
    drawn = account.screens()
    assert drawn.html.count("<svg") == drawn.html.count('aria-label="Schematic screen') == 4
    for fact in ("account.signup", "billing.minimum", "billing.default"):
        assert facts.get(fact).words in drawn.text
    assert "switch auto-reload off" in drawn.text


def test_an_address_is_a_link_in_html_and_itself_in_text() -> None:
    """What to open can be clicked; a path through menus stays words."""
    readiness = account.ready(supported_country=True)
    assert '<a style="text-decoration:underline" href="https://platform.openai.com/signup">' in (
        readiness.view().html
    )
    assert "<a " not in str(readiness)
    assert "Organization settings" in str(readiness)


# ---------------------------------------------------------------------------- who pays


def test_the_right_answers_are_right() -> None:
    """Eight uses, five payers, and every payer pays for something."""
    right = {usage.name: usage.payer for usage in account.USAGES}
    sorting = account.who_pays(**right)
    assert (sorting.right, len(sorting.lines), sorting.wrong) == (8, 8, ())
    assert set(right.values()) == set(account.PAYERS)


@pytest.mark.parametrize("usage", account.USAGES, ids=lambda usage: usage.name)
@pytest.mark.parametrize("payer", account.PAYERS)
def test_every_answer_gets_a_reason(usage: account.Usage, payer: str) -> None:
    """Right or wrong, a line says why; a tempting wrong answer is not told the same as the right one."""
    (line,) = [each for each in account.who_pays(**{usage.name: payer}).lines if each.answer]
    assert line.right is (payer == usage.payer)
    assert line.feedback
    assert set(usage.tempting) <= {*account.PAYERS} - {usage.payer}
    assert line.feedback in str(account.who_pays(**{usage.name: payer}).view().html.replace("&#x27;", "'"))


def test_an_open_line_is_neither() -> None:
    """What was not sorted yet is not counted as wrong."""
    sorting = account.who_pays()
    assert (sorting.right, sorting.wrong) == (0, ())
    assert "not sorted yet" in str(sorting)


def test_a_payer_nobody_knows_is_refused() -> None:
    """The message lists the five."""
    with pytest.raises(InputError, match="an Azure bill"):
        account.who_pays(azure="my uncle")
