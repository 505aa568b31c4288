"""Note down what OpenAI's own description says about the addresses of the practice API.

    python tools/official_facts.py FILE DATE COMMIT

FILE is OpenAI's OpenAPI description (YAML, plain or .xz). Only facts are kept, and only of addresses that
the practice API has: names of operations and parameters, and which fields an answer must have.
"""

from __future__ import annotations

import json
import lzma
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from guide_helpers.practice.routes import ROUTES

ROOT = Path(__file__).parents[1]
FILE = ROOT / "tests/official_facts.json"
Json = dict[str, Any]


def main() -> None:
    """Write the facts."""
    source, date, commit = sys.argv[1:]
    opened = lzma.open if source.endswith(".xz") else open
    with opened(source, "rb") as stream:
        official = yaml.load(stream, Loader=yaml.CSafeLoader)
    found = {
        (method.upper(), f"/v1{_bare(path)}"): operation
        for path, operations in official["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict)
    }
    kept = {
        f"{route.method} {_bare(route.path)}": _facts(found[route.method, _bare(route.path)], official)
        for route in ROUTES
        if (route.method, _bare(route.path)) in found
    }
    written = {
        "source": f"github.com/openai/openai-openapi, commit {commit}",
        "date": date,
        "made by": "tools/official_facts.py",
        "operations": dict(sorted(kept.items())),
    }
    FILE.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)}: {len(kept)} of {len(ROUTES)} addresses")


def _bare(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def _facts(operation: Json, official: Json) -> Json:
    parameters = [_resolved(each, official) for each in operation.get("parameters", ())]
    query = {
        each["name"]: _sample(each.get("schema", {}), official)
        for each in parameters
        if each["in"] == "query"
    }
    return {
        "id": operation["operationId"],
        "query": query,
        "query required": [
            each["name"] for each in parameters if each["in"] == "query" and each.get("required")
        ],
        "answer": _required(operation, official),
    }


def _required(operation: Json, official: Json) -> list[str]:
    """Return the fields that an answer must have; those of every alternative, where there are several."""
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return sorted(_must(content.get("schema", {}), official))


def _must(schema: Json, official: Json) -> set[str]:
    schema = _resolved(schema, official)
    own = set(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        own |= _must(part, official)
    for word in ("anyOf", "oneOf"):
        if alternatives := [_must(each, official) for each in schema.get(word, ())]:
            own |= set.intersection(*alternatives)
    return own


def _sample(schema: Json, official: Json) -> Any:
    """Return a value that a parameter may have."""
    schema = _resolved(schema, official)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return _sample(schema[word][0], official)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [_sample(schema.get("items", {}), official)]
    plain = {"integer": schema.get("minimum", 1), "number": 1, "boolean": False}
    return plain.get(schema.get("type", ""), "text")


def _resolved(value: Json, official: Json) -> Json:
    while "$ref" in value:
        found: Any = official
        for word in value["$ref"].removeprefix("#/").split("/"):
            found = found[word]
        value = found
    return value


if __name__ == "__main__":
    main()
