"""Drawings (SVG) freed of everything but lines, shapes, colours and words.

An SVG can hold scripts, pages and addresses of other sites. People cannot upload one; what an import
brings is taken apart here, and only what is known to draw is written again. It is shown as a picture
(``<img>``), where no browser runs a script, and served with a policy that forbids everything.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
LARGEST = 1_000_000  # bytes; a detailed diagram has about 100,000
MOST_ELEMENTS = 20_000

DRAWING = {
    "svg", "g", "defs", "symbol", "use", "title", "desc", "style", "path", "rect", "circle", "ellipse",
    "line", "polyline", "polygon", "text", "tspan", "textPath", "linearGradient", "radialGradient",
    "stop", "clipPath", "mask", "pattern", "marker", "filter", "feGaussianBlur", "feOffset", "feBlend",
    "feColorMatrix", "feComposite", "feFlood", "feMerge", "feMergeNode", "switch",
}  # fmt: skip
# Anything in a style that could fetch, run or bind.
LEADS_OUT = re.compile(r"@|\\|url\(\s*['\"]?\s*(?!#)|expression|javascript|behavior|binding", re.I)
NAMED = re.compile(r"^\{([^}]*)\}(.*)$")

register_namespace("", SVG)
register_namespace("xlink", XLINK)


def clean_drawing(data: bytes) -> bytes:
    """Give an SVG that only draws.

    Raises:
        ValueError: it is no SVG, too large, has no size, or plays tricks with XML.
    """
    if len(data) > LARGEST:
        words = ngettext(
            "the drawing has %(number)s byte; at most %(most)s are read",
            "the drawing has %(number)s bytes; at most %(most)s are read",
            len(data),
        )
        number, most = (number_format(number, force_grouping=True) for number in (len(data), LARGEST))
        raise ValueError(words % {"number": number, "most": most})
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ValueError(_("this is no drawing that can be read")) from error
    if root.tag != f"{{{SVG}}}svg":
        raise ValueError(_("this is no SVG drawing"))
    if not (root.get("viewBox") or (root.get("width") and root.get("height"))):
        raise ValueError(_("the drawing does not say how large it is"))
    if sum(1 for _element in root.iter()) > MOST_ELEMENTS:
        words = ngettext(
            "the drawing has more than %(most)s part", "the drawing has more than %(most)s parts", MOST_ELEMENTS
        )
        raise ValueError(words % {"most": number_format(MOST_ELEMENTS, force_grouping=True)})
    clean = Element(root.tag)
    _copy(root, clean)
    written: bytes = tostring(clean, encoding="utf-8")
    return written


def _copy(source: Element, target: Element) -> None:
    for name, value in source.attrib.items():
        if _draws(name, value):
            target.set(name, value)
    target.text, target.tail = source.text, source.tail
    for child in source:
        named = NAMED.match(child.tag) if isinstance(child.tag, str) else None
        if named is None or named[1] != SVG or named[2] not in DRAWING:
            continue
        if named[2] == "style" and LEADS_OUT.search(child.text or ""):
            continue
        _copy(child, SubElement(target, child.tag))


def _draws(name: str, value: str) -> bool:
    named = NAMED.match(name)
    if named is not None:
        return named[1] == XLINK and named[2] == "href" and value.strip().startswith("#")
    if name.lower().startswith("on"):
        return False
    if name.lower() in {"href", "src"}:
        return value.strip().startswith("#")
    return not LEADS_OUT.search(value)
