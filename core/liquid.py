"""Pieces of site generators in Markdown (Liquid, Nunjucks, Kramdown) turned into plain Markdown.

Handbooks of other organisations come from Jekyll or Eleventy. What these pieces stand for is
known for pictures, links, boxes, captured text and comments; the rest is named in a remark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import PurePosixPath
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

FENCED = re.compile(r"^(?P<mark> {0,3}(?:`{3,}|~{3,}))[^\n]*\n.*?(?:^(?P=mark)[`~]*[ \t]*$|\Z)", re.M | re.S)
TAG = re.compile(r"\{%-?\s*(\w+)\s*((?:(?!%\}).){0,2000}?)\s*-?%\}", re.S)
COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}\n?", re.S)
RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.S)
HIGHLIGHT = re.compile(r"\{%-?\s*highlight\s+(\S+).*?-?%\}\n?(.*?)\{%-?\s*endhighlight\s*-?%\}", re.S)
CAPTURE = re.compile(r"[ \t]*\{%-?\s*capture\s+([\w-]+)\s*-?%\}(.*?)\{%-?\s*endcapture\s*-?%\}\n?", re.S)
OUTPUT = re.compile(r"\{\{-?\s*([^{}]{0,500}?)\s*-?\}\}")
QUOTED = re.compile(r"""(?:"([^"]*)"|'([^']*)')""")
NAMED = re.compile(r"""([\w-]+)\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))""")
ATTRIBUTES = re.compile(r"\{:[^}\n]*\}")
MOST_PIECES = 3_000  # a long page has about 100
CONTROL = {
    "if",
    "elsif",
    "else",
    "endif",
    "for",
    "endfor",
    "unless",
    "endunless",
    "assign",
    "case",
    "when",
    "endcase",
    "cycle",
    "break",
    "continue",
    "set",
    "block",
    "endblock",
    "extends",
    "import",
    "from",
    "macro",
    "endmacro",
    "liquid",
    "tablerow",
    "endtablerow",
}


def resolve(text: str, page: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Give the text without such pieces, and a remark for each that had to be left out.

    Args:
        text: Markdown without its front matter.
        page: Its front matter, for pieces such as ``{{ title }}``.

    Code between fences stays as it is.

    Raises:
        ValueError: there are more than ``MOST_PIECES`` of them.
    """
    if "{%" not in text and "{{" not in text and "{:" not in text:
        return text, []
    pieces_there = text.count("{%") + text.count("{{")
    if pieces_there > MOST_PIECES:
        words = ngettext(
            "holds %(number)s piece of a site generator; at most %(most)s are read",
            "holds %(number)s pieces of a site generator; at most %(most)s are read",
            pieces_there,
        )
        number, most = (number_format(number, force_grouping=True) for number in (pieces_there, MOST_PIECES))
        raise ValueError(words % {"number": number, "most": most})
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(text)
        return f"\x00{len(kept) - 1}\x00"

    text = HIGHLIGHT.sub(_code, text.replace("\x00", ""))
    text = FENCED.sub(lambda m: keep(m[0]), text)
    text = RAW.sub(lambda m: keep(m[1]), text)
    text = COMMENT.sub("", text)
    captured: dict[str, str] = {}

    def capture(match: re.Match[str]) -> str:
        captured[match[1]] = match[2]
        return ""

    text = CAPTURE.sub(capture, text)
    remarks: list[str] = []
    pieces = _Pieces(captured, page, remarks)
    # Captured text may hold further pieces, and boxes hold captured text: twice is enough.
    for _again in range(2):
        text = TAG.sub(pieces.tag, text)
        text = OUTPUT.sub(pieces.output, text)
    text = ATTRIBUTES.sub("", text)
    for name in captured.keys() - pieces.used:
        text += f"\n\n{captured[name].strip()}\n"
        remarks.append(_("The captured text “%(name)s” is used nowhere; it stands at the end.") % {"name": name})
    for _again in range(2):
        text = re.sub(r"\x00(\d+)\x00", lambda m: kept[int(m[1])], text)
    return text, remarks


class _Pieces:
    """What single tags and outputs stand for."""

    def __init__(self, captured: Mapping[str, str], page: Mapping[str, Any], remarks: list[str]) -> None:
        self.captured, self.page, self.remarks = captured, page, remarks
        self.used: set[str] = set()

    def tag(self, match: re.Match[str]) -> str:
        name, rest = match[1], match[2]
        make: Callable[[str], str] | None = getattr(self, f"_{name}", None)
        if make is not None:
            return make(rest)
        if name not in CONTROL:
            self.remarks.append(_("The piece “%(name)s” is not known and was left out.") % {"name": name})
        elif name in {"for", "if", "unless", "case", "tablerow"}:
            piece = f"{name} {rest[:60]}"
            self.remarks.append(_("What “%(piece)s” would make was left out.") % {"piece": piece})
        return ""

    def output(self, match: re.Match[str]) -> str:
        value = match[1].split("|")[0].strip()
        quoted = QUOTED.fullmatch(value)
        if quoted:
            return (quoted[1] if quoted[1] is not None else quoted[2]).replace("\\#", "#")
        if value in self.captured:
            self.used.add(value)
            return self.captured[value]
        name = value.removeprefix("page.")
        if isinstance(self.page.get(name), str | int | float):
            return escape(str(self.page[name]), quote=False)
        if "|" in match[1] or "." in value:
            self.remarks.append(_("The value “%(value)s” is not known and was left out.") % {"value": value[:60]})
            return ""
        return match[0]  # A placeholder for the reader to fill in, such as {{ name of the client }}.

    def _image_with_class(self, rest: str) -> str:
        words = [a or b for a, b in QUOTED.findall(rest)]
        return _picture(words[0], words[2] if len(words) > 2 else "") if words else ""

    def _image(self, rest: str) -> str:
        words = [a or b for a, b in QUOTED.findall(rest)]
        return _picture(words[0], words[1] if len(words) > 1 else "") if words else ""

    def _include(self, rest: str) -> str:
        path = QUOTED.match(rest)
        file = PurePosixPath((path[1] or path[2]) if path else rest.split()[0] if rest else "")
        given = {m[1]: m[2] or m[3] or m[4] or "" for m in NAMED.finditer(rest[path.end() if path else 0 :])}
        if "img_path" in given:
            return _picture(given["img_path"], given.get("alt", ""))
        if "content" in given:
            self.used.add(given["content"])
            body = self.captured.get(given["content"], given["content"])
            title = escape(given.get("header", given.get("title", "")))
            return f'\n\n<aside class="callout" data-title="{title}">\n\n{body.strip()}\n\n</aside>\n\n'
        for name in ("pdf_url", "pdf_path", "url"):
            if name in given:
                words = given.get("doc_type_name", file.stem).replace("_", " ").replace("-", " ")
                return f'<a href="{escape(given[name])}">{escape(words.capitalize())}</a>'
        word = file.stem.removeprefix("tag-")
        if file.stem.startswith("tag-"):
            return f"**{word.capitalize()}:** "
        self.remarks.append(_("The included file “%(name)s” is not part of the folder.") % {"name": file})
        return ""

    _render = _include
    _includeBlock = _include


def _picture(src: str, alt: str) -> str:
    path = src if src.startswith(("/", "http:", "https:")) else f"/{src}"
    return f'<img src="{escape(path)}" alt="{escape(alt)}">'


def _code(match: re.Match[str]) -> str:
    """Code as one line of HTML: it may stand in the middle of a line or of a table."""
    lines = escape(match[2].rstrip(), quote=False).replace("\n", "&#10;")
    return f'<pre><code class="language-{escape(match[1])}">{lines}</code></pre>'
