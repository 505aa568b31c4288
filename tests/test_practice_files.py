"""Files: what is uploaded comes back, and forms of every kind are taken or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from talk import connect, post

from guide_helpers import practice
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Query, Request
from guide_helpers.practice.world import World
from guide_helpers.practice.world.kept import Kept

DAY = 86_400


@pytest.fixture
def client(api: practice.InProcess) -> OpenAI:
    """The real client, in process."""
    return connect(api)


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


REFUSALS: dict[str, tuple[Callable[[OpenAI, str], object], type[openai.APIStatusError], str | None]] = {
    "odd limit": (
        lambda client, _: client.files.list(limit=0),
        openai.BadRequestError,
        "integer_below_min_value",
    ),
    "unknown cursor": (
        lambda client, _: client.files.list(after="file-nobody"),
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


@given(st.dictionaries(st.sampled_from(["limit", "after", "order", "purpose"]), st.text(max_size=8)))
def test_odd_queries_get_a_reply_or_a_refusal(query: dict[str, str]) -> None:
    """A list is a list, whatever is asked of it."""
    world = World()
    head = {"authorization": f"Bearer {world.issue_key('test')}"}
    assert handle(world, Request("GET", "/v1/files", head, query=Query([*query.items()]))).status in {
        200,
        400,
        404,
    }
