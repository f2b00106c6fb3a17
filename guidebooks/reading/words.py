"""What changed between two pieces of HTML, word by word: ``<ins>`` and ``<del>`` in the newer one.

Only words are compared. The newer piece keeps all of its own markup, and of the older one nothing but words is
written, so that no link and no picture of an earlier time comes back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

MARKS = r""".,;:!?()\[\]{}"“”„«»…—–/،؛؟&"""
# A drawing, a tag, a marker of a footnote, white space, a word, any other sign. Signs that join to a letter, as in
# Arabic with its vowels, belong to its word.
TOKEN = re.compile(
    rf"<svg\b.*?</svg>|<[^>]*>|\[\^[^\]\s]{{1,60}}\]|\s+|(?:&(?:\w+|#\d+|#x[\da-fA-F]+);|[^\s<{MARKS}])+|.", re.S
)
BLOCK = re.compile(r"</?(?:p|h[1-6]|li|ul|ol|table|thead|tbody|tr|td|th|caption|div|section|aside|figure|figcaption"
                   r"|blockquote|pre|fieldset|legend|label|br|hr)\b", re.I)  # fmt: skip
FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,60}\]")
MOST_WORK = 9_000_000  # words of one block times words of the other; beyond that the block counts as written anew


@dataclass(frozen=True)
class Word:
    """A word, or a sign between words, with what stands before it."""

    text: str
    is_apart: bool
    begins_block: bool


def words_of(html: str) -> list[Word]:
    """The words of a piece of HTML, and the markers of footnotes in it."""
    found: list[Word] = []
    is_apart, begins_block = False, True
    for token in TOKEN.findall(html):
        if token.startswith("<"):
            begins_block |= bool(BLOCK.match(token))
        elif token.isspace():
            is_apart = True
        else:
            found.append(Word(token, is_apart, begins_block))
            is_apart, begins_block = False, False
    return found


def changed_words(old: str, new: str, *, with_old: bool = True) -> SafeString:
    """The newer piece with what was added in ``<ins>`` and what was taken out in ``<del>``.

    Args:
        with_old: Whether the words that were taken out may be written.
    """
    before, tokens = words_of(old), TOKEN.findall(new)
    places = [place for place, token in enumerate(tokens) if not token.startswith("<") and not token.isspace()]
    after = [tokens[place] for place in places]
    if len(before) * len(after) > MOST_WORK:
        return mark_safe(f"<ins>{said(_('inserted'))}{new}</ins>")
    if before and not after and with_old:
        return mark_safe(new + taken_out(before))
    added: set[int] = set()
    gone_before: dict[int, list[str]] = defaultdict(list)
    gone_after: dict[int, list[str]] = defaultdict(list)
    matcher = SequenceMatcher(None, [word.text for word in before], after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind in ("insert", "replace"):
            added.update(places[j] for j in range(j1, j2))
        if kind in ("delete", "replace") and with_old:
            words = taken_out(before[i1:i2])
            follows = j1 > 0 and (j1 == len(after) or (kind == "delete" and not before[i1].begins_block))
            if follows:
                gone_after[places[j1 - 1]].append((" " if before[i1].is_apart else "") + words)
            else:
                gone_before[places[min(j1, len(after) - 1)]].append(words + " ")
    return mark_safe("".join(written(tokens, added, gone_before, gone_after)))


def written(
    tokens: list[str], added: set[int], gone_before: dict[int, list[str]], gone_after: dict[int, list[str]]
) -> Iterator[str]:
    """Write the tokens out; added ones that follow each other without markup between share one ``<ins>``."""
    is_open, held = False, ""
    for place, token in enumerate(tokens):
        if token.isspace() and is_open:
            held += token
            continue
        is_added = place in added
        if is_open and (not is_added or place in gone_before):
            yield f"{said(END)}</ins>"
            is_open = False
        yield held
        held = ""
        yield from gone_before.get(place, ())
        if is_added and not is_open:
            yield f"<ins>{said(_('inserted'))}"
            is_open = True
        yield token
        if place in gone_after:
            if is_open:
                yield f"{said(END)}</ins>"
                is_open = False
            yield from gone_after[place]
    if is_open:
        yield f"{said(END)}</ins>"
    yield held


END = ")"


def said(word: str) -> SafeString:
    """A word for those who hear the page; what is marked stands in brackets for them."""
    return format_html('<span class="visually-hidden">{}</span>', word if word == END else f"({word}: ")


def taken_out(words: list[Word]) -> str:
    """Words that are gone, in ``<del>``; nothing where only a marker of a footnote went."""
    line = line_of(words)
    return f"<del>{said(_('deleted'))}{line}{said(END)}</del>" if line.strip() else ""


def line_of(words: list[Word]) -> str:
    """Words in one line, as safe as the HTML they came from, without markers of footnotes."""
    line = "".join((" " if place and (w.is_apart or w.begins_block) else "") + w.text for place, w in enumerate(words))
    return FOOTNOTE.sub("", line)


def gone(html: str, without_words: str) -> SafeString:
    """A whole block that is gone, as paragraphs of nothing but words.

    Args:
        without_words: What is said where it had none.
    """
    lines: list[list[Word]] = []
    for word in words_of(html):
        if word.begins_block or not lines:
            lines.append([])
        lines[-1].append(word)
    shown = [line_of(words) for words in lines] or [without_words]
    paragraphs = "".join(f"<p>{line}</p>" for line in shown if line.strip())
    return mark_safe(f'<del><p class="visually-hidden">{_("Deleted:")}</p>{paragraphs}</del>')


def new(html: str) -> SafeString:
    """A whole block that is new."""
    return mark_safe(f'<ins><p class="visually-hidden">{_("Inserted:")}</p>{html}</ins>')
