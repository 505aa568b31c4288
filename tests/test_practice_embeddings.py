"""Embeddings: whole, repeatable, of length 1."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import openai
import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from talk import ERROR_FIELDS, ODD, connect, post

from guide_helpers import facts, practice, tokens, vocabulary

SMALL = facts.get("model.embedding").value
SIZES = facts.get("embedding.dimensions").value


@pytest.fixture
def client(api: practice.InProcess) -> OpenAI:
    """The real client, in process."""
    return connect(api)


def alike(one: Sequence[float], other: Sequence[float]) -> float:
    """How near two vectors of length 1 are."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def embed(client: OpenAI, text: Any, **options: Any) -> list[float]:
    """Return one vector."""
    return client.embeddings.create(model=SMALL, input=text, **options).data[0].embedding


def test_an_embedding_is_whole(client: OpenAI) -> None:
    """Vectors stand in the order of the texts, and usage is their true tokens."""
    reply = client.embeddings.create(model=SMALL, input=["Hello world", "Goodbye"])
    assert [each.index for each in reply.data] == [0, 1]
    assert reply.data[1].embedding == embed(client, "Goodbye")
    assert reply.model == SMALL
    assert reply.usage.prompt_tokens == sum(
        tokens.count(each, SMALL).tokens for each in ("Hello world", "Goodbye")
    )
    assert reply.usage.total_tokens == reply.usage.prompt_tokens


@pytest.mark.parametrize(("name", "size"), SIZES.items())
@pytest.mark.parametrize("wanted", [None, 256, 1])
def test_a_vector_has_the_models_size_and_length_1(
    client: OpenAI, name: str, size: int, wanted: int | None
) -> None:
    """Also when fewer numbers are asked for."""
    options = {} if wanted is None else {"dimensions": wanted}
    vector = client.embeddings.create(model=name, input="Hello", **options).data[0].embedding  # type: ignore[arg-type]
    assert len(vector) == (wanted or size)
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-6)


def test_a_short_vector_is_the_start_of_the_whole_one(client: OpenAI) -> None:
    """Cutting a vector oneself, and making it 1 long again, gives the same."""
    cut = embed(client, "Hello world")[:64]
    length = math.hypot(*cut)
    assert embed(client, "Hello world", dimensions=64) == pytest.approx(
        [each / length for each in cut], abs=1e-6
    )


def test_texts_that_share_words_lie_nearer(client: OpenAI) -> None:
    """The same text has the same vector, a similar one is near, an unrelated one is not."""
    first = embed(client, "The cat sat on the mat")
    assert embed(client, "The cat sat on the mat") == first
    assert alike(first, embed(client, "A cat on a mat")) > 0.5
    assert alike(first, embed(client, "Quarterly revenue grew")) < 0.25


def test_both_formats_hold_the_same_numbers(client: OpenAI) -> None:
    """base64, which the client asks for by itself, and plain numbers."""
    assert embed(client, "Hello", encoding_format="float") == pytest.approx(embed(client, "Hello"), rel=1e-7)
    packed: Any = embed(client, "Hello", encoding_format="base64", dimensions=3)
    assert len(struct.unpack("<3f", base64.b64decode(packed))) == 3


def test_token_numbers_stand_for_their_text(client: OpenAI) -> None:
    """A text, and the numbers of its tokens, have one vector and one price."""
    numbers = vocabulary.load(tiktoken.encoding_name_for_model(SMALL)).encode("Hello world")
    assert embed(client, numbers) == embed(client, [numbers]) == embed(client, "Hello world")
    assert client.embeddings.create(model=SMALL, input=numbers).usage.prompt_tokens == len(numbers)


REFUSALS: dict[str, tuple[Callable[[OpenAI, str], object], type[openai.APIStatusError], str | None]] = {
    "a model that writes": (
        lambda client, model: client.embeddings.create(model=model, input="x"),
        openai.PermissionDeniedError,
        None,
    ),
    "unknown model": (
        lambda client, _: client.embeddings.create(model="no-such-model", input="x"),
        openai.NotFoundError,
        "model_not_found",
    ),
    "empty": (
        lambda client, _: client.embeddings.create(model=SMALL, input=""),
        openai.BadRequestError,
        None,
    ),
    "too many": (
        lambda client, _: client.embeddings.create(model=SMALL, input=["x"] * 2_049),
        openai.BadRequestError,
        "array_above_max_length",
    ),
    "too long": (
        lambda client, _: client.embeddings.create(model=SMALL, input="word " * 9_000),
        openai.BadRequestError,
        None,
    ),
    "too long together": (
        lambda client, _: client.embeddings.create(model=SMALL, input=["word " * 8_000] * 38),
        openai.BadRequestError,
        "max_tokens_per_request",
    ),
    "no such token": (
        lambda client, _: client.embeddings.create(model=SMALL, input=[10**9, -1]),
        openai.BadRequestError,
        None,
    ),
    "too many dimensions": (
        lambda client, _: client.embeddings.create(model=SMALL, input="x", dimensions=SIZES[SMALL] + 1),
        openai.BadRequestError,
        "integer_above_max_value",
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


WHOLE_BODY: dict[str, Any] = {
    "model": SMALL,
    "input": "x",
    "dimensions": 4,
    "encoding_format": "float",
    "user": "x",
}


@given(ODD, st.sampled_from(sorted(WHOLE_BODY)))
def test_odd_values_get_a_reply_or_a_refusal(value: object, field: str) -> None:
    """Whatever stands in a field, the answer is whole and one of the API's own."""
    status, answer = post({}, json.dumps({**WHOLE_BODY, field: value}).encode(), "/v1/embeddings")
    assert status in {200, 400, 404, 429}
    if status != 200:
        assert answer["error"].keys() == ERROR_FIELDS


def test_it_works_over_http() -> None:
    """The same through a socket."""
    with practice.serve(seed=11, limits=practice.Limits(1_000, 10**6)) as server, connect(server) as client:
        assert len(embed(client, "Hi", dimensions=8)) == 8
