"""Money and limits of the practice API: what is charged, what stops a call, and what only warns."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from pydantic import TypeAdapter

from guide_helpers import facts, practice, pricing
from guide_helpers.practice.api import handle
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world import World, limiter
from guide_helpers.practice.world.ledger import Entry, Ledger, Owner, Sum, Use
from guide_helpers.practice.world.limiter import Limiter, Limits
from guide_helpers.practice.world.organization import Organization, SpendLimit
from guide_helpers.practice.world.prices import cost, items

AMPLE = Limits(10_000, 10_000_000)
DAY, HOUR = 86_400, 3_600
PRICED = [each.id for each in facts.models() if not each.id.startswith("dall")]
LONG = facts.get("billing.long_prompt").value


def connect(api: practice.InProcess, **options: Any) -> OpenAI:
    """Return a strict client of a practice API, with an admin key."""
    options = {"max_retries": 0, "_strict_response_validation": True, **options}
    admin = api.world.issue_admin_key("admin")
    return OpenAI(
        base_url=api.base_url,
        http_client=api.http_client,
        **{"api_key": api.api_key, "admin_api_key": admin, **options},
    )


def resource(client: OpenAI, *names: str) -> Any:
    """Return a resource of the admin side, or skip where the client is too old to have it."""
    found: Any = client.admin.organization
    for name in names:
        if not hasattr(found, name):
            pytest.skip(f"openai {openai.__version__} has no admin.organization.{'.'.join(names)}")
        found = getattr(found, name)
    return found


@pytest.fixture
def ample() -> practice.InProcess:
    """A practice API whose clock stands still and whose rate limits nobody reaches."""
    return practice.in_process(limits=AMPLE, clock=practice.Clock(speed=0))


def spend(api: practice.InProcess, usd: str, project: str = "") -> None:
    """Charge exactly so many dollars to the first key."""
    world = api.world
    owner = Owner(world.home.id, project or world.home.default_project, "", api.keys[0].id)
    world.ledger.write(Entry(world.clock.now(), owner, Use("completions", "any"), Decimal(usd)))


def refusal(client: OpenAI, model: str) -> openai.RateLimitError:
    """Return the 429 that a call gets."""
    with pytest.raises(openai.RateLimitError) as caught:
        client.responses.create(model=model, input="x")
    return caught.value


# ---------------------------------------------------------------------------- what it costs


@pytest.mark.parametrize("batch", [False, True], ids=["alone", "in a batch"])
@pytest.mark.parametrize("name", PRICED)
def test_the_price_is_the_guides_own(name: str, batch: bool) -> None:  # noqa: FBT001
    """Every model, short and long prompts, cached and written tokens cost what `pricing` says, exactly."""
    day = facts.today()
    for asked in (0, 1, 999, LONG, LONG + 1, 1_000_003):
        found = pricing.rates(name, asked, day, batch=batch)
        half = Decimal("0.5") if batch and not found.batch else 1
        cached, written = asked // 3, 7
        per_cached = found.input if found.cached is None else found.cached
        millionths = (asked - cached) * found.input + cached * per_cached + written * found.output
        use = Use("completions", name, asked, written, cached, batch=batch)
        assert cost(use, day) == millionths * half / 1_000_000


def test_a_batch_costs_half_where_no_price_of_its_own_is_known() -> None:
    """The rule for all models holds for those."""
    day, name = facts.today(), facts.get("model.everyday").value
    use = Use("completions", name, 1_000, 1_000)
    assert cost(use._replace(batch=True), day) * 2 == cost(use, day)


def test_moderation_is_free(ample: practice.InProcess) -> None:
    """It is counted, and costs nothing."""
    connect(ample).moderations.create(input="Hello")
    assert (ample.world.ledger.requests, ample.world.ledger.total) == (1, 0)


def test_calls_cost_what_their_own_usage_says(ample: practice.InProcess, model: str) -> None:
    """Chats, responses, embeddings and pictures are charged by the tokens they tell of."""
    client, day = connect(ample), ample.clock.today()
    picture, vector = facts.get("image.model").value[0], next(iter(facts.get("embedding.dimensions").value))
    chat = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hi"}]).usage
    said = client.responses.create(model=model, input="Hello there").usage
    embedded = client.embeddings.create(model=vector, input="Hello", encoding_format="float").usage
    drawn = client.images.generate(model=picture, prompt="A cat", n=2).usage
    assert chat and said and drawn  # noqa: PT018 -- for the type checker
    uses = [
        Use("completions", model, chat.prompt_tokens, chat.completion_tokens),
        Use("completions", model, said.input_tokens, said.output_tokens),
        Use("embeddings", vector, embedded.prompt_tokens),
        Use("images", picture, drawn.input_tokens, drawn.output_tokens),
    ]
    assert ample.world.ledger.total == sum(cost(each, day) for each in uses) > 0


USES = st.builds(
    Use,
    st.sampled_from(["completions", "embeddings", "images"]),
    st.sampled_from(PRICED[:6]),
    st.integers(0, 2 * LONG),
    st.integers(0, 50_000),
    st.integers(0, 2 * LONG),
    batch=st.booleans(),
    size=st.sampled_from(["", "1024x1024"]),
)
OWNERS = st.builds(
    Owner, st.sampled_from("ab"), st.sampled_from("pq"), st.sampled_from(["", "u"]), st.sampled_from("xyz")
)
STEPS = st.sampled_from([0, 1, 59, 600, HOUR, 5 * HOUR, DAY, 9 * DAY, 40 * DAY])


@given(st.lists(st.tuples(STEPS, OWNERS, USES), max_size=40))
def test_every_way_to_add_up_gives_the_total(steps: list[tuple[int, Owner, Use]]) -> None:
    """Minutes, projects, months, line items and organizations all come to the same, to the last digit."""
    ledger, at, total, months = Ledger(), 1_790_000_000.0, Decimal(0), set()
    for step, owner, use in steps:
        at += step
        cached = min(use.cached_tokens, use.input_tokens)
        use = use._replace(long_prompt=use.input_tokens > LONG, cached_tokens=cached)  # noqa: PLW2901
        price = cost(use, dt.datetime.fromtimestamp(at, tz=dt.UTC).date())
        months.add(ledger.month(at))
        ledger.write(Entry(at, owner, use, price))
        total += price
    sums = list(ledger.sums.values())
    assert ledger.total == total == sum(each.cost for each in sums)
    assert sum(ledger.spent(each) for each in "ab") == total
    for organization in "ab":
        whole = ledger.spent(organization)
        assert sum(ledger.spent(organization, each) for each in "pq") == whole
        assert sum(ledger.spent(organization, "", each) for each in months) == whole
        for project in "pq":
            own = [each.cost for each in sums if each.owner[:2] == (organization, project)]
            assert ledger.spent(organization, project) == sum(own)
    assert sum(each.requests for each in sums) == ledger.requests == len(steps)
    assert sum(each.input_tokens for each in sums) == sum(use.input_tokens for _, _, use in steps)
    lines = [line for each in sums for line in items(each)]
    assert sum(price for _, _, price in lines) == total
    assert all(price >= 0 for _, _, price in lines)


def test_line_items_are_tokens_at_their_own_price() -> None:
    """Each line costs its tokens times its rate, also after minutes were put together."""
    name, day = facts.get("model.everyday").value, facts.today()
    at = dt.datetime.combine(day, dt.time(1), tzinfo=dt.UTC).timestamp()
    ledger, owner = Ledger(), Owner("o", "p", "u", "k")
    for long in (False, True):
        use = Use("completions", name, LONG + long, 30, 20, long_prompt=long)
        ledger.write(Entry(at, owner, use, cost(use, day)))
    for found in ledger.sums.values():
        rates = pricing.rates(name, found.input_tokens, day, batch=False)
        fresh, cached, written = items(found)
        assert fresh[1:] == (found.input_tokens - 20, (found.input_tokens - 20) * rates.input / 1_000_000)
        assert cached[1:] == (20, 20 * (rates.cached or 0) / 1_000_000)
        assert written[1:] == (30, 30 * rates.output / 1_000_000)


def test_a_busy_month_takes_little_room() -> None:
    """A key in use every minute for 60 days: minutes of a day, hours of a week, then days."""
    ledger, owner, start = Ledger(), Owner("o", "p", "u", "k"), 1_790_000_000 // DAY * DAY
    minutes = 60 * DAY // 60
    for minute in range(minutes):
        use = Use("completions", "any", 1)
        ledger.write(Entry(start + minute * 60, owner, use, Decimal("0.0000001")))
    assert len(ledger.sums) < 1_440 + 60 + 7 * 24 + 24 + 60
    assert ledger.total == minutes * Decimal("0.0000001")
    end = start + minutes * 60
    last_day = list(ledger.between(end - DAY, end))
    assert len(last_day) == 1_440
    assert all(each.requests == 1 for each in last_day)
    assert {each.requests for each in ledger.between(end - 6 * DAY, end - 2 * DAY)} == {60}
    assert {each.requests for each in ledger.between(start, end - 10 * DAY)} == {1_440}


def test_a_restored_ledger_goes_on_where_it_was() -> None:
    """Sums that a store kept come back with their money, also two of one minute."""
    ledger, owner = Ledger(), Owner("o", "p", "u", "k")
    for price in ("0.25", "0.5"):
        ledger.restore(Sum(29_000_000, owner, "completions", "any", False, 1, cost=Decimal(price)))  # noqa: FBT003
    assert (ledger.total, ledger.requests, len(ledger.sums)) == (Decimal("0.75"), 2, 1)
    assert ledger.spent("o", "p") == ledger.spent("o") == Decimal("0.75")


# ---------------------------------------------------------------------------- what stops a call


def test_the_call_that_crosses_the_credit_still_goes_through(ample: practice.InProcess, model: str) -> None:
    """The overrun is real; the next call is refused, and waiting would not help."""
    client, home = connect(ample), ample.world.home
    home.credit = Decimal("0.0000001")
    client.responses.create(model=model, input="x")
    assert ample.world.ledger.spent(home.id) > home.credit
    error = refusal(client, model)
    assert (error.type, error.code) == ("insufficient_quota", "credit_balance_exhausted")
    assert not {"retry-after", "retry-after-ms"} & {*error.response.headers}


def test_the_tiers_cap_and_a_dead_account_stop_calls(ample: practice.InProcess, model: str) -> None:
    """A month's usage has the tier's cap, whatever is paid in; an inactive account comes before all else."""
    client, home = connect(ample), ample.world.home
    home.credit = Decimal(10_000)
    spend(ample, "99.999999")
    client.responses.create(model=model, input="x")
    spend(ample, "0.01")
    assert refusal(client, model).code == "organization_usage_limit_exceeded"
    home.billing_active = False
    error = refusal(client, model)
    assert (error.type, error.code) == ("billing_not_active", "billing_not_active")


@pytest.mark.parametrize("place", ["organization", "project"])
def test_a_spend_limit_stops_the_next_call(ample: practice.InProcess, model: str, place: str) -> None:
    """It is inactive until the month's spend reaches it; then it stops calls, until it is taken away."""
    client, default = connect(ample), ample.world.home.default_project
    ample.world.home.credit = None
    in_project = place == "project"
    budget = resource(client, *(["projects"] if in_project else []), "spend_limit")
    named = {"project_id": default} if in_project else {}
    where = (default,) if in_project else ()
    with pytest.raises(openai.NotFoundError):
        budget.retrieve(*where)
    made = budget.update(**named, currency="USD", interval="month", threshold_amount=50)
    assert (made.object, made.threshold_amount) == (f"{place}.spend_limit", 50)
    assert made.enforcement.status == "inactive"
    spend(ample, "0.4999999")
    client.responses.create(model=model, input="x")
    assert budget.retrieve(*where).enforcement.status == "enforcing"
    error = refusal(client, model)
    assert (error.type, error.code) == ("insufficient_quota", f"{place}_spend_limit_exceeded")
    assert "retry-after" not in error.response.headers
    client.models.list()  # what costs nothing still answers
    assert budget.delete(*where).deleted
    client.responses.create(model=model, input="x")
    with pytest.raises(openai.NotFoundError):
        budget.delete(*where)


def test_a_spend_limit_begins_anew_with_the_month(ample: practice.InProcess, model: str) -> None:
    """And that of one project leaves another alone."""
    client, home = connect(ample), ample.world.home
    home.spend_limit = SpendLimit(100)
    spend(ample, "1")
    assert refusal(client, model).code == "organization_spend_limit_exceeded"
    ample.clock.advance(31 * DAY)
    client.responses.create(model=model, input="x")
    home.spend_limit, home.projects[home.default_project].spend_limit = None, SpendLimit(100)
    spend(ample, "1", "another")
    client.responses.create(model=model, input="x")


# ---------------------------------------------------------------------------- what only warns


@pytest.mark.parametrize("place", ["organization", "project"])
def test_an_alert_mails_once_a_month_and_stops_nothing(
    ample: practice.InProcess, model: str, place: str
) -> None:
    """The mail goes out with the call that reaches the amount, and again the next month."""
    client, home = connect(ample), ample.world.home
    home.credit = None
    in_project = place == "project"
    alerts = resource(client, *(["projects"] if in_project else []), "spend_alerts")
    named = {"project_id": home.default_project} if in_project else {}
    channel = {"type": "email", "recipients": ["a@example.com"], "subject_prefix": "[money]"}
    alerts.create(
        **named, currency="USD", interval="month", threshold_amount=10, notification_channel=channel
    )
    client.responses.create(model=model, input="x")
    assert home.mails == []
    spend(ample, "0.1")
    for _ in range(3):
        client.responses.create(model=model, input="x")
    (mail,) = home.mails
    assert (mail.at, mail.recipients) == (ample.world.seconds(), ["a@example.com"])
    assert mail.subject.startswith("[money]")
    assert "$0.10" in mail.subject
    ample.clock.advance(31 * DAY)
    client.responses.create(model=model, input="x")
    assert len(home.mails) == 1
    spend(ample, "0.1")
    client.responses.create(model=model, input="x")
    assert len(home.mails) == 2


@pytest.mark.parametrize("place", ["organization", "project"])
def test_alerts_are_made_changed_listed_and_deleted(ample: practice.InProcess, place: str) -> None:
    """In pages forwards and backwards, in both orders; what is gone is not found."""
    client = connect(ample)
    in_project = place == "project"
    alerts = resource(client, *(["projects"] if in_project else []), "spend_alerts")
    where = (ample.world.home.default_project,) if in_project else ()
    named = {"project_id": where[0]} if in_project else {}
    wanted = {
        **named,
        "currency": "USD",
        "interval": "month",
        "notification_channel": {"type": "email", "recipients": ["a@example.com"]},
    }
    made = [alerts.create(**wanted, threshold_amount=amount).id for amount in (1, 2, 3)]
    assert [each.id for each in alerts.list(*where)] == made
    assert [each.id for each in alerts.list(*where, order="desc")] == made[::-1]
    assert [each.id for each in alerts.list(*where, limit=2)] == made  # the client turns the pages
    first = alerts.list(*where, limit=2)
    assert (len(first.data), first.has_more, first.last_id) == (2, True, made[1])
    back = alerts.list(*where, before=made[2], limit=1)
    assert ([each.id for each in back.data], back.has_more) == ([made[1]], True)
    changed = alerts.update(made[0], **wanted, threshold_amount=9)
    found = alerts.retrieve(made[0], **named)
    assert changed == found
    assert (found.object, found.threshold_amount) == (f"{place}.spend_alert", 9)
    assert found.notification_channel.recipients == ["a@example.com"]
    gone = alerts.delete(made[0], **named)
    assert (gone.id, gone.object, gone.deleted) == (made[0], f"{place}.spend_alert.deleted", True)
    with pytest.raises(openai.NotFoundError):
        alerts.retrieve(made[0], **named)


GOOD: dict[str, Any] = {
    "currency": "USD",
    "interval": "month",
    "threshold_amount": 1,
    "notification_channel": {"type": "email", "recipients": ["a@example.com"]},
}


@pytest.mark.parametrize(
    ("change", "param"),
    [
        pytest.param({"currency": "EUR"}, "currency", id="another currency"),
        pytest.param({"interval": "day"}, "interval", id="another interval"),
        pytest.param({"threshold_amount": -1}, "threshold_amount", id="less than nothing"),
        pytest.param({"threshold_amount": 10**40}, "threshold_amount", id="all the money there is"),
        pytest.param({"threshold_amount": "1"}, "threshold_amount", id="an amount in words"),
        pytest.param({"threshold_amount": None}, "threshold_amount", id="no amount"),
        pytest.param({"notification_channel": []}, "notification_channel", id="no channel"),
        pytest.param(
            {"notification_channel": {"type": "sms", "recipients": ["a"]}},
            "notification_channel.type",
            id="another channel",
        ),
        pytest.param(
            {"notification_channel": {"type": "email", "recipients": []}},
            "notification_channel.recipients",
            id="nobody",
        ),
        pytest.param(
            {"notification_channel": {"type": "email", "recipients": [1]}},
            "notification_channel.recipients",
            id="a number",
        ),
    ],
)
def test_an_odd_alert_is_refused(ample: practice.InProcess, change: dict[str, Any], param: str) -> None:
    """With 400 and the name of what is wrong; nothing is set up."""
    client = connect(ample)
    with pytest.raises(openai.BadRequestError) as caught:
        client.post(
            "/organization/spend_alerts", body={**GOOD, **change}, cast_to=object, options=admin(client)
        )
    assert caught.value.param == param
    assert ample.world.home.alerts == {}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = {
    "spend_limit": GOOD,
    "spend_alerts": GOOD,
    "projects/proj_practice/spend_limit": GOOD,
    "projects/proj_practice/spend_alerts": GOOD,
    "projects/proj_practice/model_permissions": {"mode": "allow_list", "model_ids": ["x"]},
    f"projects/proj_practice/rate_limits/rl-{PRICED[0]}": {
        "max_requests_per_1_minute": 1,
        "max_tokens_per_1_minute": 0,
        "max_requests_per_1_day": 3,
        "max_images_per_1_minute": 4,
    },
}


@given(
    st.sampled_from([(path, field) for path, fields in FIELDS.items() for field in (*fields, "channel")]),
    ANYTHING,
)
def test_whatever_stands_in_a_field_gets_an_answer(place: tuple[str, str], value: object) -> None:
    """A setting or a 400 in the API's four fields; and what was set can be kept and asked for."""
    path, field = place
    body: dict[str, Any] = {**FIELDS[path], field: value}
    if field == "channel":
        body = {**FIELDS[path], "notification_channel": {"type": "email", "recipients": value}}
    world = World(practice.Clock(speed=0))
    headers = {"authorization": f"Bearer {world.issue_admin_key('admin')}"}
    address = f"/v1/organization/{path}"
    answer = handle(world, Request("POST", address, headers, json.dumps(body).encode()))
    assert answer.status in {200, 400}
    if answer.status == 400:
        assert set(json.loads(answer.body)["error"]) == {"message", "type", "param", "code"}
    kept = TypeAdapter(Organization)
    assert kept.validate_json(kept.dump_json(world.home)) == world.home


def admin(client: OpenAI) -> Any:
    """Return the options that make a plain request one of the admin key's."""
    return {"headers": {"Authorization": f"Bearer {client.admin_api_key}"}}


# ---------------------------------------------------------------------------- what a project may use


def test_model_permissions_are_in_force_at_once(ample: practice.InProcess, model: str) -> None:
    """A denied model is a 403 and not in the list; another answers; taken away, all is as before."""
    client, project = connect(ample), ample.world.home.default_project
    rules = resource(client, "projects", "model_permissions")
    other = next(each for each in pricing.current_models(ample.clock.today()) if each != model)
    everything = {each.id for each in client.models.list()}
    never = rules.retrieve(project)
    assert (never.mode, never.api_model_ids) == ("deny_list", [])
    rules.update(project, mode="deny_list", model_ids=[model])
    assert {each.id for each in client.models.list()} == everything - {model}
    with pytest.raises(openai.PermissionDeniedError) as caught:
        client.responses.create(model=model, input="x")
    assert caught.value.code == "model_not_found"
    client.responses.create(model=other, input="x")
    changed = rules.update(project, mode="allow_list", model_ids=[model])
    assert changed == rules.retrieve(project)
    assert [each.id for each in client.models.list()] == [model]
    with pytest.raises(openai.PermissionDeniedError):
        client.responses.create(model=other, input="x")
    assert rules.delete(project).deleted
    assert {each.id for each in client.models.list()} == everything


def test_rate_limits_are_listed_for_every_model(api: practice.InProcess) -> None:
    """One for each model the organization can use, with the figures that calls really meet."""
    client, project = connect(api), api.world.home.default_project
    listed = list(resource(client, "projects", "rate_limits").list_rate_limits(project, limit=10))
    tier = Limits.of_tier(api.world.home.tier)
    assert [each.model for each in listed] == [each.id for each in api.world.models()]
    assert {each.max_requests_per_1_minute for each in listed} == {tier.requests}
    assert {each.max_tokens_per_1_minute for each in listed} == {tier.tokens}
    assert {each.max_requests_per_1_day for each in listed} == {tier.requests_per_day}


def test_a_projects_own_limit_is_in_force(ample: practice.InProcess, model: str) -> None:
    """Lowered it is met and told in headers; another model is not touched; it cannot be raised too far."""
    client, project = connect(ample), ample.world.home.default_project
    limits = resource(client, "projects", "rate_limits")
    (own,) = [each for each in limits.list_rate_limits(project) if each.model == model]
    plain = client.responses.with_raw_response.create(model=model, input="x").headers
    assert "x-ratelimit-limit-project-tokens" not in plain
    lowered = limits.update_rate_limit(
        own.id, project_id=project, max_requests_per_1_minute=2, max_tokens_per_1_minute=9_000
    )
    assert (lowered.max_requests_per_1_minute, lowered.max_tokens_per_1_minute) == (2, 9_000)
    told = client.responses.with_raw_response.create(model=model, input="x").headers
    assert told["x-ratelimit-limit-project-tokens"] == "9000"
    assert int(told["x-ratelimit-remaining-project-tokens"]) < 9_000
    assert told["x-ratelimit-reset-project-tokens"]
    client.responses.create(model=model, input="x")
    error = refusal(client, model)
    assert (error.type, error.response.headers["retry-after"]) == ("requests", "30")
    other = next(each for each in pricing.current_models(ample.clock.today()) if each != model)
    client.responses.create(model=other, input="x")
    with pytest.raises(openai.BadRequestError) as caught:
        limits.update_rate_limit(own.id, project_id=project, max_requests_per_1_minute=AMPLE.requests + 1)
    assert caught.value.param == "max_requests_per_1_minute"
    limits.update_rate_limit(own.id, project_id=project, max_requests_per_1_minute=AMPLE.requests)
    client.responses.create(model=model, input="x")


def test_the_wrong_key_and_the_wrong_project_are_refused(ample: practice.InProcess) -> None:
    """Limits are the admin key's business, and those of a project that is not there are not found."""
    client = connect(ample, admin_api_key=ample.api_key)
    with pytest.raises(openai.AuthenticationError):
        resource(client, "projects", "rate_limits").list_rate_limits("proj_practice")
    client = connect(ample)
    for path in ("rate_limits", "model_permissions", "spend_limit", "spend_alerts"):
        with pytest.raises(openai.NotFoundError):
            client.get(f"/organization/projects/none/{path}", cast_to=object, options=admin(client))


# ---------------------------------------------------------------------------- limits

FEW = st.integers(1, 20)
WAITS = st.integers(0, 8_000).map(lambda milliseconds: milliseconds / 1_000)
SMALL = st.builds(Limits, FEW, st.integers(1, 1_000), st.none() | st.integers(1, 50))


@given(
    SMALL,
    st.none() | SMALL,
    st.lists(st.tuples(WAITS, st.integers(0, 1_200)), min_size=1, max_size=40),
)
def test_who_waits_exactly_as_told_gets_through(
    limits: Limits, own: Limits | None, asked: list[tuple[float, int]]
) -> None:
    """To the millisecond: after it the request goes through, two milliseconds earlier it does not."""
    clock = practice.Clock(speed=0)
    limiters = tuple(Limiter(each, clock.now()) for each in (limits, own) if each)
    for wait, tokens in asked:
        clock.advance(wait)
        try:
            limiter.draw(limiters, "m", "o", tokens, clock.now())
        except Refused as refused:
            headers = dict(refused.fault.headers)
            never = any(tokens > each.limits.tokens for each in limiters)
            assert ("retry-after-ms" not in headers) == never
            if never:
                continue
            milliseconds = int(headers["retry-after-ms"])
            assert int(headers["retry-after"]) == math.ceil(milliseconds / 1000)
            needed = max(each.wait(tokens) for each in limiters)
            assert milliseconds / 1000 - 0.0011 <= needed <= milliseconds / 1000 + 1e-6
            clock.advance(milliseconds / 1000)
            limiter.draw(limiters, "m", "o", tokens, clock.now())
        for each in limiters:
            assert each.requests.level > -0.01
            assert each.tokens.level > -0.01


def test_a_refused_request_still_counts() -> None:
    """Refused for its tokens it takes one request, of the day's too; refused for requests it owes none."""
    limits, now = Limits(2, 100, 50), 1_790_000_000.0
    found = Limiter(limits, now)
    for left in (1, 0, 0):
        with pytest.raises(Refused):
            limiter.draw((found,), "m", "o", 101, now)
        assert (found.requests.remaining, found.tokens.remaining) == (left, 100)
    assert found.day is not None
    assert found.day.remaining == 48
    with pytest.raises(Refused) as caught:
        limiter.draw((found,), "m", "o", 1, now)
    assert (caught.value.fault.type, dict(caught.value.fault.headers)["retry-after"]) == ("requests", "30")


def test_the_wait_is_the_slowest_buckets() -> None:
    """Also when another bucket is the one that is named, and when the refusal itself emptied it."""
    now = 1_790_000_000.0
    for tokens, kinds in (
        (60, {"tokens": "30", "requests": "30"}),
        (599, {"tokens": "60", "requests": "60"}),
    ):
        found = Limiter(Limits(2, 600), now)
        limiter.draw((found,), "m", "o", 600, now)
        for kind, wait in kinds.items():
            with pytest.raises(Refused) as caught:
                limiter.draw((found,), "m", "o", tokens, now)
            assert (caught.value.fault.type, dict(caught.value.fault.headers)["retry-after"]) == (kind, wait)


def test_too_large_a_request_is_told_so(model: str) -> None:
    """No wait would help: no Retry-After, and other words."""
    api = practice.in_process(limits=Limits(3, 200), clock=practice.Clock(speed=0))
    with pytest.raises(openai.RateLimitError) as caught:
        connect(api).responses.create(model=model, input="word " * 300)
    assert (caught.value.type, caught.value.code) == ("tokens", "rate_limit_exceeded")
    assert "Request too large" in caught.value.message
    assert not {"retry-after", "retry-after-ms"} & {*caught.value.response.headers}


def test_the_estimate_is_corrected_afterwards(ample: practice.InProcess, model: str) -> None:
    """Prompt and allowed reply are taken up front; what was not used is put back when it is known."""
    raw = connect(ample).responses.with_raw_response.create(model=model, input="Hi", max_output_tokens=50_000)
    usage = raw.parse().usage
    assert usage is not None
    assert int(raw.headers["x-ratelimit-remaining-tokens"]) == AMPLE.tokens - usage.input_tokens - 50_000
    (found,) = ample.world.buckets().values()
    assert found.tokens.level == AMPLE.tokens - usage.total_tokens


def test_the_day_has_its_own_bucket(model: str) -> None:
    """With the day's requests used up the wait is the day's, and the headers speak of the day."""
    api = practice.in_process(limits=Limits(100, 100_000, 2), clock=practice.Clock(speed=0))
    client = connect(api)
    raw = client.responses.with_raw_response.create(model=model, input="x")
    assert raw.headers["x-ratelimit-limit-requests"] == "2"
    assert raw.headers["x-ratelimit-reset-requests"] == "12h0m0s"
    client.responses.create(model=model, input="x")
    error = refusal(client, model)
    assert (error.response.headers["retry-after"], "RPD" in error.message) == (str(DAY // 2), True)
    api.clock.advance(DAY / 2)
    client.responses.create(model=model, input="x")


def test_snapshots_share_and_models_do_not() -> None:
    """A dated snapshot draws on its model's buckets; another organization or model has its own."""
    world = World(practice.Clock(speed=0), Limits(1, 1_000))
    world.found("org-b", "B", "user-b", "proj_b")
    world.issue_key("one")
    (key,) = world.key_records()
    world.draw(key, "some-model", 1)
    with pytest.raises(Refused):
        world.draw(key, "some-model-2026-01-31", 1)
    world.draw(key, "other-model", 1)
    key.organization, key.project = "org-b", "proj_b"
    world.draw(key, "some-model-2026-01-31", 1)
