"""Pictures that are edited, varied and streamed: real ones, checked by reading them."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from talk import ERROR_FIELDS, ODD, connect, post

from guide_helpers import facts, practice, tokens
from guide_helpers.practice import png
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World

IMAGE = facts.get("image.model").value[0]
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@pytest.fixture
def client(api: practice.InProcess) -> OpenAI:
    """The real client, in process."""
    return connect(api)


def picture(word: str = "HI", size: tuple[int, int] = (512, 512)) -> bytes:
    """Return a picture to upload."""
    return png.draw([word], size, (WHITE, BLACK), clear=False)


def read(text: str | None) -> tuple[tuple[int, int], bytes, bytes]:
    """Return the sides, the palette and the pixels of a PNG in base64, after checking every chunk."""
    data = base64.b64decode(text or "", validate=True)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    found, place = {}, 8
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + size]
        assert struct.unpack_from(">I", data, place + 8 + size)[0] == zlib.crc32(kind + body)
        found[kind] = body
        place += 12 + size
    return struct.unpack(">II", found[b"IHDR"][:8]), found[b"PLTE"], zlib.decompress(found[b"IDAT"])


# ---------------------------------------------------------------------------- edits


def test_an_edit_is_a_real_picture(client: OpenAI) -> None:
    """As large as the first picture given, of the prompt, and paid for what was read as well."""
    edited: Any = client.images.edit(model=IMAGE, image=picture(), prompt="a red hat", n=2)
    assert [read(each.b64_json)[0] for each in edited.data] == [(512, 512)] * 2
    assert edited.data[0].b64_json != edited.data[1].b64_json
    drawn: Any = client.images.generate(model=IMAGE, prompt="a red hat", n=2, size="512x512")
    assert edited.usage.input_tokens_details.image_tokens > 0
    assert edited.usage.input_tokens > drawn.usage.input_tokens
    assert edited.usage.output_tokens == drawn.usage.output_tokens


def test_an_edit_follows_from_picture_and_prompt(client: OpenAI) -> None:
    """The same both, the same result; another of either, another result."""

    def edit(image: Any, prompt: str = "hat") -> str:
        return str(client.images.edit(model=IMAGE, image=image, prompt=prompt).data[0].b64_json)  # type: ignore[index]

    assert edit(picture()) == edit(picture())
    assert len({edit(picture()), edit(picture("HO")), edit(picture(), "cap")}) == 3
    assert edit([picture(), picture("HO")]) not in {edit(picture()), edit([picture("HO"), picture()])}


def test_a_mask_must_fit(client: OpenAI) -> None:
    """A PNG of the same sides is taken, any other is refused."""
    ask: Any = {"model": IMAGE, "image": picture(), "prompt": "hat"}
    assert client.images.edit(**ask, mask=picture("MASK")).data
    for odd in (picture(size=(256, 512)), b"not a picture", b"\xff\xd8\xff\xe0 a JPEG"):
        with pytest.raises(openai.BadRequestError):
            client.images.edit(**ask, mask=odd)


@pytest.mark.parametrize(
    "odd",
    [
        {"image": b"not a picture"},
        {"image": b""},
        {"image": [picture()] * 17},
        {"prompt": ""},
        {"n": 11},
        {"n": 0},
        {"size": "100x100"},
        {"partial_images": 4},
        {"output_format": "gif"},
        {"response_format": "url"},
        {"background": "green"},
        {"extra_body": {"n": "many"}},
        {"extra_body": {"stream": "perhaps"}},
        {"extra_body": {"markup": "x"}},
    ],
    ids=lambda odd: "-".join(f"{name}={str(value)[:20]}" for name, value in odd.items()),
)
def test_an_odd_edit_is_refused(client: OpenAI, odd: dict[str, Any]) -> None:
    """What the API does not take is the caller's mistake, with four fields and no crash."""
    ask: Any = {"model": IMAGE, "image": picture(), "prompt": "hat", **odd}
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.edit(**ask)
    assert set(caught.value.body or ()) == {"message", "type", "param", "code"}


def test_an_edit_needs_a_form_and_a_picture(api: practice.InProcess) -> None:
    """JSON, or a form without a file, is refused."""
    headers = {"authorization": f"Bearer {api.api_key}", "content-type": "application/json"}
    assert handle(api.world, Request("POST", "/v1/images/edits", headers, b"{}")).status == 400
    headers["content-type"] = "multipart/form-data; boundary=x"
    form = b'--x\r\ncontent-disposition: form-data; name="prompt"\r\n\r\nhat\r\n--x--\r\n'
    refused = handle(api.world, Request("POST", "/v1/images/edits", headers, form))
    assert (refused.status, b"'image'" in refused.body) == (400, True)


# ---------------------------------------------------------------------------- variations

retired = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@retired
def test_variations_are_so_many_pictures(client: OpenAI) -> None:
    """Each in colours of its own, as an address that holds the picture, or in base64."""
    made: Any = client.images.create_variation(model=IMAGE, image=picture(), n=3, size="256x256")
    texts = [each.url.removeprefix("data:image/png;base64,") for each in made.data]
    assert [read(text)[0] for text in texts] == [(256, 256)] * 3
    assert len({read(text)[1] for text in texts}) == 3


@retired
def test_variations_are_retired_for_who_names_no_model(client: OpenAI) -> None:
    """As on the real API; and a picture that is not square, or two, were never taken."""
    with pytest.raises(openai.NotFoundError, match="deprecated"):
        client.images.create_variation(image=picture())
    both = client.images.create_variation(model=IMAGE, image=picture(), response_format="b64_json")
    assert both.data
    assert read(both.data[0].b64_json)[0] == (1024, 1024)
    for odd in ({"image": picture(size=(256, 512))}, {"size": "512x256"}, {"n": 11}, {"image": b"x"}):
        with pytest.raises(openai.BadRequestError):
            client.images.create_variation(**{"model": IMAGE, "image": picture(), **odd})  # type: ignore[arg-type]


# ---------------------------------------------------------------------------- streams


@pytest.mark.parametrize("edit", [False, True], ids=["generated", "edited"])
@pytest.mark.parametrize("partial", [0, 3])
def test_a_streamed_picture_comes_step_by_step(client: OpenAI, *, edit: bool, partial: int) -> None:
    """Each step has more of it, and the last event is what is answered without a stream."""
    ask: Any = {"model": IMAGE, "prompt": "one two three four five six seven eight"}
    call = client.images.generate
    if edit:
        ask["image"], call = picture(), client.images.edit  # type: ignore[assignment]
    whole: Any = call(**ask)
    *steps, last = list(call(**ask, stream=True, partial_images=partial))
    kind = "image_edit" if edit else "image_generation"
    assert [each.type for each in steps] == [f"{kind}.partial_image"] * partial
    assert [each.partial_image_index for each in steps] == list(range(partial))
    ink = [read(each.b64_json)[2].count(0) for each in [*steps, last]]
    assert ink == sorted(ink, reverse=True)
    assert len(set(ink)) == partial + 1
    assert (last.type, last.b64_json) == (f"{kind}.completed", whole.data[0].b64_json)
    assert last.usage.total_tokens == whole.usage.total_tokens


def test_pictures_cost_what_they_count(api: practice.InProcess, client: OpenAI) -> None:
    """An edit and a stream are written into the ledger like any other picture."""
    client.images.edit(model=IMAGE, image=picture(), prompt="hat", n=2)
    list(client.images.generate(model=IMAGE, prompt="hat", stream=True))
    world: World = api.world
    assert [entry.use.images for entry in world.ledger.recent] == [2, 1]
    assert all(entry.cost > 0 for entry in world.ledger.recent)


# ---------------------------------------------------------------------------- made from a prompt


def pixels(picture: bytes) -> tuple[int, int, bytes]:
    """Return width, height and the raw rows of a PNG; every chunk's checksum is checked."""
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(picture):
        (length,) = struct.unpack_from(">I", picture, place)
        kind, data = picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", picture, place + 8 + length)[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        place += 12 + length
    width, height, *kind_of_pixels = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert kind_of_pixels == [1, 3, 0, 0, 0]  # one bit each, from a palette, nothing special
    assert len(chunks[b"PLTE"]) == 6
    return width, height, zlib.decompress(chunks[b"IDAT"])


@pytest.mark.parametrize("size", ["1024x1024", "1536x1024", "256x720"])
def test_an_image_is_a_real_picture(client: OpenAI, size: str) -> None:
    """It has the size asked for, something is drawn on it, and usage adds up."""
    reply = client.images.generate(model=IMAGE, prompt="A red cat, éclair 7", n=2, size=size)  # type: ignore[call-overload]
    first, second = (base64.b64decode(each.b64_json) for each in reply.data)
    width, height, rows = pixels(first)
    assert f"{width}x{height}" == reply.size == size
    assert len(rows) == height * (width // 8 + 1)
    assert rows.count(0) < len(rows)
    assert first != second
    assert reply.usage.input_tokens == tokens.count("A red cat, éclair 7", IMAGE).tokens
    assert reply.usage.total_tokens == reply.usage.input_tokens + reply.usage.output_tokens


def test_the_picture_shows_the_words() -> None:
    """At the smallest scale the letters can be read off the pixels."""
    _, _, rows = pixels(png.draw(["HI"], (24, 9), ((255, 255, 255), (0, 0, 0)), clear=False))
    drawn = [f"{int.from_bytes(rows[start + 1 : start + 4], 'big'):024b}" for start in range(0, len(rows), 4)]
    assert [row.replace("0", " ").rstrip() for row in drawn[:4]] == [
        "      #   #  ###".replace("#", "1"),
        "      #   #   #".replace("#", "1"),
        "      #   #   #".replace("#", "1"),
        "      #####   #".replace("#", "1"),
    ]


def test_an_image_follows_from_its_prompt(client: OpenAI) -> None:
    """The same words give the same picture; a prompt without a letter gives one too."""
    ask: Any = {"model": IMAGE, "prompt": "cat", "size": "256x256", "background": "transparent"}
    first = client.images.generate(**ask)
    assert first.data[0].b64_json == client.images.generate(**ask).data[0].b64_json
    assert first.background == "transparent"
    assert client.images.generate(**{**ask, "prompt": "猫"}).data[0].b64_json != first.data[0].b64_json


REFUSALS: dict[str, tuple[Callable[[OpenAI, str], object], type[openai.APIStatusError], str | None]] = {
    "retired model": (
        lambda client, _: client.images.generate(model=facts.get("model.retired").value, prompt="x"),
        openai.NotFoundError,
        "model_not_found",
    ),
    "a model that writes": (
        lambda client, model: client.images.generate(model=model, prompt="x"),
        openai.BadRequestError,
        "invalid_value",
    ),
    "too many": (
        lambda client, _: client.images.generate(model=IMAGE, prompt="x", n=11),
        openai.BadRequestError,
        "integer_above_max_value",
    ),
    "odd size": (
        lambda client, _: client.images.generate(model=IMAGE, prompt="x", size="1000x1000"),  # type: ignore[call-overload]
        openai.BadRequestError,
        "invalid_value",
    ),
    "old field": (
        lambda client, _: client.images.generate(model=IMAGE, prompt="x", response_format="url"),
        openai.BadRequestError,
        "unknown_parameter",
    ),
    "not here": (
        lambda client, _: client.images.generate(model=IMAGE, prompt="x", extra_body={"svg": {"model": "x"}}),
        openai.BadRequestError,
        "unsupported_parameter",
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
    "model": IMAGE,
    "prompt": "x",
    "size": "256x256",
    "n": 1,
    "quality": "low",
    "background": "auto",
    "output_format": "png",
}


@given(ODD, st.sampled_from(sorted(WHOLE_BODY)))
def test_odd_values_get_a_reply_or_a_refusal(value: object, field: str) -> None:
    """Whatever stands in a field, the answer is whole and one of the API's own."""
    status, answer = post({}, json.dumps({**WHOLE_BODY, field: value}).encode(), "/v1/images/generations")
    assert status in {200, 400, 404, 429}
    if status != 200:
        assert answer["error"].keys() == ERROR_FIELDS
