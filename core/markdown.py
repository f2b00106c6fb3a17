"""Markdown turned into the blocks of a body.

CommonMark with tables, footnotes, lists to tick, definition lists, boxes (``::: practice-point``),
MyST directives and roles, pieces of Liquid and Nunjucks, and HTML in between. Nothing is dropped
without a word: what a body cannot hold is kept as text and remarked, and counts of what went in and
what came out stand side by side.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from core import directives, liquid
from core.directives import INFO
from core.html_body import Block, Body
from core.html_shape import KNOWN
from core.html_words import PLAIN_BLOCKS, is_rich

COUNTED = {
    "headings": gettext_lazy("Headings"),
    "tables": gettext_lazy("Tables"),
    "footnotes": gettext_lazy("Footnotes"),
    "links": gettext_lazy("Links"),
    "images": gettext_lazy("Pictures"),
    "checklist items": gettext_lazy("Items to tick"),
    "quotes": gettext_lazy("Quotes"),
    "code": gettext_lazy("Pieces of code"),
}
"""What is counted, with the words for it."""
LONGEST = 5_000_000  # characters of one text; a long book has about one million

MARKDOWN_INSIDE = re.compile(
    r"^[ \t]*<(?P<name>\w+)(?P<attrs>[^>]*?)\s+markdown=[\"']?(?:1|block|span)[\"']?(?P<more>[^>]*)>",
    re.M,
)
HEADING_NAME = re.compile(r"\s*\{:?\s*#([\w:.-]+)[^}]*\}\s*$")
HTML_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)((?:\s[^<>]*)?/?)>|<(/?)([a-zA-Z][\w:-]*)([^<>]*)$")
OPEN_TAG = {
    "headings": re.compile(r"<h[1-6][\s>]", re.I),
    "tables": re.compile(r"<table[\s>]", re.I),
    "links": re.compile(r"<a\s[^>]*href\s*=\s*(?!\"\"|'')|<iframe\s[^>]*src\s*=|<video\s[^>]*src\s*=", re.I),
    "images": re.compile(r"<img[\s>]", re.I),
    "checklist items": re.compile(r"<input[^>]*type\s*=\s*[\"']?checkbox", re.I),
    "quotes": re.compile(
        r"<blockquote[\s>]|<(?:aside|div|section)[^>]*class\s*=\s*[\"'][^\"']*"
        r"(?<![\w-])(?:p|pull)?quote(?![\w-])",
        re.I,
    ),
    "code": re.compile(r"<pre[\s>]", re.I),
}
HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)


@dataclass(frozen=True)
class Counts:
    """How many of each thing of ``COUNTED`` there were in the text and are in the blocks.

    Args:
        before: in the text.
        after: in the blocks.
        lost: known not to have come through, each with a remark; pictures that are missing count
            here too, although their words stand in the blocks.
    """

    before: Mapping[str, int]
    after: Mapping[str, int]
    lost: Mapping[str, int]

    @property
    def agree(self) -> bool:
        """Whether everything is in the blocks or among what is known to be lost."""
        return not self.differing()

    def differing(self) -> list[str]:
        """What does not add up, a remark each."""
        words = _("The counts differ. %(things)s: %(before)d in the file, %(after)d here, %(lost)d known to be lost.")
        return [
            words
            % {
                "things": things,
                "before": self.before.get(name, 0),
                "after": self.after.get(name, 0),
                "lost": self.lost.get(name, 0),
            }
            for name, things in COUNTED.items()
            if self.before.get(name, 0) != self.after.get(name, 0) + self.lost.get(name, 0)
        ]


@dataclass(frozen=True)
class Converted:
    """What became of a text.

    Args:
        blocks: raw blocks; ``BodyField`` takes them as they are.
        counts: what went in and what came out.
        remarks: what could not be kept as it was, in words for the person who imports, in the language that was
            active then.
        title: the words of a first heading of level 1, where it was asked for.
        targets: anchor in the blocks for each name that can be linked to in the text.
        names: words for each such name.
    """

    blocks: list[Block]
    counts: Counts
    remarks: list[str]
    title: str = ""
    targets: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def any_link(address: str) -> str | None:
    """Keep every address; unsafe schemes are taken out in any case."""
    return address


def no_image(src: str, alt: str) -> None:
    """Find no picture."""


def blocks_from_markdown(
    text: str,
    *,
    link: Callable[[str], str | None] = any_link,
    image: Callable[[str, str], Any] = no_image,
    page: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
    take_title: bool = False,
) -> Converted:
    """Turn Markdown into blocks of ``core.blocks.BodyBlock``.

    Args:
        text: Markdown without front matter.
        link: gives the address for an address in the text: a URL, ``page:<id>`` or
            ``page:<id>#<anchor>`` for a page of the hub, ``clause:<number>`` for a clause of a
            standard, or None for one that leads nowhere: its words stay. Addresses within the text
            (``#place``) are not asked for. References of MyST come as ``ref:name``, ``term:name``,
            ``doc:path``.
        image: gives the image for an address and its alternative text, or None if it is missing; raises
            ``core.html_body.NotTaken`` if it is there and cannot be taken.
        page: the front matter, for ``{{ title }}``.
        names: words for references of MyST without words of their own, such as
            ``{"ref:housing": "Housing"}``.
        take_title: a heading of level 1 at the very top is the title and not part of the body.

    Raises:
        ValueError: the text is longer than ``LONGEST``, or nested deeper than any text is.
    """
    try:
        return _converted(text, link, image, page or {}, names or {}, take_title)
    except RecursionError as error:
        raise ValueError(_("the text is nested too deeply to be read")) from error


def _converted(
    text: str,
    link: Callable[[str], str | None],
    image: Callable[[str, str], Any],
    page: Mapping[str, Any],
    names: Mapping[str, str],
    take_title: bool,
) -> Converted:
    if len(text) > LONGEST:
        words = ngettext(
            "the text has %(number)s character; at most %(most)s are read",
            "the text has %(number)s characters; at most %(most)s are read",
            len(text),
        )
        number, most = (number_format(number, force_grouping=True) for number in (len(text), LONGEST))
        raise ValueError(words % {"number": number, "most": most})
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
    text, remarks = liquid.resolve(text, page)
    text = _markdown_in_html(text)
    env: dict[str, Any] = {"remarks": remarks, "cited": [], "names": names}
    tokens = PARSER.parse(text, env)
    notes = _inline_notes(env)
    title = _take_title(tokens) if take_title else ""
    before = _count_tokens(tokens)
    if title:
        before["headings"] += 1
    for note in filter(None, notes):
        before.update(_count_tokens([Token("inline", "", 0, children=note)]))
        before["footnotes"] += 1
    html = RENDERER.render(tokens, PARSER.options, env)
    body = Body(link, image, remarks)
    blocks = body.blocks(html + _render_inline_notes(notes, env))
    if env["cited"]:
        cited = ", ".join(dict.fromkeys(env["cited"]))
        remarks.append(_("Works are cited by key, and there is no list of works: %(keys)s") % {"keys": cited[:500]})
    if not blocks and not title and re.search(r"\w", HTML_COMMENT.sub("", text)):
        remarks.append(_("Nothing of the text could be kept."))
    after = count_blocks(blocks)
    after["headings"] += bool(title)
    after["images"] -= sum(1 for block in _all(blocks, "figure") if block["image"] is None)
    counts = Counts(before, after, body.lost)
    remarks.extend(counts.differing())
    return Converted(blocks, counts, remarks, title, body.targets, body.names)


def count_blocks(blocks: Any) -> Counter[str]:
    """Count what ``COUNTED`` names in raw blocks. Figures whose picture is missing are counted."""
    found: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    found["headings"] = len(_all(blocks, "heading"))
    found["tables"] = len(_all(blocks, "table")) - len(_all(_all(blocks, "worksheet"), "table"))
    found["footnotes"] = sum(len(value) for value in _all(blocks, "footnotes"))
    found["images"] = len(_all(blocks, "figure"))
    found["checklist items"] = sum(len(value["items"]) for value in _all(blocks, "checklist"))
    found["quotes"] = len(_all(blocks, "quote"))
    found["code"] = len(_all(blocks, "code"))
    found["links"] = sum(text.count("<a ") for text in _rich_texts(blocks))
    return found


def _all(value: Any, kind: str) -> list[Any]:
    """The values of all blocks of a kind, at any depth."""
    if isinstance(value, list):
        return [found for item in value for found in _all(item, kind)]
    if isinstance(value, dict):
        own = [value["value"]] if value.get("type") == kind and "value" in value else []
        return own + [found for item in value.values() for found in _all(item, kind)]
    return []


def _rich_texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _rich_texts(item)]
    if isinstance(value, dict):
        if value.get("type") in PLAIN_BLOCKS:
            return []
        return [text for item in value.values() for text in _rich_texts(item)]
    return [value] if is_rich(value) else []


def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    md.use(footnote_plugin, move_to_end=False)
    md.use(deflist_plugin)
    md.use(tasklists_plugin)
    md.use(myst_role_plugin)
    md.use(myst_block_plugin)
    # Percent signs and plus signs at the start of a line are ordinary text everywhere else.
    md.block.ruler.disable(["myst_line_comment", "myst_block_break"])
    md.use(directives.plugin)
    md.use(
        container_plugin,
        name="box",
        marker=":",
        validate=lambda params, _markup: bool(re.match(r"\s*\{?[A-Za-z]", params)),
    )
    md.core.ruler.push("heading_names", _name_headings)
    renderer: RendererHTML = md.renderer  # type: ignore[assignment]
    rules: dict[str, Any] = {
        "footnote_ref": _render_mark,
        "footnote_reference_open": _render_note_open,
        "footnote_reference_close": lambda *_: "</div>\n",
        "container_box_open": _render_box,
        "container_box_close": lambda *_: "</div>\n",
        "myst_target": lambda tokens, place, *_: f'<a id="{escape(tokens[place].content)}"></a>\n',
        "html_block": _render_html,
        "html_inline": _render_html,
    }
    renderer.rules.update(rules)
    return md


def _name_headings(state: Any) -> None:
    """``## Words {#name}`` names a heading; other attributes in braces say nothing to a reader."""
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type == "heading_open" and inline.children:
            last = inline.children[-1]
            named = HEADING_NAME.search(last.content) if last.type == "text" else None
            if named:
                last.content = last.content[: named.start()]
                opening.attrSet("id", named[1])


def _render_mark(tokens: Sequence[Token], place: int, *_: Any) -> str:
    meta = tokens[place].meta
    return escape(f"[^{_label(meta)}]")


def _label(meta: Mapping[str, Any]) -> str:
    label = str(meta.get("label") or f"note-{meta.get('id', 0) + 1}")
    return re.sub(r"[\s\]]+", "-", label)[:60]


def _render_note_open(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return f'<div data-footnote="{escape(_label(tokens[place].meta))}">'


def _inline_notes(env: dict[str, Any]) -> list[list[Token]]:
    """The notes written within a line (``^[…]``): they have no definition among the tokens."""
    notes = env.get("footnotes", {}).get("list") or {}
    return [note["tokens"] if note.get("tokens") else [] for _number, note in sorted(notes.items())]


def _render_inline_notes(notes: list[list[Token]], env: dict[str, Any]) -> str:
    rendered = []
    for number, tokens in enumerate(notes, start=1):
        if tokens:
            text = RENDERER.renderInline(tokens, PARSER.options, env)
            rendered.append(f'<div data-footnote="note-{number}">{text}</div>')
    return "".join(rendered)


def _render_box(tokens: Sequence[Token], place: int, *_: Any) -> str:
    params = tokens[place].info.strip()
    braced = INFO.match(params)
    name, title = braced.groups() if braced else (params.partition(" ")[0], params.partition(" ")[2])
    return f'<div data-box="{escape(name.lower())}" data-title="{escape(title.strip())}">\n'


def _render_html(tokens: Sequence[Token], place: int, *_: Any) -> str:
    return HTML_TAG.sub(_known_or_words, tokens[place].content)


def _known_or_words(tag: re.Match[str]) -> str:
    """``<name of the client>`` is a gap to fill in, not an element: keep it as words."""
    name = tag[2] or tag[5]
    return tag[0] if name.lower() in KNOWN else escape(tag[0], quote=False)


def _markdown_in_html(text: str) -> str:
    """Set apart what stands in elements with ``markdown="1"``, so that it is read as Markdown."""
    place = 0
    while opening := MARKDOWN_INSIDE.search(text, place):
        name = opening["name"]
        end = _closing(text, opening.end(), name)
        attrs = opening["attrs"] + opening["more"]
        if end is None:
            text = f"{text[: opening.start()]}<{name}{attrs}>{text[opening.end() :]}"
            continue
        inner = re.sub(r"(?m)^[ \t]+", "", text[opening.end() : end[0]])
        # A tag alone on its line would make HTML of the Markdown that follows it.
        inner = re.sub(r"(?m)^(<(?:img|br|input)\b[^>\n]*>)[ \t]*$", r"\1\n", inner)
        if name in {"span", "em", "strong", "a", "b", "i"}:
            text = f"{text[: opening.start()]}<{name}{attrs}>{inner.strip()}{text[end[0] :]}"
            place = opening.start() + 1
            continue
        # A paragraph that holds paragraphs is a division to any parser.
        name = "div" if name == "p" else name
        apart = f"<{name}{attrs}>\n\n{inner.strip()}\n\n</{name}>\n\n"
        text = f"{text[: opening.start()]}{apart}{text[end[1] :]}"
        place = opening.start() + 1
    return text


def _closing(text: str, start: int, name: str) -> tuple[int, int] | None:
    """Where the end tag stands that belongs to an opening tag before ``start``."""
    depth = 1
    for tag in re.finditer(rf"<(/?){name}\b[^>]*>", text[start:], re.I):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return start + tag.start(), start + tag.end()
    return None


def _take_title(tokens: list[Token]) -> str:
    """Take a heading of level 1 off the top; targets may stand before it."""
    for place, token in enumerate(tokens):
        if token.type in {"myst_target", "html_block"} and (
            token.type == "myst_target" or not re.search(r"<\w", HTML_COMMENT.sub("", token.content))
        ):
            continue
        if token.type == "heading_open" and token.tag == "h1":
            inline = tokens[place + 1]
            children = inline.children or []
            if any(child.type in {"link_open", "image", "footnote_ref"} for child in children):
                return ""
            words = "".join(c.content for c in children if c.type in {"text", "code_inline"})
            words = " ".join(re.sub(r"<[^>]+>", "", words).split())
            if words:
                del tokens[place : place + 3]
            return words
        return ""
    return ""


def _count_tokens(tokens: Sequence[Token]) -> Counter[str]:
    found: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    inline = {"link_open": "links", "image": "images"}
    outer = {
        "heading_open": "headings",
        "table_open": "tables",
        "blockquote_open": "quotes",
        "fence": "code",
        "code_block": "code",
        "footnote_reference_open": "footnotes",
    }
    checklist = 0
    for token in tokens:
        if token.type in outer and token.info.strip() != "worksheet":
            found[outer[token.type]] += 1
        if token.type == "container_box_open":
            checklist += token.info.strip().lower().startswith(("checklist", "{checklist"))
            found["quotes"] += token.info.strip().lower().startswith("quote")
        if token.type == "container_box_close":
            checklist = 0
        if token.type == "list_item_open" and checklist:
            found["checklist items"] += 1
        for child in token.children or [token]:
            if child.type in inline:
                found[inline[child.type]] += 1
            if child.type in {"html_inline", "html_block"}:
                content = HTML_COMMENT.sub("", child.content)
                for name, pattern in OPEN_TAG.items():
                    found[name] += len(pattern.findall(content))
    return found


PARSER = _parser()
RENDERER: RendererHTML = PARSER.renderer  # type: ignore[assignment]
