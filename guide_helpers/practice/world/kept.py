"""Things the practice API keeps between requests: in order, by id, and only so many."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

_MOST = 200
_MOST_BYTES = 100_000_000

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """The last 200 things, oldest first."""

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


@dataclass(slots=True)
class KeptResponse:
    """A response and the items it was given, the whole conversation before it included.

    One made in the background waits until somebody looks at it, or is cancelled before that.
    """

    response: dict[str, Any]
    items: list[dict[str, Any]]
    waiting: bool = False
    cancelled: bool = False

    @property
    def background(self) -> bool:
        """Tell whether it was made in the background."""
        return bool(self.response.get("background"))

    def shown(self) -> dict[str, Any]:
        """Return the response as it stands now."""
        if self.waiting or self.cancelled:
            status = "cancelled" if self.cancelled else "queued"
            return {
                **self.response,
                "status": status,
                "output": [],
                "usage": None,
                "incomplete_details": None,
            }
        return self.response


@dataclass(slots=True)
class KeptChat:
    """A chat completion, with what it shows of its request, and the messages it was asked with."""

    completion: dict[str, Any]
    messages: list[dict[str, Any]]


@dataclass(slots=True)
class Shelf:
    """What one project keeps between requests."""

    files: Files = field(default_factory=Files)
    batches: Kept[dict[str, Any]] = field(default_factory=Kept)
    responses: Kept[KeptResponse] = field(default_factory=Kept)
    chats: Kept[KeptChat] = field(default_factory=Kept)
