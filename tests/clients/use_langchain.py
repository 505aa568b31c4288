"""LangChain's OpenAI package."""

import openai
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel
from steps import EMBEDDING_MODEL, MODEL, NO_MODEL, WRONG_KEY, refused, run


class City(BaseModel):
    """A city and how many live there."""

    name: str
    people: int


def chat():
    reply = ChatOpenAI(model=MODEL).invoke("Hello")
    assert reply.content
    return f"{reply.usage_metadata['total_tokens']} tokens"


def stream():
    return f"{len(list(ChatOpenAI(model=MODEL).stream('Hello')))} chunks"


def errors():
    wrong = ChatOpenAI(model=MODEL, api_key=WRONG_KEY, max_retries=0)
    unknown = ChatOpenAI(model=NO_MODEL, max_retries=0)
    return ", ".join(
        [
            refused(lambda: wrong.invoke("Hello"), openai.AuthenticationError, 401),
            refused(lambda: unknown.invoke("Hello"), openai.NotFoundError, 404),
        ]
    )


def responses():
    return f"{len(ChatOpenAI(model=MODEL, use_responses_api=True).invoke('Hello').text)} characters"


def structured():
    found = ChatOpenAI(model=MODEL).with_structured_output(City).invoke("A city")
    assert isinstance(found, City)
    return repr(found)


def tool():
    def weather(city: str) -> str:
        """Say how the weather is."""
        return city

    return (
        ChatOpenAI(model=MODEL).bind_tools([weather], tool_choice="any").invoke("Hello").tool_calls[0]["name"]
    )


def embeddings():
    # it would fetch a vocabulary from the network to count the tokens of long texts
    embed = OpenAIEmbeddings(model=EMBEDDING_MODEL, check_embedding_ctx_length=False)
    return f"{len(embed.embed_query('one'))} numbers"


run(
    {
        "chat": chat,
        "stream": stream,
        "error": errors,
        "responses": responses,
        "structured": structured,
        "tool": tool,
        "embeddings": embeddings,
    }
)
