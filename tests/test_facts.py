"""The ledger."""

from __future__ import annotations

import datetime as dt

import pytest

from guide_helpers import facts
from guide_helpers.errors import InputError, UnknownNameError

WRITTEN = dt.date(2026, 11, 23)
ALL = facts.all_facts(today=WRITTEN)


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.id)
def test_every_fact_is_whole(fact: facts.Fact) -> None:
    """Each has words, a source, two dates in order, and a known confidence."""
    assert fact.says
    assert fact.source
    assert fact.as_of <= WRITTEN < fact.check_by
    assert fact.confidence in {"run", "official", "third-party", "weak"}


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.id)
def test_every_fact_shows_its_date_and_source(fact: facts.Fact) -> None:
    """Both forms carry the as-of date and the source."""
    view = fact.view()
    assert fact.as_of.isoformat() in view.text
    assert fact.source in view.text
    assert fact.as_of.isoformat() in view.html


def test_a_fact_is_shown_as_a_sentence() -> None:
    """The text twin of a plain fact is one dated sentence."""
    assert str(facts.get("tokens.rule", today=WRITTEN)) == (
        "Rule of thumb for one token of English: 4 characters (as of 2026-07-15, OpenAI documentation)"
    )


def test_a_fact_grows_stale_in_the_open() -> None:
    """On its check-by date it is fine; a day later both forms carry a warning."""
    check_by = facts.get("billing.minimum", today=WRITTEN).check_by
    fresh = facts.get("billing.minimum", today=check_by)
    stale = facts.get("billing.minimum", today=check_by + dt.timedelta(days=1))
    assert (fresh.stale, stale.stale) == (False, True)
    assert "Past its check-by date" not in str(fresh)
    assert "Past its check-by date" in str(stale)
    assert "Past its check-by date" in facts.show("billing.minimum", today=dt.date(2040, 1, 1)).html


def test_an_unknown_fact_names_near_ones() -> None:
    """A slip of the pen is answered with the right id."""
    with pytest.raises(UnknownNameError, match=r"billing\.minimum"):
        facts.get("billing.minimun")


def test_an_unknown_model_names_near_ones() -> None:
    """The same for models."""
    with pytest.raises(UnknownNameError, match="Did you mean gpt-4o"):
        facts.model("gpt4o")


def test_a_model_retires_on_its_day() -> None:
    """The day before shutdown it answers; on the day it does not."""
    model = next(each for each in facts.models() if each.shutdown)
    assert model.shutdown is not None
    assert not model.retired(model.shutdown - dt.timedelta(days=1))
    assert model.retired(model.shutdown)


def test_models_are_listed_once() -> None:
    """No model stands twice in the ledger."""
    names = [model.id for model in facts.models()]
    assert len(names) == len(set(names))


def test_the_date_can_be_frozen() -> None:
    """GUIDE_TODAY decides; without it the real date does; nonsense is refused with the cure."""
    assert facts.today({"GUIDE_TODAY": "2030-02-01"}) == dt.date(2030, 2, 1)
    assert facts.today({}) >= WRITTEN
    with pytest.raises(InputError, match="Write it as"):
        facts.today({"GUIDE_TODAY": "tomorrow"})
