"""What the SDK knows about each call: where it goes, what it may send, and the type it takes the answer for.

Every method of the SDK's own client is called once with stand-ins for its arguments, over a client that
writes down the call instead of sending it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import pkgutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock
from urllib.parse import unquote

import openai
from openai import OpenAI, resources
from openai._resource import SyncAPIResource

_SENT = "sent as"


@dataclass(frozen=True, slots=True)
class SdkCall:
    """One call of the SDK: `body` and `query` are typed dictionaries, `answer` a model, `page` its list.

    `name` is how it stands behind `client.`
    """

    method: str
    path: str
    answer: Any
    page: Any = None
    body: Any = None
    query: Any = None
    name: str = ""


class _WrittenDown(Exception):  # noqa: N818 -- it carries the call out of the client
    def __init__(self, call: SdkCall) -> None:
        self.call = call


class _Notebook(OpenAI):
    """A client that raises what it would have sent."""

    def request(self, cast_to: Any, options: Any, **_: Any) -> Any:
        raise _WrittenDown(_call(options, cast_to))

    def _request_api_list(self, model: Any, page: Any, options: Any) -> Any:
        raise _WrittenDown(_call(options, model, page))


def calls() -> dict[tuple[str, str], SdkCall]:
    """Return every call of the installed SDK by method and path; the words in braces of a path are empty."""
    client = _Notebook(api_key="none", admin_api_key="none", base_url="http://practice.invalid/v1")
    found: dict[tuple[str, str], SdkCall] = {}
    with _types_remembered():
        for resource in _resources():
            for name, method in inspect.getmembers(resource(client), inspect.ismethod):
                call = None if name.startswith("_") else _asked(method)
                if call is not None:
                    call = dataclasses.replace(call, name=f"{_place(resource)}.{name}")
                    found.setdefault((call.method, call.path), call)
    return found


def _place(resource: type) -> str:
    """Return how a resource stands behind `client.`: a folder's own module has the folder's name twice."""
    words = resource.__module__.removeprefix(f"{resources.__name__}.").split(".")
    return ".".join(words[:-1] if words[-1:] == words[-2:-1] else words)


def _call(options: Any, answer: Any, page: Any = None) -> SdkCall:
    body, query = (_type(each) for each in (options.json_data, options.params))
    return SdkCall(options.method.upper(), f"/v1{unquote(options.url)}", answer, page, body, query)


def _type(sent: Any) -> Any:
    return sent.get(_SENT) if isinstance(sent, dict) else None


@contextlib.contextmanager
def _types_remembered() -> Iterator[None]:
    """Let each module of the SDK's resources send a body's type instead of the body, for a while."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings(action="ignore"))  # a deprecated method is one, too
        for module in _modules():
            if hasattr(module, "maybe_transform"):
                remember = mock.patch.object(module, "maybe_transform", lambda _, type_: {_SENT: type_})
                stack.enter_context(remember)
        yield


def _modules() -> list[Any]:
    walked = pkgutil.walk_packages(resources.__path__, f"{resources.__name__}.")
    return [importlib.import_module(each.name) for each in walked]


def _resources() -> list[type[SyncAPIResource]]:
    found = {
        value
        for module in _modules()
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, SyncAPIResource) and value is not SyncAPIResource
    }
    return sorted(found, key=lambda each: f"{each.__module__}.{each.__qualname__}")


def _asked(method: Any) -> SdkCall | None:
    """Return what a method asks for; None for one that is not a single call."""
    try:
        given = {
            name: b"{}" if name in {"file", "image"} else "{}"
            for name, parameter in inspect.signature(method).parameters.items()
            if parameter.default is inspect.Parameter.empty
            and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        }
        method(**given)
    except _WrittenDown as written:
        return written.call
    except Exception:  # noqa: BLE001 -- a method that does more than one call: another one covers its address
        return None
    return None


def version() -> str:
    """Return the SDK's version."""
    return openai.__version__
