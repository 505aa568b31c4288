"""Moderations: the shape of the real answer, from a list of words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from openai.types.moderation import Categories, CategoryAppliedInputTypes, CategoryScores
from talk import ERROR_FIELDS, ODD, connect, post

from guide_helpers import facts, practice


@pytest.fixture
def client(api: practice.InProcess) -> OpenAI:
    """The real client, in process."""
    return connect(api)


def test_a_moderation_names_every_category(client: OpenAI) -> None:
    """Every field the client knows is there, and only what was found is flagged."""
    reply = client.moderations.create(input=["Have a nice day", "I want to KILL  them"])
    calm, wild = reply.results
    assert reply.id.startswith("modr-")
    assert reply.model == facts.get("moderation.model").value[0]
    for kind, part in (
        (Categories, wild.categories),
        (CategoryScores, wild.category_scores),
        (CategoryAppliedInputTypes, wild.category_applied_input_types),
    ):
        assert part.to_dict().keys() == {field.alias or name for name, field in kind.model_fields.items()}
    assert not calm.flagged
    assert not any(calm.categories.to_dict().values())
    assert [name for name, hit in wild.categories.to_dict().items() if hit] == ["violence"]
    assert wild.flagged
    assert wild.category_scores.violence > 0.9
    assert calm.category_scores.violence < 0.01


def test_a_mix_of_text_and_image_is_one_input(client: OpenAI) -> None:
    """Each category says which of the two it was applied to."""
    picture: Any = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    reply = client.moderations.create(input=[{"type": "text", "text": "skill"}, picture])
    (result,) = reply.results
    assert not result.flagged
    assert result.category_applied_input_types.violence == ["text", "image"]
    assert result.category_applied_input_types.hate == ["text"]


REFUSALS: dict[str, tuple[Callable[[OpenAI, str], object], type[openai.APIStatusError], str | None]] = {
    "a model that writes": (
        lambda client, model: client.moderations.create(model=model, input="x"),
        openai.BadRequestError,
        "invalid_value",
    ),
}


@pytest.mark.parametrize(("call", "kind", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_the_right_exception(
    client: OpenAI, model: str, call: Callable[[OpenAI, str], object], kind: type, code: str | None
) -> None:
    """Each mistake raises the client's own class, with the API's code."""
    with pytest.raises(kind) as caught:
        call(client, model)
    assert caught.value.code == code


WHOLE_BODY: dict[str, Any] = {"model": None, "input": "x"}


@given(ODD, st.sampled_from(sorted(WHOLE_BODY)))
def test_odd_values_get_a_reply_or_a_refusal(value: object, field: str) -> None:
    """Whatever stands in a field, the answer is whole and one of the API's own."""
    status, answer = post({}, json.dumps({**WHOLE_BODY, field: value}).encode(), "/v1/moderations")
    assert status in {200, 400, 404, 429}
    if status != 200:
        assert answer["error"].keys() == ERROR_FIELDS


def test_it_works_over_http() -> None:
    """The same through a socket."""
    with practice.serve(seed=11, limits=practice.Limits(1_000, 10**6)) as server, connect(server) as client:
        assert client.moderations.create(input="Hi").results
