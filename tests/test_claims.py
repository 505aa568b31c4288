"""The article's claims, judged."""

from __future__ import annotations

import datetime as dt

import pytest

from guide_helpers import claims, facts, routes
from guide_helpers.errors import InputError, UnknownNameError

ALL = claims.show().chosen
NUMBERS = {notebook.number for notebook in routes.NOTEBOOKS}


def test_there_are_forty_two() -> None:
    """Every claim of the article stands once, in its order."""
    assert [claim.number for claim in ALL] == list(range(1, 43))
    assert len({claim.says for claim in ALL}) == 42


@pytest.mark.parametrize("claim", ALL, ids=lambda claim: str(claim.number))
def test_every_claim_is_whole(claim: claims.Claim) -> None:
    """A verdict, a topic, what is known, a date, a source, and a notebook that goes further; all short."""
    assert claim.verdict in claims.VERDICTS
    assert claim.topic in claims.TOPICS
    assert claim.notebook in NUMBERS
    assert isinstance(claim.as_of, dt.date)
    assert claim.as_of <= facts.get("guide.written").value
    assert claim.source
    assert claim.says.endswith((".", "”"))
    assert claim.now.endswith(".")
    assert len(claim.says) <= 100
    assert len(claim.now) <= 200


@pytest.mark.parametrize("claim", ALL, ids=lambda claim: str(claim.number))
def test_a_claim_shows_its_verdict_date_and_source(claim: claims.Claim) -> None:
    """One by one as in the table."""
    for shown in (str(claim), claim.view().html):
        assert claim.verdict in shown
        assert claim.as_of.isoformat() in shown
    assert claims.get(claim.number) == claim


@pytest.mark.parametrize("verdict", claims.VERDICTS)
@pytest.mark.parametrize("topic", claims.TOPICS)
def test_they_can_be_filtered(verdict: str, topic: str) -> None:
    """By verdict, by topic, and by both; an empty shelf says so."""
    chosen = claims.show(verdict, topic).chosen
    assert all((claim.verdict, claim.topic) == (verdict, topic) for claim in chosen)
    assert set(chosen) == set(claims.show(verdict).chosen) & set(claims.show(topic=topic).chosen)
    shown = str(claims.show(verdict, topic))
    assert verdict in shown
    assert ("No claim is" in shown) is not bool(chosen)


def test_the_verdicts_add_up() -> None:
    """Every claim is on one shelf, and no shelf is empty."""
    sizes = [len(claims.show(verdict).chosen) for verdict in claims.VERDICTS]
    assert sum(sizes) == len(ALL)
    assert all(sizes)
    assert all(claims.show(topic=topic).chosen for topic in claims.TOPICS)


def test_a_question_gives_nothing_away() -> None:
    """To be judged, a claim comes without its verdict and without what is known."""
    asked = claims.ask(15, 42).text
    assert claims.get(15).says in asked
    assert claims.get(15).now not in asked
    assert not [verdict for verdict in claims.VERDICTS if verdict in asked]


def test_odd_wishes_name_the_choices() -> None:
    """A verdict, a topic or a number nobody has heard of."""
    with pytest.raises(InputError, match="unverifiable"):
        claims.show("maybe")
    with pytest.raises(InputError, match="safety"):
        claims.show(topic="weather")
    with pytest.raises(UnknownNameError, match="1 to 42"):
        claims.get(43)
    with pytest.raises(UnknownNameError):
        claims.ask(0)


@pytest.mark.parametrize(
    ("number", "fact"), [(19, "billing.minimum"), (5, "account.phone_uses"), (10, "tokens.rule")]
)
def test_a_claim_that_holds_agrees_with_the_ledger(number: int, fact: str) -> None:
    """What is judged true is what the ledger says, as of the same day."""
    assert claims.get(number).verdict == "true"
    assert claims.get(number).as_of == facts.get(fact).as_of


def test_the_list_of_countries_settles_its_claim() -> None:
    """Afghanistan is on the list, so the claim is wrong; the other four are not on it."""
    assert claims.get(15).verdict == "wrong"
    assert "Afghanistan" in facts.get("region.listed").value
    assert {"Iran", "North Korea", "Russia", "China"} <= set(facts.get("region.missing").value)
