"""The practice API's admin side: projects, the people in them, invitations, and what is written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI

from guide_helpers import practice
from guide_helpers.practice.api import handle
from guide_helpers.practice.endpoints.admin import invites
from guide_helpers.practice.routes import ROUTES
from guide_helpers.practice.wire import Query, Request
from guide_helpers.practice.world import OWNER, PROJECT, World
from guide_helpers.practice.world.keyring import ADMIN, KeyRecord
from guide_helpers.practice.world.organization import Invite, Member, Project, ServiceAccount, User

DAY = 86_400


def connect(api: practice.InProcess, **keys: str) -> Any:
    """Return the real client, strict about every answer."""
    return OpenAI(
        base_url=api.base_url,
        http_client=api.http_client,
        max_retries=0,
        _strict_response_validation=True,
        **{"api_key": api.api_key, **keys},
    )


@pytest.fixture
def organization(api: practice.InProcess) -> Any:
    """The admin side of a fresh world, as the client shows it."""
    return connect(api, admin_api_key=api.world.issue_admin_key("admin")).admin.organization


def join(api: practice.InProcess, organization: Any, email: str, **invite: Any) -> str:
    """Invite somebody who accepts, and return their id."""
    home = api.world.home
    sent = organization.invites.create(email=email, **{"role": "reader", "projects": [], **invite})
    return invites.accept(api.world, home, home.invites[sent.id], f"user-{email.partition('@')[0]}").id


def test_a_project_lives_and_is_put_away(api: practice.InProcess, organization: Any) -> None:
    """It can be made, looked at, renamed and archived; after that only a list that asks shows it."""
    made = organization.projects.create(
        name="Atlas", external_key_id="ext", extra_body={"residency": "GLOBAL"}
    )
    assert made.to_dict()["residency"] == "GLOBAL"
    assert (made.status, made.archived_at, made.external_key_id) == ("active", None, "ext")
    assert organization.projects.retrieve(made.id) == made
    assert organization.projects.update(made.id, name="Borealis").name == "Borealis"
    api.clock.advance(60)
    away = organization.projects.archive(made.id)
    assert (away.status, away.archived_at) == ("archived", made.created_at + 60)
    assert [each.id for each in organization.projects.list()] == [PROJECT]
    assert [each.id for each in organization.projects.list(include_archived=True)] == [PROJECT, made.id]


def test_an_archived_project_is_closed(organization: Any) -> None:
    """Nothing in it can be changed, nor its people and programs listed; it can still be looked at."""
    project = organization.projects.create(name="Atlas").id
    organization.projects.archive(project)
    assert organization.projects.retrieve(project).name == "Atlas"
    closed: list[Callable[[], object]] = [
        lambda: organization.projects.update(project, name="Again"),
        lambda: organization.projects.archive(project),
        lambda: organization.projects.users.list(project),
        lambda: organization.projects.users.create(project, role="member", user_id=OWNER),
        lambda: organization.projects.service_accounts.list(project),
        lambda: organization.projects.service_accounts.create(project, name="bot"),
        lambda: organization.invites.create(
            email="a@example.com", role="reader", projects=[{"id": project, "role": "member"}]
        ),
    ]
    for each in closed:
        with pytest.raises(openai.BadRequestError, match="archived"):
            each()


def test_the_default_project_stays_as_it_is(organization: Any) -> None:
    """It can neither be renamed nor archived."""
    for change in (
        lambda: organization.projects.update(PROJECT, name="Mine"),
        lambda: organization.projects.archive(PROJECT),
    ):
        with pytest.raises(openai.BadRequestError, match="default project"):
            change()
    assert organization.projects.retrieve(PROJECT).name == "Default project"


def test_a_list_is_walked_page_by_page(organization: Any) -> None:
    """The client's own walk meets every project once, in the order in which they were made."""
    made = [organization.projects.create(name=f"Project {number}").id for number in range(23)]
    assert [each.id for each in organization.projects.list()] == [PROJECT, *made]
    assert [each.id for each in organization.projects.list(limit=7)] == [PROJECT, *made]
    first = organization.projects.list()
    assert (len(first.data), first.has_more, first.last_id) == (20, True, made[18])
    for odd in (0, 101):
        with pytest.raises(openai.BadRequestError):
            organization.projects.list(limit=odd)


def test_people_come_by_invitation(api: practice.InProcess, organization: Any) -> None:
    """An invitation waits for a week, opens the projects it names, and once accepted cannot be taken back."""
    atlas = organization.projects.create(name="Atlas").id
    usual = organization.invites.create(email="a@example.com", role="reader")
    nowhere = organization.invites.create(email="b@example.com", role="owner", projects=[])
    named = organization.invites.create(
        email="c@example.com", role="reader", projects=[{"id": atlas, "role": "owner"}]
    )
    assert [(each.id, each.role) for each in usual.projects] == [(PROJECT, "member")]
    assert nowhere.projects == []
    assert (named.status, named.accepted_at) == ("pending", None)
    person = invites.accept(api.world, api.world.home, api.world.home.invites[named.id], "user-c").id
    assert [(each.id, each.role) for each in organization.projects.users.list(atlas)][1:] == [
        (person, "owner")
    ]
    with pytest.raises(openai.BadRequestError, match="accepted"):
        organization.invites.delete(named.id)
    assert organization.invites.delete(nowhere.id).deleted
    api.clock.advance(7 * DAY)
    assert [each.status for each in organization.invites.list()] == ["expired", "accepted"]
    with pytest.raises(openai.BadRequestError, match="already belongs"):
        organization.invites.create(email="C@example.com", role="reader")


def test_people_of_the_organization(api: practice.InProcess, organization: Any) -> None:
    """They can be looked up by address, promoted and described; each shows their projects."""
    ann, bob = join(api, organization, "ann@example.com"), join(api, organization, "bob@example.com")
    organization.projects.users.create(PROJECT, role="member", user_id=ann)
    found = list(organization.users.list(emails=["Ann@example.com", "nobody@example.com"]))
    assert [each.id for each in found] == [ann]
    assert [(each.id, each.role) for each in found[0].projects.data] == [(PROJECT, "member")]
    changed = organization.users.update(bob, role="owner", developer_persona="tester", technical_level="high")
    assert (changed.role, changed.developer_persona, changed.technical_level) == ("owner", "tester", "high")
    assert organization.users.retrieve(bob) == changed
    with pytest.raises(openai.BadRequestError):
        organization.users.update(bob, role="king")
    assert organization.users.retrieve(OWNER).api_key_last_used_at == api.world.seconds()


def test_the_last_owner_stays(api: practice.InProcess, organization: Any) -> None:
    """An organization keeps an owner: the last can neither leave nor step down until there is another."""
    bob = join(api, organization, "bob@example.com")
    for change in (
        lambda: organization.users.delete(OWNER),
        lambda: organization.users.update(OWNER, role="reader"),
    ):
        with pytest.raises(openai.BadRequestError, match="last owner"):
            change()
    organization.users.update(bob, role="owner")
    assert organization.users.delete(OWNER).deleted
    with pytest.raises(openai.AuthenticationError, match="member of an organization"):
        organization.users.list()  # the admin key went with its owner


def test_only_owners_use_admin_keys(api: practice.InProcess, organization: Any) -> None:
    """An owner who becomes a reader has no use for an admin key any more."""
    organization.users.update(join(api, organization, "bob@example.com"), role="owner")
    organization.users.update(OWNER, role="reader")
    with pytest.raises(openai.AuthenticationError, match="insufficient permissions"):
        organization.users.list()


def test_some_things_are_never_gone(api: practice.InProcess, organization: Any, model: str) -> None:
    """What the world holds to be immortal is deleted and archived in words only."""
    project = organization.projects.create(name="Atlas").id
    account = organization.projects.service_accounts.create(project, name="bot")
    invite = organization.invites.create(email="a@example.com", role="reader").id
    bob = join(api, organization, "bob@example.com", projects=[{"id": project, "role": "member"}])
    api.world.immortal |= {project, account.id, account.api_key.id, invite, bob}
    for _ in range(2):
        assert organization.projects.users.delete(bob, project_id=project).deleted
        assert organization.users.delete(bob).deleted
        assert organization.invites.delete(invite).deleted
        assert organization.projects.api_keys.delete(account.api_key.id, project_id=project).deleted
        assert organization.projects.service_accounts.delete(account.id, project_id=project).deleted
        assert organization.projects.archive(project).status == "archived"
    connect(api, api_key=account.api_key.value).responses.create(model=model, input="Hi")


def test_people_of_a_project(api: practice.InProcess, organization: Any) -> None:
    """Members of the organization are added by id or by address, once, and change their role."""
    project = organization.projects.create(name="Atlas").id
    ann, bob = join(api, organization, "ann@example.com"), join(api, organization, "bob@example.com")
    users = organization.projects.users
    assert users.create(project, role="member", user_id=ann).email == "ann@example.com"
    assert users.create(project, role="owner", email="BOB@example.com").id == bob
    assert users.update(ann, project_id=project, role="owner").role == "owner"
    assert [(each.id, each.role) for each in users.list(project)] == [
        (OWNER, "owner"),
        (ann, "owner"),
        (bob, "owner"),
    ]
    with pytest.raises(openai.BadRequestError, match="already belongs"):
        users.create(project, role="member", user_id=ann)
    with pytest.raises(openai.BadRequestError, match="'user_id' or 'email'"):
        users.create(project, role="member")
    with pytest.raises(openai.NotFoundError):
        users.create(project, role="member", user_id="user-nobody")
    assert users.delete(ann, project_id=project).deleted
    with pytest.raises(openai.NotFoundError):
        users.retrieve(ann, project_id=project)


@pytest.mark.parametrize("leave", ["project", "organization"])
def test_a_key_goes_with_its_person(
    api: practice.InProcess, organization: Any, model: str, leave: str
) -> None:
    """Somebody who leaves a project, or the organization, cannot call with their key any more."""
    ann = join(api, organization, "ann@example.com", projects=[{"id": PROJECT, "role": "member"}])
    record = KeyRecord("ann's", "", 0.0, organization=api.world.home.id, project=PROJECT, owner=ann)
    client = connect(api, api_key=api.world.keyring.issue(record))
    client.responses.create(model=model, input="Hi")
    if leave == "project":
        organization.projects.users.delete(ann, project_id=PROJECT)
    else:
        organization.users.delete(ann)
        assert ann not in api.world.home.projects[PROJECT].members
    with pytest.raises(openai.AuthenticationError):
        client.responses.create(model=model, input="Hi")


def test_two_organizations_do_not_see_each_other(
    api: practice.InProcess, organization: Any, model: str
) -> None:
    """An admin key looks at its own organization: of the other, every id is unknown and no list tells."""
    other = api.world.found("org-other", "Other", "user-other", "proj_other")
    record = KeyRecord("other", "", 0.0, kind=ADMIN, organization=other.id, owner="user-other")
    theirs = connect(api, admin_api_key=api.world.keyring.issue(record)).admin.organization
    project = organization.projects.create(name="Atlas").id
    account = organization.projects.service_accounts.create(project, name="bot")
    invite = organization.invites.create(email="a@example.com", role="reader").id
    admin_key = next(iter(organization.admin_api_keys.list())).id
    assert [each.id for each in theirs.projects.list()] == ["proj_other"]
    assert [each.id for each in theirs.users.list()] == ["user-other"]
    assert list(theirs.invites.list()) == []
    assert [each.id for each in theirs.admin_api_keys.list()] == [record.id]
    hidden: list[Callable[[], object]] = [
        lambda: theirs.projects.retrieve(project),
        lambda: theirs.projects.archive(project),
        lambda: theirs.projects.api_keys.list(project),
        lambda: theirs.projects.api_keys.delete(account.api_key.id, project_id="proj_other"),
        lambda: theirs.projects.service_accounts.delete(account.id, project_id="proj_other"),
        lambda: theirs.users.retrieve(OWNER),
        lambda: theirs.invites.delete(invite),
        lambda: theirs.admin_api_keys.delete(admin_key),
        lambda: theirs.projects.users.create("proj_other", role="member", user_id=OWNER),
    ]
    for each in hidden:
        with pytest.raises(openai.NotFoundError):
            each()
    connect(api, api_key=account.api_key.value).responses.create(model=model, input="Hi")


def test_every_change_is_written_down(api: practice.InProcess, organization: Any) -> None:
    """Each change leaves one entry, in the client's own words for it; looking leaves none."""
    projects, home = organization.projects, api.world.home
    project = projects.create(name="Atlas").id
    projects.update(project, name="Borealis")
    ann = join(api, organization, "ann@example.com")
    projects.users.create(project, role="member", user_id=ann)
    projects.users.update(ann, project_id=project, role="owner")
    projects.users.delete(ann, project_id=project)
    organization.users.update(ann, role="owner")
    organization.users.delete(ann)
    invite = organization.invites.create(email="b@example.com", role="reader").id
    organization.invites.delete(invite)
    account = projects.service_accounts.create(project, name="bot")
    projects.service_accounts.update(account.id, project_id=project, role="owner")
    projects.api_keys.delete(account.api_key.id, project_id=project)
    projects.service_accounts.delete(account.id, project_id=project)
    organization.admin_api_keys.delete(organization.admin_api_keys.create(name="second").id)
    projects.archive(project)
    projects.list(include_archived=True)
    assert [each["type"] for each in home.audit] == [
        "project.created", "project.updated", "invite.sent", "user.added", "user.updated", "user.deleted",
        "user.updated", "user.deleted", "invite.sent", "invite.deleted", "service_account.created",
        "api_key.created", "service_account.updated", "api_key.deleted", "service_account.deleted",
        "api_key.created", "api_key.deleted", "project.archived",
    ]  # fmt: skip
    assert len({each["id"] for each in home.audit}) == len(home.audit)
    entries = [
        openai.types.admin.organization.AuditLogListResponse.model_validate(each, strict=True)
        for each in home.audit
    ]
    assert {each.actor.api_key.user.id for each in entries} == {OWNER}
    assert entries[3].user_added.data.role == "member"
    assert entries[3].project.name == "Borealis"
    assert entries[8].invite_sent.data.email == "b@example.com"
    assert entries[12].service_account_updated.changes_requested.role == "owner"


# ---------------------------------------------------------------------------- whatever is sent

ADMIN_SIDE = sorted({(each.method, each.path) for each in ROUTES if each.path.startswith("/v1/organization")})
FIELDS = (
    "name", "role", "email", "user_id", "projects", "scopes", "expires_in_seconds", "residency", "geography",
    "create_service_account_only", "external_key_id", "role_id", "developer_persona",
)  # fmt: skip
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=300)
    | st.sampled_from(["owner", "member", "reader", PROJECT, OWNER, "GLOBAL", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "role"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(
    address=st.sampled_from(ADMIN_SIDE),
    fields=st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=6) | ODD,
    words=st.lists(
        st.sampled_from(["known", "known", "known", "no such thing", "\u2028"]), min_size=5, max_size=5
    ),
    query=st.lists(
        st.tuples(
            st.sampled_from(["limit", "after", "emails", "order", "include_archived"]), st.text(max_size=9)
        ),
        max_size=2,
    ),
)
def test_nothing_sent_breaks_the_admin_side(
    address: tuple[str, str], fields: Any, words: list[str], query: list[tuple[str, str]]
) -> None:
    """Odd bodies, ids and queries get an answer or the API's own refusal, never a crash."""
    world, (method, path) = World(), address
    headers = {"authorization": f"Bearer {world.issue_admin_key('admin')}"}
    for (name, known), word in zip(_people(world).items(), words, strict=True):
        path = path.replace(f"{{{name}}}", known if word == "known" else word)
    body = json.dumps(fields).encode() if method == "POST" else b""
    response = handle(world, Request(method, path, headers, body, Query(query)))
    assert response.status in (200, 400, 404)
    if response.status != 200:
        assert set(json.loads(response.body)["error"]) == {"message", "type", "param", "code"}


def _people(world: World) -> dict[str, str]:
    """Put one of everything into a world, and return their ids."""
    home, project = world.home, Project("proj_atlas", "Atlas", 0)
    home.projects[project.id] = project
    home.users["user-ann"] = User("user-ann", "Ann", "ann@example.com", "reader", 0)
    project.members["user-ann"] = Member("member", 0)
    project.service_accounts["svc_acct_bot"] = ServiceAccount("svc_acct_bot", "bot", "member", 0)
    home.invites["invite-bob"] = Invite("invite-bob", "bob@example.com", "reader", 0, 9)
    key = KeyRecord("bot's", "", 0.0, organization=home.id, project=project.id, owner="user-ann")
    world.keyring.issue(key)
    return {
        "project": project.id,
        "user": "user-ann",
        "account": "svc_acct_bot",
        "key": key.id,
        "invite": "invite-bob",
    }


def test_the_admin_side_over_http() -> None:
    """A project is made, listed and archived over a socket too."""
    with practice.serve(seed=41) as server:
        client = OpenAI(
            base_url=server.base_url,
            api_key="unused",
            admin_api_key=server.world.issue_admin_key("admin"),
            max_retries=0,
        )
        project = client.admin.organization.projects.create(name="Größe 東京").id
        assert [each.name for each in client.admin.organization.projects.list()][-1] == "Größe 東京"
        assert client.admin.organization.projects.archive(project).status == "archived"
