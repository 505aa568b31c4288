"""Which way through the guide is yours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import routes
from guide_helpers.errors import InputError


@given(
    st.sampled_from(list(routes.GOALS)),
    st.booleans(),
    st.booleans(),
    st.sampled_from(routes.PLACES),
    st.integers(50, 500),
)
def test_a_route_fits_the_time(goal: str, account: bool, card: bool, place: str, minutes: int) -> None:  # noqa: FBT001
    """It is never longer than the minutes there are, and nothing is lost between now and later."""
    route = routes.plan(goal, has_account=account, has_card=card, place=place, minutes=minutes)
    assert route.stops
    assert route.minutes == sum(stop.minutes for stop, _ in route.stops) <= minutes
    numbers = [stop.number for stop, _ in route.stops] + [each.number for each in route.later]
    expected = [number for number in routes.GOALS[goal] if not (account and number == "01")]
    assert sorted(numbers) == sorted(expected)


def test_an_account_skips_the_account_notebook() -> None:
    """Who has one need not read how to get one."""
    route = routes.plan("learn it all", has_account=True, minutes=480)
    assert "01" not in [stop.number for stop, _ in route.stops]


@pytest.mark.parametrize("place", ["Binder", "a shared room"])
def test_a_shared_computer_means_practice(place: str) -> None:
    """Even with an account and a card."""
    assert "never type a real key" in routes.plan(has_account=True, has_card=True, place=place).advice


@pytest.mark.parametrize("odd", [{"goal": "fly"}, {"place": "the moon"}, {"minutes": 5}])
def test_odd_wishes_name_the_choices(odd: dict[str, object]) -> None:
    """A word the guide does not know, or no time at all, is an error with a cure."""
    with pytest.raises(InputError) as caught:
        routes.plan(**odd)  # type: ignore[arg-type]
    assert caught.value.cure


@given(st.sampled_from(list(routes.GOALS)), st.integers(routes.NOTEBOOKS[0].minutes, 500))
def test_there_is_always_a_way_to_begin(goal: str, minutes: int) -> None:
    """Even when the first stop is longer than the time, and then the route says so."""
    route = routes.plan(goal, minutes=minutes)
    assert route.stops
    assert (route.minutes > minutes) is bool(route.pause)
    assert route.pause in str(route)


def test_every_stop_is_a_link() -> None:
    """A title leads to its notebook; the text twin is the title alone."""
    view = routes.plan("stop an error", minutes=60).view()
    assert 'href="00_start_here.ipynb"' in view.html
    assert 'href="06_troubleshooting.ipynb"' in view.html
    assert "ipynb" not in view.text
