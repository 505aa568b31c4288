"""Ask the practice API thousands of odd questions: every answer must be one that its description lists.

    python tests/clients/fuzz.py [--seed N] [--cases N] [--program PATH]

Schemathesis, in an environment of its own, reads guide_helpers/practice/openapi.json and makes requests
that fit it and requests that do not. An answer fails that is a 5xx, has a status or a type that the
description does not list, or a body that does not fit its schema: errors have their four fields.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from openai import OpenAI
from rooms import HERE, ROOT, clean, python_room

from guide_helpers import facts, practice
from guide_helpers.practice.handles import Server
from guide_helpers.practice.world import World

PACKAGE = "schemathesis==4.32.5"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ADMIN = "^/v1/organization"
RUNS = tuple((side, mode) for side in ("admin", "project") for mode in ("negative", "positive"))


def main() -> int:
    """Ask in both modes, with a project's key and with an admin's; return 1 when an answer was wrong."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = asked.program or str(python_room(folder / "room", [PACKAGE]) / "schemathesis")
        with ThreadPoolExecutor(2) as together:
            results = list(together.map(lambda run: _ask(program, folder, *run, asked), RUNS))
    for line, _ in results:
        print(line)
    return int(any(failed for _, failed in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=10, help="at most, for each operation and mode")
    parser.add_argument("--program", help="a schemathesis that is already installed")
    parser.add_argument("--show", action="store_true", help="print everything it says")
    return parser.parse_args()


def _ask(program: str, folder: Path, side: str, mode: str, asked: argparse.Namespace) -> tuple[str, bool]:
    """Ask on one side in one mode; return a line for the table, and whether an answer was wrong."""
    with _server() as server:
        description, key = folder / f"{side}-{mode}.json", _key(server, side)
        description.write_text(json.dumps(_narrowed(server)), encoding="utf-8")
        command = [
            *(program, "run", str(description), "--url", server.base_url.removesuffix("/v1")),
            *("--mode", mode, "--checks", CHECKS, "--phases", "coverage,fuzzing"),
            *("--max-examples", str(asked.cases), "--seed", str(asked.seed), "--workers", "1"),
            *("-H", f"Authorization: Bearer {key}", "--suppress-health-check", "all", "--warnings", "off"),
            *("--include-path-regex" if side == "admin" else "--exclude-path-regex", ADMIN),
            *("--continue-on-failure", "--no-color"),
        ]
        start = time.monotonic()
        done = subprocess.run(
            command, cwd=folder, env=clean(folder), capture_output=True, text=True, check=False
        )
    if done.returncode or asked.show:
        print(done.stdout, done.stderr)
    statuses = Counter(each.exchange.status // 100 for each in server.world.records)
    figures = ", ".join(f"{count:,} x {kind}xx" for kind, count in sorted(statuses.items()))
    said = "FAILED" if done.returncode else "ok"
    return f"{side:8} {mode:9} {said:7} {time.monotonic() - start:4.0f} s  {figures}", bool(done.returncode)


def _server() -> Server:
    """Start a practice API that nobody can bring to its limits."""
    world = World(practice.Clock(), practice.Limits(10**9, 10**12))
    world.home.credit = None
    world.records = deque(maxlen=100_000)
    return Server(world)


def _key(server: Server, side: str) -> str:
    return server.world.issue_admin_key("fuzz") if side == "admin" else server.api_key


def _narrowed(server: Server) -> dict[str, Any]:
    """Return the description with names that exist here, so that most requests get past the first check."""
    text = (ROOT / "guide_helpers/practice/openapi.json").read_text(encoding="utf-8")
    description: dict[str, Any] = json.loads(text)
    names = _names(server)
    server.world.immortal.update(name for known in names.values() for name in known)
    for path, operations in description["paths"].items():
        for operation in operations.values():
            if "{" in path:  # a name with a question mark in it makes another address
                operation["responses"]["405"] = operation["responses"]["404"]
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    known = names.get(parameter["name"], [])
                    # a name that only paths can tell apart from others would be another address
                    other = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"}
                    parameter["schema"] = {"anyOf": [{"enum": known}, other]} if known else other
            content = operation.get("requestBody", {}).get("content", {})
            for body in content.values():
                fields = body["schema"].get("properties", {})
                fields.pop("previous_response_id", None)
                if "model" in fields:
                    fields["model"] = {"enum": _models(path)}
    return description


def _names(server: Server) -> dict[str, list[str]]:
    """Put one of everything into the world, and return what it is called."""
    client = OpenAI(base_url=server.base_url, api_key=server.api_key)
    model = facts.get("model.everyday").value
    response = client.responses.create(model=model, input="Hello", background=True)
    ask = [{"role": "user", "content": "Hello"}]
    chat = client.chat.completions.create(model=model, messages=ask, store=True)
    line = {
        "custom_id": "a",
        "method": "POST",
        "url": "/v1/responses",
        "body": {"model": model, "input": "a"},
    }
    file = client.files.create(file=("lines.jsonl", json.dumps(line).encode()), purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h")
    return {
        **_managed(server),
        "model": [model],
        "response": [response.id],
        "completion": [chat.id],
        "file": [file.id],
        "batch": [batch.id],
    }


def _managed(server: Server) -> dict[str, list[str]]:
    """Put one of everything into the organization, and return what it is called."""
    key = server.world.issue_admin_key("names")
    side = OpenAI(base_url=server.base_url, api_key="none", admin_api_key=key).admin.organization
    project = side.projects.create(name="fuzz").id
    account = side.projects.service_accounts.create(project, name="fuzz")
    invite = side.invites.create(email="fuzz@practice.invalid", role="reader")
    own = side.admin_api_keys.create(name="fuzz")
    return {
        "project": [project, server.world.home.default_project],
        "user": list(server.world.home.users),
        "account": [account.id],
        "invite": [invite.id],
        "key": [own.id, *([account.api_key.id] if account.api_key else [])],
        "limit": [each.id for each in side.projects.rate_limits.list_rate_limits(project).data[:3]],
    }


def _models(path: str) -> list[str]:
    if re.search("embeddings", path):
        return list(facts.get("embedding.dimensions").value)
    if re.search("moderations|images", path):
        return list(facts.get("moderation.model" if "mod" in path else "image.model").value)
    return [str(facts.get("model.everyday").value)]


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    raise SystemExit(main())
