"""Write down the practice API as an OpenAPI description: its addresses, and the SDK's own types.

    python tools/describe.py           write guide_helpers/practice/openapi.json
    python tools/describe.py --check   exit 1 when the file is not what would be written

What answers where comes from practice/routes.py. What goes in and out comes from the types of the
installed SDK, without the parts the practice API does not have (`ELSEWHERE`).
"""

from __future__ import annotations

import json
import re
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import sdk_calls
from description_tables import (
    ALSO,
    BINARY,
    BOUNDS,
    DELETED,
    ERROR,
    EVERY_HEADER,
    FORMS,
    IN_A_PROJECT,
    LARGEST_PAGE,
    LIMIT_HEADERS,
    MEANINGS,
    REFUSED,
    REQUIRED,
    STREAMED,
    USUAL_LARGEST_PAGE,
    WAIT_HEADERS,
    WIDER,
    Place,
)
from pydantic import TypeAdapter
from sdk_calls import SdkCall
from sdk_schemas import Json, pruned

from guide_helpers.practice.routes import ROUTES, Route

ROOT = Path(__file__).parents[1]
FILE = ROOT / "guide_helpers/practice/openapi.json"


def described() -> Json:
    """Return the description."""
    known = sdk_calls.calls()
    asked = {(each.method, each.path): known[each.method, bare(each.path)] for each in ROUTES}
    schemas, components = _schemas(asked)
    paths: dict[str, Json] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, asked, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The practice API",
            "version": "1",
            "description": "What the guide's practice API answers. Written by tools/describe.py; "
            "a scenario can be played at any address and brings its own refusal, listed or not; "
            f"the types are those of openai {sdk_calls.version()}.",
        },
        "servers": [{"url": "http://127.0.0.1:8765"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR, **components},
            "responses": {str(status): _refusal(status) for status in MEANINGS if status != HTTPStatus.OK},
            "headers": {
                name: {"schema": {"type": "string"}}
                for name in (*EVERY_HEADER, *LIMIT_HEADERS, *WAIT_HEADERS)
            },
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def bare(path: str) -> str:
    """Return a path with empty braces: the SDK and the practice API name what stands in them differently."""
    return re.sub(r"\{\w+\}", "{}", path)


def _schemas(asked: dict[Place, SdkCall]) -> tuple[dict[tuple[str, str, str], Json], Json]:
    """Return the schema of each operation's answer, body and query, and what they refer to."""
    inputs: list[Any] = []
    for (method, path), call in asked.items():
        types = {"answer": call.answer, "body": call.body, "query": call.query}
        own = {"answer": BINARY, "body": tuple(FORMS)}
        for what, type_ in types.items():
            if type_ not in (None, type(None)) and (method, path) not in own.get(what, ()):
                inputs.append(((method, path, what), "validation", TypeAdapter(type_)))
    schemas, components = pruned(
        *TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    )
    for name, fields in WIDER.items():
        components[name]["properties"].update(fields)
    return schemas, components


def _operation(route: Route, asked: dict[Place, SdkCall], schemas: dict[Any, Json]) -> Json:
    call, key = asked[route.method, route.path], (route.method, route.path)
    query = _query(route.path, schemas.get((*key, "query")))
    limits = LIMIT_HEADERS if route.asks_model else ()
    content = _answer(route, call, schemas)
    answers = {"200": {"description": MEANINGS[200], "content": content, "headers": _headers(*limits)}}
    body = _body(route, schemas)
    for status in _statuses(route, query=[each["name"] for each in query], body=body is not None):
        answers[str(status)] = {"$ref": f"#/components/responses/{status}"}
    operation: Json = {"operationId": call.name, "summary": _summary(route)}
    if parameters := [*_places(route), *query]:
        operation["parameters"] = parameters
    if body is not None:
        operation["requestBody"] = {"required": True, "content": body}
    return {**operation, "responses": answers}


def _summary(route: Route) -> str:
    told = route.endpoint.__doc__ or sys.modules[route.endpoint.__module__].__doc__ or ""
    return told.partition("\n")[0]


def _places(route: Route) -> list[Json]:
    names = re.findall(r"\{(\w+)\}", route.path)
    return [{"name": each, "in": "path", "required": True, "schema": {"type": "string"}} for each in names]


def _query(path: str, schema: Json | None) -> list[Json]:
    """Return the parameters of a query; a list is written `name[]=`, as often as it has values."""
    schema = schema or {}
    shape = schema["anyOf"][0] if "anyOf" in schema else schema
    required = shape.get("required", [])
    if "limit" in shape.get("properties", {}):
        most = {} if "organization" in path else {"maximum": LARGEST_PAGE.get(path, USUAL_LARGEST_PAGE)}
        shape["properties"]["limit"] = {"type": "integer", "minimum": 1, **most}
    return [
        {
            "name": f"{name}[]" if each.get("type") == "array" else name,
            "in": "query",
            "required": name in required,
            "schema": each,
        }
        for name, each in shape.get("properties", {}).items()
    ]


def _body(route: Route, schemas: dict[Any, Json]) -> Json | None:
    if (route.method, route.path) in FORMS:
        return {"multipart/form-data": {"schema": FORMS[route.method, route.path]}}
    schema = schemas.get((route.method, route.path, "body"))
    if schema is None:
        return None
    for name in REFUSED.get(route.path, ()):
        schema.get("properties", {}).pop(name, None)
    for name, bounds in BOUNDS.get(route.path, {}).items():
        schema["properties"][name].update(bounds)
    if route.path in REQUIRED:
        schema["required"] = REQUIRED[route.path]
    if (route.method, route.path) in STREAMED:
        schema["properties"]["stream"] = {"type": ["boolean", "null"]}
    return {"application/json": {"schema": schema}}


def _answer(route: Route, call: SdkCall, schemas: dict[Any, Json]) -> Json:
    if (route.method, route.path) in BINARY:
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    schema = schemas.get((route.method, route.path, "answer"), DELETED)
    if call.page is not None:
        fields = [name for name in call.page.model_fields if name in {"first_id", "last_id", "has_more"}]
        kinds = {name: {"type": "boolean" if name == "has_more" else ["string", "null"]} for name in fields}
        listed = {"object": {"type": "string"}, "data": {"type": "array", "items": schema}, **kinds}
        schema = {"type": "object", "properties": listed, "required": ["object", "data"]}
    content: Json = {"application/json": {"schema": schema}}
    if (route.method, route.path) in STREAMED:
        content["text/event-stream"] = {}
    return content


def _statuses(route: Route, *, query: list[str], body: bool) -> list[int]:
    """Return what an operation answers when it does not answer what was asked."""
    found = {401, *ALSO.get((route.method, route.path), ())}
    if body or query or route.path.startswith(IN_A_PROJECT):
        found |= {400}
    if body:
        found |= {413, 415}
    if "{" in route.path or "after" in query:
        found |= {404}
    if route.asks_model:
        found |= {403, 404, 429, 500, 503}
    return sorted(found)


def _refusal(status: int) -> Json:
    more = (*LIMIT_HEADERS, *WAIT_HEADERS) if status == HTTPStatus.TOO_MANY_REQUESTS else ()
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": MEANINGS[status], "content": content, "headers": _headers(*more)}


def _headers(*more: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*EVERY_HEADER, *more)}


def written() -> str:
    """Return the description as it stands in the file."""
    return json.dumps(described(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file, or compare it."""
    if "--check" not in sys.argv[1:]:
        FILE.write_text(written(), encoding="utf-8")
        print(f"{FILE.relative_to(ROOT)}: {len(ROUTES)} operations")
    elif FILE.read_text(encoding="utf-8") != written():
        raise SystemExit(f"{FILE.relative_to(ROOT)} is out of date: python tools/describe.py")


if __name__ == "__main__":
    main()
