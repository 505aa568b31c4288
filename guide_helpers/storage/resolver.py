"""Look through the places in their order, say which one wins, and warn when two disagree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from guide_helpers import html, keys
from guide_helpers.errors import StorageError
from guide_helpers.storage.sources import VARIABLE, Argument, DotEnv, Environment, Source


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen in one place: a key, or in words why there is none, and what is wrong with it."""

    place: str
    key: keys.ApiKey | None = None
    state: str = "nothing here"
    warnings: tuple[str, ...] = ()


def _look(source: Source) -> Look:
    try:
        reading = source.read()
    except StorageError as error:
        return Look(source.place, state="cannot be read", warnings=(str(error),))
    if reading is None:
        return Look(source.place)
    warnings = [reading.warning] if reading.warning else []
    if not reading.text.strip():
        return Look(source.place, state="set, but empty", warnings=tuple(warnings))
    found = keys.check(reading.text).findings
    warnings += [f"{finding.what} {finding.cure}" for finding in found if finding.tone == "bad"]
    return Look(source.place, keys.ApiKey(reading.text), "a key", tuple(warnings))


@dataclass(frozen=True, slots=True)
class Survey(html.Shown):
    """Every place that was looked at, in the order in which they win."""

    looks: tuple[Look, ...]

    @property
    def winner(self) -> Look | None:
        """The first place that holds a key."""
        return next((look for look in self.looks if look.key), None)

    @property
    def shadowed(self) -> tuple[Look, ...]:
        """The places that hold a key and are not asked, because another comes first."""
        return tuple(look for look in self.looks if look.key and look is not self.winner)

    @property
    def differing(self) -> tuple[Look, ...]:
        """The shadowed places that hold another key than the winner."""
        return tuple(look for look in self.shadowed if self.winner and look.key != self.winner.key)

    def view(self) -> html.Block:
        """Show a row per place, and under the table what to mend."""
        rows = [[look.place, self._state(look), look.key or ""] for look in self.looks]
        return html.stack(
            html.table("Where a key was looked for; the first one wins", ["Place", "State", "Key"], rows),
            self.remarks(),
        )

    def remarks(self) -> html.Block:
        """Say which other keys there are, and what is wrong in each place."""
        alerts = [
            html.alert(look.place, " ".join(look.warnings), "warn") for look in self.looks if look.warnings
        ]
        if self.winner and self.differing:
            others = ", ".join(f"{look.place} holds {look.key}" for look in self.differing)
            advice = f"{others}. Delete the one you do not mean."
            alerts.insert(0, html.alert("Two places hold different keys", advice, "warn"))
        return html.stack(*alerts)

    def _state(self, look: Look) -> html.Block:
        if not look.key:
            return html.badge(look.state, "warn" if look.warnings else "plain")
        if look is self.winner:
            return html.badge("wins", "good")
        if look in self.differing:
            return html.badge("shadowed, a different key", "warn")
        return html.badge("shadowed, the same key")


@dataclass(frozen=True, slots=True)
class Found(html.Shown):
    """The key that wins, where it came from, and what else was seen."""

    key: keys.ApiKey
    place: str
    survey: Survey

    @property
    def shadowed(self) -> tuple[Look, ...]:
        """The places that hold a key and were not asked."""
        return self.survey.shadowed

    @property
    def differing(self) -> tuple[Look, ...]:
        """The shadowed places that hold another key."""
        return self.survey.differing

    def view(self) -> html.Block:
        """Say which key won and where it stood, and what to mend."""
        return html.stack(html.badge(f"{self.key} from {self.place}", "good"), self.survey.remarks())


def survey(
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | str = ".",
    sources: Iterable[Source] | None = None,
) -> Survey:
    """Look into every place without stopping at the first; nothing is changed and no key is shown.

    By default the places are this program's environment and the `.env` in `folder`. A place that
    cannot be read is a row of the answer, never an exception.
    """
    if sources is None:
        sources = (Environment(os.environ if environ is None else environ), DotEnv(Path(folder)))
    return Survey(tuple(_look(source) for source in sources))


def find(
    key: keys.ApiKey | str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | str = ".",
    sources: Iterable[Source] | None = None,
) -> Found:
    """Return the key that wins: the argument, then the environment, then `.env` in `folder`.

    White space around it is dropped, with a warning. Raises `StorageError`, saying what was seen
    where, when no place holds a key.
    """
    rest = survey(environ=environ, folder=folder, sources=sources)
    seen = Survey((*((_look(Argument(key)),) if key is not None else ()), *rest.looks))
    if (winner := seen.winner) is None or winner.key is None:
        told = "; ".join(" ".join((f"{look.place}: {look.state}.", *look.warnings)) for look in seen.looks)
        raise StorageError(f"No key was found. {told}", f"Set {VARIABLE} in one of these places.")
    return Found(winner.key, winner.place, seen)
