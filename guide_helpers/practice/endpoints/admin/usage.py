"""GET /v1/organization/usage/...: what was used, by endpoint, in buckets of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import buckets
from guide_helpers.practice.endpoints.admin.buckets import Row
from guide_helpers.practice.wire import Response
from guide_helpers.practice.world.ledger import Sum

_WHO = ("project_id", "user_id", "api_key_id")
_MODEL = (*_WHO, "model")
_TEXT = (*_MODEL, "batch", "service_tier", "api_source")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of usage: what it can be grouped by, and the numbers of a group."""

    groups: Sequence[str]
    numbers: Callable[[Sequence[Sum]], Row] = lambda _: {}


def _text(sums: Sequence[Sum]) -> Row:
    asked, cached = sum(each.input_tokens for each in sums), sum(each.cached_tokens for each in sums)
    written = sum(each.output_tokens for each in sums)
    return {
        **_requests(sums),
        "input_tokens": asked,
        "output_tokens": written,
        "input_cached_tokens": cached,
        "input_uncached_tokens": asked - cached,
        "input_text_tokens": asked - cached,
        "output_text_tokens": written,
        "input_cached_text_tokens": cached,
        **dict.fromkeys(_NEVER_USED, 0),
    }


def _tokens(sums: Sequence[Sum]) -> Row:
    return {"input_tokens": sum(each.input_tokens for each in sums), **_requests(sums)}


def _pictures(sums: Sequence[Sum]) -> Row:
    return {"images": sum(each.images for each in sums), **_requests(sums)}


def _requests(sums: Sequence[Sum]) -> Row:
    return {"num_model_requests": sum(each.requests for each in sums)}


_NEVER_USED = (
    "input_audio_tokens",
    "input_cached_audio_tokens",
    "output_audio_tokens",
    "input_image_tokens",
    "input_cached_image_tokens",
    "output_image_tokens",
    "input_cache_write_tokens",
    "input_cache_write_30m_tokens",
    "input_cache_write_12h_tokens",
)

# the kinds without numbers are not practised: their buckets are empty
KINDS: Mapping[str, Kind] = {
    "completions": Kind(_TEXT, _text),
    "embeddings": Kind(_MODEL, _tokens),
    "moderations": Kind(_MODEL, _tokens),
    "images": Kind((*_MODEL, "size", "source"), _pictures),
    "decisions": Kind(_TEXT),
    "audio_speeches": Kind(_MODEL),
    "audio_transcriptions": Kind(_MODEL),
    "vector_stores": Kind(("project_id",)),
    "code_interpreter_sessions": Kind(("project_id",)),
    "file_search_calls": Kind((*_WHO, "vector_store_id")),
    "web_search_calls": Kind((*_MODEL, "context_level", "api_source")),
}


def of(name: str) -> Callable[[Call], Response]:
    """Return what answers with the usage of one kind."""
    kind = KINDS[name]

    def show(call: Call) -> Response:
        query = call.request.query
        by, keep = buckets.groups(query, kind.groups), buckets.filters(query)

        def results(sums: Sequence[Sum]) -> list[Row]:
            return [
                {
                    "object": f"organization.usage.{name}.result",
                    **dict.fromkeys(kind.groups),
                    **shared,
                    **kind.numbers(group),
                }
                for shared, group in buckets.grouped(sums, by)
            ]

        return buckets.page(call, buckets.WIDTHS, lambda found: found.kind == name and keep(found), results)

    return show
