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

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.directives import BOXES
from core.html_shape import (
    BLOCKS,
    HEADINGS,
    LISTS,
    MACHINE,
    attr,
    grid,
    has_block,
    is_block,
    is_simple,
    is_task,
    is_text,
    mend,
    wrapped,
)
from core.html_words import AT_HOME, NO_LINK, PLAIN_BLOCKS, Words, clean, is_rich, loose, trimmed
from core.worksheets import worksheet_from

Block = dict[str, Any]

CALLOUT_CLASS = re.compile(
    r"\b(?:usa-alert|alert|callout|admonition|info-?box|note|notice|warning|caution|tip)\b", re.I
)
CARE_CLASS = re.compile(r"warning|caution|danger|error", re.I)
QUOTE_CLASS = re.compile(r"(?<![\w-])p(?:ull)?quote(?![\w-])|(?<![\w-])quote(?![\w-])", re.I)
WHO = re.compile(r"^(?:—|–|―|--)\s*(?=\S)")
WHO_AT_END = re.compile(r"(?s)^(.*\S)(?:<br/>|\n)\s*(?:—|–|―|--)\s+([^\n]+?)\s*$")
HEADING_LIMIT = 255
ANCHOR_LIMIT = 200  # room for what tells equal ones apart, below core.reading.LONGEST_ANCHOR
BELOW_TABLE = {
    "figure": gettext_lazy("A picture in a cell of a table stands below the table."),
    "table": gettext_lazy("A table in a cell of a table stands below that table."),
    "steps": gettext_lazy("A list in a cell of a table, with more than text in it, stands below the table."),
    "checklist": gettext_lazy("A checklist in a cell of a table stands below the table."),
    "quote": gettext_lazy("A quote in a cell of a table stands below the table."),
    "code": gettext_lazy("A piece of code in a cell of a table stands below the table."),
    "worksheet": gettext_lazy("A worksheet in a cell of a table stands below the table."),
    "callout": gettext_lazy("A box in a cell of a table stands below the table."),
    "practice_point": gettext_lazy("A box in a cell of a table stands below the table."),
}
"""What a cell cannot hold, by kind of block."""
NAMESPACE = uuid.UUID("6f3f3b1e-8f0a-5c57-9d0c-5f0b8f4f7a11")


class NotTaken(Exception):
    """A picture is there, but cannot be taken; the message is the remark that says which and why."""


class Body(Words):
    """Blocks in the making, for one piece of HTML.

    Args:
        link: gives the address for an address in the text, or None where there is none.
        image: gives the picture for an address and its alternative text, or None where it is missing; raises
            ``NotTaken`` where it is there and cannot be taken.
        remarks: is told what could not be kept as it was, in the language that is active.
    """

    def __init__(
        self,
        link: Callable[[str], str | None],
        image: Callable[[str, str], Any],
        remarks: list[str],
    ) -> None:
        super().__init__(link, remarks)
        self.image = image
        self.notes: list[Block] = []
        self.targets: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self._seen: Counter[str] = Counter()
        self._anchors: set[str] = set()
        self._loose: dict[str, str] = {}
        self._level = 1

    def blocks(self, html: str) -> list[Block]:
        """Turn HTML into blocks. Links within it are checked against its own anchors at the end."""
        soup = BeautifulSoup(html, "html.parser")
        mend(soup)
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
            if isinstance(node, Tag) and (node.name in MACHINE or is_block(node)):
                yield from self._named_by_waiting(self.paragraph(run))
                run = []
                yield from self._named_by_waiting(self._element(node))
            elif not (isinstance(node, PreformattedString) and not is_text(node)):
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

    def _element(self, tag: Tag) -> Iterator[Block]:
        name = tag.name
        classes = " ".join(tag.get("class") or [])
        if name not in HEADINGS:
            self.wait(attr(tag, "id"))
        if name in MACHINE:
            if name in {"script", "style"}:
                self.remarks.append(_("A piece of code of a web page (%(name)s) was left out.") % {"name": name})
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
        elif name == "p" and not has_block(tag):
            yield from self.paragraph(tag.contents)
        elif name in {"legend", "summary", "caption", "dt"}:
            yield from self.paragraph([wrapped(tag, "strong")])
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
        words, pictures = self.plain(tag), list(tag.find_all("img"))
        links = [a for a in tag.find_all("a") if a.get("href")]
        if words:
            # Levels go down one at a time, whatever the source skips.
            level = min(max(int(tag.name[1]), 2), max(self._level, 1) + 1, 4)
            self._level = level
            slug = slugify(words[:HEADING_LIMIT], allow_unicode=True)
            anchor = self._anchor(attr(tag, "id") or slug)
            if len(words) > HEADING_LIMIT:
                remark = ngettext(
                    "A heading of %(number)d character was cut: %(words)s…",
                    "A heading of %(number)d characters was cut: %(words)s…",
                    len(words),
                )
                self.remarks.append(remark % {"number": len(words), "words": words[:60]})
            value = {"level": str(level), "text": words[:HEADING_LIMIT], "anchor": anchor}
            for target in {attr(tag, "id"), slug} - {""}:
                self.targets.setdefault(target, anchor)
                self.names.setdefault(target, words)
            yield self.block("heading", value)
        else:
            self.lost["headings"] += 1
            self.remarks.append(_("A heading without words was left out."))
        for link in links:
            yield from self.paragraph([link])
        for picture in pictures:
            if not picture.find_parent("a"):
                yield from self.figure(picture)

    def _anchor(self, wanted: str) -> str:
        wanted = re.sub(r"[^\w-]+", "-", wanted)[:ANCHOR_LIMIT].strip("-") or "part"
        anchor, number = wanted, 0
        while anchor in self._anchors:
            number += 1
            anchor = f"{wanted}-{number}"
        self._anchors.add(anchor)
        return anchor

    def paragraph(self, nodes: Iterable[Any]) -> Iterator[Block]:
        """A paragraph, then the pictures that stood in it."""
        html, pictures = self.inline(nodes)
        html = trimmed(html)
        if html:
            yield self.block("paragraph", clean(f"<p>{html}</p>"))
        for picture in pictures:
            yield from self.figure(picture)

    def figure(self, tag: Tag, caption: str = "", credit: str = "", link: str = "") -> Iterator[Block]:
        """A picture. One that is missing stays as its words, and is remarked."""
        src, alt = attr(tag, "src"), " ".join(attr(tag, "alt").split())
        if not src:
            src = attr(tag, "srcset").split(" ")[0]
        title = attr(tag, "title").strip()
        if title and not caption:
            text, bar, by = title.partition("|")
            caption = f"<p>{escape(text.strip(), quote=False)}</p>" if text.strip() else ""
            credit = credit or (by.strip() if bar else "")
        if tag.get("data-link"):
            link = attr(tag, "data-link")
        picture = self._picture(src, alt)
        if picture is None:
            self.lost["images"] += 1
            if not alt and not caption and not link:
                return
        if link:
            href = self.href(link)
            words = escape(alt or link, quote=False)
            caption = caption or (f"<p><a {href}>{words}</a></p>" if href else "")
        value = {
            "image": picture.pk if picture is not None else None,
            "alt": alt[:2000],
            # A reader of files that asks for words it did not find marks the picture so.
            "decorative": not alt and not tag.has_attr("data-asked"),
            "caption": clean(caption) if caption else "",
            "credit": credit[:255],
        }
        yield self.block("figure", value)

    def _picture(self, src: str, alt: str) -> Any:
        """The picture at an address; None, with a remark, where there is none that can be taken."""
        if not src:
            self.remarks.append(_("A picture without an address is missing."))
            return None
        try:
            picture = self.image(src, alt)
        except NotTaken as reason:
            self.remarks.append(str(reason))
            return None
        if picture is None:
            self.remarks.append(_("picture missing: %(address)s") % {"address": src[:200]})
        return picture

    def _figure(self, tag: Tag) -> Iterator[Block]:
        caption = tag.find("figcaption")
        pictures = tag.find_all("img")
        rich = BLOCKS - {"p", "div", "figcaption", "section"}
        if len(pictures) == 1 and not tag.find(list(rich)):
            caption = caption or wrapped(tag, "figcaption")
            picture = pictures[0]
            html, more = self.inline(caption.contents, lines=True)
            more = [image for image in more if image is not picture]
            html = trimmed(html)
            yield from self.figure(picture, caption=f"<p>{html}</p>" if html else "")
            for another in more:
                yield from self.figure(another)
        else:
            yield from self.flow(tag.contents)

    def _code(self, tag: Tag) -> Block:
        inner = tag.find("code")
        classes = [*(tag.get("class") or []), *((inner.get("class") or []) if inner else [])]
        language = next((c.removeprefix("language-") for c in classes if c.startswith("language-")), "")
        if language == "worksheet":
            try:
                return self.block("worksheet", worksheet_from(tag.get_text()))
            except ValueError as error:
                remark = _("A worksheet could not be read, and stands as it was written: %(problem)s")
                self.remarks.append(remark % {"problem": error})
        return self.block("code", {"language": language[:40], "text": tag.get_text().rstrip("\n")})

    def quote(self, tag: Tag) -> Iterator[Block]:
        """Words of somebody else; a last line that begins with a dash says whose."""
        credit = tag.find(class_=re.compile("credit|attribution|source")) or tag.find("footer")
        who = ""
        if credit is not None:
            credit.extract()
            who = self.line(credit.contents)
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
                self.remarks.append(_("What a quote held beside text stands below it."))
        elif rest or who:
            self.lost["quotes"] += 1
            self.remarks.append(_("A quote without text became what it held."))
            rest += [self.block("paragraph", clean(f"<p>{who}</p>"))] if who else []
        else:
            self.lost["quotes"] += 1
        yield from rest

    def callout(self, tag: Tag, classes: str = "") -> Iterator[Block]:
        """A box. Its title is what the source says, or its own first heading."""
        title = unescape(attr(tag, "data-title")).strip()
        kind = attr(tag, "data-kind") or ("care" if CARE_CLASS.search(classes) else "note")
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
                self.remarks.append(_("A box inside a box was laid flat."))
            else:
                body.append(block)
        if body or title:
            yield self.block(kind, {**more, "title": title[:255], "body": body})

    def _box(self, tag: Tag) -> Iterator[Block]:
        name, title = attr(tag, "data-box"), unescape(attr(tag, "data-title"))
        if name in {"practice-point", "practice_point"}:
            yield from self._boxed(tag, "practice_point", title, {})
        elif name == "checklist":
            yield from self._checklist_box(tag, title)
        elif name == "quote":
            yield from self.quote(tag)
        else:
            known = {**BOXES, "callout": "note", "care": "care", "take-away": "note", "info": "note"}
            if name not in known:
                self.remarks.append(_("The box “%(name)s” is not known; it became a callout.") % {"name": name})
            kind = known.get(name, "note")
            yield from self._boxed(tag, "callout", title, {"kind": kind})

    def _checklist_box(self, tag: Tag, title: str) -> Iterator[Block]:
        for child in tag.find_all(True, recursive=False):
            if child.name in LISTS:
                items = list(child.find_all("li", recursive=False))
                yield self._checklist(items, title)
                title = ""
            elif title and not child.find_next_sibling(LISTS):
                yield from self.paragraph([wrapped(tag.__copy__(), "strong")])
            else:
                yield from self._element(child)

    def _checklist(self, items: list[Tag], title: str = "") -> Block:
        texts = []
        for item in items:
            nested = [li for li in item.find_all("li") if is_task(li)]
            for inner in nested:
                inner.extract()
            for part in [item, *nested]:
                for tick in part.find_all("input"):
                    tick.extract()
                texts.append(f"<p>{self.line(part.contents)}</p>")
        return self.block("checklist", {"title": title[:255], "items": self._items(map(clean, texts))})

    def _details(self, tag: Tag) -> Iterator[Block]:
        summary = tag.find("summary", recursive=False)
        title = ""
        if summary is not None:
            if summary.find(["a", *HEADINGS]):
                self.lost["headings"] += len(summary.find_all(HEADINGS))
                self.lost["links"] += len(summary.find_all("a", href=True))
            title = self.plain(summary.extract())
        yield from self._boxed(tag, "callout", title, {"kind": "note"})

    def _definitions(self, tag: Tag) -> Iterator[Block]:
        for child in tag.find_all(["dt", "dd", "div"], recursive=False):
            if child.name == "div":
                yield from self._definitions(child)
            elif child.name == "dt":
                self.wait(attr(child, "id"))
                yield from self._named_by_waiting(self.paragraph([wrapped(child, "strong")]))
            else:
                yield from self.flow(child.contents)

    def _embedded(self, tag: Tag) -> Iterator[Block]:
        """A film or a page of another site becomes a link: nothing is fetched from elsewhere."""
        source = tag.find("source")
        src = attr(tag, "src") or attr(tag, "data") or (attr(source, "src") if source else "")
        words = attr(tag, "title") or attr(tag, "aria-label") or src
        if src:
            remark = _("What was embedded from another site became a link to it: %(address)s")
            self.remarks.append(remark % {"address": src[:200]})
            anchor = BeautifulSoup("", "html.parser").new_tag("a", href=src)
            anchor.string = words
            yield from self.paragraph([anchor])
        elif tag.get("srcdoc"):
            self.remarks.append(_("An embedded page without an address was left out."))

    def _tick(self, tag: Tag) -> Iterator[Block]:
        """A box to tick with its label becomes an item of a checklist; other fields go."""
        if attr(tag, "type").lower() != "checkbox":
            if attr(tag, "type").lower() not in {"hidden", "radio"}:
                self.remarks.append(_("A field to fill in was left out; its label stays as text."))
            return
        label = self._label(tag)
        contents = list(label.contents) if label is not None else [attr(tag, "value")]
        if label is not None:
            label["data-used"] = "1"
        text = clean(f"<p>{self.line(contents)}</p>")
        yield self.block("checklist", {"title": "", "items": self._items([text])})

    @staticmethod
    def _label(tag: Tag) -> Tag | None:
        inside = tag.find_parent("label")
        if inside is not None:
            return inside
        scope = tag.find_parent(["form", "body"]) or tag.parent
        name = attr(tag, "id")
        named = scope.find("label", attrs={"for": name}) if scope and name else None
        return named or tag.find_next_sibling("label")

    def _field(self, tag: Tag) -> Iterator[Block]:
        tick = tag.find("input", attrs={"type": "checkbox"})
        if tag.get("data-used"):
            return
        if tag.name == "label" and tick is not None:
            tick.extract()
            text = clean(f"<p>{self.line(tag.contents)}</p>")
            yield self.block("checklist", {"title": "", "items": self._items([text])})
            return
        if tag.name in {"select", "textarea"}:
            self.remarks.append(_("A field to fill in was left out; its label stays as text."))
            return
        yield from self.paragraph(tag.contents)

    # Lists -----------------------------------------------------------------------------------

    def _list(self, tag: Tag) -> Iterator[Block]:
        items = tag.find_all("li", recursive=False)
        if not items:
            yield from self.flow(tag.contents)
            return
        if all(is_task(item) for item in items):
            yield self._checklist(items)
            return
        start = attr(tag, "start") or "1"
        first = int(start) if start.isdigit() else 1
        ordered = tag.name == "ol"
        if is_simple(tag) and not (ordered and first != 1):
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
            self.remarks.append(_("A list inside a list, with more than text in it, was laid flat."))
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
            items.append(f"<li>{self.line(text)}{inner}</li>")
        name = "ol" if tag.name == "ol" else "ul"
        return f"<{name}>{''.join(items)}</{name}>"

    # Tables ----------------------------------------------------------------------------------

    def table(self, tag: Tag) -> Iterator[Block]:
        """A table. Cells over several rows or columns are said once, in the first of their places."""
        caption = tag.find("caption")
        rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
        laid, heads = grid(rows)
        after: list[Block] = []
        if not laid:
            self.lost["tables"] += 1
            self.remarks.append(_("An empty table was left out."))
            yield from self.flow(n for n in tag.contents if not isinstance(n, NavigableString))
            return
        if any(cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1"
               for row in rows for cell in row.find_all(["td", "th"], recursive=False)):  # fmt: skip
            self.remarks.append(_("Cells of a table that span others stand in the first of their places."))
        width = max(len(row) for row in laid)
        first_is_head = bool(heads[0]) and all(heads[0])
        names = laid[0] if first_is_head else []
        plain = first_is_head and not any(
            isinstance(cell, Tag) and cell.find(["a", "img", "ul", "ol", "pre"]) for cell in names
        )
        if first_is_head and not plain:
            names = []
        body = laid[1:] if plain else laid
        row_heads = heads[1:] if plain else heads
        headings = [self.plain(cell) if cell is not None else "" for cell in names]
        headings += [""] * (width - len(headings))
        columns = [{"type": "text", "heading": heading} for heading in headings]
        values = []
        for row in body:
            cells = [self._cell(row[n] if n < len(row) else None, after) for n in range(width)]
            values.append({"values": cells})
        row_names = bool(row_heads) and all(row and row[0] for row in row_heads)
        words = self.plain(caption) if caption is not None else ""
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
                self.remarks.append(str(BELOW_TABLE[block["type"]]))
        return "".join(parts)

    def _note(self, tag: Tag) -> None:
        self.notes.append({"label": tag["data-footnote"][:60], "text": clean(f"<p>{self.line(tag.contents)}</p>")})

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
            remark = _("A link to a place that is not in the text is plain text now: #%(name)s")
            self.remarks.append(remark % {"name": name[:200]})
            self.lost["links"] += 1
            return "<a>"
        return f'<a href="#{escape(anchor)}">'


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
