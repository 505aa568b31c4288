"""Usage, costs and the audit log of the practice API: every filter, every page, and sums that agree."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openai
import pytest
from openai import OpenAI

from guide_helpers import facts, practice
from guide_helpers.practice.api import handle
from guide_helpers.practice.wire import Query, Request
from guide_helpers.practice.world import World, audit
from guide_helpers.practice.world.ledger import Use
from guide_helpers.practice.world.limiter import Limits

AMPLE = Limits(10_000, 10_000_000)
MINUTE, HOUR, DAY = 60, 3_600, 86_400
VECTORS = next(iter(facts.get("embedding.dimensions").value))
PICTURES = facts.get("image.model").value[0]
SERVED = ("completions", "embeddings", "moderations", "images")
NOT_SERVED = (
    "audio_speeches",
    "audio_transcriptions",
    "code_interpreter_sessions",
    "decisions",
    "file_search_calls",
    "vector_stores",
    "web_search_calls",
)


def connect(api: practice.InProcess) -> OpenAI:
    """Return a strict client of a practice API, with an admin key."""
    return OpenAI(
        base_url=api.base_url,
        http_client=api.http_client,
        api_key=api.api_key,
        admin_api_key=api.world.issue_admin_key("admin"),
        max_retries=0,
        _strict_response_validation=True,
    )


@pytest.fixture
def ample() -> practice.InProcess:
    """A practice API whose clock stands still and whose rate limits nobody reaches."""
    return practice.in_process(limits=AMPLE, clock=practice.Clock(speed=0))


@pytest.fixture
def busy(ample: practice.InProcess, model: str) -> practice.InProcess:
    """Three days of use: two keys, two models, batches, embeddings, moderations and pictures."""
    world = ample.world
    second = world.record(ample.issue_key("second"))
    service = world.record(ample.issue_key("service"))
    service.kind, service.owner = "service_account", "svc_1"
    first = world.record(ample.api_key)
    dear = facts.models()[0].id
    for use, key in (
        (Use("completions", model, 1_000, 100), first),
        (Use("completions", model, 500, 50, 200), second),
        (Use("completions", dear, 300_000, 7), first),
        (Use("completions", model, 40, 4, batch=True), service),
        (Use("embeddings", VECTORS, 33), first),
        (Use("moderations", "any", 5), first),
        (Use("images", PICTURES, 6, 256, images=2, size="1024x1024"), first),
        (Use("images", PICTURES, 6, 128, images=1, size="256x256"), second),
    ):
        world.charge(key, use)
        ample.clock.advance(9 * HOUR)
    return ample


def start(api: practice.InProcess) -> int:
    """Return the first second of the day the world began on."""
    return int(api.keys[0].made) // DAY * DAY


def ask(client: OpenAI, name: str, **options: Any) -> Any:
    """Ask for usage of one kind, or skip where the client is too old to know it."""
    usage = client.admin.organization.usage
    if not hasattr(usage, name):
        pytest.skip(f"openai {openai.__version__} has no usage.{name}")
    return getattr(usage, name)(**options)


def results(page: Any) -> Iterator[Any]:
    """Yield the results of all buckets."""
    for bucket in page.data:
        yield from bucket.results


# ---------------------------------------------------------------------------- buckets


def test_a_call_shows_up_in_its_minute(ample: practice.InProcess, model: str) -> None:
    """With the tokens its own answer told of; the minutes around it are empty."""
    client, began = connect(ample), ample.world.seconds()
    ample.clock.advance(5 * MINUTE + 30)
    usage = client.responses.create(model=model, input="Hi").usage
    assert usage is not None
    page = ask(client, "completions", start_time=began, bucket_width="1m")
    assert [len(each.results) for each in page.data] == [0, 0, 0, 0, 0, 1]
    (found,) = page.data[5].results
    assert page.data[5].start_time == began + 5 * MINUTE
    assert page.data[5].end_time == began + 6 * MINUTE
    assert (found.input_tokens, found.output_tokens) == (usage.input_tokens, usage.output_tokens)
    assert (found.num_model_requests, found.input_uncached_tokens) == (1, usage.input_tokens)
    assert (found.model, found.project_id, found.batch) == (None, None, None)
    assert (page.has_more, page.next_page) == (False, None)


@pytest.mark.parametrize("width", ["1m", "1h", "1d"])
def test_every_width_adds_up_to_the_same(busy: practice.InProcess, width: str) -> None:
    """Turned page by page, buckets follow one another without a gap and hold every request."""
    client, world, size = connect(busy), busy.world, {"limit": 1_440 if width == "1m" else 31}
    for name in SERVED:
        buckets, page = [], None
        while page is None or page.has_more:
            more = {"page": page.next_page} if page else {}
            page = ask(client, name, start_time=start(busy), bucket_width=width, **size, **more)
            buckets += page.data
        seconds = {"1m": MINUTE, "1h": HOUR, "1d": DAY}[width]
        assert buckets[0].start_time == start(busy)
        assert all(each.end_time == each.start_time + seconds for each in buckets)
        assert all(one.end_time == other.start_time for one, other in itertools.pairwise(buckets))
        assert buckets[-1].start_time <= world.seconds() < buckets[-1].end_time
        counted = sum(found.num_model_requests for each in buckets for found in each.results)
        assert counted == sum(each.requests for each in world.ledger.sums.values() if each.kind == name)


@pytest.mark.parametrize(("width", "usual", "most"), [("1m", 60, 1_440), ("1h", 24, 168), ("1d", 7, 31)])
def test_a_page_has_the_documented_sizes(
    ample: practice.InProcess, width: str, usual: int, most: int
) -> None:
    """So many buckets unless asked otherwise, and never more than so many."""
    client = connect(ample)
    ample.clock.advance(40 * DAY)
    where = {"start_time": start(ample), "bucket_width": width}
    assert len(ask(client, "completions", **where).data) == usual
    last = min(most, 41 * DAY)
    assert len(ask(client, "completions", **where, limit=last).data) == last
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "completions", **where, limit=most + 1)
    assert caught.value.param == "limit"


def test_the_end_is_left_out(busy: practice.InProcess) -> None:
    """What begins at the end time is not counted; an empty time has no buckets."""
    client, began = connect(busy), start(busy)
    day = ask(client, "completions", start_time=began, end_time=began + DAY)
    assert len(day.data) == 1
    assert sum(each.num_model_requests for each in results(day)) == 2
    assert ask(client, "completions", start_time=began, end_time=began).data == []


@pytest.mark.parametrize("name", NOT_SERVED)
def test_what_is_not_practised_is_empty(busy: practice.InProcess, name: str) -> None:
    """Its buckets are there, and hold nothing."""
    page = ask(connect(busy), name, start_time=start(busy), group_by=["project_id"])
    assert len(page.data) >= 3
    assert list(results(page)) == []


# ---------------------------------------------------------------------------- groups and filters


def test_usage_is_grouped_by_everything(busy: practice.InProcess, model: str) -> None:
    """Each combination once, with null for the user of a service account."""
    fields = ["project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "api_source"]
    page = ask(connect(busy), "completions", start_time=start(busy), group_by=fields)
    world, found = busy.world, list(results(page))
    first, second, service, *_ = world.key_records()
    owner = next(iter(world.home.users))
    dear = facts.models()[0].id
    assert {(each.api_key_id, each.user_id, each.model, each.batch, each.input_tokens) for each in found} == {
        (first.id, owner, model, False, 1_000),
        (second.id, owner, model, False, 500),
        (first.id, owner, dear, False, 300_000),
        (service.id, None, model, True, 40),
    }
    assert {each.project_id for each in found} == {world.home.default_project}
    assert {each.service_tier for each in found} == {"default"}
    cached = next(each for each in found if each.input_tokens == 500)
    assert (cached.input_cached_tokens, cached.input_uncached_tokens) == (200, 300)


@pytest.mark.parametrize(
    ("name", "asked", "tokens"),
    [
        pytest.param("completions", {"api_key_ids": ["second"]}, 500, id="a key"),
        pytest.param("completions", {"api_key_ids": ["second", "service"]}, 540, id="two keys"),
        pytest.param("completions", {"batch": True}, 40, id="batches"),
        pytest.param("completions", {"batch": False}, 301_500, id="no batches"),
        pytest.param("completions", {"models": ["everyday"]}, 1_540, id="a model"),
        pytest.param("completions", {"models": ["everyday"], "batch": False}, 1_500, id="both must hold"),
        pytest.param("completions", {"project_ids": ["none"]}, 0, id="another project"),
        pytest.param("completions", {"user_ids": ["owner"]}, 301_500, id="a person"),
        pytest.param("embeddings", {"models": [VECTORS]}, 33, id="embeddings"),
        pytest.param("moderations", {"user_ids": ["none"]}, 0, id="nobody"),
    ],
)
def test_filters_keep_what_was_asked_for(
    busy: practice.InProcess, name: str, asked: dict[str, Any], tokens: int, model: str
) -> None:
    """Of every kind; several must all hold, and one of several values is enough."""
    meant = {each.name: each.id for each in busy.keys} | {
        "everyday": model,
        "owner": next(iter(busy.world.home.users)),
    }
    options = {
        field: [meant.get(each, each) for each in values] if isinstance(values, list) else values
        for field, values in asked.items()
    }
    page = ask(connect(busy), name, start_time=start(busy), **options)
    assert sum(each.input_tokens for each in results(page)) == tokens


def test_pictures_are_told_by_size_and_source(busy: practice.InProcess) -> None:
    """As they were asked for."""
    client, where = connect(busy), {"start_time": start(busy)}
    page = ask(client, "images", **where, group_by=["size", "source", "model"])
    assert {(each.size, each.source, each.model, each.images) for each in results(page)} == {
        ("1024x1024", "image.generation", PICTURES, 2),
        ("256x256", "image.generation", PICTURES, 1),
    }
    for asked, images in (({"sizes": ["256x256"]}, 1), ({"sources": ["image.edit"]}, 0)):
        assert sum(each.images for each in results(ask(client, "images", **where, **asked))) == images


def test_a_picture_that_was_drawn_has_its_size(ample: practice.InProcess) -> None:
    """Drawn through the API it is found by its size."""
    client = connect(ample)
    client.images.generate(model=PICTURES, prompt="A cat", n=2, size="1024x1536")
    page = ask(client, "images", start_time=start(ample), group_by=["size"])
    assert [(each.size, each.images) for each in results(page)] == [("1024x1536", 2)]


# ---------------------------------------------------------------------------- costs


def money(page: Any) -> Decimal:
    """Return the exact sum of all amounts."""
    return sum((Decimal(str(each.amount.value)) for each in results(page)), Decimal(0))


@pytest.mark.parametrize(
    "by",
    [[], ["project_id"], ["line_item"], ["api_key_id", "user_id", "project_id", "line_item", "api_source"]],
    ids=["together", "by project", "by line", "by everything"],
)
def test_costs_add_up_to_the_ledgers_total(busy: practice.InProcess, by: list[str]) -> None:
    """To the last digit, however they are grouped."""
    page = client_costs(busy, **({"group_by": by} if by else {}))
    assert money(page) == busy.world.ledger.total > 0
    assert {each.amount.currency for each in results(page)} == {"usd"}


def client_costs(api: practice.InProcess, **options: Any) -> Any:
    """Ask for all costs."""
    return connect(api).admin.organization.usage.costs(start_time=start(api), **options)


def test_lines_have_a_quantity(busy: practice.InProcess, model: str) -> None:
    """Each line tells its tokens and their unit; without lines there is none."""
    found = list(results(client_costs(busy, group_by=["line_item"])))
    tokens = {each.line_item: each for each in found}
    assert tokens[f"{VECTORS}, input_tokens"].quantity == 33
    assert tokens[f"{model}, cached_input_tokens"].quantity == 200
    assert {each.quantity_unit for each in found} == {"tokens"}
    assert {each.quantity for each in results(client_costs(busy))} == {None}


def test_costs_are_filtered(busy: practice.InProcess, model: str) -> None:
    """By key, project and the exact name of a line; the parts of two keys make the whole."""
    parts = [money(client_costs(busy, api_key_ids=[each.id])) for each in busy.keys]
    assert sum(parts) == busy.world.ledger.total
    assert all(part > 0 for part in parts[:3])
    assert money(client_costs(busy, project_ids=["none"])) == 0
    line = f"{model}, output_tokens"
    asked = {"extra_query": {"line_items[]": line}}  # an older client knows no `line_items`
    named = client_costs(busy, group_by=["line_item"], **asked)
    assert {each.line_item for each in results(named)} == {line}
    assert 0 < money(named) == money(client_costs(busy, **asked)) < busy.world.ledger.total


def test_costs_have_pages_of_days(busy: practice.InProcess) -> None:
    """Seven unless asked otherwise; the next page begins where one ended."""
    busy.clock.advance(20 * DAY)
    whole = client_costs(busy, limit=180)
    page = client_costs(busy)
    assert (len(page.data), page.has_more) == (7, True)
    rest = client_costs(busy, page=page.next_page, limit=180)
    assert page.data + rest.data == whole.data
    assert not rest.has_more


def test_another_organization_sees_nothing(busy: practice.InProcess) -> None:
    """Usage and costs are those of the admin key's organization."""
    world, client = busy.world, connect(busy)
    world.found("org-b", "B", "user-b", "proj_b")
    admin = world.record(str(client.admin_api_key))
    admin.organization, admin.owner = "org-b", "user-b"
    assert list(results(ask(client, "completions", start_time=start(busy)))) == []
    assert list(results(client.admin.organization.usage.costs(start_time=start(busy)))) == []


# ---------------------------------------------------------------------------- odd questions


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ([], "start_time"),
        ([("start_time", "soon")], "start_time"),
        ([("start_time", "-1")], "start_time"),
        ([("start_time", "9" * 18)], "start_time"),
        ([("start_time", "1.5")], "start_time"),
        ([("start_time", "0"), ("end_time", "x")], "end_time"),
        ([("start_time", "0"), ("bucket_width", "2d")], "bucket_width"),
        ([("start_time", "0"), ("limit", "0")], "limit"),
        ([("start_time", "0"), ("limit", "٣")], "limit"),
        ([("start_time", "0"), ("group_by[]", "colour")], "group_by"),
        ([("start_time", "0"), ("batch", "perhaps")], "batch"),
        ([("start_time", "0"), ("page", "2")], "page"),
        ([("start_time", "0"), ("page", "page_1")], "page"),
        ([("start_time", "0"), ("page", f"page_{10**11 // DAY * DAY:x}")], "page"),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["usage/completions", "costs"])
def test_an_odd_question_is_refused(path: str, query: list[tuple[str, str]], param: str) -> None:
    """With 400, the name of what is odd, and the API's four fields."""
    world = World(practice.Clock(speed=0))
    headers = {"authorization": f"Bearer {world.issue_admin_key('admin')}"}
    response = handle(world, Request("GET", f"/v1/organization/{path}", headers, query=Query(query)))
    error = json.loads(response.body)["error"]
    assert (response.status, error["param"]) == (400, param)
    assert set(error) == {"message", "type", "param", "code"}


def test_a_plain_key_sees_no_usage(server: practice.Server) -> None:
    """Over HTTP as well: an admin key gets a page, a project's key is refused."""
    admin = server.world.issue_admin_key("admin")
    url = f"{server.base_url}/organization/usage/completions?start_time=0&group_by[]=model&group_by[]=batch"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {admin}"})
    with urllib.request.urlopen(request) as answer:
        page = json.load(answer)
    assert (page["object"], len(page["data"]), page["has_more"]) == ("page", 7, True)
    client = OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        client.get("/organization/costs?start_time=0", cast_to=object)


# ---------------------------------------------------------------------------- the audit log


@pytest.fixture
def changed(ample: practice.InProcess) -> practice.InProcess:
    """Three changes, a minute apart: a limit, a model permission, and something about nothing."""
    world, client = ample.world, connect(ample)
    project, model = world.home.default_project, facts.get("model.everyday").value
    projects = client.admin.organization.projects
    projects.rate_limits.update_rate_limit(f"rl-{model}", project_id=project, max_requests_per_1_minute=5)
    ample.clock.advance(MINUTE)
    projects.model_permissions.update(project, mode="deny_list", model_ids=["x"])
    ample.clock.advance(MINUTE)
    audit.note(world, world.record(str(client.admin_api_key)), "invite.sent", {"id": "invite_1"})
    return ample


def test_the_audit_log_tells_who_changed_what(changed: practice.InProcess) -> None:
    """Newest first, with the actor, the project and what was asked for."""
    logs = list(connect(changed).admin.organization.audit_logs.list())
    assert [each.type for each in logs] == ["invite.sent", "project.updated", "rate_limit.updated"]
    assert len({each.id for each in logs}) == 3
    entry, world = logs[-1], changed.world
    assert entry.project is not None
    assert entry.project.id == world.home.default_project
    assert entry.rate_limit_updated is not None
    assert entry.rate_limit_updated.changes_requested is not None
    assert entry.rate_limit_updated.changes_requested.max_requests_per_1_minute == 5
    assert entry.actor is not None
    assert entry.actor.api_key is not None
    assert entry.actor.api_key.user is not None
    assert entry.actor.api_key.user.email == world.home.users[next(iter(world.home.users))].email


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({"event_types": ["invite.sent", "project.updated"]}, [0, 1], id="types"),
        pytest.param({"project_ids": ["proj_practice"]}, [1, 2], id="a project"),
        pytest.param({"resource_ids": ["invite_1"]}, [0], id="a resource"),
        pytest.param({"actor_emails": ["owner@practice.invalid"]}, [0, 1, 2], id="a person"),
        pytest.param({"actor_emails": ["nobody@practice.invalid"]}, [], id="nobody"),
        pytest.param({"actor_ids": ["user-practice", "x"]}, [0, 1, 2], id="an actor"),
        pytest.param({"effective_at": {"gt": 0}}, [0, 1], id="after"),
        pytest.param({"effective_at": {"gte": 0, "lt": 120}}, [1, 2], id="from and before"),
        pytest.param({"effective_at": {"lte": 60}}, [1, 2], id="up to"),
        pytest.param({"tenant_only": True}, [], id="the tenant's"),
        pytest.param({"limit": 1}, [0, 1, 2], id="page by page"),
    ],
)
def test_the_audit_log_is_filtered(
    changed: practice.InProcess, asked: dict[str, Any], found: list[int]
) -> None:
    """Each filter alone; times are counted from the first change."""
    logs = connect(changed).admin.organization.audit_logs
    whole = [each.id for each in logs.list()]
    if "effective_at" in asked:
        began = changed.world.seconds() - 2 * MINUTE
        asked = {"effective_at": {name: began + at for name, at in asked["effective_at"].items()}}
    assert [each.id for each in logs.list(**asked)] == [whole[place] for place in found]


def test_the_audit_log_has_pages_both_ways(changed: practice.InProcess) -> None:
    """After the last, before the first; a cursor that never was is refused."""
    logs = connect(changed).admin.organization.audit_logs
    newest, middle, oldest = (each.id for each in logs.list())
    assert [each.id for each in logs.list(after=newest)] == [middle, oldest]
    back = logs.list(before=oldest, limit=1)
    assert ([each.id for each in back.data], back.has_more) == ([middle], True)
    assert [each.id for each in logs.list(after=newest, before=oldest)] == [middle]
    with pytest.raises(openai.NotFoundError):
        logs.list(before="never")


def test_the_audit_log_is_bounded(ample: practice.InProcess) -> None:
    """The last thousand changes are kept, and those of one request have names of their own."""
    world = ample.world
    (key,) = world.key_records()
    for number in range(1_010):
        audit.note(world, key, "project.created", {"id": f"proj_{number}"})
    kept = world.home.audit
    assert (len(kept), kept[-1]["project.created"]["id"]) == (1_000, "proj_1009")
    assert len({each["id"] for each in kept}) == 1_000


def test_usage_of_another_month_is_there(ample: practice.InProcess) -> None:
    """What is put together into days is still found by day."""
    world = ample.world
    (key, *_) = world.key_records()
    began = dt.datetime.fromtimestamp(world.seconds(), tz=dt.UTC).replace(hour=0, minute=0)
    for _ in range(40):
        world.charge(key, Use("completions", facts.models()[0].id, 10))
        ample.clock.advance(DAY)
    page = ask(connect(ample), "completions", start_time=int(began.timestamp()), limit=31)
    assert [each.results[0].input_tokens for each in page.data] == [10] * 31
