"""The keys of the practice API: what opens which door, for how long, and where their values are."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import openai
import pytest
from openai import OpenAI

from guide_helpers import practice
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.world import OWNER, PROJECT, keyring
from guide_helpers.practice.world.keyring import KeyRecord, Keyring

DAY = 86_400
YEAR = 365 * DAY


def connect(api: practice.InProcess, key: str) -> OpenAI:
    """Return the real client with one key for everything, strict about every answer."""
    return OpenAI(
        base_url=api.base_url,
        api_key=key,
        admin_api_key=key,
        http_client=api.http_client,
        max_retries=0,
        _strict_response_validation=True,
    )


@pytest.fixture
def organization(api: practice.InProcess) -> Any:
    """The admin side of a fresh world, as the client shows it."""
    return connect(api, api.world.issue_admin_key("admin")).admin.organization


@pytest.fixture
def project(organization: Any) -> str:
    """A project beside the default one."""
    return str(organization.projects.create(name="Atlas").id)


def ask(api: practice.InProcess, key: str, model: str) -> Any:
    """Make one call of a model."""
    return connect(api, key).responses.create(model=model, input="Hi")


def new_key(organization: Any, project: str, **wishes: Any) -> Any:
    """Make a service account and a key for it, limited as wished (older clients know fewer limits)."""
    account = organization.projects.service_accounts.create(
        project, name="bot", create_service_account_only=True
    )
    organization.projects.service_accounts.update(account.id, project_id=project, role="member")
    return organization.projects.service_accounts.api_keys.create(
        account.id, project_id=project, extra_body=wishes
    )


def test_a_new_service_account_works_at_once(
    api: practice.InProcess, organization: Any, project: str, model: str
) -> None:
    """Its key calls the models of its own project, and its requests are charged there and to nobody else."""
    made = organization.projects.service_accounts.create(project, name="bot")
    assert (made.role, made.name) == ("member", "bot")
    ask(api, made.api_key.value, model)
    ledger, home = api.world.ledger, api.world.home.id
    (entry,) = ledger.recent
    assert (entry.owner.project, entry.owner.user, entry.owner.key) == (project, "", made.api_key.id)
    month = ledger.month(api.clock.now())
    assert ledger.spent(home, project, month) == entry.cost > Decimal(0)
    assert ledger.spent(home, PROJECT, month) == 0
    key = organization.projects.api_keys.retrieve(made.api_key.id, project_id=project)
    assert key.owner.service_account.id == made.id


@pytest.mark.parametrize("end", ["key", "account", "project"])
def test_what_is_gone_opens_nothing(
    api: practice.InProcess, organization: Any, project: str, model: str, end: str
) -> None:
    """The next call after its key, its account or its project is gone is a 401; other keys still work."""
    made = organization.projects.service_accounts.create(project, name="bot")
    other = organization.projects.service_accounts.create(project, name="other")
    if end == "key":
        assert organization.projects.api_keys.delete(made.api_key.id, project_id=project).deleted
        assert organization.projects.service_accounts.retrieve(made.id, project_id=project).name == "bot"
    elif end == "account":
        assert organization.projects.service_accounts.delete(made.id, project_id=project).deleted
    else:
        organization.projects.archive(project)
    with pytest.raises(openai.AuthenticationError):
        ask(api, made.api_key.value, model)
    ask(api, api.api_key, model)
    if end != "project":
        ask(api, other.api_key.value, model)
        assert [each.id for each in organization.projects.api_keys.list(project)] == [other.api_key.id]


@pytest.mark.parametrize(
    ("scopes", "responses", "models", "chat"),
    [
        ([], True, True, True),
        (["api.all.read"], False, True, False),
        (["api.responses.write"], True, False, False),
        (["model.request"], False, False, True),
        (["api.model.read", "model.request"], False, True, True),
        (["no.such.scope"], False, False, False),
    ],
)
def test_scopes(  # noqa: PLR0913 -- one row, one fact
    api: practice.InProcess,
    organization: Any,
    project: str,
    model: str,
    scopes: list[str],
    *,
    responses: bool,
    models: bool,
    chat: bool,
) -> None:
    """No scopes is everything the owner may do; all.read only looks; a single one opens only its door."""
    client = connect(api, new_key(organization, project, scopes=scopes).value)
    said: Any = [{"role": "user", "content": "Hi"}]
    doors = {
        lambda: client.responses.create(model=model, input="Hi"): responses,
        client.models.list: models,
        lambda: client.chat.completions.create(model=model, messages=said): chat,
    }
    for door, opens in doors.items():
        if opens:
            door()
        else:
            with pytest.raises(openai.AuthenticationError, match="Missing scopes"):
                door()


def test_a_key_expires(api: practice.InProcess, organization: Any, project: str, model: str) -> None:
    """It works up to its last second and is refused from then on."""
    key = new_key(organization, project, expires_in_seconds=60)
    assert key.expires_at == api.world.seconds() + 60
    api.clock.advance(59)
    ask(api, key.value, model)
    api.clock.advance(1)
    with pytest.raises(openai.AuthenticationError, match="expired"):
        ask(api, key.value, model)
    first = organization.projects.service_accounts.create(
        project, name="brief", extra_body={"expires_in_seconds": 5}
    ).api_key
    assert organization.projects.api_keys.retrieve(first.id, project_id=project).expires_at == (
        api.world.seconds() + 5
    )


def test_a_key_is_limited_later(api: practice.InProcess, organization: Any, project: str, model: str) -> None:
    """Scopes and expiry change together or alone; a new expiry counts from now; an expired key stays so."""
    keys = organization.projects.api_keys
    if not hasattr(keys, "update"):
        pytest.skip("this edition of the client cannot update a project's keys")
    made = organization.projects.service_accounts.create(project, name="bot").api_key
    shown = keys.update(made.id, project_id=project, scopes=["api.all.read"], expires_in_seconds=100)
    assert shown.expires_at == api.world.seconds() + 100
    with pytest.raises(openai.AuthenticationError, match="Missing scopes"):
        ask(api, made.value, model)
    api.clock.advance(50)
    assert keys.update(made.id, project_id=project, scopes=[]).expires_at == shown.expires_at
    ask(api, made.value, model)
    assert (
        keys.update(made.id, project_id=project, expires_in_seconds=100).expires_at == shown.expires_at + 50
    )
    with pytest.raises(openai.BadRequestError, match="At least one"):
        keys.update(made.id, project_id=project)
    for null in ("scopes", "expires_in_seconds"):
        with pytest.raises(openai.BadRequestError):
            keys.update(made.id, project_id=project, extra_body={null: None})
    with pytest.raises(openai.BadRequestError):
        keys.update(made.id, project_id=project, scopes=["not a scope"])
    api.clock.advance(100)
    with pytest.raises(openai.BadRequestError, match="expired"):
        keys.update(made.id, project_id=project, expires_in_seconds=100)
    assert api.world.home.audit[-1]["api_key.updated"]["changes_requested"] == {"expires_in_seconds": 100}


def test_the_last_use_is_known(api: practice.InProcess, organization: Any, project: str, model: str) -> None:
    """A key was never used until it is, and then says when."""
    made = organization.projects.service_accounts.create(project, name="bot").api_key
    keys = organization.projects.api_keys
    assert keys.retrieve(made.id, project_id=project).last_used_at is None
    for _ in range(2):
        api.clock.advance(60)
        ask(api, made.value, model)
        assert keys.retrieve(made.id, project_id=project).last_used_at == api.world.seconds()


def test_a_value_is_given_out_once(api: practice.InProcess, organization: Any, project: str) -> None:
    """After the answer that carries it, a key's value is nowhere in the world: only its hash is."""
    account = organization.projects.service_accounts.create(project, name="bot")
    second = organization.projects.service_accounts.api_keys.create(account.id, project_id=project)
    admin = organization.admin_api_keys.create(name="second")
    values = [account.api_key.value, second.value, admin.value]
    names = [account.api_key.id, second.id, admin.id]
    assert len(set(values)) == len(set(names)) == 3
    organization.projects.update(project, name=f"pasted {admin.value}")
    api.world.keyring.find(admin.value)
    world = api.world
    kept = [world.keyring, world.organizations, world.ledger, world.shelves, api.seen, api.keys]
    kept += [each.to_json() for each in organization.projects.api_keys.list(project)]
    kept += [each.to_json() for each in organization.admin_api_keys.list()]
    everything = "\n".join(map(repr, [*kept, *_slots(world.records)]))
    for value, name in zip(values, names, strict=True):
        assert name in everything
        assert value not in everything
        assert value[-24:] not in everything
        assert keyring.hashed(value) in everything


def _slots(records: Any) -> list[object]:
    """Return everything a record holds, whatever it is called."""
    return [getattr(each, name) for each in records for name in each.__slots__ if hasattr(each, name)]


def test_each_kind_has_its_own_door(api: practice.InProcess, organization: Any, model: str) -> None:
    """An admin key calls no model, a project key opens no admin side, whatever its scopes say."""
    admin = organization.admin_api_keys.create(name="second").value
    with pytest.raises(openai.AuthenticationError, match="insufficient permissions"):
        ask(api, admin, model)
    widest = new_key(organization, PROJECT, scopes=["api.all.read", "api.management.read"]).value
    for key in (api.api_key, widest):
        with pytest.raises(openai.AuthenticationError, match="insufficient permissions"):
            connect(api, key).admin.organization.projects.list()


def test_admin_keys(api: practice.InProcess, organization: Any) -> None:
    """They live for a second to a year or for good, are listed either way round, and go at once."""
    for odd in (0, YEAR + 1):
        with pytest.raises(openai.BadRequestError):
            organization.admin_api_keys.create(name="odd", expires_in_seconds=odd)
    brief = organization.admin_api_keys.create(name="brief", expires_in_seconds=1)
    long = organization.admin_api_keys.create(name="long", expires_in_seconds=YEAR)
    ever = organization.admin_api_keys.create(name="ever")
    assert (brief.expires_at, ever.expires_at) == (api.world.seconds() + 1, None)
    assert (ever.owner.id, ever.owner.role) == (OWNER, "owner")
    assert [each.name for each in organization.admin_api_keys.list()] == ["admin", "brief", "long", "ever"]
    backwards = organization.admin_api_keys.list(order="desc", limit=3)
    assert [each.name for each in backwards] == ["ever", "long", "brief", "admin"]
    mine = connect(api, ever.value).admin.organization
    assert mine.admin_api_keys.retrieve(long.id).expires_at == api.world.seconds() + YEAR
    assert organization.admin_api_keys.delete(ever.id).deleted
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key"):
        mine.projects.list()
    with pytest.raises(openai.NotFoundError):
        organization.admin_api_keys.retrieve(ever.id)
    api.clock.advance(1)
    with pytest.raises(openai.AuthenticationError, match="expired"):
        connect(api, brief.value).admin.organization.projects.list()


def test_a_bare_account_may_nothing(
    api: practice.InProcess, organization: Any, project: str, model: str
) -> None:
    """One made without key and role gets no key; a key made for it later waits for a role."""
    accounts = organization.projects.service_accounts
    bare = accounts.create(project, name="bare", create_service_account_only=True)
    assert (bare.api_key, bare.role) == (None, "none")
    with pytest.raises(openai.BadRequestError, match="cannot be used together"):
        accounts.create(
            project, name="odd", create_service_account_only=True, extra_body={"expires_in_seconds": 5}
        )
    key = accounts.api_keys.create(bare.id, project_id=project, name="later")
    with pytest.raises(openai.AuthenticationError, match="insufficient permissions"):
        ask(api, key.value, model)
    keys = organization.projects.api_keys
    assert [each.id for each in keys.list(project, owner_project_access="inactive")] == [key.id]
    changed = accounts.update(bare.id, project_id=project, name="no longer bare", role="member")
    assert (changed.name, changed.role) == ("no longer bare", "member")
    ask(api, key.value, model)
    assert keys.retrieve(key.id, project_id=project).owner_project_access == "active"


def test_keys_by_their_owners_access(api: practice.InProcess, organization: Any) -> None:
    """A list shows the keys of members; those of somebody who left are found by asking for them."""
    home = api.world.home
    records = [
        KeyRecord(f"{owner}'s", "", 0.0, organization=home.id, project=PROJECT, owner=owner)
        for owner in (OWNER, "user-gone")
    ]
    for each in records:
        api.world.keyring.issue(each)
    first = api.keys[0].id
    keys = organization.projects.api_keys
    shown = {
        access: [each.id for each in keys.list(PROJECT, owner_project_access=access)]
        for access in ("active", "inactive", "any")
    }
    mine, theirs = (each.id for each in records)
    assert shown == {"active": [first, mine], "inactive": [theirs], "any": [first, mine, theirs]}
    assert [each.id for each in keys.list(PROJECT)] == [first, mine]
    assert keys.retrieve(theirs, project_id=PROJECT).owner.user is None
    with pytest.raises(openai.BadRequestError):
        keys.list(PROJECT, owner_project_access="perhaps")


def test_a_keyring_holds_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full ring forgets a dead key for a new one, never gives a value twice, and refuses when all live."""
    monkeypatch.setattr(keyring, "_MOST", 3)
    ring = Keyring(0)
    records = [KeyRecord(str(number), "", 0.0) for number in range(6)]
    values = [ring.issue(each) for each in records[:3]]
    with pytest.raises(Refused, match="no more than 3 keys"):
        ring.issue(records[3])
    for number in (1, 0):
        ring.delete(records[number], 1.0)
        values.append(ring.issue(records[4 + number]))
    assert len(set(values)) == 5
    assert [each.name for each in ring.listed()] == ["2", "5", "4"]
    assert ring.find(values[1]) is None


def test_keys_over_http(model: str) -> None:
    """A key made over a socket works over it, and the server's memory of it is masked."""
    with practice.serve(seed=42) as server:
        admin = server.world.issue_admin_key("admin")
        client = OpenAI(base_url=server.base_url, api_key="unused", admin_api_key=admin, max_retries=0)
        made = client.admin.organization.projects.service_accounts.create(PROJECT, name="bot").api_key
        assert made is not None
        client.with_options(api_key=made.value).responses.create(model=model, input="Hi")
        told = json.dumps([each.response_body for each in server.seen])
        assert made.id in told
        assert made.value not in told
