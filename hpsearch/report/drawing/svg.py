"""From matplotlib's SVG to one that belongs on the page: its colours, its font, fewer bytes, ids of its own."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True)
class Theme:
    """What matplotlib draws with."""

    ink: str
    muted: str
    rule: str
    grid: str
    point: str
    set: str
    best: str
    failed: str
    card: str


# Stand-ins: the page's style sheet says what they are, in light and in dark.
PAGE = Theme("#010101", "#020202", "#030303", "#040404", "#050505", "#060606", "#070707", "#080808", "#090909")
# The style sheet's light ones, for files of their own.
PRINT = Theme("#1d2024", "#5f666e", "#c9c7c1", "#ebe9e4", "#8b98a8", "#2563a8", "#c8501e", "#b3261e", "#ffffff")

_VARIABLES = {value: f"var(--{name})" for name, value in asdict(PAGE).items()}


def page_svg(drawn: str, *, prefix: str, label: str) -> str:
    """`drawn` (matplotlib's SVG document) as an inline `<svg>` element.

    Stand-in colours become the page's variables, fonts the page's, numbers two decimals; what matplotlib repeats on every mark
    moves to their group; ids and the references to them begin with `prefix`. `label` is what a screen reader says.
    """
    # Our own drawing: matplotlib has escaped every text in it, and control characters were taken out before.
    root = ElementTree.fromstring(drawn)
    _drop(root, "metadata", "style")
    for element in root.iter():
        _restyle(element)
        _rename(element, prefix)
        _round(element)
        _hoist(element)
        for text in ("text", "tail"):
            if not (getattr(element, text) or "").strip():
                setattr(element, text, None)  # indentation
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update({"role": "img", "aria-label": label, "class": "plot"})
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def _drop(root: ElementTree.Element, *tags: str) -> None:
    """Metadata is weight, and an inline `<style>` would hold for the whole page."""
    names = {f"{{{_SVG}}}{tag}" for tag in tags}
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in names]:
            parent.remove(child)


def _restyle(element: ElementTree.Element) -> None:
    style = element.attrib.get("style")
    if style is None:
        return
    kept = []
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name and name != "font-family" and not (name == "fill" and value == "none" and element.tag == f"{{{_SVG}}}use"):
            kept.append(f"{name}:{_VARIABLES.get(value, value)}")
    if kept:
        element.attrib["style"] = ";".join(kept)
    else:
        del element.attrib["style"]


def _rename(element: ElementTree.Element, prefix: str) -> None:
    if "id" in element.attrib:
        if element.tag == f"{{{_SVG}}}g":
            del element.attrib["id"]  # nothing refers to a group
        else:
            element.attrib["id"] = prefix + element.attrib["id"]
    link = element.attrib.pop(f"{{{_XLINK}}}href", None)
    if link is not None:
        element.attrib["href"] = "#" + prefix + link.removeprefix("#")
    clip = element.attrib.get("clip-path")
    if clip is not None:
        element.attrib["clip-path"] = clip.replace("url(#", f"url(#{prefix}")


def _round(element: ElementTree.Element) -> None:
    for name in ("x", "y", "d", "transform", "width", "height"):
        if name in element.attrib:
            text = _NUMBER.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), element.attrib[name])
            element.attrib[name] = " ".join(text.split())


def _hoist(group: ElementTree.Element) -> None:
    """Equal styles of all marks in a group become the group's one."""
    marks = [child for child in group if child.tag == f"{{{_SVG}}}use"]
    styles = {mark.attrib.get("style") for mark in marks}
    # The children have not been restyled yet when their group is visited: matplotlib's own text is compared and moved.
    if len(marks) < 2 or len(marks) != len(group) or len(styles) != 1 or None in styles or "style" in group.attrib:
        return
    group.attrib["style"] = str(styles.pop())
    _restyle(group)
    for mark in marks:
        del mark.attrib["style"]
