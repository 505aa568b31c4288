"""Pydantic AI's agents, over chat completions and over responses."""

import asyncio

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from steps import MODEL, NO_MODEL, WRONG_KEY, refused, run


class City(BaseModel):
    """A city and how many live there."""

    name: str
    people: int


def agent(model=MODEL, kind=OpenAIChatModel, key=None, **more):
    provider = OpenAIProvider(api_key=key) if key else OpenAIProvider()
    return Agent(kind(model, provider=provider), **more)


def chat():
    result = agent().run_sync("Hello")
    assert result.output
    return f"{len(result.output)} characters"


def stream():
    async def parts():
        async with agent().run_stream("Hello") as result:
            return [part async for part in result.stream_text(delta=True, debounce_by=None)]

    return f"{len(asyncio.run(parts()))} parts"


def errors():
    return ", ".join(
        [
            refused(lambda: agent(key=WRONG_KEY).run_sync("Hello"), ModelHTTPError, 401),
            refused(lambda: agent(NO_MODEL).run_sync("Hello"), ModelHTTPError, 404),
        ]
    )


def responses():
    return f"{len(agent(kind=OpenAIResponsesModel).run_sync('Hello').output)} characters"


def structured():
    found = agent(output_type=City).run_sync("A city").output
    assert isinstance(found, City)
    return repr(found)


run({"chat": chat, "stream": stream, "error": errors, "responses": responses, "structured": structured})
