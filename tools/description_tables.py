"""What the description of the practice API says that follows from no type and no address."""

from __future__ import annotations

from typing import Any

from guide_helpers.practice.endpoints import batch_lines, picture_orders, responses

Json = dict[str, Any]
Place = tuple[str, str]

# fields of a request that the practice API refuses
_RESPONSES = responses._NOT_YET  # noqa: SLF001 -- they stand where they are refused
REFUSED: dict[str, tuple[str, ...]] = {
    "/v1/responses": _RESPONSES,
    "/v1/responses/input_tokens": _RESPONSES,
    "/v1/images/generations": (*picture_orders._OLD, *picture_orders._NOT_YET),  # noqa: SLF001
}

STREAMED: tuple[Place, ...] = (
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("GET", "/v1/responses/{response}"),
    ("POST", "/v1/images/generations"),
    ("POST", "/v1/images/edits"),
)
BINARY: tuple[Place, ...] = (("GET", "/v1/files/{file}/content"),)

# what else an operation answers, beside what follows from its address, its body and its model
IN_A_PROJECT = "/v1/organization/projects/{project}/"  # 400 there: the project is archived
ALSO: dict[Place, tuple[int, ...]] = {
    ("GET", "/v1/models/{model}"): (403,),
    ("DELETE", "/v1/models/{model}"): (403,),
    ("POST", "/v1/responses/input_tokens"): (403, 404),
    ("POST", "/v1/responses/{response}/cancel"): (400,),
    ("POST", "/v1/batches"): (404,),
    ("POST", "/v1/batches/{batch}/cancel"): (409,),
    ("DELETE", "/v1/organization/users/{user}"): (400,),
    ("DELETE", "/v1/organization/invites/{invite}"): (400,),
    ("POST", "/v1/organization/invites"): (404,),  # a project that is named in it
}

# answers for which the SDK has no type, or one that is narrower than what it lets a caller send
DELETED: Json = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string"},
        "deleted": {"const": True, "type": "boolean"},
    },
    "required": ["id", "object", "deleted"],
}
_COMPACTED = (
    "ResponseInputMessageItem",
    "ResponseOutputMessage",
    "ResponseFunctionToolCall",
    "ResponseFunctionToolCallOutputItem",
    "ResponseCompactionItem",
)
WIDER: dict[str, Json] = {
    "ChatCompletionStoreMessage": {"role": {"type": "string"}},
    "CompactedResponse": {
        "output": {
            "type": "array",
            "items": {"anyOf": [{"$ref": f"#/components/schemas/{each}"} for each in _COMPACTED]},
        }
    },
    "Embedding": {
        "embedding": {"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "string"}]}
    },
    "FileObject": {"purpose": {"type": "string"}},
    "OutputExpiresAfter": {"seconds": {"type": "integer", "minimum": 3_600, "maximum": 2_592_000}},
}

# what the API asks for beyond the SDK's types, by the address of a request
REQUIRED: dict[str, list[str]] = {
    "/v1/responses": ["model", "input"],
    "/v1/responses/compact": ["model", "input"],
    "/v1/images/generations": ["model", "prompt"],
}
BOUNDS: dict[str, Json] = {
    "/v1/responses": {"max_output_tokens": {"minimum": 16}},
    "/v1/chat/completions": {
        "messages": {"minItems": 1},
        "n": {"minimum": 1, "maximum": 128},
        "max_tokens": {"minimum": 1},
        "max_completion_tokens": {"minimum": 1},
    },
    "/v1/embeddings": {"dimensions": {"minimum": 1}},
    "/v1/images/generations": {
        "prompt": {"minLength": 1, "maxLength": 32_000},
        "n": {"minimum": 1, "maximum": 10},
        "output_format": {"enum": ["png", None]},
    },
    "/v1/batches": {"endpoint": {"enum": list(batch_lines.ENDPOINTS)}},
}
LARGEST_PAGE = {"/v1/files": 10_000}
USUAL_LARGEST_PAGE = 100

# forms: the SDK's types of uploads are Python's, not the wire's
_FILE: Json = {"type": "string", "format": "binary"}
_TEXT: Json = {"type": "string"}
FORMS: dict[Place, Json] = {
    ("POST", "/v1/files"): {
        "type": "object",
        "properties": {
            "file": _FILE,
            "purpose": {"enum": ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]},
            "expires_after[anchor]": {"const": "created_at"},
            "expires_after[seconds]": {"type": "integer", "minimum": 3_600, "maximum": 2_592_000},
        },
        "required": ["file", "purpose"],
    },
    ("POST", "/v1/images/edits"): {
        "type": "object",
        "properties": {
            "image": _FILE,
            "mask": _FILE,
            "prompt": _TEXT,
            "model": _TEXT,
            "n": {"type": "integer", "minimum": 1, "maximum": 10},
            "size": _TEXT,
            "background": {"enum": ["transparent", "opaque", "auto"]},
            "output_format": {"const": "png"},
            "stream": {"type": "boolean"},
        },
        "required": ["image", "prompt", "model"],
    },
    ("POST", "/v1/images/variations"): {
        "type": "object",
        "properties": {
            "image": _FILE,
            "model": _TEXT,
            "n": {"type": "integer", "minimum": 1, "maximum": 10},
            "response_format": {"enum": ["url", "b64_json"]},
            "size": {"enum": ["256x256", "512x512", "1024x1024"]},
        },
        "required": ["image", "model"],
    },
}

_OR_NULL = ["string", "null"]
ERROR: Json = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": _OR_NULL},
                "code": {"type": _OR_NULL},
            },
            "required": ["message", "type", "param", "code"],
            "additionalProperties": False,
        }
    },
    "required": ["error"],
    "additionalProperties": False,
}
MEANINGS = {
    200: "The answer.",
    400: "The request is not what this operation takes.",
    401: "The key is missing, wrong, revoked, expired, or may not do this.",
    403: "The project or the caller may not use this.",
    404: "There is no such thing here.",
    405: "This address has other methods.",
    409: "This is not possible in its present state.",
    413: "The body is too large.",
    415: "The body is compressed.",
    429: "A limit is reached: the rate, or the money.",
    500: "A failure, played by a scenario.",
    503: "Too busy, played by a scenario.",
}

EVERY_HEADER = (
    "x-request-id",
    "openai-organization",
    "openai-project",
    "openai-version",
    "openai-processing-ms",
)
LIMIT_HEADERS = tuple(
    f"x-ratelimit-{what}-{of}" for what in ("limit", "remaining", "reset") for of in ("requests", "tokens")
)
WAIT_HEADERS = ("retry-after", "retry-after-ms")
