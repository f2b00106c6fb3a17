"""Two texts of a chapter beside each other: which blocks changed, and the newer one with the changes marked.

Blocks are matched by their names first, which survive editing, moving and importing again; what is left by its words.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from rapidfuzz import fuzz
from wagtail.blocks import StreamValue

from core.reading import Notes
from guidebooks.reading import words
from guidebooks.reading.versions import Text, plain_value

ALIKE = 60  # of 100: from where on two blocks with different names are taken for one that was written over
MOST_PAIRS = 40_000  # of blocks whose words are compared for that
MARKUP = re.compile(r"<[^>]*>")


@dataclass
class Comparison:
    """What changed from an older text to a newer one.

    ``before`` holds for each place of the newer text the place in the older one, or None where the block is new;
    ``gone`` the older blocks that are no more, by the place in the newer text before which they stood.
    """

    old: Text
    new: Text
    before: list[int | None]
    gone: dict[int, list[int]]

    @classmethod
    def of(cls, old: Text, new: Text) -> Comparison:
        """Match the blocks of two texts."""
        before = matched(old.blocks, new.blocks)
        after = {i: j for j, i in enumerate(before) if i is not None}
        gone: dict[int, list[int]] = defaultdict(list)
        place = 0
        for i in range(len(old.blocks)):
            if i in after:
                place = after[i] + 1
            else:
                gone[place].append(i)
        return cls(old, new, before, gone)

    def is_same(self, place: int) -> bool:
        """Whether the block at a place of the newer text says what it said."""
        before = self.before[place]
        return before is not None and words_and_form(self.old.blocks[before]) == words_and_form(self.new.blocks[place])

    def places(self, *, with_old: bool = True) -> int:
        """In how many places the text changed: title, summary, blocks that are other, new or (``with_old``) gone."""
        head = (self.old.title != self.new.title) + (self.old.summary != self.new.summary)
        other = sum(not self.is_same(place) for place in range(len(self.new.blocks)))
        return head + other + (sum(map(len, self.gone.values())) if with_old else 0)


def words_and_form(block: dict[str, Any]) -> Any:
    """What a block says, whatever it is called."""
    return plain_value({"type": block["type"], "value": block["value"]})


def matched(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[int | None]:
    """For each newer block the place of the older one it was: by its name, by the same words, by words much alike."""
    by_name = {(block.get("id"), block["type"]): i for i, block in enumerate(old) if block.get("id")}
    found: list[int | None] = [by_name.pop((block.get("id"), block["type"]), None) for block in new]
    rest = {i: old[i] for i in range(len(old)) if i not in set(found)}
    same: dict[str, list[int]] = defaultdict(list)
    for i, block in rest.items():
        same[json.dumps(words_and_form(block), sort_keys=True)].append(i)
    for j, block in enumerate(new):
        if found[j] is None and (waiting := same.get(json.dumps(words_and_form(block), sort_keys=True))):
            found[j] = waiting.pop(0)
            del rest[found[j]]  # type: ignore[arg-type]
    left = [j for j, i in enumerate(found) if i is None]
    if len(left) * len(rest) > MOST_PAIRS:
        return found
    said = {i: plainly(block) for i, block in rest.items()}
    for j in left:
        text = plainly(new[j])
        alike = {i: fuzz.ratio(said[i], text) for i in rest if old[i]["type"] == new[j]["type"]}
        best = max(alike, key=lambda i: alike[i], default=None)
        if best is not None and alike[best] >= ALIKE:
            found[j] = best
            del rest[best]
    return found


def plainly(block: dict[str, Any]) -> str:
    """The words of a stored block, to compare it with others."""
    return MARKUP.sub(" ", json.dumps(words_and_form(block)["value"], ensure_ascii=False))


class Marks:
    """Writes the changes into a body while it is written out; ``core.blocks.BodyBlock`` asks it block by block.

    Args:
        with_old: Whether what stood there before may be shown.
    """

    def __init__(self, comparison: Comparison, body: StreamValue, *, with_old: bool) -> None:
        self.comparison, self.body, self.with_old = comparison, body, with_old

    @property
    def title(self) -> SafeString:
        """The title of the page."""
        return self._line(self.comparison.old.title, self.comparison.new.title)

    @property
    def summary(self) -> SafeString:
        """The summary of the page."""
        return self._line(self.comparison.old.summary, self.comparison.new.summary)

    def gone_before(self, place: int, context: Mapping[str, Any]) -> list[SafeString]:
        """What stood before this place and is no more; what stood last is asked for at the place after the last."""
        if not self.with_old:
            return []
        nothing = _("Something without words, such as a picture.")
        return [
            words.gone(self._old_html(i, context), nothing)
            for i in self.comparison.gone.get(place, [])
            if self.comparison.old.blocks[i]["type"] != "footnotes"
        ]

    def on(self, place: int, html: str, context: Mapping[str, Any]) -> SafeString:
        """The block at this place, with what is new or other in it."""
        before = self.comparison.before[place]
        if before is None:
            return words.new(html)
        if self.comparison.is_same(place):
            return mark_safe(html)
        marked = words.changed_words(self._old_html(before, context), html, with_old=self.with_old)
        if "<ins>" in marked or "<del>" in marked:
            return marked
        return mark_safe(self._label(before, place) + html)

    def on_notes(self, notes: Notes) -> None:
        """Mark what changed in the footnotes, each beside the one that had its label."""
        old = {label: html for block in self.comparison.old.blocks for label, html in notes_of(block)}
        for label, note in notes.by_label.items():
            if label not in old:
                note.html = f"<ins>{words.said(_('inserted'))}{in_line(note.html)}{words.said(words.END)}</ins>"
            elif plain_value(old[label]) != plain_value(note.html):
                note.html = words.changed_words(old[label], note.html, with_old=self.with_old)

    def _line(self, old: str, new: str) -> SafeString:
        if old == new:
            return mark_safe(escape(new))
        if not new:
            return mark_safe(words.taken_out(words.words_of(escape(old)))) if self.with_old else mark_safe("")
        return words.changed_words(escape(old), escape(new), with_old=self.with_old)

    def _old_html(self, place: int, context: Mapping[str, Any]) -> str:
        child = self._old_children.get(place)
        if child is None:  # of a kind that is no more
            return ""
        own = {"anchor": "before"} if child.block_type == "heading" else {}
        return str(child.block.render(child.value, context={**context, **own}))

    @cached_property
    def _old_children(self) -> dict[int, Any]:
        """The older blocks that are compared, by their place, without their pictures."""
        wanted = {
            i for place, i in enumerate(self.comparison.before) if i is not None and not self.comparison.is_same(place)
        }
        wanted |= {i for places in self.comparison.gone.values() for i in places}
        known = self.body.stream_block.child_blocks
        order = [i for i in sorted(wanted) if self.comparison.old.blocks[i]["type"] in known]
        raw = [without_pictures(self.comparison.old.blocks[i]) for i in order]
        return dict(zip(order, StreamValue(self.body.stream_block, raw, is_lazy=True), strict=True))

    def _label(self, before: int, place: int) -> SafeString:
        """What changed in a block whose words are the same."""
        old, new = self.comparison.old.blocks[before], self.comparison.new.blocks[place]
        pictures = old["type"] == "figure" or '"decorative"' in json.dumps([old, new])
        if pictures:
            said = _("The picture, or what is said to stand in it, has changed.")
        else:
            said = _("A link or the form has changed; the words are the same.")
        return format_html('<p class="meta care">{}</p>', said)


def notes_of(block: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and text of the notes of a stored block of footnotes."""
    if block["type"] != "footnotes":
        return []
    values = [item.get("value", item) for item in block["value"]]
    return [((value.get("label") or "").strip(), value.get("text") or "") for value in values]


def in_line(html: str) -> str:
    """The text of a note without its outer paragraph, so that it can be marked whole."""
    return re.sub(r"^<p\b[^>]*>|</p>$", "", html.strip())


def without_pictures(value: Any) -> Any:
    """A stored block without its pictures and what they show: only words are compared."""
    if isinstance(value, list):
        return [without_pictures(each) for each in value]
    if isinstance(value, dict):
        if "decorative" in value and "image" in value:
            value = {**value, "image": None, "alt": ""}
        return {key: without_pictures(each) for key, each in value.items()}
    return value
