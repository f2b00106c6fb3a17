"""The words of HTML as rich text of a body: what stands within a line, and its links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import unquote

import nh3
from bs4 import NavigableString, Tag
from django.utils.translation import gettext as _

from core.html_shape import BLOCKS, INLINE_AS, MACHINE, attr, is_text

SCHEMES = {"http", "https", "mailto", "tel"}
RICH_TAGS = {"p", "a", "b", "i", "code", "s", "sup", "sub", "br", "ul", "ol", "li", "hr"}
PAGE_LINK = re.compile(r"^page:(\d+)(?:#(.+))?$")
CLAUSE_LINK = re.compile(r"^clause:([\w.-]+)$")
# Blocks whose texts are plain, whatever they look like.
PLAIN_BLOCKS = {"code", "heading"}
AT_HOME = re.compile(r'<a href="#([^"]*)">')
NO_LINK = re.compile(r"<a>(.*?)</a>", re.S)


def clean(html: str) -> str:
    """Take out of rich text all that rich text of a body cannot hold; links keep safe addresses.

    >>> clean('<p onclick="x()">A <a href="javascript:alert(1)">b</a><script>c</script></p>')
    '<p>A <a>b</a></p>'
    """
    html = nh3.clean(
        html,
        tags=RICH_TAGS,
        attributes={"a": {"href", "linktype", "id", "anchor"}},
        url_schemes=SCHEMES,
        link_rel=None,
    )
    return html.replace("<br>", "<br/>").replace("<hr>", "<hr/>")


def is_rich(value: Any) -> bool:
    """Whether a value in a raw block is rich text: all that this module makes begins like this."""
    return isinstance(value, str) and value.startswith(("<p>", "<ul>", "<ol>"))


def loose(name: str) -> str:
    """A name of a place without what generators of such names do differently.

    >>> loose("Be_nice!"), loose("l%C3%A9quipe-juridique")
    ('benice', 'léquipejuridique')
    """
    return re.sub(r"[\W_]+", "", unquote(name).lower())


def trimmed(html: str) -> str:
    """Take the breaks and spaces off both ends, and make one space of many."""
    html = re.sub(r"[ \t\r\f]*\n[ \t\r\f\n]*", "\n", html)
    html = re.sub(r"(?:\s*<br/>\s*){2,}", "<br/>", html)
    html = re.sub(r"^(?:\s|<br/>)+|(?:\s|<br/>)+$", "", html)
    return re.sub(r"[ \t]{2,}", " ", html)


class Words:
    """Reads words, keeps what was lost on the way, and the names that stand before a block.

    Args:
        link: gives the address for an address in the text, or None where there is none.
        remarks: is told what could not be kept as it was.
    """

    def __init__(self, link: Callable[[str], str | None], remarks: list[str]) -> None:
        self.link, self.remarks = link, remarks
        self.lost: Counter[str] = Counter()
        self._waiting: list[str] = []

    def wait(self, target: str) -> None:
        """A name that can be linked to belongs to the next block."""
        if target and target not in self._waiting:
            self._waiting.append(target)

    def inline(self, nodes: Iterable[Any], *, lines: bool = False) -> tuple[str, list[Tag]]:
        """Rich text of a run of nodes, and the pictures in it.

        Args:
            lines: blocks among the nodes are allowed; they become lines.
        """
        html: list[str] = []
        pictures: list[Tag] = []
        for node in nodes:
            if isinstance(node, NavigableString):
                if is_text(node):
                    html.append(escape(str(node), quote=False))
            elif isinstance(node, Tag):
                html.append(self._inline_tag(node, pictures, lines))
        return "".join(html), pictures

    def _inline_tag(self, node: Tag, pictures: list[Tag], lines: bool) -> str:
        name = node.name
        if name == "br":
            return "<br/>"
        if name == "img":
            pictures.append(node)
            return ""
        if name in {"svg", "canvas", "math"}:
            words = self.plain(node) if name == "math" else attr(node, "aria-label")
            if words:
                self.remarks.append(_("A drawing inside the text was left out: %(words)s") % {"words": words})
            else:
                self.remarks.append(_("A drawing inside the text was left out."))
            return escape(words, quote=False)
        if name in MACHINE or name in {"wbr", "area", "map", "source", "track", "col", "input"}:
            return ""
        if attr(node, "id") or (name == "a" and attr(node, "name")):
            self.wait(attr(node, "id") or attr(node, "name"))
        if name == "a" and node.get("href"):
            return self._link(node, pictures, lines)
        inner, more = self.inline(node.contents, lines=lines)
        pictures.extend(more)
        if name in INLINE_AS:
            as_name = INLINE_AS[name]
            if as_name == "code":
                inner = inner.replace("<br/>", " ")
            return f"<{as_name}>{inner}</{as_name}>" if inner.strip() else inner
        if name == "q":
            return f"“{inner}”"
        if name == "pre":
            self.lost["code"] += 1
            self.remarks.append(_("Code within a line was kept as ordinary words."))
        if name in BLOCKS and lines:
            return f"<br/>{inner}<br/>"
        return inner

    def _link(self, node: Tag, pictures: list[Tag], lines: bool) -> str:
        inner, more = self.inline(node.contents, lines=lines)
        if more and not inner.strip():
            # A picture that is a link: the figure's caption carries it.
            for picture in more:
                picture["data-link"] = attr(node, "href")
            self.lost["links"] += len(more) - 1 if len(more) > 1 else 0
            pictures.extend(more)
            return ""
        pictures.extend(more)
        href = self.href(attr(node, "href"))
        if not href:
            self.lost["links"] += 1
            return inner
        return f"<a {href}>{inner or escape(attr(node, 'href'), quote=False)}</a>"

    def href(self, address: str) -> str:
        """The attributes of a link as they are stored, or nothing for one that leads nowhere."""
        address = address.strip()
        if address in {"", "#"}:
            return ""
        known = address if address.startswith("#") and len(address) > 1 else self.link(address)
        if known is None:
            self.remarks.append(_("link to nowhere kept as text: %(address)s") % {"address": address[:200]})
            return ""
        page, clause = PAGE_LINK.match(known), CLAUSE_LINK.match(known)
        if page:
            anchor = f' anchor="{escape(page[2])}"' if page[2] else ""
            return f'linktype="page" id="{page[1]}"{anchor}'
        if clause:
            return f'linktype="clause" id="{clause[1]}"'
        scheme = re.match(r"^([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", known), re.I)
        if scheme and scheme[1].lower() not in SCHEMES:
            self.remarks.append(
                _("A link that is not safe is plain text now: %(address)s") % {"address": address[:200]}
            )
            return ""
        href = f'href="{escape(known)}"'
        if "href=" not in clean(f"<a {href}>x</a>"):
            self.remarks.append(
                _("A link with a broken address is plain text now: %(address)s") % {"address": address[:200]}
            )
            return ""
        return href

    def line(self, nodes: Iterable[Any]) -> str:
        """Rich text of nodes in one line of blocks, without paragraphs; pictures are remarked."""
        html, pictures = self.inline(nodes, lines=True)
        for picture in pictures:
            self.lost["images"] += 1
            alt = attr(picture, "alt").strip()
            self.remarks.append(
                _("A picture within a line was left out: %(address)s") % {"address": attr(picture, "src")}
            )
            html += f" {escape(alt, quote=False)}" if alt else ""
            if picture.get("data-link"):
                href = self.href(attr(picture, "data-link"))
                html += f" <a {href}>{escape(alt or attr(picture, 'data-link'), quote=False)}</a>" if href else ""
        return trimmed(html)

    def plain(self, tag: Tag) -> str:
        """The words of an element without any marks."""
        for drawing in tag.find_all(["svg", "script", "style"]):
            drawing.extract()
        return " ".join(tag.get_text(" " if tag.name == "caption" else "").split())
