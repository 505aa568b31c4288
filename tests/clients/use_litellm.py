"""litellm, which speaks to many providers with one function."""

import litellm
from steps import EMBEDDING_MODEL, MODEL, NO_MODEL, WRONG_KEY, refused, run

ASK = [{"role": "user", "content": "Hello"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def ask(**more):
    return litellm.completion(**{"model": f"openai/{MODEL}", "messages": ASK, "max_retries": 0, **more})


def chat():
    return f"{ask().usage.total_tokens} tokens"


def stream():
    return f"{len(list(ask(stream=True)))} chunks"


def errors():
    return ", ".join(
        [
            refused(lambda: ask(api_key=WRONG_KEY), litellm.AuthenticationError, 401),
            refused(lambda: ask(model=f"openai/{NO_MODEL}"), litellm.NotFoundError, 404),
        ]
    )


def responses():
    return litellm.responses(model=f"openai/{MODEL}", input="Hello").status


def tool():
    called = ask(tools=[TOOL], tool_choice="required").choices[0].message.tool_calls[0]
    assert called.function.name == "weather"
    return called.function.arguments


def embeddings():
    reply = litellm.embedding(model=f"openai/{EMBEDDING_MODEL}", input=["one"])
    return f"{len(reply.data[0]['embedding'])} numbers"


run(
    {
        "chat": chat,
        "stream": stream,
        "error": errors,
        "responses": responses,
        "tool": tool,
        "embeddings": embeddings,
    }
)
