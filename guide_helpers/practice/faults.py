"""The errors of the API as data: status, type, code and words.

Sources: OpenAI's error-code guide and client, and error bodies quoted in public issue threads, as
of 2026-11. One is marked unverified where only its description was found, or its code without the
words that now go with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from guide_helpers import keys
from guide_helpers.practice.wire import Response, json_response

Stage = Literal["key", "permission", "model", "money", "rate", "last"]

_INVALID = "invalid_request_error"
_DOCS = "https://platform.openai.com/docs"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be refused; `message` may hold {names} that `about` fills in."""

    status: int
    message: str
    type: str = _INVALID
    code: str | None = None
    param: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    verified: bool = True

    def about(self, *, param: str | None = None, type: str | None = None, **names: object) -> Fault:  # noqa: A002
        """Return the fault with its message filled in."""
        message = self.message.format(param=param, **names)
        return replace(self, message=message, param=param, type=type or self.type)

    def with_headers(self, *headers: tuple[str, str]) -> Fault:
        """Return the fault with more headers."""
        return replace(self, headers=(*self.headers, *headers))

    def response(self) -> Response:
        """Return the answer as it goes over the wire."""
        # what is quoted of the request may hold a key that was put in the wrong place
        message, param = keys.redact(self.message), self.param and keys.redact(self.param)
        error = {"message": message, "type": self.type, "param": param, "code": self.code}
        return json_response(self.status, {"error": error}, dict(self.headers))


class Refused(Exception):  # noqa: N818 -- it is an outcome inside the practice API, not an error of ours
    """Raised by an endpoint to answer with a fault."""

    def __init__(self, fault: Fault) -> None:
        """Keep the fault."""
        super().__init__(fault.message)
        self.fault = fault


# What the state of the world or the request itself brings about.
NO_KEY = Fault(
    401,
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
)
WRONG_KEY = Fault(
    401,
    "Incorrect API key provided: {masked}. You can find your API key at "
    "https://platform.openai.com/account/api-keys.",
    code="invalid_api_key",
)
REAL_KEY = Fault(
    401,
    "This is the practice API on your own computer, and the key you sent looks real. It was not "
    "stored. Use the practice key, or point the client at the real API.",
    code="invalid_api_key",
)
NO_MODEL = Fault(
    404,
    "The model `{model}` does not exist or you do not have access to it.",
    code="model_not_found",
)
RETIRED_MODEL = Fault(
    404,
    f"The model `{{model}}` has been deprecated, learn more here: {_DOCS}/deprecations",
    code="model_not_found",
)
NO_VARIATIONS = Fault(
    404,
    f"The model `dall-e-2` has been deprecated, learn more here: {_DOCS}/deprecations",
    code="model_not_found",
)
NO_URL = Fault(404, "Invalid URL ({method} {path})")
NO_METHOD = Fault(
    405,
    "Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)",
    code="method_not_supported",
)
BAD_JSON = Fault(400, "We could not parse the JSON body of your request.")
TOO_LARGE = Fault(413, "The request body is larger than the practice API takes ({limit:,} bytes).")
WRONG_FORM = Fault(
    400,
    "Unsupported content type: '{got}'. This API method only accepts 'application/json' requests, but you "
    "specified the header 'Content-Type: {got}'. Please try again with a supported content type.",
    code="unsupported_content_type",
)
ENCODED = Fault(415, "A compressed request body is not supported.", verified=False)
STRANGE_NAME = Fault(
    403,
    "This practice API answers on its own computer only, as 127.0.0.1 or localhost, and was asked for as "
    "'{host}'. Start it with --host to let others in.",
    verified=False,
)
LONG_HEAD = Fault(431, "The request has too many headers.", verified=False)
CROWDED = Fault(
    503,
    "The practice API takes no more than {most} connections at a time. Close clients you no longer use.",
    type="service_unavailable_error",
    code="server_is_overloaded",
    verified=False,
)
MISSING = Fault(400, "Missing required parameter: '{param}'.", code="missing_required_parameter")
WRONG_TYPE = Fault(
    400,
    "Invalid type for '{param}': expected {expected}, but got {got} instead.",
    code="invalid_type",
)
TOO_SMALL = Fault(
    400,
    "Invalid '{param}': integer below minimum value. Expected a value >= {least}, but got {got} instead.",
    code="integer_below_min_value",
)
TOO_BIG = Fault(
    400,
    "Invalid '{param}': integer above maximum value. Expected a value <= {most}, but got {got} instead.",
    code="integer_above_max_value",
)
BAD_VALUE = Fault(400, "Invalid value for '{param}': {why}", code="invalid_value")
BAD_SCHEMA = Fault(400, "Invalid schema for {what}: {why}")
TOOL_ORDER = Fault(400, "{why}")
NO_RESPONSE = Fault(404, "Response with id '{id}' not found.")
NO_PREVIOUS = Fault(400, "Previous response with id '{id}' not found.", code="previous_response_not_found")
NOT_BACKGROUND = Fault(400, "Cannot cancel a synchronous response.")
MAX_TOKENS = Fault(
    400,
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead.",
    code="unsupported_parameter",
)
NOT_HERE = Fault(
    400,
    "The practice API does not support '{param}' yet; the real API may.",
    code="unsupported_parameter",
)
TOO_MANY = Fault(
    400,
    "Invalid '{param}': array too long. Expected an array with maximum length {most}, "
    "but got an array with length {got} instead.",
    code="array_above_max_length",
)
WRONG_VALUE = Fault(
    400,
    "Invalid value: '{got}'. Supported values are: {allowed}.",
    code="invalid_value",
)
UNKNOWN_PARAMETER = Fault(400, "Unknown parameter: '{param}'.", code="unknown_parameter")
BAD_INPUT = Fault(
    400,
    f"'$.{{param}}' is invalid. Please check the API reference: {_DOCS}/api-reference.",
)
TOO_LONG = Fault(
    400,
    "This model's maximum context length is {most} tokens, however you requested {got} tokens "
    "({got} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.",
)
TOO_MANY_TOKENS = Fault(
    400,
    "Requested {got} tokens, max {most} tokens per request",
    code="max_tokens_per_request",
)
BAD_SIZE = Fault(
    400,
    "Invalid size '{got}'. Write it as WIDTHxHEIGHT, such as {usual}: both sides a multiple of 16, "
    "no more than three to one, and within the model's limits.",
    code="invalid_value",
)
NO_TEXT = Fault(403, "You are not allowed to sample from this model", verified=False)
NO_EMBEDDING = Fault(403, "You are not allowed to generate embeddings from this model")
BAD_FORM = Fault(400, "We could not parse the multipart form of your request.")
NO_OBJECT = Fault(404, "No such {kind} object: {name}")
NOT_FOUND = Fault(404, "{kind} with id '{name}' not found.", code="not_found", verified=False)
PROJECT_ARCHIVED = Fault(400, "Project '{project}' is archived and can no longer be changed.", verified=False)
DEFAULT_PROJECT = Fault(400, "The default project cannot be {what}.", verified=False)
LAST_OWNER = Fault(400, "The last owner of an organization cannot {what}.", verified=False)
ALREADY = Fault(400, "{who} already belongs to {where}.", verified=False)
ACCEPTED = Fault(400, "An invite that was accepted cannot be deleted.", verified=False)
KEY_EXPIRED = Fault(400, "API key '{key}' has expired and cannot be updated.", verified=False)
ONE_NEEDED = Fault(
    400, "At least one of {names} is required.", code="missing_required_parameter", verified=False
)
NOT_BOTH = Fault(400, "'{param}' cannot be used together with '{other}'.", verified=False)
NO_ROOM = Fault(400, "The practice API keeps no more than {most:,} {what}.")
NOT_YOURS = Fault(
    403,
    "You have insufficient permissions for this operation. Only a fine-tuned model can be deleted.",
    verified=False,
)
NOT_COMPACTED = Fault(
    400,
    "The encrypted content of '{param}' could not be verified.",
    code="invalid_encrypted_content",
    verified=False,
)
NOT_A_PICTURE = Fault(
    400,
    "Invalid file '{param}': unsupported mimetype. Supported file formats are 'image/jpeg', 'image/png', "
    "and 'image/webp'.",
    code="unsupported_file_mimetype",
    verified=False,
)
NOT_JSONL = Fault(400, "Invalid file format for Batch API. Must be .jsonl")
TWICE = Fault(400, "The {param} '{got}' stands in this file more than once.", code="duplicate_custom_id")
NO_STREAM = Fault(400, "Streaming is not supported in a batch.", code="unsupported_parameter")
NOT_CANCELLABLE = Fault(409, "Cannot cancel a batch with status '{status}'.", verified=False)
RATE = Fault(
    429,
    "Rate limit reached for {model} in organization {organization} on {what} per {period} ({short}): "
    "Limit {limit}, Used {used}, Requested {requested}. Please try again in {wait}.",
    code="rate_limit_exceeded",
)
RATE_NEVER = Fault(
    429,
    "Request too large for {model} in organization {organization} on {what} per {period} ({short}): "
    "Limit {limit}, Requested {requested}. The input or output tokens must be reduced in order to run "
    "successfully.",
    code="rate_limit_exceeded",
)

LIMIT_TOO_HIGH = Fault(
    400,
    "A project's '{param}' cannot be higher than the organization's: expected a value <= {most}, "
    "but got {got} instead.",
    code="integer_above_max_value",
    verified=False,
)
NO_SPEND_LIMIT = Fault(404, "This {kind} has no hard spend limit.", code="not_found", verified=False)
TOO_MANY_ALERTS = Fault(400, "This {kind} already has {most} spend alerts.", verified=False)

# What stands between a key and an answer, in the order in which it is looked at. The world's own state
# brings these about; a scenario of the same name does so whatever the state.
EXPIRED = Fault(
    401,
    "The API key you provided has expired. Create a new one and try again.",
    code="invalid_api_key",
    verified=False,
)
OTHER_ORGANIZATION = Fault(
    401,
    "OpenAI-Organization header should match organization for API key",
    code="mismatched_organization",
)
OTHER_PROJECT = Fault(
    401,
    "OpenAI-Project header should match project for API key",
    code="mismatched_project",
    verified=False,
)
ARCHIVED = Fault(
    401,
    "The project you are requesting has been archived and is no longer accessible.",
    code="not_authorized_invalid_project",
    verified=False,
)
NOT_A_MEMBER = Fault(401, "You must be a member of an organization to use the API.", verified=False)
NOT_AN_OWNER = Fault(
    401,
    "You have insufficient permissions for this operation. Only an organization's owners use admin keys.",
    verified=False,
)
NO_ROLE = Fault(
    401,
    "You have insufficient permissions for this operation. The service account has no role in the project.",
    verified=False,
)
RESTRICTED = Fault(401, "You have insufficient permissions for this operation. Missing scopes: {scope}.")
REGION = Fault(
    403,
    "Country, region, or territory not supported",
    type="request_forbidden",
    code="unsupported_country_region_territory",
)
WRONG_IP = Fault(401, "IP not authorized", verified=False)
NO_ACCESS = Fault(403, "Project `{project}` does not have access to model `{model}`.", code="model_not_found")
UNVERIFIED = Fault(
    403,
    "Your organization must be verified to use this model. "
    "It can take up to 15 minutes for access to propagate.",
)
INACTIVE = Fault(
    429,
    "Your account is not active, please check your billing details on our website.",
    type="billing_not_active",
    code="billing_not_active",
)
NO_CREDIT = Fault(
    429,
    "You exceeded your current quota, please check your plan and billing details.",
    type="insufficient_quota",
    code="credit_balance_exhausted",
    verified=False,
)
ORGANIZATION_LIMIT = Fault(
    429,
    "Your organization has reached its monthly spend limit.",
    type="insufficient_quota",
    code="organization_spend_limit_exceeded",
    verified=False,
)
TIER_LIMIT = Fault(
    429,
    "Your organization has reached the monthly usage limit of its tier.",
    type="insufficient_quota",
    code="organization_usage_limit_exceeded",
    verified=False,
)
PROJECT_LIMIT = Fault(
    429,
    "This project has reached its monthly spend limit.",
    type="insufficient_quota",
    code="project_spend_limit_exceeded",
    verified=False,
)

# What a scenario brings about, by the place in that order at which it is met; {names} are filled in then.
STAGED: dict[Stage, dict[str, Fault]] = {
    "key": {
        "revoked": WRONG_KEY,
        "expired": EXPIRED,
        "wrong_organization": OTHER_ORGANIZATION,
        "not_a_member": NOT_A_MEMBER,
    },
    "permission": {
        "restricted": RESTRICTED,
        "region": REGION,
        "ip_not_allowed": WRONG_IP,
    },
    "model": {
        "model_retired": RETIRED_MODEL,
        "no_access": NO_ACCESS,
        "unverified": UNVERIFIED,
    },
    "money": {"no_credit": NO_CREDIT, "spend_limit": PROJECT_LIMIT, "billing_inactive": INACTIVE},
    "rate": {
        "rate_limited": Fault(
            429,
            "Rate limit reached for {model} in organization {organization} on requests per min (RPM): "
            "Limit 3, Used 3, Requested 1. Please try again in 20s.",
            type="requests",
            code="rate_limit_exceeded",
            headers=(("retry-after", "20"), ("retry-after-ms", "20000")),
        ),
        "slow_down": Fault(
            429,
            "Your request rate rose too quickly. Please slow down.",
            type="rate_limit_error",
            code="slow_down",
            verified=False,
        ),
    },
    "last": {
        "overloaded": Fault(
            503,
            "The server is overloaded. Please try again later.",
            type="service_unavailable_error",
            code="server_is_overloaded",
            verified=False,
        ),
        "server_error": Fault(
            500,
            "The server had an error while processing your request. Sorry about that!",
            type="server_error",
        ),
    },
}
