"""The practice API's replies in every form: choices, stops, function calls, JSON, and kept responses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import jsonschema
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from pydantic import BaseModel
from talk import connect

from guide_helpers import facts, practice
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}, "days": {"type": "integer"}},
    "required": ["city", "unit", "days"],
    "additionalProperties": False,
}
TOOL = {"name": "get_weather", "parameters": WEATHER, "strict": True}
CHAT_TOOL: Any = {"type": "function", "function": TOOL}
TOOLS: Any = {"type": "function", **TOOL}
OTHER_TOOL: Any = {"type": "function", "function": {"name": "send_mail"}}
ASK: Any = [{"role": "user", "content": "How is the weather in Oslo?"}]


class Step(BaseModel):
    """A step, which may have steps."""

    text: str
    kind: Literal["easy", "hard"]
    inner: list[Step]
    next: Step | None


class Plan(BaseModel):
    """What the structured replies are asked for."""

    title: str
    steps: list[Step]
    hours: float


@pytest.fixture
def api() -> practice.InProcess:
    """A fresh practice API with limits nobody reaches."""
    limits = practice.Limits(requests=10_000, tokens=10_000_000)
    return practice.in_process(clock=practice.Clock(speed=0), limits=limits)


@pytest.fixture
def client(api: practice.InProcess) -> OpenAI:
    """The real client."""
    return connect(api)


# ---------------------------------------------------------------------------- chat: choices and stops


def test_n_choices_are_all_counted(client: OpenAI, model: str) -> None:
    """Each choice has its number, and usage pays for them all, streamed or not."""
    one = client.chat.completions.create(model=model, messages=ASK)
    three = client.chat.completions.create(model=model, messages=ASK, n=3)
    assert [choice.index for choice in three.choices] == [0, 1, 2]
    assert one.usage is not None
    assert three.usage is not None
    assert three.usage.completion_tokens == 3 * one.usage.completion_tokens
    assert three.usage.prompt_tokens == one.usage.prompt_tokens
    with client.chat.completions.stream(model=model, messages=ASK, n=3) as stream:
        final = stream.get_final_completion()
    assert [each.message.content for each in final.choices] == [
        each.message.content for each in three.choices
    ]


@pytest.mark.parametrize("stop", ["program", ["computer", " program", "nowhere"]], ids=["one", "several"])
def test_a_stop_ends_the_reply_before_it(client: OpenAI, model: str, stop: Any) -> None:
    """The first stop found ends the text, is not part of it, and the reason is "stop"."""
    whole = client.chat.completions.create(model=model, messages=ASK)
    cut = client.chat.completions.create(model=model, messages=ASK, stop=stop)
    text = cut.choices[0].message.content or ""
    assert text.rstrip() == "This is a practice reply: a small"
    assert (whole.choices[0].message.content or "").startswith(text)
    assert cut.choices[0].finish_reason == "stop"
    assert cut.usage is not None
    assert whole.usage is not None
    assert cut.usage.completion_tokens < whole.usage.completion_tokens


# ---------------------------------------------------------------------------- functions


def test_a_chat_calls_a_function_and_then_speaks(client: OpenAI, model: str) -> None:
    """The whole loop: a call with valid arguments, the function's answer, a reply that quotes it."""
    first = client.chat.completions.create(model=model, messages=ASK, tools=[OTHER_TOOL, CHAT_TOOL])
    choice = first.choices[0]
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    (call,) = choice.message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "get_weather"
    jsonschema.validate(json.loads(call.function.arguments), WEATHER)
    answer = {"role": "tool", "tool_call_id": call.id, "content": "4 degrees"}
    messages: Any = [*ASK, choice.message, answer]
    second = client.chat.completions.create(model=model, messages=messages, tools=[CHAT_TOOL])
    assert second.choices[0].finish_reason == "stop"
    assert "“4 degrees”" in (second.choices[0].message.content or "")


def test_a_response_calls_a_function_and_then_speaks(client: OpenAI, model: str) -> None:
    """The same with items, once sending everything again and once continuing by id."""
    first = client.responses.create(model=model, input="Weather?", tools=[TOOLS])
    (call,) = first.output
    assert call.type == "function_call"
    jsonschema.validate(json.loads(call.arguments), WEATHER)
    output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "4 degrees"}
    items: Any = [{"role": "user", "content": "Weather?"}, *first.output, output]
    again = client.responses.create(model=model, input=items, tools=[TOOLS])
    by_id = client.responses.create(model=model, input=[output], tools=[TOOLS], previous_response_id=first.id)
    assert "“4 degrees”" in again.output_text
    assert again.output_text == by_id.output_text
    assert again.usage == by_id.usage


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("none", None),
        ("auto", "get_weather"),
        ("required", "get_weather"),
        ({"type": "function", "function": {"name": "send_mail"}}, "send_mail"),
    ],
    ids=["none", "auto", "required", "named"],
)
def test_tool_choice_is_obeyed(client: OpenAI, model: str, choice: Any, called: str | None) -> None:
    """None speaks, auto and required choose, and a name decides; both endpoints alike."""
    chat = client.chat.completions.create(
        model=model, messages=ASK, tools=[OTHER_TOOL, CHAT_TOOL], tool_choice=choice
    )
    calls = chat.choices[0].message.tool_calls or []
    assert [call.function.name for call in calls if call.type == "function"] == ([called] if called else [])
    flat = choice if isinstance(choice, str) else {"type": "function", "name": "send_mail"}
    offered: Any = [{"type": "function", "name": "send_mail"}, TOOLS]
    response = client.responses.create(model=model, input=ASK[0]["content"], tools=offered, tool_choice=flat)
    assert [item.name for item in response.output if item.type == "function_call"] == (
        [called] if called else []
    )


def test_streamed_function_calls_are_the_same(client: OpenAI, model: str) -> None:
    """The client's accumulators arrive at the same name and arguments as without a stream."""
    whole = client.chat.completions.create(model=model, messages=ASK, tools=[CHAT_TOOL])
    with client.chat.completions.stream(model=model, messages=ASK, tools=[CHAT_TOOL]) as stream:
        final = stream.get_final_completion()
    (expected,) = whole.choices[0].message.tool_calls or []
    (call,) = final.choices[0].message.tool_calls or []
    assert expected.type == "function"
    assert (call.function.name, call.function.arguments) == (
        expected.function.name,
        expected.function.arguments,
    )
    assert final.choices[0].finish_reason == "tool_calls"
    response = client.responses.create(model=model, input="Weather?", tools=[TOOLS])
    with client.responses.stream(model=model, input="Weather?", tools=[TOOLS]) as events:
        kinds = [event.type for event in events]
        streamed = events.get_final_response()
    one, other = response.output[0], streamed.output[0]
    assert one.type == other.type == "function_call"
    assert one.arguments == other.arguments
    assert [kind for kind in dict.fromkeys(kinds) if "item" in kind or "arguments" in kind] == [
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
    ]


def test_cut_arguments_say_so(client: OpenAI, model: str) -> None:
    """A token limit inside the arguments is "length", not "tool_calls"."""
    chat = client.chat.completions.create(
        model=model, messages=ASK, tools=[CHAT_TOOL], max_completion_tokens=2
    )
    assert chat.choices[0].finish_reason == "length"


# ---------------------------------------------------------------------------- JSON


def test_a_model_of_pydantics_is_filled(client: OpenAI, model: str) -> None:
    """The client's own parsers accept the document for a recursive model, whole and streamed."""
    chat = client.chat.completions.parse(model=model, messages=ASK, response_format=Plan)
    plan = chat.choices[0].message.parsed
    assert isinstance(plan, Plan)
    assert plan.steps[0].kind == "easy"
    assert client.responses.parse(model=model, input="Plan!", text_format=Plan).output_parsed == plan
    with client.chat.completions.stream(model=model, messages=ASK, response_format=Plan) as chats:
        assert chats.get_final_completion().choices[0].message.parsed == plan
    with client.responses.stream(model=model, input="Plan!", text_format=Plan) as events:
        assert events.get_final_response().output_parsed == plan


def test_a_json_object_needs_the_word(client: OpenAI, model: str) -> None:
    """Any JSON is only given to those who ask for JSON in words, as on the real API."""
    format_: Any = {"type": "json_object"}
    said: Any = [{"role": "user", "content": "Answer in JSON"}]
    chat = client.chat.completions.create(model=model, messages=said, response_format=format_)
    assert "“Answer in JSON”" in json.loads(chat.choices[0].message.content or "")["reply"]
    response = client.responses.create(model=model, input="Answer in JSON", text={"format": format_})
    assert json.loads(response.output_text).keys() == {"reply"}
    with pytest.raises(openai.BadRequestError, match="json"):
        client.chat.completions.create(model=model, messages=ASK, response_format=format_)


# ---------------------------------------------------------------------------- kept responses


def test_a_response_is_kept_until_it_is_deleted(client: OpenAI, model: str) -> None:
    """What was made can be read again by id, once deleted it cannot."""
    made = client.responses.create(model=model, input="Hi")
    assert client.responses.retrieve(made.id).to_dict() == made.to_dict()
    client.responses.delete(made.id)
    for call in (client.responses.retrieve, client.responses.delete, client.responses.cancel):
        with pytest.raises(openai.NotFoundError, match="not found"):
            call(made.id)


def test_store_false_is_not_kept(client: OpenAI, model: str) -> None:
    """It can neither be read again nor continued."""
    made = client.responses.create(model=model, input="Hi", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=model, input="And?", previous_response_id=made.id)
    assert caught.value.code == "previous_response_not_found"


def test_only_so_many_are_kept(api: practice.InProcess, model: str) -> None:
    """Two hundred and no more; the oldest goes."""
    head = {"authorization": f"Bearer {api.api_key}"}
    body = json.dumps({"model": model, "input": "x"}).encode()
    for _ in range(202):
        assert handle(api.world, Request("POST", "/v1/responses", head, body)).status == 200
    assert len(api.world.shelves["proj_practice"].responses.all()) == 200


def test_a_continued_conversation_counts_its_history(client: OpenAI, model: str) -> None:
    """A continuation reads what a caller who sent everything again would have sent."""
    first = client.responses.create(model=model, input="Hi", instructions="Be brief.")
    second = client.responses.create(model=model, input="And?", previous_response_id=first.id)
    items: Any = [{"role": "user", "content": "Hi"}, *first.output, {"role": "user", "content": "And?"}]
    assert second.usage == client.responses.create(model=model, input=items).usage
    assert second.previous_response_id == first.id
    listed = client.responses.input_items.list(second.id, order="asc")
    assert [item.content[0].text for item in listed if item.type == "message"] == [
        "Hi",
        first.output_text,
        "And?",
    ]


def test_input_items_come_in_pages(client: OpenAI, model: str) -> None:
    """Newest first unless asked otherwise; the client walks the pages; ids are all different."""
    items: Any = [{"role": "user", "content": str(number)} for number in range(5)]
    made = client.responses.create(model=model, input=items)
    page = client.responses.input_items.list(made.id, limit=2)
    assert (page.object, page.has_more) == ("list", True)
    assert (page.first_id, page.last_id) == (page.data[0].id, page.data[1].id)
    everything = list(page)
    assert [each.content[0].text for each in everything if each.type == "message"] == list("43210")
    assert len({each.id for each in everything}) == 5
    rest = client.responses.input_items.list(made.id, order="asc", after=everything[1].id)
    assert [each.id for each in rest] == [everything[0].id]


def test_input_tokens_agree_with_usage(client: OpenAI, model: str) -> None:
    """Counting first gives what the request is then charged for: instructions, tools, schema and history."""
    first = client.responses.create(model=model, input="Hi")
    schema: Any = {"format": {"type": "json_schema", "name": "weather", "schema": WEATHER, "strict": True}}
    asked: Any = {
        "model": model,
        "input": "And?",
        "instructions": "Be brief.",
        "tools": [TOOLS],
        "text": schema,
        "previous_response_id": first.id,
    }
    counted = client.responses.input_tokens.count(**asked)
    made = client.responses.create(**asked)
    assert counted.object == "response.input_tokens"
    assert made.usage is not None
    assert counted.input_tokens == made.usage.input_tokens
    fewer = client.responses.input_tokens.count(**{**asked, "tools": None})
    assert fewer.input_tokens < counted.input_tokens


def test_a_background_response_is_ready_when_looked_at(client: OpenAI, model: str) -> None:
    """It is queued at first; cancelling works until it is finished, and twice does no harm."""
    made = client.responses.create(model=model, input="Hi", background=True)
    assert (made.status, made.output) == ("queued", [])
    done = client.responses.retrieve(made.id)
    assert done.status == "completed"
    assert "“Hi”" in done.output_text
    assert client.responses.cancel(made.id).status == "completed"
    other = client.responses.create(model=model, input="Hi", background=True)
    assert client.responses.cancel(other.id).status == "cancelled"
    assert client.responses.cancel(other.id).status == "cancelled"
    assert client.responses.retrieve(other.id).status == "cancelled"


# ---------------------------------------------------------------------------- refusals


def _chat(**more: Any) -> Callable[[OpenAI, str], object]:
    return lambda client, model: client.chat.completions.create(model=model, **{"messages": ASK, **more})


def _respond(**more: Any) -> Callable[[OpenAI, str], object]:
    return lambda client, model: client.responses.create(model=model, **{"input": "Hi", **more})


def _schema(schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": True}}


REFUSED: dict[str, tuple[Callable[[OpenAI, str], object], str]] = {
    "n too large": (_chat(n=129), "integer above maximum"),
    "n too small": (_chat(n=0), "integer below minimum"),
    "five stops": (_chat(stop=list("abcde")), "up to 4"),
    "empty stop": (_chat(stop=""), "none of them empty"),
    "choice without tools": (_chat(tool_choice="auto"), "only allowed when 'tools'"),
    "unknown choice": (_chat(tools=[CHAT_TOOL], tool_choice="maybe"), "supported values"),
    "choice of no tool": (
        _chat(tools=[CHAT_TOOL], tool_choice={"type": "function", "function": {"name": "y"}}),
        "no function 'y'",
    ),
    "another kind of tool": (_respond(tools=[{"type": "web_search"}]), "does not support"),
    "bad name": (_chat(tools=[{"type": "function", "function": {"name": "a b"}}]), "underscores"),
    "bad parameters": (
        _respond(tools=[{"type": "function", "name": "a", "parameters": {"oneOf": []}}]),
        "Invalid schema for function 'a'",
    ),
    "not strict enough": (_chat(response_format=_schema({"type": "object"})), "'additionalProperties'"),
    "not all required": (
        _chat(
            response_format=_schema(
                {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
            )
        ),
        "Missing 'a'",
    ),
    "not an object": (_chat(response_format=_schema({"type": "string"})), "'type: \"object\"'"),
    "unknown format": (_chat(response_format={"type": "yaml"}), "supported types"),
    "stray tool message": (
        _chat(messages=[*ASK, {"role": "tool", "tool_call_id": "x", "content": "4"}]),
        "must be a response to",
    ),
    "unanswered call": (
        _chat(
            messages=[
                *ASK,
                {
                    "role": "assistant",
                    "tool_calls": [
                        {"id": "c", "type": "function", "function": {"name": "a", "arguments": "{}"}}
                    ],
                },
            ]
        ),
        "must be followed by tool messages",
    ),
    "stray output": (
        _respond(input=[{"type": "function_call_output", "call_id": "x", "output": "4"}]),
        "No tool call found",
    ),
    "call without output": (
        _respond(input=[{"type": "function_call", "call_id": "x", "name": "a", "arguments": "{}"}]),
        "No tool output found",
    ),
    "unknown previous": (_respond(previous_response_id="resp_none"), "'resp_none' not found"),
    "background, not stored": (_respond(background=True, store=False), "'store'"),
    "cancel in the foreground": (
        lambda client, model: client.responses.cancel(client.responses.create(model=model, input="x").id),
        "synchronous",
    ),
    "odd order": (
        lambda client, model: client.responses.input_items.list(
            client.responses.create(model=model, input="x").id,
            order="up",  # type: ignore[arg-type]
        ),
        "'asc' or 'desc'",
    ),
    "odd limit": (
        lambda client, model: client.responses.input_items.list(
            client.responses.create(model=model, input="x").id, limit=101
        ),
        "integer above maximum",
    ),
}


@pytest.mark.parametrize(("call", "words"), REFUSED.values(), ids=REFUSED)
def test_a_mistake_is_a_400(
    client: OpenAI, model: str, call: Callable[[OpenAI, str], object], words: str
) -> None:
    """The API's own error, saying what is wrong."""
    with pytest.raises(openai.BadRequestError) as caught:
        call(client, model)
    assert words in json.dumps(caught.value.body).replace('\\"', '"')


NAMES = [
    "type",
    "function",
    "name",
    "parameters",
    "strict",
    "properties",
    "required",
    "$ref",
    "enum",
    "items",
    "anyOf",
    "format",
    "json_schema",
    "schema",
    "role",
    "content",
    "tool_calls",
    "id",
    "tool_call_id",
    "call_id",
    "arguments",
    "output",
    "mode",
    "const",
    "minItems",
]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner
            | st.sampled_from(["function", "json_schema", "object", "array", "tool", "function_call", "x"]),
        )
    ),
    max_leaves=12,
)
FIELDS = ["tools", "tool_choice", "response_format", "text", "stop", "n", "messages", "input", "store"]


@given(
    ODD,
    st.sampled_from([*FIELDS, "previous_response_id", "background", "temperature", "metadata", "reasoning"]),
    st.sampled_from(["/v1/responses", "/v1/chat/completions", "/v1/responses/input_tokens"]),
    st.booleans(),
)
def test_odd_values_get_an_answer(value: object, field: str, path: str, stream: bool) -> None:  # noqa: FBT001
    """Whatever stands in a field: a reply or a refusal in the API's shape, never a crash."""
    world = World(limits=practice.Limits(10**6, 10**9))
    head = {"authorization": f"Bearer {world.issue_key('test')}"}
    body = {
        "model": facts.get("model.everyday").value,
        "input": "x",
        "messages": [{"role": "user", "content": "x"}],
        "stream": stream,
        "tools": [{**TOOLS, **CHAT_TOOL}] if field == "tool_choice" else [],
        field: [{**TOOLS, **CHAT_TOOL}, value] if field == "tools" else value,
    }
    answer = handle(world, Request("POST", path, head, json.dumps(body).encode()))
    assert answer.status in {200, 400}
    if answer.status == 400:
        assert json.loads(answer.body)["error"].keys() == {"message", "type", "param", "code"}


ODD_NUMBERS = st.sampled_from(["--5", "-", "-1", "0", "1e3", "٣", "9" * 5_000])


@given(st.dictionaries(st.sampled_from(["limit", "after", "order", "stream"]), st.text() | ODD_NUMBERS))
def test_odd_queries_get_an_answer(query: dict[str, str]) -> None:
    """A page or a refusal, whatever stands after the question mark."""
    world = World(limits=practice.Limits(10**6, 10**9))
    head = {"authorization": f"Bearer {world.issue_key('test')}"}
    body = json.dumps({"model": facts.get("model.everyday").value, "input": "x"}).encode()
    made = json.loads(handle(world, Request("POST", "/v1/responses", head, body)).body)["id"]
    for path in (f"/v1/responses/{made}/input_items", f"/v1/responses/{made}"):
        assert handle(world, Request("GET", path, head, query=query)).status in {200, 400, 404}


# ---------------------------------------------------------------------------- over HTTP


def test_every_endpoint_answers_over_http(model: str) -> None:
    """The same through a socket, query strings included."""
    with practice.serve(seed=42) as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0)
        chat = client.chat.completions.create(model=model, messages=ASK, tools=[CHAT_TOOL])
        assert chat.choices[0].finish_reason == "tool_calls"
        items: Any = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
        made = client.responses.create(model=model, input=items, background=True)
        assert client.responses.cancel(made.id).status == "cancelled"
        assert client.responses.retrieve(made.id).id == made.id
        assert len(list(client.responses.input_items.list(made.id, limit=1))) == 2
        assert client.responses.input_tokens.count(model=model, input=items).input_tokens > 0
        client.responses.delete(made.id)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(made.id)
