"""Every address of the practice API: what answers there, and the scope a key needs for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from guide_helpers.practice import faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import (
    batches,
    chat,
    compaction,
    embeddings,
    files,
    image_edits,
    images,
    kept_chats,
    kept_responses,
    models,
    moderations,
    responses,
)
from guide_helpers.practice.endpoints.admin import (
    admin_keys,
    audit_logs,
    costs,
    invites,
    model_permissions,
    project_keys,
    project_users,
    projects,
    rate_limits,
    service_accounts,
    spend_alerts,
    spend_limits,
    usage,
    users,
)
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response

Endpoint = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """An address. Only one that `asks_model` costs money, draws on limits and meets every scenario."""

    method: str
    path: str
    endpoint: Endpoint
    scope: str
    asks_model: bool = False

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"


def _asks(path: str, endpoint: Endpoint, scope: str = "model.request") -> Route:
    return Route("POST", path, endpoint, scope, asks_model=True)


def _manage(method: str, path: str, endpoint: Endpoint) -> Route:
    """Return an address of the admin side, under the organization."""
    scope = "api.management.read" if method == "GET" else "api.management.write"
    return Route(method, f"/v1/organization/{path}", endpoint, scope)


_PROJECT = "projects/{project}"
_ACCOUNTS = f"{_PROJECT}/service_accounts"

_PEOPLE = (
    _manage("POST", "projects", projects.create),
    _manage("GET", "projects", projects.list_projects),
    _manage("GET", _PROJECT, projects.retrieve),
    _manage("POST", _PROJECT, projects.update),
    _manage("POST", f"{_PROJECT}/archive", projects.archive),
    _manage("POST", f"{_PROJECT}/users", project_users.create),
    _manage("GET", f"{_PROJECT}/users", project_users.list_users),
    _manage("GET", f"{_PROJECT}/users/{{user}}", project_users.retrieve),
    _manage("POST", f"{_PROJECT}/users/{{user}}", project_users.update),
    _manage("DELETE", f"{_PROJECT}/users/{{user}}", project_users.delete),
    _manage("POST", _ACCOUNTS, service_accounts.create),
    _manage("GET", _ACCOUNTS, service_accounts.list_accounts),
    _manage("GET", f"{_ACCOUNTS}/{{account}}", service_accounts.retrieve),
    _manage("POST", f"{_ACCOUNTS}/{{account}}", service_accounts.update),
    _manage("DELETE", f"{_ACCOUNTS}/{{account}}", service_accounts.delete),
    _manage("POST", f"{_ACCOUNTS}/{{account}}/api_keys", service_accounts.create_key),
    _manage("GET", f"{_PROJECT}/api_keys", project_keys.list_keys),
    _manage("GET", f"{_PROJECT}/api_keys/{{key}}", project_keys.retrieve),
    _manage("POST", f"{_PROJECT}/api_keys/{{key}}", project_keys.update),
    _manage("DELETE", f"{_PROJECT}/api_keys/{{key}}", project_keys.delete),
    _manage("GET", "users", users.list_users),
    _manage("GET", "users/{user}", users.retrieve),
    _manage("POST", "users/{user}", users.update),
    _manage("DELETE", "users/{user}", users.delete),
    _manage("POST", "invites", invites.create),
    _manage("GET", "invites", invites.list_invites),
    _manage("GET", "invites/{invite}", invites.retrieve),
    _manage("DELETE", "invites/{invite}", invites.delete),
    _manage("POST", "admin_api_keys", admin_keys.create),
    _manage("GET", "admin_api_keys", admin_keys.list_keys),
    _manage("GET", "admin_api_keys/{key}", admin_keys.retrieve),
    _manage("DELETE", "admin_api_keys/{key}", admin_keys.delete),
)


def _budgets(under: str) -> tuple[Route, ...]:
    """Return the addresses of a spend limit and of spend alerts, which the organization and projects have."""
    limit, alerts = f"{under}spend_limit", f"{under}spend_alerts"
    return (
        _manage("GET", limit, spend_limits.retrieve),
        _manage("POST", limit, spend_limits.update),
        _manage("DELETE", limit, spend_limits.delete),
        _manage("POST", alerts, spend_alerts.create),
        _manage("GET", alerts, spend_alerts.list_alerts),
        _manage("GET", f"{alerts}/{{alert}}", spend_alerts.retrieve),
        _manage("POST", f"{alerts}/{{alert}}", spend_alerts.update),
        _manage("DELETE", f"{alerts}/{{alert}}", spend_alerts.delete),
    )


_MONEY = (
    _manage("GET", f"{_PROJECT}/rate_limits", rate_limits.list_limits),
    _manage("POST", f"{_PROJECT}/rate_limits/{{limit}}", rate_limits.update),
    _manage("GET", f"{_PROJECT}/model_permissions", model_permissions.retrieve),
    _manage("POST", f"{_PROJECT}/model_permissions", model_permissions.update),
    _manage("DELETE", f"{_PROJECT}/model_permissions", model_permissions.delete),
    *_budgets(""),
    *_budgets(f"{_PROJECT}/"),
    *(_manage("GET", f"usage/{name}", usage.of(name)) for name in usage.KINDS),
    _manage("GET", "costs", costs.show),
    _manage("GET", "audit_logs", audit_logs.list_logs),
)

ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/models", models.list_models, "api.model.read"),
    Route("GET", "/v1/models/{model}", models.retrieve, "api.model.read"),
    Route("DELETE", "/v1/models/{model}", models.delete, "api.model.write"),
    _asks("/v1/responses", responses.create, "api.responses.write"),
    _asks("/v1/responses/compact", compaction.create, "api.responses.write"),
    Route("POST", "/v1/responses/input_tokens", responses.input_tokens, "api.responses.write"),
    Route("GET", "/v1/responses/{response}", kept_responses.retrieve, "api.responses.read"),
    Route("DELETE", "/v1/responses/{response}", kept_responses.delete, "api.responses.write"),
    Route("POST", "/v1/responses/{response}/cancel", kept_responses.cancel, "api.responses.write"),
    Route("GET", "/v1/responses/{response}/input_items", kept_responses.input_items, "api.responses.read"),
    _asks("/v1/chat/completions", chat.create),
    Route("GET", "/v1/chat/completions", kept_chats.list_chats, "model.request"),
    Route("GET", "/v1/chat/completions/{completion}", kept_chats.retrieve, "model.request"),
    Route("POST", "/v1/chat/completions/{completion}", kept_chats.update, "model.request"),
    Route("DELETE", "/v1/chat/completions/{completion}", kept_chats.delete, "model.request"),
    Route("GET", "/v1/chat/completions/{completion}/messages", kept_chats.messages, "model.request"),
    _asks("/v1/embeddings", embeddings.create),
    _asks("/v1/moderations", moderations.create),
    _asks("/v1/images/generations", images.create),
    _asks("/v1/images/edits", image_edits.edit),
    _asks("/v1/images/variations", image_edits.vary),
    Route("POST", "/v1/files", files.create, "api.files.write"),
    Route("GET", "/v1/files", files.list_files, "api.files.read"),
    Route("GET", "/v1/files/{file}", files.retrieve, "api.files.read"),
    Route("DELETE", "/v1/files/{file}", files.delete, "api.files.write"),
    Route("GET", "/v1/files/{file}/content", files.content, "api.files.read"),
    Route("POST", "/v1/batches", batches.create, "api.batches.write"),
    Route("GET", "/v1/batches", batches.list_batches, "api.batches.read"),
    Route("GET", "/v1/batches/{batch}", batches.retrieve, "api.batches.read"),
    Route("POST", "/v1/batches/{batch}/cancel", batches.cancel, "api.batches.write"),
    *_PEOPLE,
    *_MONEY,
)


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """Return what answers at an address and the words in braces of its path, or refuse (404, 405)."""
    exact = _table().get((method, path))
    if exact is not None:
        return exact, {}
    known = False
    for pattern, route in _patterns():
        if found := pattern.fullmatch(path):
            if route.method == method:
                return route, found.groupdict()
            known = True
    fault = faults.NO_METHOD if known else faults.NO_URL
    raise Refused(fault.about(method=method, path=path))


@cache
def _table() -> dict[tuple[str, str], Route]:
    return {(route.method, route.path): route for route in ROUTES if "{" not in route.path}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Route], ...]:
    return tuple((re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", each.path)), each) for each in ROUTES)
