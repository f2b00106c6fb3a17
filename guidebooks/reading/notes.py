"""Private notes and bookmarks on paragraphs. Only the person who wrote them is ever shown them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from core.access import NOBODY, Viewer, can_see
from core.models import HubPage
from core.reading import LONGEST_ANCHOR, anchors, text_of
from core.sealed import SealedTextField
from members.models import User

LONGEST_NOTE = 2_000
"""Characters of one note."""
MOST_NOTES = 2_000
"""Notes and bookmarks of one person."""
LONGEST_WORDS = 2_000
"""Characters that are kept of the paragraph a note was written on."""


class NotKept(ValueError):
    """The note was not kept; the message says why in words for its writer."""


class PrivateNote(models.Model):
    """What a person wrote beside a paragraph for nobody else; without text it is a bookmark.

    Text and words of the paragraph are sealed (``core.sealed``): no list of an admin, no search and no copy of the
    database shows them. ``access_key`` is the strictest key the page has stood under since, as of a ``Reading``.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.ForeignKey("core.HubPage", on_delete=models.SET_NULL, null=True, related_name="+")
    block = models.CharField(max_length=36, editable=False)
    """The id of the block, which survives editing and importing again."""
    anchor = models.CharField(max_length=LONGEST_ANCHOR, editable=False)
    """Its id on the page when the note was written."""
    text = SealedTextField(blank=True)
    words = SealedTextField(blank=True, editable=False)
    """The words it was written on."""
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    access_key = models.CharField(max_length=32, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "block"], name="guidebooks_one_note_a_place")]

    def __str__(self) -> str:
        return f"{self.pk} of {self.user_id}"

    def shows_words(self, viewer: Viewer) -> bool:
        """Whether the words it was written on may be shown again: never taken back or closed to the viewer since."""
        return self.access_key != NOBODY and can_see(viewer, self)


@dataclass(frozen=True)
class Place:
    """A block of a body on which a note can stand: its anchor on the page, its id, its kind and its words."""

    anchor: str
    block: str
    kind: str
    words: str


def places_of(page: Any) -> list[Place]:
    """The blocks of a page's body that say something, in reading order."""
    found = []
    for anchor, child in zip(anchors(page.body), page.body, strict=True):
        words = words_in_block(child)
        if child.id and words and child.block_type != "footnotes":
            found.append(Place(anchor, child.id, child.block_type, words))
    return found


def words_in_block(child: Any) -> str:
    """The words of a block in one line, as far as they are kept."""
    return text_of(child)[:LONGEST_WORDS]


def keep(user: User, page: Any, anchor: str, text: str) -> PrivateNote:
    """Keep a note on the block with this anchor, in place of the one that is there. Without text: a bookmark.

    Only for a page the person may open. Sent twice, it is kept once.

    Raises:
        NotKept: The block is gone, or the person keeps as many notes as one can.
    """
    place = next((place for place in places_of(page) if place.anchor == anchor), None)
    if place is None:
        raise NotKept(
            _("This paragraph is no longer in the chapter. Choose another one for your note; its words stand below.")
        )
    own = PrivateNote.objects.filter(user=user)
    if own.count() >= MOST_NOTES and not own.filter(page_id=page.pk, block=place.block).exists():
        raise NotKept(
            _("You keep %(number)d notes and bookmarks, which is as many as one can. Delete one first.")
            % {"number": MOST_NOTES}
        )
    note, _is_new = PrivateNote.objects.update_or_create(
        user=user,
        page_id=page.pk,
        block=place.block,
        defaults={
            "anchor": place.anchor,
            "text": text,
            "words": place.words,
            "changed_at": timezone.now(),
            "access_key": page.access_key,
        },
    )
    return note


@dataclass(frozen=True)
class Shown:
    """A note as its owner is shown it.

    Args:
        title, url: Of the chapter; empty where the owner may not open it now.
        words: What it was written on; empty where that may not be shown.
        state: What became of the paragraph, in words; empty where it is as it was, or where that is not known.
        anchor: The paragraph's id on the page; empty where it is gone or not known.
    """

    note: PrivateNote
    title: str = ""
    url: str = ""
    words: str = ""
    state: str = ""
    anchor: str = ""

    @property
    def is_bookmark(self) -> bool:
        """Whether nothing was written."""
        return self.note.text == ""


def on_page(user: User, page: Any, viewer: Viewer) -> list[Shown]:
    """A person's notes on a page he or she may open, in reading order; those whose paragraph is gone come last."""
    notes = list(PrivateNote.objects.filter(user=user, page_id=page.pk))
    if not notes:
        return []
    raw = list(zip(anchors(page.body), page.body, strict=True))
    order = {child.id: place for place, (_anchor, child) in enumerate(raw)}
    shown = []
    for note in sorted(notes, key=lambda note: (order.get(note.block, len(raw)), note.made_at)):
        anchor, child = raw[order[note.block]] if note.block in order else ("", None)
        state = "" if child is not None else _("This paragraph is no longer in the chapter.")
        if child is not None and note.words is not None and words_in_block(child) != note.words:
            state = _("The paragraph has changed since you wrote this.")
        words = (note.words or "") if note.shows_words(viewer) else ""
        url = f"{page.url}#{anchor}" if anchor else page.url
        shown.append(Shown(note, page.title, url, words, state, anchor))
    return shown


def shown_for(notes: Iterable[PrivateNote], viewer: Viewer) -> list[Shown]:
    """Notes from all over, each with its chapter as far as the viewer may open it now; one query."""
    notes = list(notes)
    pages = HubPage.objects.visible_to(viewer).filter(pk__in={note.page_id for note in notes if note.page_id})
    by_pk = {page.pk: page for page in pages}
    shown = []
    for note in notes:
        page = by_pk.get(note.page_id)
        words = (note.words or "") if page and note.shows_words(viewer) else ""
        shown.append(Shown(note, page.title, f"{page.url}#{note.anchor}", words) if page else Shown(note))
    return shown


def entry(shown: Shown) -> dict[str, str | None]:
    """A note as it is taken away; None stands for what the owner may not open now, or cannot be read any more."""
    return {
        "chapter": shown.title or None,
        "address": settings.WAGTAILADMIN_BASE_URL + shown.url if shown.url else None,
        "written_on": shown.words or None,
        "note": shown.note.text,
        "made": shown.note.made_at.isoformat(timespec="seconds"),
        "changed": shown.note.changed_at.isoformat(timespec="seconds"),
    }


def as_text(entries: Iterable[dict[str, str | None]]) -> str:
    """Notes as plain text, one after the other."""
    pieces = []
    for each in entries:
        note = _("This note can no longer be read.") if each["note"] is None else each["note"] or _("Bookmark")
        lines = [each["chapter"] or _("A chapter you can no longer open"), each["address"], each["changed"]]
        lines += [f"> {each['written_on']}" if each["written_on"] else None, note]
        pieces.append("\n".join(line for line in lines if line))
    return "\n\n".join(pieces) + "\n"
