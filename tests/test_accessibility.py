"""What a reader without sight, without a mouse, without colours or with large letters needs.

Everything the guide draws is walked as a browser would walk it: the stored notebooks, each piece of
`html`, each panel. The rules are of WCAG 2.2, level AA, and a few of our own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import ipywidgets
import nbformat
import pytest

from guide_helpers import account, html, widgets
from guide_helpers.errors import InputError
from guide_helpers.widgets import Panel

PATHS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
PANELS = {name: getattr(widgets, name) for name in widgets.__all__ if name != "Panel"}
PIECES = {
    "words": html.words("some words"),
    "code": html.code("print(1)"),
    "steps": html.steps("First this", ["one", html.code("two")]),
    "bar": html.bar(0.5, "half of it"),
    "table": html.table("Rain", ["Day", "mm"], [["Mon", html.badge("wet", "info")]], numbers=["mm"]),
    "columns": html.columns(("Left", html.code("one")), ("Right", html.alert("Two", html.code("2")))),
    "figure": html.figure("<svg></svg>", "A line that rises", "Rain by day"),
    "stack": html.stack("one", html.table("Two", ["a"], [[html.bar(1, "all")]])),
    "screens": account.screens(),
    "tree": account.tree({"reading-app": ["laptop"], "homework-bot": []}),
    **{f"badge {tone}": html.badge("word", tone) for tone in html.TONES},
    **{f"alert {tone}": html.alert("What", html.badge("next", tone), tone) for tone in html.TONES},
}

SMALLEST = 12.0
TEXT, GRAPHICS = 4.5, 3.0
VAGUE = {"", "here", "click here", "link", "this", "this link", "more", "read more"}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
VOID = {"br", "img", "wbr", "hr", "rect", "circle", "path", "line", "input", "polyline"}

BOX = "<svg><rect x='0' y='0' width='9' height='9' fill='#fff'/>"

Colour = tuple[float, float, float]


# ---------------------------------------------------------------------------- reading a page


@dataclass
class Place:
    """An element, with what it inherits: colours and size of its text, and what it hides."""

    tag: str
    attributes: dict[str, str]
    ink: Colour
    paper: Colour
    size: float
    named: bool = False  # it, or something around it, has words for who does not see it
    parent: Place | None = None
    inside: list[Place | str] = field(default_factory=list)

    @property
    def style(self) -> dict[str, str]:
        """The element's own style, by property."""
        pairs = (part.partition(":") for part in self.attributes.get("style", "").split(";") if part)
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def before(self) -> str:
        """The words that stand right before it."""
        around = self.parent.inside if self.parent else []
        at = next((at for at, each in enumerate(around) if each is self), 0)
        return "".join(each if isinstance(each, str) else each.raw for each in around[:at])

    @property
    def text(self) -> str:
        """All words in it."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        """The same, spaces kept."""
        return "".join(each if isinstance(each, str) else each.raw for each in self.inside)


def colour(said: str, over: Colour) -> Colour:
    """Return a colour as it looks over another one."""
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", said):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * each for each in found[1])
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
        return (red, green, blue)
    if found := re.fullmatch(r"rgba\((\d+),\s*(\d+),\s*(\d+),\s*([\d.]+)\)", said):
        share = float(found[4])
        red, green, blue = (share * int(found[at + 1]) + (1 - share) * under for at, under in enumerate(over))
        return (red, green, blue)
    raise AssertionError(f"{said!r} is no colour these tests can judge.")


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, as WCAG 2.2 defines it."""

    def light(parts: Colour) -> float:
        linear = [
            part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
            for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    return max(light(one), light(other)) / min(light(one), light(other))


# JupyterLab's two themes: its letters are not quite black and not quite white
WHITE, NIGHT = (255.0, 255.0, 255.0), (17.0, 17.0, 17.0)
THEMES = {
    "light": (colour("rgba(0,0,0,.87)", WHITE), WHITE),
    "dark": (colour("rgba(255,255,255,.87)", NIGHT), NIGHT),
}
PAGE = 13.0  # what a widget's text has; an output has 14


class Page(HTMLParser):
    """A page as a tree of places, and every fault found on the way."""

    def __init__(self, drawn: str, theme: str = "light") -> None:
        """Read a page in a theme."""
        super().__init__()
        ink, paper = THEMES[theme]
        self.place = Place("body", {}, ink, paper, PAGE)
        self.places = [self.place]
        self.faults: list[str] = []
        self.paper = paper
        self.feed(drawn)
        self.close()
        assert self.place.tag == "body", f"<{self.place.tag}> is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go one place down."""
        attributes = {name: value or "" for name, value in attrs}
        above = self.place
        named = above.named or "aria-label" in attributes or attributes.get("aria-hidden") == "true"
        here = replace(above, tag=tag, attributes=attributes, named=named, parent=above, inside=[])
        self._dress(here)
        above.inside.append(here)
        self.places.append(here)
        if tag not in VOID:
            self.place = here

    def handle_endtag(self, tag: str) -> None:
        """Go one place up."""
        if tag in VOID:
            return
        assert self.place.tag == tag, f"<{self.place.tag}> is closed by </{tag}>"
        assert self.place.parent is not None
        self.place = self.place.parent

    def handle_data(self, data: str) -> None:
        """Judge the words that stand here."""
        self.place.inside.append(data)
        if not data.strip():
            return
        place = self.place
        if place.size < SMALLEST:
            self.faults.append(f"{place.size:.1f} px: {data!r}")
        if (found := contrast(place.ink, place.paper)) < TEXT:
            self.faults.append(f"contrast {found:.1f}: {data!r}")

    def _dress(self, here: Place) -> None:
        style, attributes = here.style, here.attributes
        above = here.paper
        if said := style.get("background"):
            here.paper = colour(said, above)
        if said := style.get("color"):
            here.ink = colour(said, here.paper)
        if said := style.get("font-size", attributes.get("font-size")):
            found = re.fullmatch(r"([\d.]+)(em)?", said)
            assert found, f"{said!r} does not grow with the page"
            here.size = float(found[1]) * (here.size if found[2] else 1)
        if here.tag == "text":
            self._dress_label(here)
        self._look_at_graphics(here, above)

    def _dress_label(self, here: Place) -> None:
        """Words in a drawing lie on the last box drawn below them."""
        x, y = float(here.attributes["x"]), float(here.attributes["y"])
        for box in (each for each in self.places if each.tag == "rect" and each.parent is here.parent):
            left, top, width, height = (float(box.attributes[name]) for name in ("x", "y", "width", "height"))
            if left <= x <= left + width and top <= y <= top + height and box.attributes["fill"] != "none":
                here.paper = colour(box.attributes["fill"], here.paper)
        if (said := here.attributes.get("fill", "#000")) != "currentColor":
            here.ink = colour(said, here.paper)

    def _look_at_graphics(self, here: Place, above: Colour) -> None:
        """Judge the lines and bars that carry a meaning; a rule in a table carries none."""
        seen = [here.style["border-left"].split()[-1]] if "border-left" in here.style else []
        seen += [here.attributes["stroke"]] if "stroke" in here.attributes else []
        if here.style.get("height") == "100%":
            seen.append(here.style["background"])
        for said in seen:
            if (found := contrast(colour(said, above), above)) < GRAPHICS:
                self.faults.append(f"contrast of a line or bar {found:.1f}: {said}")


def faults(drawn: str) -> list[str]:
    """Return what is wrong with a page, in both themes."""
    pages = [Page(drawn, theme) for theme in THEMES]
    found = {fault for page in pages for fault in page.faults}
    places = pages[0].places
    for look in (_pictures, _tables, _links, _languages, _headings):
        found |= set(look(places))
    return sorted(found)


def _pictures(places: list[Place]) -> Iterator[str]:
    """A picture has words, or says that it is decoration."""
    for each in places:
        if each.tag == "img" and "alt" not in each.attributes:
            yield "a picture without words"
        if each.tag == "svg" and not each.named:
            yield "a drawing without words"
        if each.attributes.get("role") == "img" and not each.attributes.get("aria-label", "").strip():
            yield "an image role without words"
        if not each.text and not each.named and each.style.get("background"):
            yield "a coloured box without words"


def _tables(places: list[Place]) -> Iterator[str]:
    """A table has a caption and headers that say what they head."""
    for each in (place for place in places if place.tag == "table"):
        below = list(_all_inside(each))
        if not any(place.tag == "caption" and place.text for place in below):
            yield "a table without a caption"
        headers = [place for place in below if place.tag == "th"]
        if not headers or not all(place.text and place.attributes.get("scope") for place in headers):
            yield "a table without headers that have a scope"


def _links(places: list[Place]) -> Iterator[str]:
    """A link says where it goes; an address may be shown when the words before it end with a colon."""
    for each in (place for place in places if place.tag == "a"):
        bare = "://" in each.text or re.fullmatch(r"\S+\.\w+/\S*", each.text)
        said = each.before.rstrip().endswith(":")
        if each.text.lower() in VAGUE or (bare and not said):
            yield f"a link that says {each.text!r}"
        if each.style.get("text-decoration") != "underline":
            yield f"a link told by its colour alone: {each.text!r}"


def _languages(places: list[Place]) -> Iterator[str]:
    for each in places:
        if "lang" in each.attributes and not LANGUAGE.fullmatch(each.attributes["lang"]):
            yield f"a language called {each.attributes['lang']!r}"


def _headings(places: list[Place]) -> Iterator[str]:
    """An output lies somewhere in a notebook's outline; a heading in it would break that outline."""
    if any(re.fullmatch(r"h[1-6]", each.tag) for each in places):
        yield "a heading in an output"


def _all_inside(place: Place) -> Iterator[Place]:
    for each in place.inside:
        if isinstance(each, Place):
            yield each
            yield from _all_inside(each)


# ---------------------------------------------------------------------------- what the guide draws


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_every_piece_can_be_read_by_everybody(piece: html.Block) -> None:
    """Words for pictures, captions, contrast in both themes, letters of 12 pixels and more."""
    assert faults(piece.html) == []


def test_every_kind_of_piece_is_looked_at() -> None:
    """A new function of `html` must stand in the list above."""
    makers = {name for name in html.__all__ if name.islower()}
    assert makers == {name.partition(" ")[0] for name in PIECES} - {"screens", "tree"}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_stored_output_can_be_read_by_everybody(path: Path) -> None:
    """The same for all that stands in a notebook."""
    outputs = [
        output["data"]["text/html"]
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert outputs
    assert [fault for drawn in outputs for fault in faults(drawn)] == []


@pytest.mark.parametrize("make", PANELS.values(), ids=PANELS)
def test_every_panel_can_be_read_by_everybody(make: Callable[[], Panel]) -> None:
    """What a panel shows at first, and after a change."""
    panel = make()
    panel._refresh(panel)
    assert faults(panel._shown.html) == []
    assert [fault for fault in faults(panel._view.value) if "px" not in fault] == []


@pytest.mark.parametrize("tone", html.TONES)
def test_no_tone_is_colour_alone(tone: html.Tone) -> None:
    """A chip and an alert say their tone with a mark; only the plain one has none."""
    marked = {each for each in html.TONES if html.MARKS[each]}
    assert marked == set(html.TONES) - {"plain"}
    assert len(set(html.MARKS.values())) == len(html.TONES)
    assert html.alert("What", tone=tone).text == f"{html.MARKS[tone]} What".strip()


def test_a_bar_says_its_share_in_words() -> None:
    """The drawing is decoration, and says so; the label beside it is what counts."""
    drawn = Page(html.bar(0.3, "3 of 10 used").html)
    assert drawn.places[1].attributes["aria-hidden"] == "true"
    assert drawn.places[0].text == "3 of 10 used"


@pytest.mark.parametrize(
    ("drawn", "fault"),
    [
        ("<img src='a.png'>", "a picture without words"),
        ("<svg></svg>", "a drawing without words"),
        ("<div role='img' aria-label=''></div>", "an image role without words"),
        ("<span style='background:#777'></span>", "a coloured box without words"),
        ("<table><tr><th scope='col'>a</th></tr></table>", "a table without a caption"),
        ("<table><caption>a</caption><tr><th>a</th></tr></table>", "headers that have a scope"),
        ("<a style='text-decoration:underline' href='b'>here</a>", "a link that says 'here'"),
        ("<a style='text-decoration:underline' href='b'>https://a.b</a>", "a link that says"),
        ("<a style='text-decoration:underline' href='b'>a.org/c</a>", "a link that says"),
        ("<a href='b'>The error clinic</a>", "colour alone"),
        ("<p lang='en_'>a</p>", "a language called"),
        ("<h2>a</h2>", "a heading in an output"),
        ("<i style='font-size:.8em'>a</i>", "10.4 px"),
        ("<i style='color:#888'>a</i>", "contrast 3.5"),
        ("<i style='color:#222'>a</i>", "contrast 1.2"),  # good on white only
        ("<div style='border-left:4px solid #1f5a99'>a</div>", "a line or bar 2.7"),
        (BOX + "<text x='1' y='5' fill='#eee'>a</text></svg>", "contrast 1.2"),
    ],
)  # fmt: skip
def test_these_rules_find_what_they_are_for(drawn: str, fault: str) -> None:
    """Each kind of fault, once; a rule that finds nothing anywhere would not be noticed."""
    assert [found for found in faults(drawn) if fault in found]


def test_a_size_that_does_not_grow_is_refused() -> None:
    """Pixels in a style would stay small where a reader asks for larger letters."""
    with pytest.raises(AssertionError, match="does not grow"):
        Page("<i style='font-size:13px'>a</i>")


# ---------------------------------------------------------------------------- text cells


def prose(path: Path) -> str:
    """Return a notebook's text cells, without fenced code and without code in a line."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_text_cells_can_be_read_by_everybody(path: Path) -> None:
    """Pictures have words, links say where they go, headings make an outline, tables have headers."""
    assert markdown_faults(prose(path)) == []


def markdown_faults(text: str) -> list[str]:
    """Return what is wrong with a text cell."""
    found = [f"a picture without words: {each}" for each in re.findall(r"!\[\s*\]\([^)]*\)", text)]
    without_pictures = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", text)
    links = re.findall(r"\[([^\]]*)\]\(([^)]*)\)", without_pictures)
    found += [
        f"a link that says {words!r}"
        for words, _ in links
        if words.strip().lower() in VAGUE or "://" in words
    ]
    told: dict[str, set[str]] = {}
    for words, target in links:
        told.setdefault(words, set()).add(target)
    found += [f"two ways to {words!r}" for words, targets in told.items() if len(targets) > 1]
    bare = re.sub(r"\]\([^)]*\)", "]", without_pictures)
    found += [f"a bare address: {each}" for each in re.findall(r"https?://\S+", bare)]
    levels = [len(each) for each in re.findall(r"^(#+) \S", text, re.MULTILINE)]
    if levels[:1] != [1] or levels.count(1) != 1:
        found.append("not one title")
    found += [f"from level {one} to {two}" for one, two in pairwise(levels) if two - one > 1]
    found += [f"markup: {each}" for each in re.findall(r"<(?:img|font|span|div|table|h\d)\b[^>]*>", text)]
    return found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# A\n![](a.png)", "a picture"),
        ("# A\n[here](b)", "a link"),
        ("# A\n[https://a.b](b)", "a link"),
        ("# A\n[one](a) [one](b)", "two ways"),
        ("# A\nSee https://a.b for more", "a bare address"),
        ("# A\n# B", "not one title"),
        ("# A\n### B", "from level 1 to 3"),
        ("# A\n<font color='red'>late</font>", "markup"),
    ],
)
def test_the_rules_for_text_find_what_they_are_for(text: str, fault: str) -> None:
    """Each kind of fault, once."""
    assert [found for found in markdown_faults(text) if found.startswith(fault)]


# ---------------------------------------------------------------------------- panels


def same(number: float) -> str:
    """Say a number; below zero is an error."""
    if number < 0:
        raise InputError("Below zero.", "Go up.")
    return f"It is {number}.\nMore about it."


@pytest.mark.parametrize("make", PANELS.values(), ids=PANELS)
def test_labels_differ(make: Callable[[], Panel]) -> None:
    """Two controls of one panel never have the same name."""
    names = [control.description for control in make().controls.values()]
    assert all(name.strip() for name in names)
    assert len(set(names)) == len(names)


def test_a_control_without_a_label_is_refused() -> None:
    """An author cannot forget it."""
    with pytest.raises(InputError, match="no label"):
        Panel(same, number=ipywidgets.IntText())


@pytest.mark.parametrize(
    ("slider", "box"),
    [
        (ipywidgets.IntSlider(value=3, min=1, max=9, description="Size"), ipywidgets.BoundedIntText),
        (ipywidgets.FloatSlider(value=3, min=1, max=9, description="Size"), ipywidgets.BoundedFloatText),
    ],
    ids=["whole numbers", "fractions"],
)
def test_a_slider_has_a_box_for_its_number(slider: Any, box: type) -> None:
    """The number can be typed as well; either moves the other, and the result."""
    panel = Panel(same, number=slider)
    drawn = panel.widget.children[0].children
    assert [type(each) for each in drawn] == [type(slider), box]
    assert drawn[1].description == "Size, typed"
    assert (drawn[1].min, drawn[1].max) == (1, 9)
    drawn[1].value = 7
    assert str(panel).startswith("It is 7")
    assert slider.value == 7
    panel.set(number=5)
    assert drawn[1].value == 5


def test_a_slider_for_two_numbers_is_refused() -> None:
    """No box can stand beside it."""
    with pytest.raises(InputError, match="boxes for numbers"):
        Panel(same, number=ipywidgets.IntRangeSlider(description="From and to"))


def test_a_result_is_called_out_once_it_changes() -> None:
    """Nothing at first; then one line, politely; an error at once and whole."""
    panel = Panel(same, number=ipywidgets.IntText(value=1, description="Number"))
    assert "role=" not in panel._view.value
    panel.set(number=2)
    assert re.search(r'<div role="status"[^>]*>Result: It is 2\.</div>', panel._view.value)
    panel.set(number=-1)
    assert panel._view.value.startswith('<div role="alert"><div role="note"')
    assert 'role="status"' not in panel._view.value


def test_what_is_called_out_is_not_stored() -> None:
    """A saved page holds the result once."""
    panel = Panel(same, number=ipywidgets.IntText(value=1, description="Number")).set(number=2)
    assert panel._repr_mimebundle_()["text/html"] == "It is 2.\nMore about it."


def test_a_letter_changes_nothing_yet() -> None:
    """Text counts when it is left: a result that changes at every key would be read out at every key."""
    for make in PANELS.values():
        for control in make().controls.values():
            assert not getattr(control, "continuous_update", False)


def test_nothing_is_redrawn_but_the_result() -> None:
    """The controls stay the same objects, so the one that has the focus keeps it."""
    panel = Panel(same, number=ipywidgets.IntText(value=1, description="Number"))
    before = panel.widget.children
    panel.set(number=2)
    assert panel.widget.children is before
