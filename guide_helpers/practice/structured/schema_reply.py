"""A JSON document that a JSON schema allows: always the same one for the same schema.

It covers what structured outputs allow, and a few keywords more. A schema outside that is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from guide_helpers.practice.structured import scalars
from guide_helpers.practice.structured.scalars import UnfitError

_MOST_STEPS = 10_000
_CHARACTERS_A_STEP = 20
_DEEPEST = 60
_DEFAULT_ARRAY = 1
_REFS = ("#/$defs/", "#/definitions/")


def document(schema: Mapping[str, Any]) -> Any:
    """Return a document for a checked schema.

    Raises `UnfitError` when there is none, and `TooLargeError` when there is none small enough.
    """
    return _Writer(schema, {"#"}).value(schema, "value")


@dataclass(slots=True)
class _Writer:
    """Writes one document; `open_refs` are the references it stands in, so that recursion ends."""

    root: Mapping[str, Any]
    open_refs: set[str]
    steps: int = 0
    depth: int = 0

    def value(self, schema: Any, name: str) -> Any:
        """Return a value for a schema; `name` is the property it is for."""
        self._step(1 + len(name) // _CHARACTERS_A_STEP)
        self.depth += 1
        try:
            return self._value(schema, name)
        finally:
            self.depth -= 1

    def _step(self, steps: int) -> None:
        """Count the work, so that a small schema cannot ask for a huge document."""
        self.steps += steps
        if self.steps > _MOST_STEPS or self.depth > _DEEPEST:
            raise TooLargeError

    def _value(self, schema: Any, name: str) -> Any:
        if schema is False:
            raise UnfitError("nothing is allowed there")
        if schema is True:
            return scalars.words(name)
        if "$ref" in schema:
            return self._referred(schema["$ref"], name)
        if "anyOf" in schema:
            return self._first(schema["anyOf"], lambda branch: self.value(branch, name))
        if "enum" in schema or "const" in schema:
            return self._counted(scalars.listed(schema))
        return self._first(_types(schema), lambda kind: self._typed(kind, schema, name))

    def _referred(self, ref: str, name: str) -> Any:
        if ref in self.open_refs:
            raise UnfitError("it never ends")
        self.open_refs.add(ref)
        try:
            return self.value(resolve(self.root, ref), name)
        finally:
            self.open_refs.discard(ref)

    def _first(self, options: list[Any], write: Callable[[Any], Any]) -> Any:
        """Return what the first option that works gives."""
        problem = UnfitError("there is nothing to choose from")
        for option in options:
            try:
                return write(option)
            except UnfitError as error:
                problem = error
        raise problem

    def _typed(self, kind: str, schema: Mapping[str, Any], name: str) -> Any:
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return self._array(schema, name)
        return self._counted(scalars.scalar(kind, schema, name))

    def _counted(self, value: Any) -> Any:
        self._step(len(json.dumps(value)) // _CHARACTERS_A_STEP)
        return value

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        written: dict[str, Any] = {}
        for name, inner in properties.items():
            try:
                written[name] = self.value(inner, name)
            except UnfitError:
                if name in required:
                    raise
        for name in required:
            if name not in properties:
                written[name] = self.value(schema.get("additionalProperties", True), name)
        return written

    def _array(self, schema: Mapping[str, Any], name: str) -> list[Any]:
        least = schema.get("minItems", 0)
        wanted = min(max(least, _DEFAULT_ARRAY), schema.get("maxItems", max(least, _DEFAULT_ARRAY)))
        if wanted < least:
            raise UnfitError("minItems is more than maxItems")
        items: list[Any] = []
        for _ in range(wanted):
            try:
                items.append(self.value(schema.get("items", True), name))
            except UnfitError:
                if len(items) < least:
                    raise
                break
        return items


class TooLargeError(Exception):
    """The document would be too large to write."""


def resolve(root: Mapping[str, Any], ref: str) -> Any:
    """Return what a reference stands for. Raises `KeyError` when it stands for nothing."""
    if ref == "#":
        return root
    for prefix in _REFS:
        if ref.startswith(prefix):
            name = ref.removeprefix(prefix).replace("~1", "/").replace("~0", "~")
            return root[prefix.strip("#/")][name]
    raise KeyError(ref)


def _types(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type")
    if isinstance(kinds, str):
        return [kinds]
    if kinds:
        return list(kinds)
    if "properties" in schema or "required" in schema:
        return ["object"]
    return ["array"] if "items" in schema else ["string"]
