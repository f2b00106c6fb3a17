"""What members write who have tried a practice: the notes, who may read and write them, and what is told of countries.

Two things are never to be found out: by whom a note is, where it is not signed, and from which country, where fewer
than three members have written from there. See ``countries_in`` for how that is kept.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from core.access import MEMBERS, Viewer
from core.models import HubPage
from core.models.contexts import Setting
from members.models import User
from members.offices import offices_of

if TYPE_CHECKING:
    from resources.models import ResourcePage

KINDS = ("practice", "tool")
"""Kinds of resources that can be tried."""
MOST_NOTES = 20
"""Notes of one member about one practice."""
FEWEST = 3
"""Members who must have written from a country before it is named."""


class TriedNote(models.Model):
    """What one member says who tried a practice. Without words it was taken away, and only its country still counts."""

    page = models.ForeignKey("resources.ResourcePage", on_delete=models.CASCADE, related_name="tried_notes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Empty: the account is gone; the note stays, by "a member"."""
    by = models.CharField(max_length=64, editable=False)
    """A keyed digest of the person: tells two notes of one member from those of two, also when the account is gone."""
    sent = models.CharField(max_length=43, editable=False)
    """Names one filled-in form, so that a form that is sent twice makes one note."""
    place = models.CharField(_("where you tried it"), max_length=16, choices=Setting)
    adaptation = models.TextField(
        _("what you changed"),
        max_length=1000,
        blank=True,
        help_text=_("So that it fitted your place. Up to 1,000 characters."),
    )
    result = models.TextField(_("what came of it"), max_length=1000, help_text=_("Up to 1,000 characters."))
    harm = models.TextField(
        _("what went wrong"),
        max_length=1000,
        blank=True,
        help_text=_("For the person, for others, for you. Up to 1,000 characters."),
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    shows_name = models.BooleanField(_("show my display name"), default=False)
    written_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_because = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    reported_because = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    """What a reader told the leads; empty: nobody did, or they have looked at it."""

    class Meta:
        verbose_name = _("note of somebody who tried it")
        verbose_name_plural = _("notes of those who tried it")
        ordering = ["-written_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["by", "sent"], name="resources_tried_sent_once")]

    def __str__(self) -> str:
        return f"{self.pk} on {self.page_id}"


@dataclass(frozen=True)
class Told:
    """What is told of where a practice was tried: how many countries, and the names that may be said."""

    number: int
    named: list[str]


# Who ----------------------------------------------------------------------------------------------


def may_read(viewer: Viewer) -> bool:
    """Whether this viewer may read notes at all, on pages he or she may open: members, never the public."""
    return viewer.sees_all or MEMBERS in viewer.keys


def may_write(page: ResourcePage, viewer: Viewer) -> bool:
    """Whether this viewer, who may open the page, may write a note: a member, on what can be tried."""
    return MEMBERS in viewer.keys and page.resource_kind in KINDS


def may_remove(page: ResourcePage, user: User, viewer: Viewer) -> bool:
    """Whether this viewer may take notes of others away: the secretariat, and the leads of the page's group."""
    if viewer.sees_all:
        return True
    if page.working_group_id is None or page.working_group_id not in viewer.groups:
        return False
    return page.working_group_id in offices_of(user).leads


def digests_of(user: User) -> list[str]:
    """The keyed digests of a person, by the hub's secret and by those it had before.

    Nobody finds the person by one who has not that secret.
    """
    secrets_of_hub = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        salted_hmac("resources.tried", str(user.pk), secret=secret, algorithm="sha256").hexdigest()
        for secret in secrets_of_hub
    ]


def digest_of(user: User) -> str:
    """The digest under which a person's notes stand; one for all of them, or one member would count as two."""
    known = digests_of(user)
    first = TriedNote.objects.filter(by__in=known).order_by("pk").values_list("by", flat=True).first()
    return first or known[0]


def new_sent() -> str:
    """A name for a form that is about to be filled in."""
    return secrets.token_urlsafe(32)


# Reading ------------------------------------------------------------------------------------------


def notes_on(page: ResourcePage, viewer: Viewer) -> list[TriedNote]:
    """All rows about a practice, on this page and on its versions in other languages that the viewer may open too.

    Rows without words are among them, for ``countries_in``. One query.
    """
    if not may_read(viewer):
        return []
    versions = HubPage.objects.visible_to(viewer).filter(translation_key=page.translation_key)
    notes = TriedNote.objects.filter(Q(page=page.pk) | Q(page__in=versions.values("pk")))
    return list(notes.select_related("user", "page__locale"))


def with_words(notes: Iterable[TriedNote]) -> list[TriedNote]:
    """The notes that can be read, the newest first."""
    return [note for note in notes if note.removed_at is None]


def countries_in(notes: Iterable[TriedNote], own: Collection[str] = ()) -> Told | None:
    """What may be told of the countries; None before there is anything.

    - Members are counted, not notes; the reader's own are left out, so that nobody learns by writing one whether there
      is another from the same place.
    - Members count in threes, in the order of their first notes: each change of what is told has at least three
      people behind it, and the last one or two are not counted yet.
    - A note that is taken away keeps its country here, and a country is never changed: taking away tells nothing.
    - A country is named from three members on.
    """
    first: dict[str, str] = {}
    for note in sorted(notes, key=lambda note: note.pk):
        if note.country and note.by not in own:
            first.setdefault(note.by, note.country)
    counted = list(first.values())
    counted = counted[: len(counted) - len(counted) % FEWEST]
    if not counted:
        return None
    members: dict[str, int] = defaultdict(int)
    for country in counted:
        members[country] += 1
    names = sorted(str(countries.name(code)) for code, number in members.items() if number >= FEWEST)
    return Told(len(members), [name for name in names if name])


# Deeds --------------------------------------------------------------------------------------------


def empty(note: TriedNote, because: str = "") -> None:
    """Take the words of a note away, and who wrote it, for good. Its country still counts, with nobody beside it."""
    note.adaptation = note.result = note.harm = note.reported_because = ""
    note.user, note.shows_name = None, False
    note.place, note.removed_because, note.removed_at = "", because[:300], timezone.now()
    note.save()


def by_line(note: TriedNote) -> str:
    """Who wrote it, as it is shown: the display name where its owner wants that, else nothing."""
    return note.user.display_name if note.shows_name and note.user is not None else ""


def shown(page: ResourcePage, user: Any, viewer: Viewer) -> dict[str, Any]:
    """What the page of a practice shows of its notes to this viewer; nothing at all to who is no member."""
    if page.resource_kind not in KINDS or not page.pk or not may_read(viewer):
        return {}
    rows = notes_on(page, viewer)
    own = digests_of(user)
    readable = with_words(rows)
    removes = bool(readable) and may_remove(page, user, viewer)
    return {
        "tried": [
            {
                "note": note,
                "by": by_line(note),
                "is_own": note.user_id == user.pk,
                "may_remove": note.user_id != user.pk and removes and note.page_id == page.pk,
            }
            for note in readable
        ],
        "tried_in": countries_in(rows, own),
        "may_write": may_write(page, viewer),
    }
