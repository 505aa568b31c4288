"""Documents that follow a JSON schema, judged by jsonschema; and schemas that cannot be followed."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers.practice.structured import schema_check

SCHEMAS: dict[str, Any] = {
    "nothing": {},
    "numbers": {
        "type": "object",
        "properties": {
            "low": {"type": "integer", "minimum": 5},
            "high": {"type": "number", "exclusiveMaximum": -3},
            "step": {"type": "integer", "multipleOf": 7, "exclusiveMinimum": 7, "maximum": 14},
        },
    },
    "texts": {
        "type": "object",
        "properties": {
            "long": {"type": "string", "minLength": 40},
            "short": {"type": "string", "maxLength": 3},
            **{
                name: {"type": "string", "format": name}
                for name in ("date", "email", "uuid", "ipv4", "ipv6", "date-time", "unheard-of")
            },
        },
    },
    "lists": {"type": "array", "items": {"type": ["null", "string"]}, "minItems": 3},
    "const": {"const": "a", "enum": ["b", "a"], "type": "string"},
    "true is not 1": {"const": True, "enum": [1, True]},
    "first that ends": {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "anyOf": [
                    {"type": "array", "items": {"$ref": "#/$defs/tree"}, "minItems": 1},
                    {"type": "boolean"},
                ]
            }
        },
    },
    "itself": {"type": "object", "properties": {"me": {"$ref": "#"}, "n": {"type": "null"}}},
    "more": {"type": "object", "required": ["x"], "additionalProperties": {"type": "integer"}},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_document_is_valid(schema: Any) -> None:
    """jsonschema agrees, formats included, and the document has every property that can be had."""
    document, problem = schema_check.document(schema, strict=False)
    assert problem == ""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(document)
    if schema.get("properties", {}).keys() - {"me"}:
        assert document.keys() == schema["properties"].keys() - {"me"}


WRONG_SCHEMAS: dict[str, tuple[Any, str]] = {
    "not an object": ([], "must be an object"),
    "unknown word": ({"oneOf": [{}]}, "'oneOf' is not permitted"),
    "bad type": ({"type": "text"}, "'type' has a wrong value"),
    "bad bound": ({"minimum": "low"}, "'minimum' has a wrong value"),
    "endless": ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "never ends"),
    "nowhere": ({"$ref": "#/$defs/a"}, "points nowhere"),
    "elsewhere": ({"$ref": "https://example.com/"}, "points nowhere"),
    "beside": ({"anyOf": [{}], "type": "string"}, "cannot stand beside"),
    "impossible": ({"type": "integer", "minimum": 3, "maximum": 2}, "within its bounds"),
    "no number": ({"enum": ["a"], "type": "number"}, "no listed value"),
    "huge": ({"type": "array", "minItems": 10**12}, "too large"),
    "huge text": ({"type": "string", "minLength": 10**12}, "as long as that"),
    "deep": (json.loads('{"items":' * 200 + "{}" + "}" * 200), "too deeply"),
    "doubling": (
        {
            "$ref": "#/$defs/0",
            "$defs": {
                **{
                    str(n): {"type": "array", "items": {"$ref": f"#/$defs/{n + 1}"}, "minItems": 2}
                    for n in range(40)
                },
                "40": {"type": "null"},
            },
        },
        "too large",
    ),
}


@pytest.mark.parametrize(("schema", "words"), WRONG_SCHEMAS.values(), ids=WRONG_SCHEMAS)
def test_a_schema_that_cannot_be_followed_is_told(schema: Any, words: str) -> None:
    """The refusal says what is wrong, and nothing takes for ever."""
    document, problem = schema_check.document(schema, strict=False)
    assert document is None
    assert words in problem


LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "minimum": 3},
        {"type": "number", "maximum": -1},
        {"type": ["boolean", "null"]},
        {"enum": ["a", 1, None]},
        {"const": {"a": [1]}},
        {"$ref": "#/$defs/leaf"},
        {"$ref": "#/$defs/node"},
    ]
)
BRANCHES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            inner,
            st.integers(0, 3),
        )
        | st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options})
        | st.dictionaries(st.text(max_size=3), inner, max_size=3).map(
            lambda properties: {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            }
        )
    ),
    max_leaves=6,
)


@given(BRANCHES, BRANCHES)
def test_every_document_is_valid(schema: dict[str, Any], node: dict[str, Any]) -> None:
    """Whatever the schema, strict as structured outputs want it: a valid document, or the reason for none."""
    nodes = {"type": "array", "items": node}  # a reference straight to itself would mean nothing
    whole = {**schema, "$defs": {"leaf": {"type": "string"}, "node": nodes}}
    document, problem = schema_check.document(whole, strict=True)
    if not problem:
        jsonschema.Draft202012Validator(whole).validate(document)
    else:
        assert "no document satisfies it" in problem or "too large" in problem
