"""Suggestions to pages: what can be pointed at, who looks after them, and how many a member may give in a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core.access import Viewer
from core.models import HubPage
from core.reading import anchors, text_of
from groups.records import Contribution, Suggestion
from members.models import User, WorkingGroup
from members.offices import offices_of

MOST_A_DAY = 20
"""Suggestions, practice notes and events one member can send in 24 hours."""
SHOWN_OF_A_BLOCK = 70
"""Characters of a block by which it can be chosen."""
MOST_PARTS = 600
"""Blocks of a page that can be pointed at; the longest chapters have about 300."""
KEPT_IN_QUEUE = timedelta(days=90)
"""How long an answered suggestion stays on the list of those who look after its page."""


def takes_suggestions(page: HubPage) -> bool:
    """Whether there is anything on a page to change: lists and home pages are made of other pages."""
    return page.kind not in ("home", "section")


def parts_of(page: HubPage) -> dict[str, str]:
    """What a suggestion can point at, by anchor, in the order of the page: headings, and how each block begins."""
    parts: dict[str, str] = {}
    body = getattr(page, "body", None) or []
    for anchor, child in zip(anchors(body), body, strict=True):
        words = text_of(child)
        if child.block_type == "heading":
            parts[anchor] = child.value["text"]
        elif words and child.block_type != "footnotes":
            parts[anchor] = f"— {Truncator(words).chars(SHOWN_OF_A_BLOCK)}"
    for place in page.search_places():
        if place.anchor and place.label:
            parts.setdefault(place.anchor.lstrip("#"), place.label)
    return dict(list(parts.items())[:MOST_PARTS])


def quote_of(parts: Mapping[str, str], block: str) -> str:
    """How the block began that a suggestion points at; empty for the whole page."""
    return parts.get(block, "").removeprefix("— ")[:300]


def is_too_many(user: User, now: datetime | None = None) -> str:
    """Why a member can send nothing more today, in words for him or her; empty where he or she can."""
    since = (now or timezone.now()) - timedelta(days=1)
    sent = sum(model.objects.filter(giver=user, given_at__gt=since).count() for model in (Suggestion, Contribution))
    if sent < MOST_A_DAY:
        return ""
    return _("You have sent %(number)d in one day, which is as many as one can. Send this tomorrow.") % {
        "number": MOST_A_DAY
    }


def is_first_waiting(group: WorkingGroup) -> bool:
    """Whether of all suggestions to a group's pages only one waits: its leads have not been told of others already."""
    return Suggestion.objects.filter(page__working_group=group, state=Suggestion.State.WAITING)[:2].count() == 1


def cared_for(viewer: Viewer, user: User) -> QuerySet[Suggestion] | None:
    """The suggestions that somebody looks after; None for whoever looks after none, whether there are any or not.

    The secretariat looks after all, leads after those to pages of their groups that they may read.
    """
    found = Suggestion.objects.select_related("page__locale", "page__working_group", "giver")
    if viewer.sees_all:
        return found
    leads = offices_of(user).leads if viewer.is_member else frozenset()
    if not leads:
        return None
    may_read = HubPage.objects.filter(standing_key__in=sorted(viewer.keys), working_group__in=leads)
    return found.filter(page__in=may_read)


def own_suggestions(user: User, viewer: Viewer) -> list[dict[str, Any]]:
    """What a person suggested and what became of it, the newest first; pages that closed since are not named.

    How the place began is not said: it may have been taken back since (docs/decisions/0008).
    """
    rows = Suggestion.objects.filter(giver=user).order_by("-given_at", "-pk")[:100]
    found = list(rows)
    ids = {row.page_id for row in found}
    open_pages = {page.pk: page for page in HubPage.objects.visible_to(viewer).filter(pk__in=ids)}
    return [{"suggestion": row, "page": open_pages.get(row.page_id)} for row in found]
