"""The SDK's types as JSON schemas, cut down to what the practice API has, and without their words."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

Json = dict[str, Any]

# types of what the practice API does not have; an alternative that is one of these is left out
ELSEWHERE = re.compile(
    r"Mcp|WebSearch|Computer|CodeInterpreter|ImageGeneration|Shell|ApplyPatch|FileSearch|Custom|Reasoning(Item|Text)"
    r"|CompactionTrigger|Audio|ContentPartRefusal|Program|Namespace|ToolSearch|AdditionalTools|Annotation"
    r"|ConfigurationUpdate|ItemReference|Prompt(Cache|Param)|ResponsePrompt|Container|ContentPartImage|(?<!Input)File$|Caller"
    r"|Conversation|Svg|Misalignment|Steer|Moderation(Input|Output|Image|Policy)|Skill|AccessPrograms|ToolUsage"
    r"|ContextManagement|WebSearchOptions|(Text|Top)?Logprob|TokenLogprob|InputTransformation|(chat_completion|response"
    r"|completion_create_params|response_create_params)__Moderation$|AllowedTool"
)
_REF = "#/components/schemas/"
_WORDS = ("title", "description", "default", "examples")


def pruned(schemas: dict[Any, Any], shared: Any) -> tuple[dict[Any, Json], Json]:
    """Return what pydantic wrote, cut down: the schema of each key, and the shared ones they refer to."""
    definitions: Json = shared.get("$defs", {})
    roots = {key: _cut(each) for (key, _), each in schemas.items()}
    roots = {key: each if key[-1] == "answer" else _opened(each, definitions) for key, each in roots.items()}
    reached: Json = {}
    waiting = _references(list(roots.values()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = _cut(definitions[name])
            waiting += _references(reached[name])
    short = _short(reached)
    return _renamed(roots, short), {short[name]: _renamed(reached[name], short) for name in sorted(reached)}


def _opened(schema: Json, definitions: Json) -> Json:
    """Return the schema itself for a reference to one."""
    if set(schema) == {"$ref"}:
        return dict(_cut(definitions[schema["$ref"].removeprefix(_REF)]))
    if "anyOf" in schema:
        return {**schema, "anyOf": [_opened(each, definitions) for each in schema["anyOf"]]}
    return schema


def _cut(schema: Any) -> Any:
    """Return a schema without words, and without what the practice API does not have."""
    if isinstance(schema, list):
        return [_cut(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: each for name, each in schema.items() if name not in _WORDS and name != "discriminator"}
    if kept.get("additionalProperties") is True:
        del kept["additionalProperties"]
    if "properties" in kept:
        left = {name: _cut(each) for name, each in kept["properties"].items() if not _absent(each)}
        kept["properties"] = left
        kept["required"] = [name for name in kept.get("required", []) if name in left]
    rest = {name: _cut(each) for name, each in kept.items() if name not in {"properties", "required"}}
    return _one_of_few(
        {**{name: kept[name] for name in ("properties", "required") if kept.get(name)}, **rest}
    )


def _one_of_few(schema: Json) -> Json:
    """Return alternatives without those that are elsewhere, and plainly where one is left."""
    for word in ("anyOf", "oneOf"):
        if word not in schema:
            continue
        left = [each for each in schema[word] if not _absent(each)]
        if {"type": "string"} in left:  # any word will do: the names known today say nothing
            left = [each for each in left if each == {"type": "string"} or each.get("type") != "string"]
        unique = [each for place, each in enumerate(left) if each not in left[:place]]
        others = {name: each for name, each in schema.items() if name != word}
        if len(unique) == 1:
            return {**others, **unique[0]}
        if all(set(each) == {"type"} for each in unique):
            return {**others, "type": [each["type"] for each in unique]}
        return {**others, "anyOf": unique}
    return schema


def _absent(schema: Any) -> bool:
    """Say whether a schema is of something the practice API does not have."""
    if not isinstance(schema, dict):
        return False
    if "$ref" in schema:
        return bool(ELSEWHERE.search(schema["$ref"].removeprefix(_REF)))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            told = [each for each in schema[word] if each != {"type": "null"}]
            return bool(told) and all(_absent(each) for each in told)
    return "items" in schema and _absent(schema["items"])


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for each in schema for name in _references(each)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].removeprefix(_REF)] if isinstance(schema.get("$ref"), str) else []
    return own + [name for each in schema.values() for name in _references(each)]


def _short(names: Json) -> dict[str, str]:
    """Return a short name for each: its last word, and as many before it as tell it from the others."""
    return {name: next(each for each in _ends(name) if _only(each, names)) for name in names}


def _ends(name: str) -> list[str]:
    words = name.split("__")
    return [".".join(words[-count:]) for count in range(1, len(words) + 1)]


def _only(short: str, names: Json) -> bool:
    return Counter(short in _ends(name) for name in names)[True] == 1


def _renamed(schema: Any, short: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_renamed(each, short) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _REF + short[each.removeprefix(_REF)]
        if name == "$ref" and isinstance(each, str)
        else _renamed(each, short)
        for name, each in schema.items()
    }
