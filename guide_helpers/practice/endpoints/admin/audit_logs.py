"""GET /v1/organization/audit_logs: who changed what, newest first."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from guide_helpers.practice import paging
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin import buckets
from guide_helpers.practice.wire import Query, Response, json_response

Entry = Mapping[str, Any]

_USUAL, _MOST = 20, 100
_TENANT = "tenant."
_WHEN: Mapping[str, Callable[[int, int], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def list_logs(call: Call) -> Response:
    """List what was changed, as far as it fits what is asked for."""
    query = call.request.query
    times, tenant_only = _times(query), buckets.truth(query, "tenant_only")
    rows = [
        each
        for each in reversed(call.organization.audit)
        if (not tenant_only or each["type"].startswith(_TENANT))
        and all(compare(each["effective_at"], at) for compare, at in times)
        and _fits(each, query)
    ]
    return json_response(200, paging.page(rows, query, _USUAL, _MOST))


def _times(query: Query) -> list[tuple[Callable[[int, int], bool], int]]:
    read = [(compare, buckets.number(query, f"effective_at[{name}]")) for name, compare in _WHEN.items()]
    return [(compare, at) for compare, at in read if at is not None]


def _fits(entry: Entry, query: Query) -> bool:
    found = {
        "event_types": {entry["type"]},
        "project_ids": {entry.get("project", {}).get("id")},
        "resource_ids": {entry[entry["type"]].get("id")},
        "actor_ids": _actor(entry, "id"),
        "actor_emails": _actor(entry, "email"),
    }
    return all(values & {*query.all(name)} for name, values in found.items() if query.all(name))


def _actor(entry: Entry, field: str) -> set[str]:
    """Return a field of who did it: of the person or the service account, and of the key."""
    key = entry["actor"]["api_key"]
    who = key.get("user") or key.get("service_account") or {}
    return {each[field] for each in (key, who) if field in each}
