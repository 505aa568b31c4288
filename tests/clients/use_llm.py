"""llm, a command line for models: told of the practice API in its own file of extra models."""

import os
import subprocess
import sys
from pathlib import Path

from steps import BASE_URL, MODEL, NO_MODEL, WRONG_KEY, run

KEY = os.environ.get("OPENAI_API_KEY", "")
HOME = Path(os.environ["LLM_USER_PATH"])
ENTRY = "- model_id: {id}\n  model_name: {name}\n  api_base: {base}\n  api_key_name: practice\n{more}"
LLM = Path(sys.executable).parent / "llm"


def write_models():
    HOME.mkdir(exist_ok=True)
    more = "  supports_schema: true\n  supports_tools: true\n"
    entries = [("practice", MODEL), ("nothing", NO_MODEL)]
    text = "".join(ENTRY.format(id=i, name=name, base=BASE_URL, more=more) for i, name in entries)
    (HOME / "extra-openai-models.yaml").write_text(text)


def llm(*words, key=KEY):
    command = [str(LLM), *words, "--key", key]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def said(*words):
    done = llm(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def chat():
    return f"{len(said('-m', 'practice', '--no-stream', 'Hello'))} characters"


def stream():
    return f"{len(said('-m', 'practice', 'Hello'))} characters"


def errors():
    wrong, unknown = llm("-m", "practice", "Hello", key=WRONG_KEY), llm("-m", "nothing", "Hello")
    assert wrong.returncode != 0, wrong.stdout
    assert "Incorrect API key" in wrong.stderr, wrong.stderr
    assert unknown.returncode != 0, unknown.stdout
    assert "does not exist" in unknown.stderr, unknown.stderr
    return "Incorrect API key, does not exist"


def structured():
    return said("-m", "practice", "--schema", "name, people int", "A city").strip()


write_models()
run({"chat": chat, "stream": stream, "error": errors, "structured": structured})
