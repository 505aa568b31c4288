"""The tree a key hangs in: organization, projects, keys; drawn, and said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from guide_helpers import html
from guide_helpers.errors import InputError

_WIDTH, _HEIGHT, _GAP, _INDENT, _LONGEST = 236, 42, 10, 30, 26
_KINDS: tuple[tuple[str, html.Tone], ...] = (
    ("organization: pays the bill", "info"),
    ("project: has its keys and its limit", "plain"),
    ("key: opens the door for one program", "good"),
)
_EXAMPLE = {"reading-app": ("laptop", "server"), "homework-bot": ("laptop",)}


def tree(projects: Mapping[str, Sequence[str]] | None = None, organization: str = "Ada") -> html.Block:
    """Draw an organization, its projects and their keys, and say the same in words.

    `projects` gives the names of each project's keys; without it an example is drawn. Raises
    `InputError` when there is no project.
    """
    projects = _EXAMPLE if projects is None else projects
    if not projects:
        raise InputError("There is nothing to draw.", "Give at least one project.")
    rows = [(0, organization)]
    for project, names in projects.items():
        rows += [(1, project), *((2, name) for name in names or ("",))]
    shapes = [*_lines([level for level, _ in rows]), *(_box(at, *row) for at, row in enumerate(rows))]
    width, height = 2 * _INDENT + _WIDTH + 4, len(rows) * (_HEIGHT + _GAP)
    size = f'viewBox="0 0 {width} {height}" width="{width}" style="max-width:100%;height:auto"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(shapes)}</svg>'
    return html.figure(
        svg, _in_words(organization, projects), "Money is paid at the top; keys hang at the bottom."
    )


def _in_words(organization: str, projects: Mapping[str, Sequence[str]]) -> str:
    parts = [f"project {project} with {_keys(names)}" for project, names in projects.items()]
    return f"A tree: the organization {organization} holds {'; and '.join(parts)}"


def _keys(names: Sequence[str]) -> str:
    if not names:
        return "no key yet"
    return f"the {'key' if len(names) == 1 else 'keys'} {', '.join(names)}"


def _box(at: int, level: int, name: str) -> str:
    """Draw a labelled box, white on the guide's own colours, so that it reads in both themes."""
    x, y = level * _INDENT + 2, at * (_HEIGHT + _GAP) + 2
    kind, tone = _KINDS[level]
    if not name:  # a project without a key
        return (
            f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="4" fill="none" '
            'stroke="#7a7f87" stroke-width="2" stroke-dasharray="5 4"/>'
            f'<text x="{x + 10}" y="{y + 26}" font-size="14" fill="currentColor" '
            'font-family="sans-serif">no key yet</text>'
        )
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    text = 'fill="#fff" font-family="sans-serif"'
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="4" fill="{html.TONES[tone]}"/>'
        f'<text x="{x + 10}" y="{y + 16}" font-size="12" {text}>{kind}</text>'
        f'<text x="{x + 10}" y="{y + 34}" font-size="15" {text}>{escape(short)}</text>'
    )


def _lines(levels: list[int]) -> list[str]:
    """Draw, for each box but the first, a bent line from the box it belongs to."""
    drawn = []
    for at, level in enumerate(levels):
        if level:
            above = max(place for place in range(at) if levels[place] == level - 1)
            x, middle = (level - 1) * _INDENT + 2 + _INDENT // 2, at * (_HEIGHT + _GAP) + 2 + _HEIGHT // 2
            top = above * (_HEIGHT + _GAP) + 2 + _HEIGHT
            drawn.append(
                f'<path d="M{x} {top}V{middle}H{level * _INDENT + 2}" fill="none" stroke="#7a7f87" '
                'stroke-width="2"/>'
            )
    return drawn
