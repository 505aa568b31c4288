"""Diagnosis: every failure the practice API can play is explained, from its exception and from its text."""

from __future__ import annotations

import json
import re
import string
import subprocess
import sys
import traceback
from collections.abc import Callable

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide_helpers import diagnosis, facts, practice, routes, widgets
from guide_helpers.errors import InputError

MODEL = facts.get("model.everyday").value
CAUSES = {cause.id: cause for cause in diagnosis.CATALOGUE}
STRAY = "sk-practice-" + "Z" * 32
Case = Callable[[practice.InProcess], object]


def client(api: practice.InProcess, key: str | None = None, url: str | None = None) -> openai.OpenAI:
    """Return the real client, answered by the practice API."""
    return openai.OpenAI(
        base_url=url or api.base_url,
        api_key=key or api.api_key,
        http_client=api.http_client,
        max_retries=0,
        timeout=5,
    )


def ask(api: practice.InProcess, key: str | None = None, **fields: object) -> object:
    """Make one real call."""
    return client(api, key).responses.create(**{"model": MODEL, "input": "Hi", **fields})  # type: ignore[call-overload]


def without_key(_: practice.InProcess) -> object:
    """Make a client with no key anywhere."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
            patch.delenv(name, raising=False)
        return openai.OpenAI()


def revoked(api: practice.InProcess) -> object:
    """Call with a key that was alive a moment ago."""
    key = api.issue_key("soon revoked")
    api.revoke_key(key)
    return ask(api, key)


def too_large(api: practice.InProcess) -> object:
    """Ask for more than a whole minute's tokens."""
    return ask(api, input="word " * 200_000)


def too_fast(api: practice.InProcess) -> object:
    """Spend the minute's tokens, then ask for more."""
    ask(api, input="word " * 100_000)
    return ask(api, input="word " * 100_000)


def old_style(_: practice.InProcess) -> object:
    """Call the way tutorials of 2023 did."""
    return openai.ChatCompletion.create(model=MODEL)


def over_http(key: str) -> Case:
    """Return a case that needs a real connection: the socket library looks at headers, the world does not."""
    return lambda _: openai.OpenAI(
        base_url=practice.serve().base_url, api_key=practice.serve().api_key + key, max_retries=0
    ).models.list()


def nobody_there(_: practice.InProcess) -> object:
    """Call a port where no program listens."""
    return openai.OpenAI(base_url="http://127.0.0.1:9/v1", api_key=STRAY, max_retries=0).models.list()


CASES: dict[str, tuple[Case, str]] = {
    "no key": (without_key, "no_key"),
    "empty header": (lambda _: {}["OPENAI_API_KEY"], "no_key"),
    "wrong key": (lambda api: ask(api, STRAY), "wrong_key"),
    "revoked key": (revoked, "wrong_key"),
    "real-looking key": (lambda api: ask(api, "sk-proj-" + "a1" * 40), "real_key_in_practice"),
    "unknown model": (lambda api: ask(api, model="gpt-nobody"), "unknown_model"),
    "retired model": (lambda api: ask(api, model=facts.get("model.retired").value), "retired_model"),
    "missing field": (lambda api: client(api).responses.create(model=MODEL), "missing_field"),
    "wrong type": (lambda api: ask(api, max_output_tokens="many"), "bad_parameter"),
    "too small": (lambda api: ask(api, max_output_tokens=1), "bad_parameter"),
    "wrong address": (
        lambda api: client(api, url="http://practice.invalid/v9").models.list(),
        "wrong_address",
    ),
    "real rate limit": (too_fast, "rate_limited"),
    "larger than the limit": (too_large, "too_large"),
    "curly quote": (lambda api: ask(api, "“" + api.api_key), "odd_character"),
    "no-break space": (lambda api: ask(api, api.api_key + "\u00a0"), "odd_character"),
    "line break": (over_http("\n"), "broken_key"),
    "trailing space": (over_http(" "), "broken_key"),
    "old code": (old_style, "old_code"),
    "dictionary access": (lambda api: ask(api)["choices"], "old_code"),  # type: ignore[index]
    "old argument": (lambda _: openai.OpenAI(api_key=STRAY, proxies={}), "mixed_versions"),  # type: ignore[call-arg]
    "ordinary key on admin call": (
        lambda api: client(api).admin.organization.projects.list(),
        "wrong_kind_of_key",
    ),
    "nobody listens": (nobody_there, "refused"),
    "no scheme": (
        lambda _: openai.OpenAI(base_url="localhost/v1", api_key=STRAY, max_retries=0).models.list(),
        "bad_base_url",
    ),
}


def raised(case: Case) -> BaseException:
    """Return the error that a case really raises."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- which class it is, the diagnosis must tell
        case(practice.in_process(clock=practice.Clock(speed=0)))
    return caught.value


def printed(error: BaseException) -> str:
    """Return what Python prints for an error."""
    return "".join(traceback.format_exception(error))


def playing(scenario: str) -> Case:
    """Return a case that plays a scenario."""

    def call(api: practice.InProcess) -> object:
        api.play(scenario)
        return ask(api)

    return call


@pytest.mark.parametrize("scenario", practice.SCENARIOS)
def test_every_scenario_is_explained_from_its_exception_and_from_its_text(scenario: str) -> None:
    """Each leads to the cause that names it, and the printed traceback alone is enough."""
    error = raised(playing(scenario))
    assert diagnosis.explain(error).cause.scenario == scenario
    assert diagnosis.explain(printed(error)).cause.scenario == scenario


@pytest.mark.parametrize(("case", "cause"), CASES.values(), ids=CASES)
def test_other_failures_are_explained_from_exception_and_text(case: Case, cause: str) -> None:
    """Failures brought about by the caller are told apart, too."""
    error = raised(case)
    assert diagnosis.explain(error).cause.id == cause
    assert diagnosis.explain(printed(error)).cause.id == cause


def test_every_scenario_named_in_the_catalogue_exists() -> None:
    """The catalogue names no scenario that cannot be played."""
    assert {cause.scenario for cause in diagnosis.CATALOGUE if cause.scenario} == set(practice.SCENARIOS)


@pytest.mark.parametrize("cause", diagnosis.CATALOGUE, ids=lambda cause: cause.id)
def test_a_cause_is_complete(cause: diagnosis.Cause) -> None:
    """Each cause has three steps, a known way out, a notebook that exists, and facts that resolve."""
    assert len(cause.advice) == 3
    assert not any("{" in step for step in cause.advice)
    assert cause.retry in {"now", "later", "never"}
    assert cause.mover in {"you", "account owner", "your network", "OpenAI", "nobody"}
    assert cause.notebook in {notebook.file for notebook in routes.NOTEBOOKS}
    assert not cause.title.endswith(".")
    for sign in cause.signs:
        assert re.compile(sign.words)
        assert sign.type or sign.code or sign.words or sign.name or sign.status


def test_causes_have_names_of_their_own() -> None:
    """No id is used twice."""
    assert len(CAUSES) == len(diagnosis.CATALOGUE)


TEXTS = {
    "type before a code nobody knows": (
        '{"error": {"message": "No.", "type": "insufficient_quota", "code": "made_up_in_2027"}}',
        "no_credit",
        "sure",
    ),
    "type before a misleading code": (
        "{'error': {'type': 'insufficient_quota', 'code': 'rate_limit_exceeded'}}",
        "no_credit",
        "sure",
    ),
    "the old billing code": (
        "Error code: 429 - {'error': {'code': 'insufficient_quota', 'message': 'x'}}",
        "no_credit",
        "sure",
    ),
    "escaped JSON in a log": (
        r'{"body": "{\"error\": {\"type\": \"server_error\"}}"}',
        "server_error",
        "sure",
    ),
    "a log line of the client": (
        'INFO HTTP Request: POST https://api.openai.com/v1/responses "HTTP/1.1 429 Too Many Requests"',
        "some_429",
        "a guess",
    ),
    "a bare class": ("RateLimitError", "some_429", "a guess"),
    "a bare connection error": ("openai.APIConnectionError: Connection error.", "no_connection", "likely"),
    "quotes around the key": (
        "Error code: 401 - Incorrect API key provided: \"sk-pr…abc'. You can find your API key at x",
        "quoted_key",
        "sure",
    ),
    "an empty key, older clients": (
        "httpx.LocalProtocolError: Illegal header value b'Bearer '",
        "no_key",
        "sure",
    ),
    "no key in the environment": ("KeyError: 'OPENAI_API_KEY'", "no_key", "likely"),
    "a name that is not found": ("[Errno -2] Name or service not known", "name_not_found", "likely"),
    "a company's certificate": ("ssl: CERTIFICATE_VERIFY_FAILED", "certificate", "likely"),
    "a proxy that wants a login": ("407 Proxy Authentication Required", "proxy", "likely"),
    "a timeout": ("openai.APITimeoutError: Request timed out.", "timeout", "likely"),
    "no package": ("ModuleNotFoundError: No module named 'openai'", "no_package", "likely"),
    "a gateway": ("Error code: 502 - <html>Bad gateway</html>", "server_error", "a guess"),
    "too long": ("{'code': 'context_length_exceeded'}", "too_long", "sure"),
    "something else": ("ZeroDivisionError: division by zero", "unknown", "unknown"),
    "a coloured traceback": (
        "Traceback\n\x1b[0;31mAPITimeoutError\x1b[0m: Request timed out.\n\x1b[1m    429 = f()",
        "timeout",
        "likely",
    ),
    "prose": ("It does not work, please help!", "unknown", "unknown"),
    "a source line that names a code": (
        'Traceback (most recent call last):\n    if code == "insufficient_quota": f()\nValueError: no',
        "unknown",
        "unknown",
    ),
}


@pytest.mark.parametrize(("text", "cause", "confidence"), TEXTS.values(), ids=TEXTS)
def test_pasted_texts(text: str, cause: str, confidence: str) -> None:
    """A text is explained with no more confidence than it earns."""
    found = diagnosis.explain(text)
    assert (found.cause.id, found.confidence) == (cause, confidence)


def test_it_sees_through_a_retry_library() -> None:
    """An error that wraps the API's own is explained by what it wraps."""
    wrapped = RuntimeError("gave up after 6 tries")
    wrapped.__cause__ = raised(playing("no_credit"))
    assert diagnosis.explain(wrapped).cause.id == "no_credit"


def test_the_line_break_is_told_from_a_network_fault_and_its_key_is_masked() -> None:
    """“Connection error.” with a broken key behind it says so, and warns that the traceback holds the key."""
    found = diagnosis.explain(raised(over_http("\n")))
    assert found.held_key
    assert practice.serve().api_key not in str(found)
    assert found.cause.mover == "you"


def test_a_key_of_unknown_shape_after_bearer_is_masked() -> None:
    """What a quoted header holds is a key, whatever it looks like."""
    found = diagnosis.explain("Illegal header value b'Bearer 0123456789abcdef0123\\n'")
    assert "0123456789" not in str(found)
    assert found.held_key


def test_evidence_names_what_it_rests_on() -> None:
    """A reader can check each diagnosis against the error."""
    assert diagnosis.explain(raised(playing("no_credit"))).evidence == (
        "its type is insufficient_quota",
        "its code is credit_balance_exhausted",
    )


@pytest.mark.parametrize("nothing", ["", " \n", None, 401])
def test_nothing_to_explain_is_said_so(nothing: object) -> None:
    """An empty paste or another type gets a message that says what to pass."""
    with pytest.raises(InputError, match="exception"):
        diagnosis.explain(nothing)  # type: ignore[arg-type]


def test_the_module_needs_neither_client_nor_http_library() -> None:
    """A text can be explained where openai is not installed."""
    code = (
        "import sys; from guide_helpers import diagnosis; "
        "print({'openai', 'httpx', 'httpx2', 'ipywidgets'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


KEYS = st.builds(
    lambda prefix, body: prefix + body,
    st.sampled_from(["sk-", "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-practice-", "sk-ant-api03-", "ek_"]),
    st.text(string.ascii_letters + string.digits + "-_", min_size=24, max_size=120),
)
AROUND = st.sampled_from(
    [
        "{}",
        "\n{}\n",
        "key='{}'",
        '{{"api_key": "{}"}}',
        "b'Bearer {}\\n'",
        "Incorrect API key provided: {}.",
        "<b>{}</b>",
        r'{{"text": "first\n{}\n"}}',
        "?key%3D{}&x",
        "\x1b[32m{}\x1b[0m",
    ]
)


def surfaces(found: diagnosis.Diagnosis) -> str:
    """Return everything a diagnosis can show, in one text."""
    shown = found.view()
    return "\n".join(
        [repr(found), str(found), found.sentence, shown.html, found.text, json.dumps(found.evidence)]
    )


@given(KEYS, AROUND, st.sampled_from(["", "Connection error. ", "Traceback\n", "type: server_error "]))
def test_no_key_is_ever_in_an_answer_to_a_text(key: str, around: str, before: str) -> None:
    """Whatever stands around it, a key comes out masked, and the text says so."""
    found = diagnosis.explain(before + around.format(key))
    assert key not in surfaces(found)
    assert found.held_key


@given(KEYS)
def test_no_key_is_ever_in_an_answer_to_an_exception(key: str) -> None:
    """The same holds for exceptions, also when the API's body or a cause echoes the key."""
    error = RuntimeError(f"Illegal header value b'Bearer {key}\\n'")
    echo = RuntimeError("echo")
    echo.status_code, echo.body = 401, {"message": f"no {key}", "type": key, "code": key}  # type: ignore[attr-defined]
    for each in (error, echo):
        assert key not in surfaces(diagnosis.explain(each))


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_gets_an_answer_and_the_copy_is_stable(text: str) -> None:
    """Nothing pasted makes it fail, and masking twice changes nothing."""
    once = diagnosis.explain(text).text
    assert diagnosis.explain(once).text == once


@given(KEYS)
def test_a_pasted_key_does_not_stay_in_the_panel(key: str) -> None:
    """A paste in the browser is replaced by its masked copy before it can be saved, and that is said."""
    panel = widgets.error_explainer()
    box = panel.controls["text"]
    box.set_state({"value": f"Connection error. key {key}"})  # as the browser does
    state = json.dumps([box.get_state(), panel._view.get_state()], default=str)
    assert key not in state + str(panel)
    assert "What you typed held a key" in str(panel)
    assert "held a key" not in str(panel.set(text="Connection error."))
    assert "nothing to explain" in str(panel.set(text=""))
