"""Point other people's programs at the practice API and see whether they notice a difference.

    python tests/clients/run.py [NAME ...]

Each client gets an environment of its own in a temporary folder, and takes a few steps: a chat, a
stream, an error, and what else it has. Exit code 1 when a step failed or a client could not be installed.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rooms import HERE, ROOT, RoomError, clean, node_room, python_room

from guide_helpers import facts

PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Client:
    """A client: the edition seen to work, and the program that takes the steps with it."""

    packages: tuple[str, ...]
    program: str
    words: tuple[str, ...] = ()


# seen to work on 2026-11-23
CLIENTS: dict[str, Client] = {
    "curl": Client((), "use_curl.py"),
    "openai 3": Client(("openai==3.54.0",), "use_openai.py"),
    "openai 3 async": Client(("openai==3.54.0",), "use_openai.py", ("async",)),
    "openai 2": Client(("openai==2.54.0",), "use_openai.py"),
    "openai 2 async": Client(("openai==2.54.0",), "use_openai.py", ("async",)),
    "openai node": Client(("openai@6.49.0",), "use_openai.mjs"),
    "llm": Client(("llm==0.36",), "use_llm.py"),
    "litellm": Client(("litellm==1.106.2", "mcp==2.3.0"), "use_litellm.py"),
    "langchain-openai": Client(("langchain-openai==1.7.3",), "use_langchain.py"),
    "instructor": Client(("instructor==1.17.0",), "use_instructor.py"),
    "pydantic-ai": Client(("pydantic-ai-slim[openai]==2.68.0",), "use_pydantic_ai.py"),
}
FIRST = ("chat", "stream", "error")


def main() -> int:
    """Run the clients named, or all; print a table; return 1 when one failed."""
    named = sys.argv[1:] or list(CLIENTS)
    if unknown := [name for name in named if name not in CLIENTS]:
        print(f"No such client: {', '.join(unknown)}. There are: {', '.join(CLIENTS)}.")
        return 2
    rows, start = [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for name in named:
            began = time.monotonic()
            steps = _try(CLIENTS[name], Path(folder))
            rows.append(_row(name, steps, time.monotonic() - began))
            for step, (good, said) in steps.items():
                print(f"{name:17} {step:11} {'ok' if good else 'FAILED':7} {said}", flush=True)
    print(f"\n{'client':17} {'chat':7} {'stream':7} {'error':7} {'more':44} seconds")
    print("\n".join(text for text, _ in rows))
    print(f"{time.monotonic() - start:.0f} seconds in all")
    return int(any(failed for _, failed in rows))


def _try(client: Client, folder: Path) -> dict[str, tuple[bool, str]]:
    """Install a client, let it take its steps, and return how each went."""
    try:
        command = _command(client, folder)
    except RoomError as error:
        return {"install": (False, str(error))}
    with _practice(folder) as variables:
        try:
            done = subprocess.run(
                [*command, *client.words],
                cwd=folder,
                env=clean(folder, **variables),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"patience": (False, f"not done after {PATIENCE} seconds")}
    lines = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 2]
    steps = {name: (state == "ok", said) for name, state, said in lines}
    if done.returncode and all(good for good, _ in steps.values()):
        steps["start"] = (False, (done.stderr.strip().splitlines() or ["no words"])[-1])
    return steps


def _command(client: Client, folder: Path) -> list[str]:
    """Return what starts a client, in a room that two clients with the same packages share."""
    room = folder / re.sub(r"\W+", "-", "room-" + "-".join(client.packages))
    if client.program.endswith(".mjs"):
        if shutil.which("node") is None or shutil.which("npm") is None:
            raise RoomError("node and npm are not installed")
        program = (room if room.exists() else node_room(room, client.packages)) / client.program
        shutil.copy(HERE / client.program, program)
        return ["node", str(program)]
    if not client.packages:
        if shutil.which("curl") is None:
            raise RoomError("curl is not installed")
        return [sys.executable, str(HERE / client.program)]
    programs = room / "bin" if room.exists() else python_room(room, client.packages)
    return [str(programs / "python"), str(HERE / client.program)]


@contextlib.contextmanager
def _practice(folder: Path) -> Iterator[dict[str, str]]:
    """Run `key-guide practice` as anyone would, and give the variables it tells them to set."""
    command = [sys.executable, "-u", "-c", "from guide_helpers.cli import main; main()", "practice"]
    environ = clean(folder, PYTHONPATH=str(ROOT))
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True) as served:
        try:
            yield {
                **_told(served),
                "PRACTICE_MODEL": str(facts.get("model.everyday").value),
                "PRACTICE_EMBEDDING_MODEL": next(iter(facts.get("embedding.dimensions").value)),
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "LLM_USER_PATH": str(folder / "llm"),
                "PYTHONDONTWRITEBYTECODE": "1",
            }
        finally:
            served.terminate()


def _told(served: subprocess.Popen[str]) -> dict[str, str]:
    """Read `export NAME="value"` lines until both variables are known, and the port answers."""
    found: dict[str, str] = {}
    for line in served.stdout or ():
        if told := re.search(r'(OPENAI_\w+)\s*=\s*"?([^"\s]+)', line):
            found[told[1]] = told[2]
        if {"OPENAI_BASE_URL", "OPENAI_API_KEY"} <= found.keys():
            time.sleep(1)  # it says so just before it answers
            return found
    raise SystemExit("key-guide practice did not start.")


def _row(name: str, steps: dict[str, tuple[bool, str]], seconds: float) -> tuple[str, bool]:
    def state(step: str) -> str:
        return "-" if step not in steps else "ok" if steps[step][0] else "FAILED"

    more = ", ".join(f"{step} {state(step)}" for step in steps if step not in FIRST)
    first = " ".join(f"{state(step):7}" for step in FIRST)
    failed = not all(good for good, _ in steps.values()) or not set(FIRST) <= steps.keys()
    return f"{name:17} {first} {more:44} {seconds:7.0f}", failed


if __name__ == "__main__":
    raise SystemExit(main())
