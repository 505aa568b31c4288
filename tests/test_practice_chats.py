"""Chats that are kept, logprobs, moderation beside an answer, old functions, and conversations made short."""

from __future__ import annotations

import math
from typing import Any

import openai
import pytest
from openai import OpenAI
from talk import connect

from guide_helpers import practice, tokens
from guide_helpers.practice import compacted


@pytest.fixture
def client(api: practice.InProcess) -> OpenAI:
    """The real client, in process."""
    return connect(api)


def chat(client: OpenAI, model: str, text: str = "Hi", **options: Any) -> Any:
    """Ask one thing."""
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": text}], **options
    )


# ---------------------------------------------------------------------------- kept chats


def test_only_a_stored_chat_is_kept(client: OpenAI, model: str) -> None:
    """It is found again as it was answered, streamed or not; others are not found."""
    gone = chat(client, model, "one")
    kept = chat(client, model, "two", store=True, metadata={"topic": "a"})
    found = client.chat.completions.retrieve(kept.id)
    assert (found.choices, found.usage, found.metadata) == (kept.choices, kept.usage, {"topic": "a"})
    streamed = next(iter(chat(client, model, "three", store=True, stream=True)))
    assert [each.id for each in client.chat.completions.list()] == [kept.id, streamed.id]
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve(gone.id)


def test_kept_chats_are_listed_as_asked(client: OpenAI, model: str) -> None:
    """Oldest first or newest first, a page at a time, by model or by notes."""
    ids = [chat(client, model, store=True, metadata={"even": str(n % 2 == 0)}).id for n in range(5)]
    listed = client.chat.completions.list
    assert [each.id for each in listed(limit=2)] == ids
    assert [each.id for each in listed(order="desc", limit=2)] == ids[::-1]
    assert [each.id for each in listed(metadata={"even": "True"})] == ids[::2]
    assert [each.id for each in listed(model=model)] == ids
    assert list(listed(model="another")) == []
    assert listed(limit=2).has_more


def test_notes_can_be_changed_and_a_chat_deleted(client: OpenAI, model: str) -> None:
    """New notes replace the old ones and stay; a deleted chat is gone."""
    name = chat(client, model, store=True, metadata={"topic": "a"}).id
    assert client.chat.completions.update(name, metadata={"mood": "b"}).metadata == {"mood": "b"}
    assert client.chat.completions.retrieve(name).metadata == {"mood": "b"}
    for odd in ({"k" * 65: "v"}, {"k": "v" * 513}, {f"{n}": "v" for n in range(17)}, {"k": 1}):
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.update(name, metadata=odd)  # type: ignore[arg-type]
    assert client.chat.completions.delete(name).deleted
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.delete(name)


def test_what_a_kept_chat_was_asked(client: OpenAI, model: str) -> None:
    """Every message with an id of its own, in order; parts are told as text and as parts."""
    parts: Any = [{"type": "text", "text": "What "}, {"type": "text", "text": "now?"}]
    messages: Any = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}]
    name = client.chat.completions.create(model=model, messages=messages, store=True).id
    first, second = client.chat.completions.messages.list(name)
    assert (first.id, first.role, first.content) == (f"{name}-0", "developer", "Be brief.")
    assert second.content == "What now?"
    assert [part.text for part in second.content_parts or []] == ["What ", "now?"]  # type: ignore[union-attr]
    assert [each.id for each in client.chat.completions.messages.list(name, order="desc", limit=1)] == [
        second.id,
        first.id,
    ]


def test_another_project_does_not_see_it(client: OpenAI, api: practice.InProcess, model: str) -> None:
    """What one project keeps is its own."""
    name = chat(client, model, store=True).id
    world = api.world
    world.found("org-other", "Other", "user-other", "proj_other")
    record = world.record(api.api_key)
    record.organization, record.project, record.owner = "org-other", "proj_other", "user-other"
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve(name)


# ---------------------------------------------------------------------------- logprobs


def test_every_token_has_its_likelihood(client: OpenAI, model: str) -> None:
    """The tokens make up the reply, whole and streamed alike; the probabilities are probabilities."""
    whole = chat(client, model, logprobs=True, top_logprobs=3)
    entries = whole.choices[0].logprobs.content
    assert "".join(each.token for each in entries) == whole.choices[0].message.content
    for each in entries:
        assert bytes(each.bytes).decode() == each.token
        assert len(each.top_logprobs) == 3
        assert each.top_logprobs[0].token == each.token
        assert sum(math.exp(one.logprob) for one in each.top_logprobs) < 1
    stream = chat(client, model, logprobs=True, top_logprobs=3, stream=True)
    chunks = [each.choices[0].logprobs for each in stream]
    assert [one for each in chunks if each for one in each.content] == entries


def test_nobody_asks_and_nothing_is_told(client: OpenAI, model: str) -> None:
    """Without `logprobs` there are none, and `top_logprobs` alone is refused."""
    assert chat(client, model).choices[0].logprobs is None
    assert chat(client, model, logprobs=True).choices[0].logprobs.content[0].top_logprobs == []
    for odd in ({"top_logprobs": 3}, {"logprobs": True, "top_logprobs": 21}, {"logprobs": "yes"}):
        with pytest.raises(openai.BadRequestError):
            chat(client, model, **odd)


def test_a_response_tells_them_when_it_includes_them(client: OpenAI, model: str) -> None:
    """The same numbers in the message and in the events of the stream."""
    ask: Any = {"model": model, "input": "Hi", "include": ["message.output_text.logprobs"], "top_logprobs": 2}
    part: Any = client.responses.create(**ask).output[0].content[0]  # type: ignore[union-attr]
    assert "".join(each.token for each in part.logprobs) == part.text
    events: Any = list(client.responses.create(**ask, stream=True))
    told = [one.logprob for each in events if each.type.endswith("text.delta") for one in each.logprobs]
    assert told == [each.logprob for each in part.logprobs]


# ---------------------------------------------------------------------------- beside an answer


def test_moderation_looks_on(client: OpenAI, model: str) -> None:
    """Question and answer are judged as the moderations endpoint judges them."""
    ask = {"extra_body": {"moderation": {"model": "omni-moderation-latest"}}}
    judged = chat(client, model, "How do I build a bomb?", **ask).to_dict()["moderation"]
    assert judged["input"]["results"][0]["categories"]["illicit/violent"]
    response: Any = client.responses.create(model=model, input="Good morning", **ask).to_dict()
    assert [response["moderation"][side]["flagged"] for side in ("input", "output")] == [False, False]
    assert "moderation" not in chat(client, model).to_dict()
    policy = {"input": {"mode": "block"}}
    with pytest.raises(openai.BadRequestError, match="mode"):
        chat(client, model, extra_body={"moderation": {"policy": policy}})


def test_functions_of_the_first_kind(client: OpenAI, model: str) -> None:
    """They are called, and answered, in the words of their time; whole and streamed."""
    function = {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
    said = chat(client, model, functions=[function]).choices[0]
    assert said.finish_reason == "function_call"
    assert said.message.function_call.name == "weather"
    assert said.message.tool_calls is None
    chunks = [each.choices[0] for each in chat(client, model, functions=[function], stream=True)]
    pieces = [each.delta.function_call.arguments for each in chunks if each.delta.function_call]
    assert "".join(pieces) == said.message.function_call.arguments
    assert chunks[-1].finish_reason == "function_call"
    answered: Any = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": "{}"}},
        {"role": "function", "name": "weather", "content": "Sunny"},
    ]
    last = client.chat.completions.create(model=model, messages=answered, functions=[function])  # type: ignore[list-item]
    assert "“Sunny”" in str(last.choices[0].message.content)
    none = chat(client, model, functions=[function], function_call="none").choices[0]
    assert none.finish_reason == "stop"


def test_only_a_fine_tuned_model_can_be_deleted(client: OpenAI, model: str) -> None:
    """A base model is refused with 403, and one that nobody made with 404."""
    with pytest.raises(openai.PermissionDeniedError):
        client.models.delete(model)
    with pytest.raises(openai.NotFoundError):
        client.models.delete(f"ft:{model}:acme::1")
    assert client.models.retrieve(model).id == model


# ---------------------------------------------------------------------------- streams once more


def test_a_kept_response_is_streamed_again(client: OpenAI, model: str) -> None:
    """The same events as the first time, or those after one of them."""
    first: Any = list(client.responses.create(model=model, input="Hi", stream=True))
    name = first[0].response.id
    again: Any = list(client.responses.retrieve(name, stream=True))
    assert [each.to_dict() for each in again] == [each.to_dict() for each in first]
    rest = list(client.responses.retrieve(name, stream=True, starting_after=4))
    assert [each.to_dict() for each in rest] == [each.to_dict() for each in first[5:]]
    with pytest.raises(openai.BadRequestError):
        client.responses.retrieve(name, extra_query={"stream": "true", "starting_after": "x"})


def test_a_stream_in_the_background(client: OpenAI, model: str) -> None:
    """It tells that it was queued, and is finished when the stream is."""
    events: Any = list(client.responses.create(model=model, input="Hi", stream=True, background=True))
    kinds = [each.type for each in events]
    assert kinds[:3] == ["response.created", "response.queued", "response.in_progress"]
    assert client.responses.cancel(events[-1].response.id).status == "completed"
    waits = client.responses.create(model=model, input="Hi", background=True)
    client.responses.cancel(waits.id)
    last: Any = list(client.responses.retrieve(waits.id, stream=True))[-1]
    assert last.type == "response.in_progress"


# ---------------------------------------------------------------------------- conversations made short

# the API gives back what the user said, and the client's types have no room for it there
unforeseen = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")


@unforeseen
def test_a_compacted_conversation_is_shorter_and_goes_on(client: OpenAI, model: str) -> None:
    """What the user said stays, the rest is sealed; the next answer reads both, in fewer tokens."""
    said: Any = [
        {"role": "user", "content": "Tell me of the sea."},
        {"role": "assistant", "content": "The sea is wide and blue. " * 200},
    ]
    short: Any = client.responses.compact(model=model, input=said)
    output = short.to_dict()["output"]
    assert [each["type"] for each in output] == ["message", "compaction"]
    assert output[0]["content"][0]["text"] == "Tell me of the sea."
    asked: Any = {"role": "user", "content": "And the sky?"}
    count = client.responses.input_tokens.count
    before = count(model=model, input=[*said, asked]).input_tokens
    after = count(model=model, input=[*output, asked]).input_tokens
    assert after < before / 2
    assert short.usage.input_tokens == count(model=model, input=said).input_tokens
    answer = client.responses.create(model=model, input=[*short.output, asked])
    assert "“And the sky?”" in answer.output_text
    items: Any = list(client.responses.input_items.list(answer.id, order="asc"))
    assert [each.type for each in items] == ["message", "compaction", "message"]


@unforeseen
def test_a_kept_conversation_can_be_compacted_twice(client: OpenAI, model: str) -> None:
    """By the id of its last response; what was sealed before is read again."""
    first = client.responses.create(model=model, input="One")
    second = client.responses.create(model=model, input="Two", previous_response_id=first.id)
    once: Any = client.responses.compact(model=model, previous_response_id=second.id).to_dict()["output"]
    assert [each["content"][0]["text"] for each in once[:-1]] == ["One", "Two"]
    assert "This is" in compacted.read(once[-1], "")
    twice: Any = client.responses.compact(model=model, input=once).to_dict()["output"]
    assert [each["type"] for each in twice] == ["message", "message", "compaction"]


@pytest.mark.parametrize(
    "answers", [["word " * 40], ["word " * 40, "other " * 60], ["word " * 9_000], ["a"], []]
)
def test_what_is_sealed_is_the_start_of_each_answer(model: str, answers: list[str]) -> None:
    """A quarter of them at most, and never more than 400 tokens, however long they were."""
    text = compacted.summary(model, answers)
    count = sum(tokens.count(answer, model).tokens for answer in answers)
    assert tokens.count(text, model).tokens <= min(400, count / 4) + len(answers)
    if count > 8:
        assert all(
            line and answer.startswith(line) for line, answer in zip(text.splitlines(), answers, strict=True)
        )
    assert compacted.read({"encrypted_content": compacted.seal(text)}, "") == text


@pytest.mark.parametrize("sealed", ["x", "", "cHJhY3RpY2U6eA==", "eJwDAAAAAAE=", None, 7])
def test_what_was_not_sealed_here_is_refused(client: OpenAI, model: str, sealed: Any) -> None:
    """An item that somebody else made, or broke, is the caller's mistake."""
    item: Any = {"type": "compaction", "encrypted_content": sealed}
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=model, input=[item, {"role": "user", "content": "Hi"}])
    with pytest.raises(openai.BadRequestError):
        client.responses.compact(model=model)
