"""The incident clock: only revoking stops the loss, so whatever stands before it costs money."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import incident
from guide_helpers.errors import InputError, UnknownNameError

NAMES = [action.name for action in incident.ACTIONS]
MINUTES = {action.name: action.minutes for action in incident.ACTIONS}
REVOKE, DEPLOY, TELL, LIMIT, SEARCH, CLEAN, CARD = NAMES
ORDERS = st.permutations(NAMES).flatmap(lambda names: st.integers(1, len(names)).map(lambda n: names[:n]))


@pytest.mark.parametrize(
    ("order", "lost", "silent"),
    [
        pytest.param([REVOKE, DEPLOY], "3.00", 20, id="revoke first: cheap, but the program stands still"),
        pytest.param([DEPLOY, REVOKE], "23.00", 0, id="new key first: no pause, paid for"),
        pytest.param([CLEAN, REVOKE, DEPLOY], "93.00", 20, id="cleaning the history first costs its minutes"),
        pytest.param([REVOKE, CLEAN, DEPLOY], "3.00", 110, id="cleaning afterwards costs nothing"),
        pytest.param([LIMIT, REVOKE], "8.00", None, id="a limit does not slow what is being spent"),
    ],
)
def test_the_order_decides_what_is_lost(order: list[str], lost: str, silent: int | None) -> None:
    """At a dollar a minute the loss is the minutes until the key is dead."""
    played = incident.replay(order, dollars_per_hour=60)
    assert played.lost == Decimal(lost)
    assert played.silent_minutes == silent


def test_without_revoking_the_loss_has_no_end() -> None:
    """An incident in which nobody revokes says what the next day costs."""
    played = incident.replay([CLEAN, TELL], dollars_per_hour=10)
    assert played.dead_after is None
    assert "still works" in played.verdict
    assert "$240.00 more" in played.verdict


def test_the_verdict_names_what_the_money_went_on() -> None:
    """A reader learns which actions stood before revoking, and what it would have cost."""
    verdict = incident.replay([TELL, CLEAN, REVOKE, CARD], dollars_per_hour=60).verdict
    assert f"{TELL}, {CLEAN}." in verdict
    assert CARD not in verdict
    assert "$3.00" in verdict


def test_assumptions_can_be_replaced_and_are_called_assumptions() -> None:
    """A reader's own minutes count, and the result says whose figures they are."""
    played = incident.replay([REVOKE], dollars_per_hour=60, minutes={REVOKE: 30})
    assert played.lost == Decimal(30)
    assert "assumptions" in str(played)


def test_what_was_left_out_is_listed() -> None:
    """Actions not taken stand in the result with their consequence."""
    played = incident.replay([REVOKE, DEPLOY], dollars_per_hour=1)
    assert [action.name for action in played.missed] == NAMES[2:]
    assert all(action.without in str(played) for action in played.missed)
    assert "Nothing was left out" in str(incident.replay(NAMES, dollars_per_hour=1))


@given(ORDERS, st.decimals(0, 10_000, places=2))
def test_the_loss_only_grows_until_the_key_is_dead_and_never_beats_revoking_first(
    order: list[str], rate: Decimal
) -> None:
    """Minute by minute the loss never falls; it ends with the key and is least when revoking is first."""
    played = incident.replay(order, dollars_per_hour=rate)
    losses = played.lost_by_minute
    assert losses[0] == 0
    assert all(before <= after for before, after in itertools.pairwise(losses))
    assert played.lost >= played.best
    assert len(losses) - 1 == (played.dead_after or sum(MINUTES[name] for name in order))
    assert [step.lost for step in played.steps] == sorted(step.lost for step in played.steps)


@pytest.mark.parametrize(
    ("order", "options", "error"),
    [
        pytest.param([], {}, InputError, id="nothing done"),
        pytest.param([REVOKE, REVOKE], {}, InputError, id="one action twice"),
        pytest.param(["panic"], {}, UnknownNameError, id="an action nobody knows"),
        pytest.param([REVOKE], {"minutes": {"panic": 3}}, UnknownNameError, id="minutes for a stranger"),
        pytest.param([REVOKE], {"minutes": {REVOKE: 0}}, InputError, id="no time at all"),
        pytest.param([REVOKE], {"dollars_per_hour": -1}, InputError, id="a negative rate"),
        pytest.param([REVOKE], {"dollars_per_hour": float("nan")}, InputError, id="no number"),
    ],
)
def test_what_cannot_be_played_is_refused(
    order: list[str], options: dict[str, object], error: type[Exception]
) -> None:
    """A plan that makes no sense gets a message that says what to pass."""
    with pytest.raises(error):
        incident.replay(order, **{"dollars_per_hour": 1, **options})  # type: ignore[arg-type]
