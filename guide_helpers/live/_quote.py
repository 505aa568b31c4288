"""What a request may cost at most, before it is sent, and what it did cost, from the answer's usage.

The whole body is counted, names and brackets included, so the count errs upward. Where the
model's vocabulary is not published, its bytes are counted: no token is shorter than a byte. What no
body can tell (pictures, stored prompts, the provider's own tools) is refused, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from guide_helpers import facts, pricing, tokens
from guide_helpers.errors import LiveError, UnknownNameError

_FREE = {"GET", "HEAD", "DELETE"}  # reading and deleting cost nothing
_UNSEEN = 100  # tokens the provider may put around a prompt; a generous guess


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BOTH = """
    model stream stream_options temperature top_p top_logprobs store metadata tools tool_choice
    parallel_tool_calls user safety_identifier prompt_cache_key service_tier
"""
# what the fuse can price, and the fields it knows there; any other might cost something
_FIELDS = {
    "/responses": _names(
        f"""{_BOTH} input instructions max_output_tokens max_tool_calls text reasoning include
        truncation background"""
    ),
    "/chat/completions": _names(
        f"""{_BOTH} messages max_completion_tokens max_tokens n stop functions function_call
        response_format reasoning_effort verbosity seed presence_penalty frequency_penalty
        logit_bias logprobs"""
    ),
    "/embeddings": _names("model input dimensions encoding_format user"),
}
_LIMITS = {
    "/responses": ("max_output_tokens",),
    "/chat/completions": ("max_completion_tokens", "max_tokens"),
}
_TEXT = _names(
    """text input_text output_text message refusal reasoning reasoning_text summary_text function
    function_call function_call_output custom custom_tool_call custom_tool_call_output"""
)
_TIERS = (None, "auto", "default", "flex")


@dataclass(frozen=True, slots=True)
class Quote:
    """The most that one request can cost, in USD, and the tokens that was reckoned with."""

    path: str
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    worst: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer says it used; cached and written tokens are parts of the input."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    written_tokens: int = 0


def quote(method: str, path: str, body: bytes) -> Quote:
    """Price a request at its worst. Raises `LiveError` when nobody can say what it may cost."""
    if method in _FREE:
        return Quote(path)
    if path not in _FIELDS:
        raise LiveError(
            f"The fuse cannot tell what a {method} to {path} costs, so it was not sent.",
            f"Live cells may call {', '.join(sorted(_FIELDS))}; try the rest in practice mode.",
        )
    asked = _fields(body)
    _known(path, asked)
    _only_text(asked)
    model, prompt, output = str(asked.get("model", "")), _prompt(asked), _output(path, asked)
    most = Usage(prompt, output, written_tokens=prompt)
    return Quote(path, model, prompt, output, cost(model, most))


def cost(model: str, used: Usage) -> Decimal:
    """Return the price in USD, with what writing to the cache adds. Raises `LiveError` without one."""
    try:
        found = pricing.estimate(
            model,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cached_tokens=used.cached_tokens,
        )
    except UnknownNameError as error:
        raise LiveError(f"{error.what} What has no known price is not sent.", error.cure) from None
    more = Decimal(facts.get("billing.cache_write").value - 100) / 100
    return found.per_request + used.written_tokens * found.rates.input * more / 1_000_000


def usage(told: object) -> Usage | None:
    """Read the usage out of an answer or an event of a stream; None when it tells none to rely on."""
    if not isinstance(told, Mapping):
        return None
    inner = told.get("response")
    told = inner if isinstance(inner, Mapping) else told
    used = told.get("usage")
    if not isinstance(used, Mapping) or told.get("service_tier") not in _TIERS:
        return None
    kind = "input" if "input_tokens" in used else "prompt"
    parts = used.get(f"{kind}_tokens_details")
    parts = parts if isinstance(parts, Mapping) else {}
    read = (
        used.get(f"{kind}_tokens"),
        used.get("output_tokens", used.get("completion_tokens", 0)),
        parts.get("cached_tokens") or 0,
        parts.get("cache_write_tokens") or 0,
    )
    if not all(isinstance(each, int) and each >= 0 for each in read):
        return None
    found = Usage(*(int(each or 0) for each in read))
    return found if found.cached_tokens + found.written_tokens <= found.input_tokens else None


def _fields(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise LiveError("The request's body is not JSON, so nobody can say what it may cost.", "Send JSON.")
    return {name: value for name, value in asked.items() if value is not None}


def _known(path: str, asked: dict[str, Any]) -> None:
    if odd := sorted(asked.keys() - _FIELDS[path]):
        raise LiveError(
            f"The fuse cannot tell what {', '.join(odd)} may cost, so the request was not sent.",
            "Leave that out, or try it in practice mode.",
        )
    if asked.get("service_tier") not in _TIERS:
        raise LiveError(
            f"The service tier {asked['service_tier']!r} has no price that the guide knows.",
            "Leave service_tier out.",
        )


def _only_text(asked: dict[str, Any]) -> None:
    """Refuse what is not plain text or a function of the reader's own."""
    tools = asked.get("tools")
    kinds = [str(each.get("type")) for each in tools if isinstance(each, dict)] if tools else []
    for kind in (*kinds, *_types(asked.get("input")), *_types(asked.get("messages"))):
        if kind not in _TEXT:
            raise LiveError(
                f"The request holds something of the type {kind!r}, and its cost cannot be told beforehand.",
                "Send text and functions of your own only, or try it in practice mode.",
            )


def _types(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if "type" in part:
            yield str(part["type"])
        for each in part.values():
            yield from _types(each)
    elif isinstance(part, list):
        for each in part:
            yield from _types(each)


def _prompt(asked: dict[str, Any]) -> int:
    text = json.dumps(asked, ensure_ascii=False)
    counted = tokens.count(text, str(asked.get("model", "")))
    return _UNSEEN + (counted.tokens if counted.exact else len(text.encode(errors="replace")))


def _output(path: str, asked: dict[str, Any]) -> int:
    names = _LIMITS.get(path)
    if names is None:
        return 0
    limits, times = [asked[name] for name in names if name in asked], asked.get("n", 1)
    if not limits or not all(isinstance(each, int) and each > 0 for each in (*limits, times)):
        raise LiveError(
            f"Without {names[0]} nobody can say what the answer may cost, so the request was not sent.",
            f"Add {names[0]}=200 to the call: it is the most the answer may be, thinking included.",
        )
    return int(max(limits) * times)
