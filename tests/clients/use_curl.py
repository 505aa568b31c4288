"""curl: the protocol with no client at all."""

import json
import os
import subprocess

from steps import BASE_URL, EMBEDDING_MODEL, MODEL, NO_MODEL, WRONG_KEY, run

KEY = os.environ.get("OPENAI_API_KEY", "")
ASK = [{"role": "user", "content": "Hello"}]


def curl(path, body=None, key=KEY):
    """Return the status and the body of an answer."""
    command = ["curl", "-sS", "-N", "-w", "\n%{http_code}", f"{BASE_URL}/{path}"]
    command += ["-H", f"Authorization: Bearer {key}"]
    if body is not None:
        command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answer, _, status = text.rpartition("\n")
    return int(status), answer


def answered(path, body=None):
    status, text = curl(path, body)
    assert status == 200, text
    return json.loads(text)


def chat():
    return (
        f"{answered('chat/completions', {'model': MODEL, 'messages': ASK})['usage']['total_tokens']} tokens"
    )


def stream():
    _, text = curl("chat/completions", {"model": MODEL, "messages": ASK, "stream": True})
    lines = [line for line in text.split("\n\n") if line]
    assert lines[-1].strip() == "data: [DONE]", lines[-1]
    return f"{len(lines)} lines"


def errors():
    seen = []
    asked = {"model": NO_MODEL, "messages": ASK}
    for status, text in (curl("models", key=WRONG_KEY), curl("chat/completions", asked)):
        error = json.loads(text)["error"]
        assert set(error) == {"message", "type", "param", "code"}, error
        seen.append((status, error["code"]))
    assert seen == [(401, "invalid_api_key"), (404, "model_not_found")], seen
    return "401 invalid_api_key, 404 model_not_found"


def responses():
    return answered("responses", {"model": MODEL, "input": "Hello"})["status"]


def embeddings():
    reply = answered("embeddings", {"model": EMBEDDING_MODEL, "input": "one"})
    return f"{len(reply['data'][0]['embedding'])} numbers"


run({"chat": chat, "stream": stream, "error": errors, "responses": responses, "embeddings": embeddings})
