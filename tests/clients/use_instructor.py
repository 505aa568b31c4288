"""instructor, which asks for typed answers."""

import instructor
import openai
from instructor.core import InstructorRetryException
from pydantic import BaseModel
from steps import MODEL, NO_MODEL, WRONG_KEY, run

ASK = [{"role": "user", "content": "A city"}]


class City(BaseModel):
    """A city and how many live there."""

    name: str
    people: int


def ask(mode=instructor.Mode.TOOLS, model=MODEL, **options):
    client = instructor.from_openai(openai.OpenAI(max_retries=0, **options), mode=mode)
    return client.chat.completions.create(model=model, messages=ASK, response_model=City, max_retries=1)


def chat():
    return repr(ask())


def stream():
    client = instructor.from_openai(openai.OpenAI())
    parts = list(client.chat.completions.create_partial(model=MODEL, messages=ASK, response_model=City))
    assert parts[-1].name is not None
    return f"{len(parts)} parts"


def structured():
    return repr(ask(instructor.Mode.JSON_SCHEMA))


def responses():
    return repr(ask(instructor.Mode.RESPONSES_TOOLS))


def errors():
    seen = []
    for options in ({"api_key": WRONG_KEY}, {"model": NO_MODEL}):
        try:
            ask(**options)
        except (InstructorRetryException, openai.APIStatusError) as error:
            seen.append(str(error))
    assert len(seen) == 2, seen
    assert "401" in seen[0], seen
    assert "404" in seen[1], seen
    return "401, 404"


run({"chat": chat, "stream": stream, "error": errors, "responses": responses, "structured": structured})
