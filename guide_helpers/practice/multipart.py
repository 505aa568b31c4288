"""Read an upload: the parts of a multipart/form-data body."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from guide_helpers.practice import faults
from guide_helpers.practice.faults import Refused

_MOST_PARTS = 50
_LONGEST_HEAD = 8_000
_LONGEST_BOUNDARY = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form; a file has a name."""

    field: str
    filename: str | None
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode(errors="replace")


def parse(content_type: str, body: bytes) -> dict[str, Part]:
    """Return the parts by field name; refuse with 400 what is not a whole form."""
    return {part.field: part for part in parts(content_type, body)}


def parts(content_type: str, body: bytes) -> list[Part]:
    """Return every part in order, where a field may stand several times; refuse as `parse` does."""
    try:
        return [_part(raw) for raw in _raw_parts(boundary(content_type), body)]
    except (ValueError, LookupError, TypeError):  # what the header parser makes of odd headers
        raise Refused(faults.BAD_FORM) from None


def boundary(content_type: str) -> bytes:
    """Return what stands between the parts; refuse with 400 what is no form."""
    head = Message()
    head["content-type"] = content_type
    found = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not found:
        raise Refused(faults.BAD_FORM)
    if len(found) > _LONGEST_BOUNDARY:
        raise Refused(faults.BAD_FORM)
    return found.encode("latin-1")


def _raw_parts(boundary: bytes, body: bytes) -> list[bytes]:
    """Cut the body at its boundary lines; the last of them must end in two dashes."""
    text = b"\r\n" + body
    marks = list(re.finditer(rb"\r\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r\n|\Z)", text))
    last = next((place for place, mark in enumerate(marks) if mark[1]), None)
    if last is None or last > _MOST_PARTS:
        raise Refused(faults.BAD_FORM)
    marks = marks[: last + 1]
    return [text[here.end() : there.start()] for here, there in itertools.pairwise(marks)]


def _part(raw: bytes) -> Part:
    head, found, content = raw.partition(b"\r\n\r\n")
    if not found or len(head) > _LONGEST_HEAD:
        raise Refused(faults.BAD_FORM)
    fields = HeaderParser().parsestr(head.decode(errors="replace").lstrip("\r\n"))
    name = fields.get_param("name", header="content-disposition")
    if fields.get_content_disposition() != "form-data" or not isinstance(name, str) or not name:
        raise Refused(faults.BAD_FORM)
    return Part(name, fields.get_filename(), content)
