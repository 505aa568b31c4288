"""The practice API beside its chats: embeddings, moderations, images, files and batches."""

from __future__ import annotations

import base64
import json
import math
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import openai
import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from openai.types.moderation import Categories, CategoryAppliedInputTypes, CategoryScores

from guide_helpers import facts, practice, tokens, vocabulary
from guide_helpers.practice import png
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World
from guide_helpers.practice.world.kept import Kept

SMALL = facts.get("model.embedding").value
SIZES = facts.get("embedding.dimensions").value
IMAGE = facts.get("image.model").value[0]
DAY = 86_400


@pytest.fixture
def client(api: practice.InProcess) -> OpenAI:
    """The real client, in process."""
    return connect(api)


def connect(api: practice.Server | practice.InProcess) -> OpenAI:
    """Return the real client, which tries once."""
    http: dict[str, Any] = {"http_client": api.http_client} if isinstance(api, practice.InProcess) else {}
    return OpenAI(base_url=api.base_url, api_key=api.api_key, max_retries=0, **http)


def alike(one: Sequence[float], other: Sequence[float]) -> float:
    """How near two vectors of length 1 are."""
    return sum(a * b for a, b in zip(one, other, strict=True))


# ---------------------------------------------------------------------------- embeddings


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


# ---------------------------------------------------------------------------- moderations


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


# ---------------------------------------------------------------------------- images


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


# ---------------------------------------------------------------------------- files


def upload(client: OpenAI, content: bytes, name: str = "a.jsonl", purpose: Any = "batch") -> Any:
    """Upload a file."""
    return client.files.create(file=(name, content), purpose=purpose)


@pytest.mark.parametrize(
    "content", [b"", b"\r\n--\r\n", bytes(range(256)), b"a\r\n\r\nb\n", b"--x--"], ids=repr
)
def test_a_file_comes_back_as_it_went(client: OpenAI, content: bytes) -> None:
    """Byte for byte, whatever is in it, with its name and size."""
    file = upload(client, content, "Grüße “2”.bin", "user_data")
    assert client.files.content(file.id).read() == content
    assert (file.bytes, file.filename, file.purpose) == (len(content), "Grüße “2”.bin", "user_data")
    assert client.files.retrieve(file.id) == file


def test_files_are_listed_a_page_at_a_time(client: OpenAI) -> None:
    """Newest first, by purpose, and the client turns the pages."""
    ids = [upload(client, b"x", f"{n}.txt", "user_data" if n % 2 else "vision").id for n in range(5)]
    assert [file.id for file in client.files.list(limit=2)] == ids[::-1]
    assert [file.id for file in client.files.list(order="asc", purpose="user_data")] == ids[1::2]
    page = client.files.list(limit=2, after=ids[4])
    assert [file.id for file in page.data] == [ids[3], ids[2]]
    assert page.has_more


def test_a_deleted_file_is_gone(client: OpenAI) -> None:
    """Deleting says so; after it nobody finds the file."""
    file = upload(client, b"x")
    assert client.files.delete(file.id).deleted
    for look in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError, match="No such File"):
            look(file.id)
    assert client.files.list().data == []


def test_a_batchs_file_expires(api: practice.InProcess, client: OpenAI) -> None:
    """After 30 days, or when its owner said; other files stay."""
    batch, soon = (
        upload(client, b"x"),
        client.files.create(
            file=("b.txt", b"x"),
            purpose="user_data",
            expires_after={"anchor": "created_at", "seconds": 3_600},
        ),
    )
    stays = upload(client, b"x", purpose="user_data")
    api.clock.advance(3_599)
    assert client.files.retrieve(soon.id).expires_at == soon.created_at + 3_600
    api.clock.advance(30 * DAY)
    assert [file.id for file in client.files.list()] == [stays.id]
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(batch.id)


def test_only_so_much_is_kept(monkeypatch: pytest.MonkeyPatch, client: OpenAI) -> None:
    """The oldest go first, by number and by size."""
    kept: Kept[int] = Kept()
    for number in range(201):
        kept.add(str(number), number)
    assert (len(kept.all()), kept.get("0"), kept.get("1")) == (200, None, 1)
    monkeypatch.setattr("guide_helpers.practice.world.kept._MOST_BYTES", 10)
    upload(client, b"123456")
    last = upload(client, b"123456")
    assert [file.id for file in client.files.list()] == [last.id]


FORM = {"content-type": "multipart/form-data; boundary=b"}
WHOLE = (
    b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\nx\r\n--b--\r\n'
)


def post(
    headers: dict[str, str], body: bytes, path: str = "/v1/files", method: str = "POST"
) -> tuple[int, Any]:
    """Send raw bytes to a fresh world."""
    world = World(limits=practice.Limits(10**6, 10**9))
    head = {"authorization": f"Bearer {world.issue_key('test')}", **headers}
    answer = handle(world, Request(method, path, head, body))
    return answer.status, json.loads(answer.body)


ODD_FORMS: dict[str, tuple[dict[str, str], bytes]] = {
    "no content type": ({}, WHOLE),
    "json": ({"content-type": "application/json"}, b"{}"),
    "no boundary": ({"content-type": "multipart/form-data"}, WHOLE),
    "other boundary": ({"content-type": "multipart/form-data; boundary=c"}, WHOLE),
    "long boundary": ({"content-type": f"multipart/form-data; boundary={'b' * 999}"}, WHOLE),
    "boundary of odd letters": ({"content-type": "multipart/form-data; boundary=猫"}, WHOLE),
    "charset with a null": ({"content-type": "multipart/form-data; boundary*=\0''b"}, WHOLE),
    "two lines": ({"content-type": "multipart/form-data;\r\nboundary=c"}, WHOLE),
    "empty": (FORM, b""),
    "not closed": (FORM, WHOLE.removesuffix(b"--\r\n")),
    "no parts": (FORM, b"--b--"),
    "part without a head": (FORM, b"--b\r\nx\r\n--b--"),
    "part without a name": (FORM, WHOLE.replace(b'name="file"', b"")),
    "no file name": (FORM, WHOLE.replace(b'; filename="a.jsonl"', b"")),
    "no file": (FORM, WHOLE.replace(b'name="file"', b'name="other"')),
    "no purpose": (FORM, WHOLE.replace(b'name="purpose"', b'name="other"')),
    "odd purpose": (FORM, WHOLE.replace(b"batch", b"\xff")),
    "not jsonl": (FORM, WHOLE.replace(b"a.jsonl", b"a.txt")),
    "too many parts": (FORM, WHOLE.split(b"--b\r\n")[1].join([b"--b\r\n"] * 30) + b"--b--"),
}


def test_a_form_by_hand_is_taken() -> None:
    """The form the odd ones below are made from is itself whole."""
    status, file = post(FORM, WHOLE)
    assert (status, file["bytes"], file["filename"]) == (200, 1, "a.jsonl")


@pytest.mark.parametrize(("headers", "body"), ODD_FORMS.values(), ids=ODD_FORMS)
def test_an_odd_form_is_a_400(headers: dict[str, str], body: bytes) -> None:
    """In the API's own shape."""
    status, answer = post(headers, body)
    assert status == 400
    assert answer["error"].keys() == {"message", "type", "param", "code"}


@given(
    st.text(max_size=30),
    st.one_of(
        st.binary(max_size=60), st.lists(st.sampled_from(WHOLE.split(b"-")), max_size=9).map(b"-".join)
    ),
)
def test_no_form_is_a_crash(kind: str, body: bytes) -> None:
    """Whatever the header and the body hold."""
    for content_type in (kind, f"multipart/form-data; boundary={kind}", FORM["content-type"]):
        assert post({"content-type": content_type}, body)[0] in {200, 400}


# ---------------------------------------------------------------------------- batches


def line(custom_id: Any, body: Any, url: str = "/v1/responses", /, **more: Any) -> bytes:
    """Write one line of a batch."""
    return json.dumps({"custom_id": custom_id, "method": "POST", "url": url, "body": body, **more}).encode()


def run(client: OpenAI, *lines: bytes, endpoint: Any = "/v1/responses", **options: Any) -> Any:
    """Upload lines and run them."""
    file = upload(client, b"\n".join(lines))
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h", **options)


def read(client: OpenAI, file_id: str | None) -> list[Any]:
    """Return the lines of a made file, parsed."""
    assert file_id is not None
    return [json.loads(each) for each in client.files.content(file_id).text.splitlines()]


def test_a_batch_really_runs(client: OpenAI, model: str) -> None:
    """Good lines are answered as single requests would be; refused ones stand in the error file."""
    asks = {f"q{n}": {"model": model, "input": f"Question {n}"} for n in range(3)}
    batch = run(
        client,
        *(line(each, ask) for each, ask in asks.items()),
        line("bad", {"model": "no-such-model"}),
        metadata={"why": "test"},
    )
    counts = batch.request_counts
    assert (batch.status, counts.total, counts.completed, counts.failed) == ("completed", 4, 3, 1)
    answers = read(client, batch.output_file_id)
    assert [each["custom_id"] for each in answers] == list(asks)
    single = client.responses.create(**asks["q1"])
    body = answers[1]["response"]["body"]
    assert body["output"][0]["content"][0]["text"] == single.output_text
    assert len({each["response"]["body"]["id"] for each in answers}) == 3
    assert len({each["response"]["request_id"] for each in answers}) == 3
    assert batch.usage.total_tokens == sum(
        each["response"]["body"]["usage"]["total_tokens"] for each in answers
    )
    (refused,) = read(client, batch.error_file_id)
    assert (refused["custom_id"], refused["response"]["status_code"]) == ("bad", 404)
    assert refused["response"]["body"]["error"]["code"] == "model_not_found"
    assert (batch.model, batch.metadata) == (model, {"why": "test"})
    assert client.files.retrieve(batch.output_file_id).purpose == "batch_output"


def test_every_endpoint_takes_batches(client: OpenAI, model: str) -> None:
    """Chats and embeddings too; with nothing refused there is no error file."""
    chat = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
    for endpoint, body in (
        ("/v1/chat/completions", chat),
        ("/v1/embeddings", {"model": SMALL, "input": "Hi"}),
    ):
        batch = run(client, line("one", body, endpoint), endpoint=endpoint)
        assert (batch.request_counts.completed, batch.error_file_id) == (1, None)
        assert batch.usage.input_tokens > 0


BAD_LINES: dict[str, bytes] = {
    "not json": b"nope",
    "not an object": b"[1]",
    "not text": b"\xff\xfe\xff",
    "no id": b'{"method": "POST", "url": "/v1/responses", "body": {}}',
    "number for an id": line(7, {}),
    "other address": line("a", {}, "/v1/embeddings"),
    "other method": line("a", {}, method="GET"),
    "no body": line("a", None),
    "deep": b'{"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {"x": %s}}'
    % (b"[" * 900 + b"]" * 900),
    "deeper": b"[" * 100_000,
    "stream": line("a", {"model": facts.get("model.everyday").value, "input": "x", "stream": True}),
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_spoils_no_other(client: OpenAI, model: str, bad: bytes) -> None:
    """It lands in the error file; the lines around it are answered."""
    good = {"model": model, "input": "x"}
    batch = run(client, line("first", good), bad, b"", line("last", good))
    assert [each["custom_id"] for each in read(client, batch.output_file_id)] == ["first", "last"]
    (refused,) = read(client, batch.error_file_id)
    assert refused["response"]["status_code"] == 400


def test_a_custom_id_stands_once(client: OpenAI, model: str) -> None:
    """The second line of that name is refused."""
    batch = run(client, *[line("same", {"model": model, "input": "x"})] * 2)
    (refused,) = read(client, batch.error_file_id)
    assert refused["response"]["body"]["error"]["code"] == "duplicate_custom_id"


def test_an_empty_batch_fails(client: OpenAI) -> None:
    """With a reason, and without files."""
    batch = run(client, b" ")
    assert (batch.status, batch.output_file_id, batch.completed_at) == ("failed", None, None)
    assert batch.errors.data[0].code == "empty_file"


def test_a_batch_draws_on_no_limits(model: str) -> None:
    """Ten lines pass where one request a minute would; the next single request is the first."""
    api = practice.in_process(limits=practice.Limits(1, 40_000), clock=practice.Clock(speed=0))
    client = connect(api)
    ask = {"model": model, "input": "x"}
    assert run(client, *(line(f"{n}", ask) for n in range(10))).request_counts.completed == 10
    client.responses.create(**ask)
    with pytest.raises(openai.RateLimitError):
        client.responses.create(**ask)


def test_a_scenario_meets_a_line(api: practice.InProcess, client: OpenAI, model: str) -> None:
    """What is played next is met by the first line of a batch."""
    api.play("overloaded")
    batch = run(client, *(line(f"{n}", {"model": model, "input": "x"}) for n in range(2)))
    assert [each["response"]["status_code"] for each in read(client, batch.error_file_id)] == [503]


def test_batches_are_listed_and_over(client: OpenAI, model: str) -> None:
    """Newest first, a page at a time; what is done cannot be cancelled."""
    batches = [run(client, line("a", {"model": model, "input": "x"})) for _ in range(3)]
    assert [each.id for each in client.batches.list(limit=2)] == [each.id for each in batches[::-1]]
    assert client.batches.retrieve(batches[0].id) == batches[0]
    with pytest.raises(openai.ConflictError, match="completed"):
        client.batches.cancel(batches[0].id)


def test_inner_requests_are_not_exchanges(api: practice.InProcess, client: OpenAI, model: str) -> None:
    """The record of the wire holds what went over it, and every request id differs."""
    run(client, *(line(f"{n}", {"model": model, "input": "x"}) for n in range(3)))
    client.models.list()
    assert [each.path for each in api.seen] == ["/v1/files", "/v1/batches", "/v1/models"]
    assert len({each.response_headers["x-request-id"] for each in api.seen}) == 3


# ---------------------------------------------------------------------------- refusals

REFUSALS: dict[str, tuple[Callable[[OpenAI, str], object], type[openai.APIStatusError], str | None]] = {
    "embedding: a model that writes": (
        lambda client, model: client.embeddings.create(model=model, input="x"),
        openai.PermissionDeniedError,
        None,
    ),
    "embedding: unknown model": (
        lambda client, _: client.embeddings.create(model="no-such-model", input="x"),
        openai.NotFoundError,
        "model_not_found",
    ),
    "embedding: empty": (
        lambda client, _: client.embeddings.create(model=SMALL, input=""),
        openai.BadRequestError,
        None,
    ),
    "embedding: too many": (
        lambda client, _: client.embeddings.create(model=SMALL, input=["x"] * 2_049),
        openai.BadRequestError,
        "array_above_max_length",
    ),
    "embedding: too long": (
        lambda client, _: client.embeddings.create(model=SMALL, input="word " * 9_000),
        openai.BadRequestError,
        None,
    ),
    "embedding: too long together": (
        lambda client, _: client.embeddings.create(model=SMALL, input=["word " * 8_000] * 38),
        openai.BadRequestError,
        "max_tokens_per_request",
    ),
    "embedding: no such token": (
        lambda client, _: client.embeddings.create(model=SMALL, input=[10**9, -1]),
        openai.BadRequestError,
        None,
    ),
    "embedding: too many dimensions": (
        lambda client, _: client.embeddings.create(model=SMALL, input="x", dimensions=SIZES[SMALL] + 1),
        openai.BadRequestError,
        "integer_above_max_value",
    ),
    "moderation: a model that writes": (
        lambda client, model: client.moderations.create(model=model, input="x"),
        openai.BadRequestError,
        "invalid_value",
    ),
    "image: retired model": (
        lambda client, _: client.images.generate(model=facts.get("model.retired").value, prompt="x"),
        openai.NotFoundError,
        "model_not_found",
    ),
    "image: a model that writes": (
        lambda client, model: client.images.generate(model=model, prompt="x"),
        openai.BadRequestError,
        "invalid_value",
    ),
    "image: too many": (
        lambda client, _: client.images.generate(model=IMAGE, prompt="x", n=11),
        openai.BadRequestError,
        "integer_above_max_value",
    ),
    "image: odd size": (
        lambda client, _: client.images.generate(model=IMAGE, prompt="x", size="1000x1000"),  # type: ignore[call-overload]
        openai.BadRequestError,
        "invalid_value",
    ),
    "image: old field": (
        lambda client, _: client.images.generate(model=IMAGE, prompt="x", response_format="url"),
        openai.BadRequestError,
        "unknown_parameter",
    ),
    "image: not here": (
        lambda client, _: client.images.generate(model=IMAGE, prompt="x", extra_body={"svg": {"model": "x"}}),
        openai.BadRequestError,
        "unsupported_parameter",
    ),
    "files: odd limit": (
        lambda client, _: client.files.list(limit=0),
        openai.BadRequestError,
        "integer_below_min_value",
    ),
    "files: unknown cursor": (
        lambda client, _: client.files.list(after="file-nobody"),
        openai.NotFoundError,
        None,
    ),
    "batch: unknown file": (
        lambda client, _: client.batches.create(
            input_file_id="file-nobody", endpoint="/v1/responses", completion_window="24h"
        ),
        openai.NotFoundError,
        None,
    ),
    "batch: other file": (
        lambda client, _: client.batches.create(
            input_file_id=upload(client, b"x", purpose="user_data").id,
            endpoint="/v1/responses",
            completion_window="24h",
        ),
        openai.BadRequestError,
        "invalid_value",
    ),
    "batch: odd window": (
        lambda client, _: client.batches.create(
            input_file_id="x",
            endpoint="/v1/responses",
            completion_window="1h",  # type: ignore[arg-type]
        ),
        openai.BadRequestError,
        "invalid_value",
    ),
    "batch: too many lines": (
        lambda client, _: run(client, *[b"{}"] * 1_001),
        openai.BadRequestError,
        "array_above_max_length",
    ),
    "batch: odd metadata": (
        lambda client, _: run(client, b"{}", metadata={"a": "x" * 513}),
        openai.BadRequestError,
        None,
    ),
    "batch: unknown": (
        lambda client, _: client.batches.retrieve("batch_nobody"),
        openai.NotFoundError,
        None,
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


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None)),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["type", "text", "url", "image_url", "seconds"]), inner)
    ),
    max_leaves=8,
)
WHOLE_BODIES: dict[str, dict[str, Any]] = {
    "/v1/embeddings": {
        "model": SMALL,
        "input": "x",
        "dimensions": 4,
        "encoding_format": "float",
        "user": "x",
    },
    "/v1/moderations": {"model": None, "input": "x"},
    "/v1/images/generations": {
        "model": IMAGE,
        "prompt": "x",
        "size": "256x256",
        "n": 1,
        "quality": "low",
        "background": "auto",
        "output_format": "png",
    },
    "/v1/batches": {
        "input_file_id": "x",
        "endpoint": "/v1/responses",
        "completion_window": "24h",
        "metadata": {},
        "output_expires_after": None,
    },
}


@given(ODD, st.sampled_from([(path, field) for path, body in WHOLE_BODIES.items() for field in body]))
def test_odd_values_get_a_reply_or_a_refusal(value: object, place: tuple[str, str]) -> None:
    """Whatever stands in a field, the answer is whole and one of the API's own."""
    path, field = place
    status, answer = post({}, json.dumps({**WHOLE_BODIES[path], field: value}).encode(), path)
    assert status in {200, 400, 404, 429}
    if status != 200:
        assert answer["error"].keys() == {"message", "type", "param", "code"}


@given(ODD, st.sampled_from(["custom_id", "method", "url", "body"]))
def test_odd_lines_spoil_nothing(value: object, field: str) -> None:
    """Whatever stands in a line, the batch comes to its end."""
    api = practice.in_process(clock=practice.Clock(speed=0))
    batch = run(
        connect(api),
        line("a", {"model": SMALL, "input": "x"}, "/v1/embeddings", **{field: value}),
        endpoint="/v1/embeddings",
    )
    assert batch.request_counts.total == batch.request_counts.completed + batch.request_counts.failed == 1


@given(st.dictionaries(st.sampled_from(["limit", "after", "order", "purpose"]), st.text(max_size=8)))
def test_odd_queries_get_a_reply_or_a_refusal(query: dict[str, str]) -> None:
    """Of every list."""
    world = World()
    head = {"authorization": f"Bearer {world.issue_key('test')}"}
    for path in ("/v1/files", "/v1/batches"):
        assert handle(world, Request("GET", path, head, query=query)).status in {200, 400, 404}


# ---------------------------------------------------------------------------- over HTTP


def test_all_of_it_over_http(model: str) -> None:
    """One call of each kind, through a socket."""
    with practice.serve(seed=11, limits=practice.Limits(1_000, 10**6)) as server, connect(server) as client:
        assert len(embed(client, "Hi", dimensions=8)) == 8
        assert client.moderations.create(input="Hi").results
        assert client.images.generate(model=IMAGE, prompt="Hi", size="256x256").data
        batch = run(client, line("a", {"model": model, "input": "Hi"}))
        assert read(client, batch.output_file_id)[0]["custom_id"] == "a"
        assert client.batches.retrieve(batch.id) == batch
        assert [each.id for each in client.batches.list(limit=1)] == [batch.id]
        with pytest.raises(openai.ConflictError):
            client.batches.cancel(batch.id)
        assert [file.purpose for file in client.files.list(limit=1)] == ["batch_output", "batch"]
        assert client.files.retrieve(batch.input_file_id).bytes > 0
        assert client.files.delete(batch.input_file_id).deleted
