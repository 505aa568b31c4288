"""A log of what the practice API was asked: one JSON object per line, without bodies, headers and keys."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
from collections.abc import Callable
from typing import TextIO

from guide_helpers.errors import PracticeError
from guide_helpers.practice.desk.rows import row
from guide_helpers.practice.wire import Record


def _today() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Log:
    """Lines about requests, to standard output or to the end of a file.

    `time` is the practice world's and `real_time` the computer's own; `key` is masked, `cost` is in
    USD, and `ms` are the world's milliseconds.
    """

    def __init__(self, where: str, now: Callable[[], dt.datetime] = _today) -> None:
        """Open the log; "-" is standard output. Raises `PracticeError` when a file cannot be written."""
        self._now = now
        self._file: TextIO | None = sys.stdout
        if where != "-":
            try:
                self._file = open(where, "a", encoding="utf-8")  # noqa: PTH123, SIM115 -- a path of any kind, kept open
            except OSError as error:
                raise PracticeError(
                    f"The log {where} cannot be written ({error.strerror}).", "Choose another file, or -."
                ) from None

    def write(self, record: Record) -> None:
        """Write one line; when that fails, as on a full disk, the log ends and the practice API goes on."""
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(self._line(record), ensure_ascii=True) + "\n")
            self._file.flush()
        except OSError:
            self.close()

    def close(self) -> None:
        """End the log."""
        file, self._file = self._file, None
        if file is not None and file is not sys.stdout:
            with contextlib.suppress(OSError):
                file.close()

    def _line(self, record: Record) -> dict[str, object]:
        line = row(record)
        for name in ("number", "at", "cause"):
            del line[name]
        world = dt.datetime.fromtimestamp(record.at, tz=dt.UTC)
        return {"time": _written(world), "real_time": _written(self._now()), **line}


def _written(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
