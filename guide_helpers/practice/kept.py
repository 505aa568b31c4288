"""Things the practice API keeps between requests: in order, by id, and only so many."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

_MOST = 1_000
_MOST_BYTES = 100_000_000

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """The last 1,000 things, oldest first."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_id: dict[str, Thing] = {}

    def add(self, name: str, thing: Thing) -> None:
        """Keep a thing under its id; the oldest goes when there are too many."""
        self._by_id[name] = thing
        if len(self._by_id) > _MOST:
            self.drop_oldest()

    def get(self, name: str) -> Thing | None:
        """Return a thing, or None when it is not here."""
        return self._by_id.get(name)

    def remove(self, name: str) -> None:
        """Forget a thing that is here."""
        del self._by_id[name]

    def drop_oldest(self) -> None:
        """Forget the oldest thing."""
        del self._by_id[next(iter(self._by_id))]

    def all(self) -> list[Thing]:
        """Return every thing, oldest first."""
        return list(self._by_id.values())


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded or made file, with its times in the world's seconds."""

    id: str
    name: str
    purpose: str
    made: int
    expires: int | None
    content: bytes = field(repr=False)


class Files(Kept[File]):
    """The last files, as many as fit into 100 MB."""

    def add(self, name: str, thing: File) -> None:
        """Keep a file; the oldest go when there are too many, or too many bytes."""
        super().add(name, thing)
        while sum(len(each.content) for each in self.all()) > _MOST_BYTES:
            self.drop_oldest()
