"""HTML turned into the blocks of a body.

Only what is known is written out again, so the rich text that comes out holds no element and no
attribute that was not meant to be there; ``clean`` looks once more before it is stored.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html import escape, unescape
from typing import Any
from urllib.parse import unquote

import nh3
from bs4 import BeautifulSoup, Comment, NavigableString, Tag
from bs4.element import PreformattedString
from django.utils.text import slugify

from core.directives import BOXES

Block = dict[str, Any]

INLINE_AS = {
    "strong": "b",
    "b": "b",
    "em": "i",
    "i": "i",
    "cite": "i",
    "dfn": "i",
    "var": "i",
    "code": "code",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
    "del": "s",
    "s": "s",
    "strike": "s",
    "sup": "sup",
    "sub": "sub",
}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LISTS = {"ul", "ol", "menu"}
THROUGH = {
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "nav",
    "center",
    "form",
    "body",
    "html",
    "fieldset",
    "hgroup",
    "address",
    "figcaption",
    "tbody",
    "td",
    "dd",
    "li",
    "search",
}
BLOCKS = (
    HEADINGS
    | LISTS
    | THROUGH
    | {
        "p",
        "pre",
        "blockquote",
        "table",
        "figure",
        "hr",
        "dl",
        "details",
        "aside",
        "iframe",
        "video",
        "audio",
        "embed",
        "object",
        "legend",
        "summary",
        "dt",
        "caption",
    }
)
MACHINE = {"script", "style", "template", "noscript", "link", "meta", "head", "title", "base"}
EMPTY = {"br", "hr", "img", "input", "embed", "source", "track", "wbr", "area", "col", "use", "path"}
KNOWN = (
    set(INLINE_AS) | BLOCKS | MACHINE | EMPTY
    | {"a", "abbr", "acronym", "bdi", "bdo", "big", "button", "canvas", "circle", "colgroup", "data",
       "datalist", "defs", "font", "g", "image", "ins", "label", "line", "map", "mark", "math",
       "meter", "optgroup", "option", "output", "param", "picture", "polygon", "polyline",
       "progress", "q", "rect", "rp", "rt", "ruby", "select", "small", "span", "svg", "symbol",
       "textarea", "tfoot", "th", "thead", "time", "tr", "u", "slot", "dialog", "text", "tspan"}
)  # fmt: skip
CALLOUT_CLASS = re.compile(
    r"\b(?:usa-alert|alert|callout|admonition|info-?box|note|notice|warning|caution|tip)\b", re.I
)
CARE_CLASS = re.compile(r"warning|caution|danger|error", re.I)
QUOTE_CLASS = re.compile(r"(?<![\w-])p(?:ull)?quote(?![\w-])|(?<![\w-])quote(?![\w-])", re.I)
WHO = re.compile(r"^(?:—|–|―|--)\s*(?=\S)")
WHO_AT_END = re.compile(r"(?s)^(.*\S)(?:<br/>|\n)\s*(?:—|–|―|--)\s+([^\n]+?)\s*$")
SCHEMES = {"http", "https", "mailto", "tel"}
RICH_TAGS = {"p", "a", "b", "i", "code", "s", "sup", "sub", "br", "ul", "ol", "li", "hr"}
PAGE_LINK = re.compile(r"^page:(\d+)(?:#(.+))?$")
CLAUSE_LINK = re.compile(r"^clause:([\w.-]+)$")
HEADING_LIMIT = 255
NAMESPACE = uuid.UUID("6f3f3b1e-8f0a-5c57-9d0c-5f0b8f4f7a11")


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


class Body:
    """Blocks in the making, for one piece of HTML.

    Args:
        link: gives the address for an address in the text, or None where there is none.
        image: gives the picture for an address and its alternative text, or None where it is missing.
        remarks: is told what could not be kept as it was.
    """

    def __init__(
        self,
        link: Callable[[str], str | None],
        image: Callable[[str, str], Any],
        remarks: list[str],
    ) -> None:
        self.link, self.image, self.remarks = link, image, remarks
        self.notes: list[Block] = []
        self.lost: Counter[str] = Counter()
        self.targets: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self._seen: Counter[str] = Counter()
        self._anchors: set[str] = set()
        self._loose: dict[str, str] = {}
        self._waiting: list[str] = []
        self._level = 1

    def blocks(self, html: str) -> list[Block]:
        """Turn HTML into blocks. Links within it are checked against its own anchors at the end."""
        soup = BeautifulSoup(html, "html.parser")
        _mend(soup)
        found = _joined(list(self.flow(soup.contents)))
        if self.notes:
            found.append(self.block("footnotes", self._items(self.notes)))
        self._loose = {loose(name): anchor for name, anchor in reversed(self.targets.items())}
        return self._settled(found)

    # Blocks ----------------------------------------------------------------------------------

    def block(self, kind: str, value: Any) -> Block:
        """Make a block whose id follows from what it holds: the same text has the same id again."""
        said = json.dumps([kind, value], sort_keys=True, default=str)
        self._seen[said] += 1
        return {
            "type": kind,
            "value": value,
            "id": str(uuid.uuid5(NAMESPACE, f"{self._seen[said]}:{said}")),
        }

    def _items(self, values: Iterable[Any]) -> list[Block]:
        return [self.block("item", value) for value in values]

    def flow(self, nodes: Iterable[Any]) -> Iterator[Block]:
        """Give the blocks of a run of nodes; text between blocks becomes paragraphs."""
        run: list[Any] = []
        for node in nodes:
            if isinstance(node, Tag) and (node.name in MACHINE or _is_block(node)):
                yield from self._named_by_waiting(self.paragraph(run))
                run = []
                yield from self._named_by_waiting(self._element(node))
            elif not (isinstance(node, PreformattedString) and not _is_text(node)):
                run.append(node)
        yield from self._named_by_waiting(self.paragraph(run))

    def _named_by_waiting(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The targets that stood before a block name it."""
        for block in blocks:
            if self._waiting:
                anchor = block["value"].get("anchor") if block["type"] == "heading" else ""
                name = block["value"].get("text", "") if block["type"] == "heading" else ""
                for target in self._waiting:
                    self.targets.setdefault(target, anchor or f"b-{block['id'][:8]}")
                    self.names.setdefault(target, name or _first_words(block))
                self._waiting = []
            yield block

    def _wait(self, target: str) -> None:
        if target and target not in self._waiting:
            self._waiting.append(target)

    def _element(self, tag: Tag) -> Iterator[Block]:
        name = tag.name
        classes = " ".join(tag.get("class") or [])
        if name not in HEADINGS:
            self._wait(tag.get("id") or "")
        if name in MACHINE:
            if name in {"script", "style"}:
                self.remarks.append(f"a piece of {name} was left out")
        elif name in HEADINGS:
            yield from self.heading(tag)
        elif tag.has_attr("data-footnote"):
            self._note(tag)
        elif tag.has_attr("data-box"):
            yield from self._box(tag)
        elif QUOTE_CLASS.search(classes) and name in {"aside", "div", "section"}:
            yield from self.quote(tag)
        elif name == "aside" or (name in {"div", "section"} and CALLOUT_CLASS.search(classes)):
            yield from self.callout(tag, classes)
        elif name == "details":
            yield from self._details(tag)
        elif name in LISTS:
            yield from self._list(tag)
        elif name == "p" and not _has_block(tag):
            yield from self.paragraph(tag.contents)
        elif name in {"legend", "summary", "caption", "dt"}:
            yield from self.paragraph([_wrapped(tag, "strong")])
        elif name == "pre":
            yield self._code(tag)
        elif name == "blockquote":
            yield from self.quote(tag)
        elif name == "table":
            yield from self.table(tag)
        elif name == "figure":
            yield from self._figure(tag)
        elif name == "hr":
            yield self.block("paragraph", "<hr/>")
        elif name == "dl":
            yield from self._definitions(tag)
        elif name in {"iframe", "video", "audio", "embed", "object"}:
            yield from self._embedded(tag)
        elif name == "input":
            yield from self._tick(tag)
        elif name in {"label", "button", "select", "textarea"}:
            yield from self._field(tag)
        else:
            yield from self.flow(tag.contents)

    def heading(self, tag: Tag) -> Iterator[Block]:
        """A heading: its words are plain, so links and pictures in it follow as a paragraph."""
        words, pictures = self._plain(tag), list(tag.find_all("img"))
        links = [a for a in tag.find_all("a") if a.get("href")]
        if words:
            # Levels go down one at a time, whatever the source skips.
            level = min(max(int(tag.name[1]), 2), max(self._level, 1) + 1, 4)
            self._level = level
            slug = slugify(words[:HEADING_LIMIT], allow_unicode=True)
            anchor = self._anchor(tag.get("id") or slug)
            if len(words) > HEADING_LIMIT:
                self.remarks.append(f"a heading of {len(words)} characters was cut: {words[:60]}…")
            value = {"level": str(level), "text": words[:HEADING_LIMIT], "anchor": anchor}
            for target in {tag.get("id") or "", slug} - {""}:
                self.targets.setdefault(target, anchor)
                self.names.setdefault(target, words)
            yield self.block("heading", value)
        else:
            self.lost["headings"] += 1
            self.remarks.append("a heading without words was left out")
        for link in links:
            yield from self.paragraph([link])
        for picture in pictures:
            if not picture.find_parent("a"):
                yield from self.figure(picture)

    def _anchor(self, wanted: str) -> str:
        wanted = re.sub(r"[^\w-]+", "-", wanted).strip("-") or "part"
        anchor, number = wanted, 0
        while anchor in self._anchors:
            number += 1
            anchor = f"{wanted}-{number}"
        self._anchors.add(anchor)
        return anchor

    def paragraph(self, nodes: Iterable[Any]) -> Iterator[Block]:
        """A paragraph, then the pictures that stood in it."""
        html, pictures = self.inline(nodes)
        html = _trimmed(html)
        if html:
            yield self.block("paragraph", clean(f"<p>{html}</p>"))
        for picture in pictures:
            yield from self.figure(picture)

    def figure(self, tag: Tag, caption: str = "", credit: str = "", link: str = "") -> Iterator[Block]:
        """A picture. One that is missing stays as its words, and is remarked."""
        src, alt = tag.get("src") or "", " ".join((tag.get("alt") or "").split())
        if not src:
            src = (tag.get("srcset") or "").split(" ")[0]
        title = (tag.get("title") or "").strip()
        if title and not caption:
            text, bar, by = title.partition("|")
            caption = f"<p>{escape(text.strip(), quote=False)}</p>" if text.strip() else ""
            credit = credit or (by.strip() if bar else "")
        if tag.get("data-link"):
            link = tag["data-link"]
        picture = self.image(src, alt) if src else None
        if picture is None:
            self.lost["images"] += 1
            self.remarks.append(f"picture missing: {src[:200] or 'no address'}")
            if not alt and not caption and not link:
                return
        if link:
            href = self._href(link)
            words = escape(alt or link, quote=False)
            caption = caption or (f"<p><a {href}>{words}</a></p>" if href else "")
        value = {
            "image": picture.pk if picture is not None else None,
            "alt": alt[:2000],
            "decorative": not alt,
            "caption": clean(caption) if caption else "",
            "credit": credit[:255],
        }
        yield self.block("figure", value)

    def _figure(self, tag: Tag) -> Iterator[Block]:
        caption = tag.find("figcaption")
        pictures = tag.find_all("img")
        rich = BLOCKS - {"p", "div", "figcaption", "section"}
        if len(pictures) == 1 and not tag.find(list(rich)):
            caption = caption or _wrapped(tag, "figcaption")
            picture = pictures[0]
            html, more = self.inline(caption.contents, lines=True)
            more = [image for image in more if image is not picture]
            html = _trimmed(html)
            yield from self.figure(picture, caption=f"<p>{html}</p>" if html else "")
            for another in more:
                yield from self.figure(another)
        else:
            yield from self.flow(tag.contents)

    def _code(self, tag: Tag) -> Block:
        inner = tag.find("code")
        classes = [*(tag.get("class") or []), *((inner.get("class") or []) if inner else [])]
        language = next((c.removeprefix("language-") for c in classes if c.startswith("language-")), "")
        return self.block("code", {"language": language[:40], "text": tag.get_text().rstrip("\n")})

    def quote(self, tag: Tag) -> Iterator[Block]:
        """Words of somebody else; a last line that begins with a dash says whose."""
        credit = tag.find(class_=re.compile("credit|attribution|source")) or tag.find("footer")
        who = ""
        if credit is not None:
            credit.extract()
            who = self._line(credit.contents)
        text, rest = [], []
        held = False
        for block in self.flow(tag.contents):
            if block["type"] == "paragraph" and not held:
                text.append(block["value"])
            elif block["type"] == "heading" and not held:
                text.append(f"<p><b>{escape(block['value']['text'], quote=False)}</b></p>")
                self.lost["headings"] += 1
            elif block["type"] == "figure":
                # A portrait of the speaker that is missing says nothing more by its words.
                if block["value"]["image"] is not None or block["value"]["caption"]:
                    rest.append(block)
            else:
                held = True
                rest.append(block)
        if text and not who:
            last = text[-1].removeprefix("<p>").removesuffix("</p>")
            ending = WHO_AT_END.match(last)
            if len(text) > 1 and WHO.match(last):
                who, text = WHO.sub("", last), text[:-1]
            elif ending:
                who, text[-1] = ending[2], f"<p>{ending[1]}</p>"
        if text:
            who = WHO.sub("", who)
            value = {"text": clean("".join(text)), "who": clean(f"<p>{who}</p>") if who else ""}
            yield self.block("quote", value)
            if held:
                self.remarks.append("what a quote held beside text stands below it")
        elif rest or who:
            self.lost["quotes"] += 1
            self.remarks.append("a quote without text became what it held")
            rest += [self.block("paragraph", clean(f"<p>{who}</p>"))] if who else []
        else:
            self.lost["quotes"] += 1
        yield from rest

    def callout(self, tag: Tag, classes: str = "") -> Iterator[Block]:
        """A box. Its title is what the source says, or its own first heading."""
        title = unescape(tag.get("data-title") or "").strip()
        kind = tag.get("data-kind") or ("care" if CARE_CLASS.search(classes) else "note")
        yield from self._boxed(tag, "callout", title, {"kind": kind})

    def _boxed(self, tag: Tag, kind: str, title: str, more: Block) -> Iterator[Block]:
        level = self._level
        inner = [b for b in _joined(list(self.flow(tag.contents))) if b["type"] != "footnotes"]
        self._level = level
        body: list[Block] = []
        for block in inner:
            if block["type"] in {"callout", "practice_point"}:
                if block["value"]["title"]:
                    strong = f"<p><b>{escape(block['value']['title'], quote=False)}</b></p>"
                    body.append(self.block("paragraph", strong))
                body.extend(block["value"]["body"])
                self.remarks.append("a box inside a box was laid flat")
            else:
                body.append(block)
        if body or title:
            yield self.block(kind, {**more, "title": title[:255], "body": body})

    def _box(self, tag: Tag) -> Iterator[Block]:
        name, title = tag["data-box"], unescape(tag.get("data-title") or "")
        if name in {"practice-point", "practice_point"}:
            yield from self._boxed(tag, "practice_point", title, {})
        elif name == "checklist":
            yield from self._checklist_box(tag, title)
        elif name == "quote":
            yield from self.quote(tag)
        else:
            known = {**BOXES, "callout": "note", "care": "care", "take-away": "note", "info": "note"}
            if name not in known:
                self.remarks.append(f"the box “{name}” is not known; it became a callout")
            kind = known.get(name, "note")
            yield from self._boxed(tag, "callout", title, {"kind": kind})

    def _checklist_box(self, tag: Tag, title: str) -> Iterator[Block]:
        for child in tag.find_all(True, recursive=False):
            if child.name in LISTS:
                items = list(child.find_all("li", recursive=False))
                yield self._checklist(items, title)
                title = ""
            elif title and not child.find_next_sibling(LISTS):
                yield from self.paragraph([_wrapped(tag.__copy__(), "strong")])
            else:
                yield from self._element(child)

    def _checklist(self, items: list[Tag], title: str = "") -> Block:
        texts = []
        for item in items:
            nested = [li for li in item.find_all("li") if _is_task(li)]
            for inner in nested:
                inner.extract()
            for part in [item, *nested]:
                for tick in part.find_all("input"):
                    tick.extract()
                texts.append(f"<p>{self._line(part.contents)}</p>")
        return self.block("checklist", {"title": title[:255], "items": self._items(map(clean, texts))})

    def _details(self, tag: Tag) -> Iterator[Block]:
        summary = tag.find("summary", recursive=False)
        title = ""
        if summary is not None:
            if summary.find(["a", *HEADINGS]):
                self.lost["headings"] += len(summary.find_all(HEADINGS))
                self.lost["links"] += len(summary.find_all("a", href=True))
            title = self._plain(summary.extract())
        yield from self._boxed(tag, "callout", title, {"kind": "note"})

    def _definitions(self, tag: Tag) -> Iterator[Block]:
        for child in tag.find_all(["dt", "dd", "div"], recursive=False):
            if child.name == "div":
                yield from self._definitions(child)
            elif child.name == "dt":
                self._wait(child.get("id") or "")
                yield from self._named_by_waiting(self.paragraph([_wrapped(child, "strong")]))
            else:
                yield from self.flow(child.contents)

    def _embedded(self, tag: Tag) -> Iterator[Block]:
        """A film or a page of another site becomes a link: nothing is fetched from elsewhere."""
        source = tag.find("source")
        src = tag.get("src") or tag.get("data") or (source.get("src") if source else "") or ""
        words = tag.get("title") or tag.get("aria-label") or src
        if src:
            self.remarks.append(f"what was embedded from {src[:200]} became a link to it")
            anchor = BeautifulSoup("", "html.parser").new_tag("a", href=src)
            anchor.string = words
            yield from self.paragraph([anchor])
        elif tag.get("srcdoc"):
            self.remarks.append("an embedded page without an address was left out")

    def _tick(self, tag: Tag) -> Iterator[Block]:
        """A box to tick with its label becomes an item of a checklist; other fields go."""
        if (tag.get("type") or "").lower() != "checkbox":
            if (tag.get("type") or "").lower() not in {"hidden", "radio"}:
                self.remarks.append("a field to fill in was left out; its label stays as text")
            return
        label = self._label(tag)
        contents = list(label.contents) if label is not None else [tag.get("value") or ""]
        if label is not None:
            label["data-used"] = "1"
        text = clean(f"<p>{self._line(contents)}</p>")
        yield self.block("checklist", {"title": "", "items": self._items([text])})

    @staticmethod
    def _label(tag: Tag) -> Tag | None:
        inside = tag.find_parent("label")
        if inside is not None:
            return inside
        scope = tag.find_parent(["form", "body"]) or tag.parent
        named = scope.find("label", attrs={"for": tag.get("id")}) if tag.get("id") else None
        return named or tag.find_next_sibling("label")

    def _field(self, tag: Tag) -> Iterator[Block]:
        tick = tag.find("input", attrs={"type": "checkbox"})
        if tag.get("data-used"):
            return
        if tag.name == "label" and tick is not None:
            tick.extract()
            text = clean(f"<p>{self._line(tag.contents)}</p>")
            yield self.block("checklist", {"title": "", "items": self._items([text])})
            return
        if tag.name in {"select", "textarea"}:
            self.remarks.append("a field to fill in was left out; its label stays as text")
            return
        yield from self.paragraph(tag.contents)

    # Lists -----------------------------------------------------------------------------------

    def _list(self, tag: Tag) -> Iterator[Block]:
        items = tag.find_all("li", recursive=False)
        if not items:
            yield from self.flow(tag.contents)
            return
        if all(_is_task(item) for item in items):
            yield self._checklist(items)
            return
        start = tag.get("start") or "1"
        first = int(start) if start.isdigit() else 1
        ordered = tag.name == "ol"
        if _is_simple(tag) and not (ordered and first != 1):
            yield self.block("paragraph", clean(self._rich_list(tag)))
            return
        steps = [self._step(item) for item in items]
        value = {"ordered": ordered, "start": first, "items": self._items(steps)}
        yield self.block("steps", value)

    def _step(self, item: Tag) -> list[Block]:
        """The blocks of one item. A list or a box inside it that holds more than text is laid flat."""
        found: list[Block] = []
        level = self._level
        for block in self._named_by_waiting(_joined(list(self.flow(item.contents)))):
            found.extend(self._flat(block))
        self._level = level
        return found

    def _flat(self, block: Block) -> Iterator[Block]:
        value = block["value"]
        if block["type"] in {"callout", "practice_point"}:
            if value["title"]:
                title = f"<p><b>{escape(value['title'], quote=False)}</b></p>"
                yield self.block("paragraph", title)
            yield from (flat for inner in value["body"] for flat in self._flat(inner))
        elif block["type"] == "steps":
            self.remarks.append("a list inside a list, with more than text in it, was laid flat")
            for number, item in enumerate(value["items"], start=value["start"]):
                sign = f"{number}. " if value["ordered"] else "• "
                for place, inner in enumerate(item["value"]):
                    if place == 0 and inner["type"] == "paragraph":
                        inner = {**inner, "value": inner["value"].replace("<p>", f"<p>{sign}", 1)}
                    yield inner
        else:
            yield block

    def _rich_list(self, tag: Tag) -> str:
        items = []
        for item in tag.find_all("li", recursive=False):
            text = [n for n in item.contents if not (isinstance(n, Tag) and n.name in LISTS)]
            nested = [n for n in item.contents if isinstance(n, Tag) and n.name in LISTS]
            inner = "".join(self._rich_list(n) for n in nested)
            items.append(f"<li>{self._line(text)}{inner}</li>")
        name = "ol" if tag.name == "ol" else "ul"
        return f"<{name}>{''.join(items)}</{name}>"

    # Tables ----------------------------------------------------------------------------------

    def table(self, tag: Tag) -> Iterator[Block]:
        """A table. Cells over several rows or columns are said once, in the first of their places."""
        caption = tag.find("caption")
        rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
        grid, heads = _grid(rows)
        after: list[Block] = []
        if not grid:
            self.lost["tables"] += 1
            self.remarks.append("an empty table was left out")
            yield from self.flow(n for n in tag.contents if not isinstance(n, NavigableString))
            return
        if any(cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1"
               for row in rows for cell in row.find_all(["td", "th"], recursive=False)):  # fmt: skip
            self.remarks.append("cells of a table that span others were set in the first place")
        width = max(len(row) for row in grid)
        first_is_head = bool(heads[0]) and all(heads[0])
        names = grid[0] if first_is_head else []
        plain = first_is_head and not any(
            isinstance(cell, Tag) and cell.find(["a", "img", "ul", "ol", "pre"]) for cell in names
        )
        if first_is_head and not plain:
            names = []
        body = grid[1:] if plain else grid
        row_heads = heads[1:] if plain else heads
        columns = [
            {"type": "text", "heading": self._plain(names[n]) if n < len(names) and names[n] else ""}
            for n in range(width)
        ]
        values = []
        for row in body:
            cells = [self._cell(row[n] if n < len(row) else None, after) for n in range(width)]
            values.append({"values": cells})
        row_names = bool(row_heads) and all(row and row[0] for row in row_heads)
        words = self._plain(caption) if caption is not None else ""
        yield self.block(
            "table",
            {
                "table": {"columns": columns, "rows": values, "caption": words},
                "row_names": row_names,
            },
        )
        if caption is not None and caption.find("a", href=True):
            yield from self.paragraph(caption.find_all("a", href=True))
        yield from after

    def _cell(self, cell: Tag | None, after: list[Block]) -> str:
        """The rich text of a cell; pictures and what else it cannot hold come after the table."""
        if cell is None:
            return ""
        parts = []
        for block in self.flow(cell.contents):
            if block["type"] == "paragraph":
                parts.append(block["value"])
            elif block["type"] == "heading":
                parts.append(f"<p><b>{escape(block['value']['text'], quote=False)}</b></p>")
                self.lost["headings"] += 1
            else:
                after.append(block)
                what = {"figure": "picture"}.get(block["type"], block["type"])
                self.remarks.append(f"a {what} in a cell of a table stands below the table")
        return "".join(parts)

    # Words -----------------------------------------------------------------------------------

    def inline(self, nodes: Iterable[Any], *, lines: bool = False) -> tuple[str, list[Tag]]:
        """Rich text of a run of nodes, and the pictures in it.

        Args:
            lines: blocks among the nodes are allowed; they become lines.
        """
        html: list[str] = []
        pictures: list[Tag] = []
        for node in nodes:
            if isinstance(node, NavigableString):
                if _is_text(node):
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
            words = self._plain(node) if name == "math" else node.get("aria-label") or ""
            self.remarks.append(f"a drawing inside the text was left out{': ' + words if words else ''}")
            return escape(words, quote=False)
        if name in MACHINE or name in {"wbr", "area", "map", "source", "track", "col", "input"}:
            return ""
        if node.get("id") or (name == "a" and node.get("name")):
            self._wait(node.get("id") or node.get("name"))
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
            self.remarks.append("code within a line was kept as ordinary words")
        if name in BLOCKS and lines:
            return f"<br/>{inner}<br/>"
        return inner

    def _link(self, node: Tag, pictures: list[Tag], lines: bool) -> str:
        inner, more = self.inline(node.contents, lines=lines)
        if more and not inner.strip():
            # A picture that is a link: the figure's caption carries it.
            for picture in more:
                picture["data-link"] = node["href"]
            self.lost["links"] += len(more) - 1 if len(more) > 1 else 0
            pictures.extend(more)
            return ""
        pictures.extend(more)
        href = self._href(node["href"])
        if not href:
            self.lost["links"] += 1
            return inner
        return f"<a {href}>{inner or escape(node['href'], quote=False)}</a>"

    def _href(self, address: str) -> str:
        """The attributes of a link as they are stored, or nothing for one that leads nowhere."""
        address = address.strip()
        if address in {"", "#"}:
            return ""
        known = address if address.startswith("#") and len(address) > 1 else self.link(address)
        if known is None:
            self.remarks.append(f"link to nowhere kept as text: {address[:200]}")
            return ""
        page, clause = PAGE_LINK.match(known), CLAUSE_LINK.match(known)
        if page:
            anchor = f' anchor="{escape(page[2])}"' if page[2] else ""
            return f'linktype="page" id="{page[1]}"{anchor}'
        if clause:
            return f'linktype="clause" id="{clause[1]}"'
        scheme = re.match(r"^([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", known), re.I)
        if scheme and scheme[1].lower() not in SCHEMES:
            self.remarks.append(f"unsafe link kept as text: {address[:200]}")
            return ""
        href = f'href="{escape(known)}"'
        if "href=" not in clean(f"<a {href}>x</a>"):
            self.remarks.append(f"broken address kept as text: {address[:200]}")
            return ""
        return href

    def _line(self, nodes: Iterable[Any]) -> str:
        """Rich text of nodes in one line of blocks, without paragraphs; pictures are remarked."""
        html, pictures = self.inline(nodes, lines=True)
        for picture in pictures:
            self.lost["images"] += 1
            alt = (picture.get("alt") or "").strip()
            self.remarks.append(f"a picture within a line was left out: {picture.get('src')}")
            html += f" {escape(alt, quote=False)}" if alt else ""
            if picture.get("data-link"):
                href = self._href(picture["data-link"])
                html += f" <a {href}>{escape(alt or picture['data-link'], quote=False)}</a>" if href else ""
        return _trimmed(html)

    def _plain(self, tag: Tag) -> str:
        for drawing in tag.find_all(["svg", "script", "style"]):
            drawing.extract()
        return " ".join(tag.get_text(" " if tag.name == "caption" else "").split())

    def _note(self, tag: Tag) -> None:
        self.notes.append({"label": tag["data-footnote"][:60], "text": clean(f"<p>{self._line(tag.contents)}</p>")})

    # Links within the text -------------------------------------------------------------------

    def _settled(self, value: Any) -> Any:
        """Blocks with their links to places of the same text set to where these are now."""
        if isinstance(value, list):
            return [self._settled(item) for item in value]
        if isinstance(value, dict):
            if value.get("type") in PLAIN_BLOCKS:
                return value
            return {name: self._settled(item) for name, item in value.items()}
        return NO_LINK.sub(r"\1", AT_HOME.sub(self._at_home, value)) if is_rich(value) else value

    def _at_home(self, match: re.Match[str]) -> str:
        name = unescape(match[1])
        anchor = self.targets.get(name) or self._loose.get(loose(name))
        if anchor is None:
            self.remarks.append(f"link to a place that is not in the text: #{name[:200]}")
            self.lost["links"] += 1
            return "<a>"
        return f'<a href="#{escape(anchor)}">'


# Blocks whose texts are plain, whatever they look like.
PLAIN_BLOCKS = {"code", "heading"}
AT_HOME = re.compile(r'<a href="#([^"]*)">')
NO_LINK = re.compile(r"<a>(.*?)</a>", re.S)


def is_rich(value: Any) -> bool:
    """Whether a value in a raw block is rich text: all that this module makes begins like this."""
    return isinstance(value, str) and value.startswith(("<p>", "<ul>", "<ol>"))


def loose(name: str) -> str:
    """A name of a place without what generators of such names do differently.

    >>> loose("Be_nice!"), loose("l%C3%A9quipe-juridique")
    ('benice', 'léquipejuridique')
    """
    return re.sub(r"[\W_]+", "", unquote(name).lower())


def _is_text(node: Any) -> bool:
    return isinstance(node, NavigableString) and not isinstance(node, PreformattedString | Comment)


def _is_block(tag: Tag) -> bool:
    if tag.name in BLOCKS or tag.name in {"label", "button", "select", "textarea", "input"}:
        return True
    return tag.name not in {"svg", "math"} and _has_block(tag)


def _has_block(tag: Tag) -> bool:
    return tag.find([*BLOCKS, "input", "select", "textarea"]) is not None


def _is_task(item: Tag) -> bool:
    first = item.find(True)
    return (
        first is not None
        and item.find("input", attrs={"type": "checkbox"}) is not None
        and ("task-list-item" in (item.get("class") or []))
    )


def _is_simple(tag: Tag) -> bool:
    """Whether rich text can hold a list: items of one line, with nothing but lists of such inside."""
    return all(_is_simple_item(item) for item in tag.find_all("li", recursive=False))


def _is_simple_item(item: Tag) -> bool:
    parts = [node for node in item.children if isinstance(node, Tag) or str(node).strip()]
    nested = [part for part in parts if isinstance(part, Tag) and part.name in LISTS]
    text = parts[: len(parts) - len(nested)]
    if any(part in nested for part in text):
        return False  # Text goes on after a list within the item.
    if any(not _is_simple(part) or part.get("start", "1") != "1" for part in nested):
        return False
    elements = [part for part in text if isinstance(part, Tag)]
    if [part for part in elements if part.name == "p"] and len(text) > 1:
        return False
    return not any(
        part.name == "img" or part.find(["img", *BLOCKS]) or (part.name != "p" and _is_block(part)) for part in elements
    )


def _wrapped(tag: Tag, name: str) -> Tag:
    wrapper = BeautifulSoup("", "html.parser").new_tag(name)
    for child in list(tag.contents):
        wrapper.append(child.extract())
    return wrapper


def _trimmed(html: str) -> str:
    """Take the breaks and spaces off both ends, and make one space of many."""
    html = re.sub(r"[ \t\r\f]*\n[ \t\r\f\n]*", "\n", html)
    html = re.sub(r"(?:\s*<br/>\s*){2,}", "<br/>", html)
    html = re.sub(r"^(?:\s|<br/>)+|(?:\s|<br/>)+$", "", html)
    return re.sub(r"[ \t]{2,}", " ", html)


def _first_words(block: Block) -> str:
    if block["type"] != "paragraph":
        return ""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", block["value"])).split())[:80]


def _joined(blocks: list[Block]) -> list[Block]:
    """Join checklists without a title that stand together into one."""
    done: list[Block] = []
    for block in blocks:
        last = done[-1] if done else None
        if last is not None and block["type"] == last["type"] == "checklist" and not block["value"]["title"]:
            value = last["value"]
            items = [*value["items"], *block["value"]["items"]]
            done[-1] = {**last, "value": {**value, "items": items}}
        else:
            done.append(block)
    return done


def _mend(soup: BeautifulSoup) -> None:
    """Put side by side what the parser nested because an end tag was left out."""
    for name in ("li", "dt", "dd", "tr", "td", "th", "p"):
        for tag in soup.find_all(name):
            while tag.parent is not None and tag.parent.name == name:
                outer = tag.parent
                following = [tag, *list(tag.next_siblings)]
                for node in reversed(following):
                    outer.insert_after(node.extract())


def _grid(rows: list[Tag]) -> tuple[list[list[Tag | None]], list[list[bool]]]:
    """Lay the cells of a table out in rows and columns, and say which are headings."""
    cells: dict[tuple[int, int], Tag | None] = {}
    heads: dict[tuple[int, int], bool] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row.find_all(["td", "th"], recursive=False):
            while (y, x) in cells:
                x += 1
            wide = min(_span(cell, "colspan"), 50)
            high = min(_span(cell, "rowspan"), len(rows) - y)
            for dy in range(high):
                for dx in range(wide):
                    cells[y + dy, x + dx] = cell if dx == dy == 0 else None
                    heads[y + dy, x + dx] = cell.name == "th"
            x += wide
    grid, signs = [], []
    for y in range(len(rows)):
        width = max((x + 1 for (row, x) in cells if row == y), default=0)
        if width:
            grid.append([cells.get((y, x)) for x in range(width)])
            signs.append([heads.get((y, x), False) for x in range(width)])
    return grid, signs


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1")
    return max(int(value), 1) if value.isdigit() and len(value) < 5 else 1
