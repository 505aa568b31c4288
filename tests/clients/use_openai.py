"""OpenAI's own Python client, sync and async."""

import asyncio
import sys

import openai
from pydantic import BaseModel
from steps import EMBEDDING_MODEL, MODEL, NO_MODEL, WRONG_KEY, refused, run

ASK = [{"role": "user", "content": "Hello"}]
TOOL = {
    "type": "function",
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


class City(BaseModel):
    """What the structured answer must be."""

    name: str
    people: int


def chat():
    reply = openai.OpenAI().chat.completions.create(model=MODEL, messages=ASK)
    assert reply.choices[0].message.content
    assert reply.usage.total_tokens > 0
    return f"{reply.usage.total_tokens} tokens"


def stream():
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(openai.OpenAI().chat.completions.create(model=MODEL, messages=ASK, **options))
    assert chunks[-1].usage.completion_tokens > 0
    return f"{len(chunks)} chunks"


def errors():
    client = openai.OpenAI(max_retries=0)
    wrong = client.with_options(api_key=WRONG_KEY)
    return ", ".join(
        [
            refused(wrong.models.list, openai.AuthenticationError, 401),
            refused(
                lambda: client.chat.completions.create(model=NO_MODEL, messages=ASK),
                openai.NotFoundError,
                404,
            ),
        ]
    )


def responses():
    client = openai.OpenAI()
    first = client.responses.create(model=MODEL, input="Hello", tools=[TOOL])
    call = first.output[0]
    assert call.type == "function_call"
    answer = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    second = client.responses.create(model=MODEL, previous_response_id=first.id, input=[answer])
    assert second.output_text
    kinds = [event.type for event in client.responses.create(model=MODEL, input="Hello", stream=True)]
    assert kinds[-1] == "response.completed"
    return f"tool call, {len(kinds)} events"


def structured():
    parsed = openai.OpenAI().responses.parse(model=MODEL, input="A city", text_format=City)
    assert isinstance(parsed.output_parsed, City)
    return repr(parsed.output_parsed)


def embeddings():
    reply = openai.OpenAI().embeddings.create(model=EMBEDDING_MODEL, input=["one", "two"])
    assert len(reply.data) == 2
    return f"{len(reply.data[0].embedding)} numbers"


async def _chat():
    reply = await openai.AsyncOpenAI().chat.completions.create(model=MODEL, messages=ASK)
    return f"{reply.usage.total_tokens} tokens"


async def _stream():
    made = await openai.AsyncOpenAI().responses.create(model=MODEL, input="Hello", stream=True)
    kinds = [event.type async for event in made]
    assert kinds[-1] == "response.completed"
    return f"{len(kinds)} events"


async def _errors():
    client = openai.AsyncOpenAI(max_retries=0)
    seen = []
    for client_, model in ((client.with_options(api_key=WRONG_KEY), MODEL), (client, NO_MODEL)):
        try:
            await client_.chat.completions.create(model=model, messages=ASK)
        except openai.APIStatusError as error:
            seen.append((type(error), error.status_code))
    assert seen == [(openai.AuthenticationError, 401), (openai.NotFoundError, 404)], seen
    return "AuthenticationError 401, NotFoundError 404"


async def _embeddings():
    reply = await openai.AsyncOpenAI().embeddings.create(model=EMBEDDING_MODEL, input="one")
    return f"{len(reply.data[0].embedding)} numbers"


SYNC = {
    "chat": chat,
    "stream": stream,
    "error": errors,
    "responses": responses,
    "structured": structured,
    "embeddings": embeddings,
}
ASYNC = {"chat": _chat, "stream": _stream, "error": _errors, "embeddings": _embeddings}

if "async" in sys.argv[1:]:
    run({name: lambda step=step: asyncio.run(step()) for name, step in ASYNC.items()})
run(SYNC)
