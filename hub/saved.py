"""Saved searches: what is in them, what is new in them, and who is told. All of it inside what the owner may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext as _
from wagtail.models import PageLogEntry

from core import listing_database, vocabulary
from core.access import Viewer, own_key
from core.facets import TITLES, words_for
from core.lines import subtree
from core.listing import Listing, clean
from core.models import HubPage
from hub.models import SavedSearch
from members.models import User
from search import library, outbox
from search.elsewhere import is_elsewhere
from search.library import IndexUnavailable
from search.vocabulary import Vocabulary

MOST_SEARCHES = 50
"""Searches one person can keep."""
LONGEST_STATE = 4000
"""Characters of words and filters together; some browsers cut longer addresses."""
MOST_NEW = 5000
"""Items that are looked through for what is new, the latest first."""


class TooMany(ValueError):
    """The person keeps as many searches as one can; the message says so in words for him or her."""


class NothingToSave(ValueError):
    """There are neither words nor filters, or more than can be kept; the message says so."""


def listing_of(saved: SavedSearch) -> Listing:
    """What is searched for, as the search page reads it from an address."""
    return Listing.of(QueryDict(saved.state))


def save(user: User, state: str, name: str = "", alert: str = SavedSearch.Alert.OFF) -> tuple[SavedSearch, bool]:
    """Keep a search for a person; returns it and whether it is new. The same search is kept once.

    Args:
        state: The query string of the search page. What makes no sense in it is left out.
        name: What it is called; empty: after its words or its filters.
        alert: How often its owner is told of what is new; an unknown value means never.

    Raises:
        NothingToSave, TooMany: Nothing was saved, for the reason the message gives.
    """
    listing = replace(Listing.of(QueryDict(state)), page=1)
    text = listing.url("").lstrip("?")
    if not text:
        raise NothingToSave(_("There is nothing to save yet: search for something or choose a filter first."))
    if len(text) > LONGEST_STATE:
        raise NothingToSave(_("This search is too long to be saved. Take some of its filters away."))
    known = SavedSearch.objects.filter(user=user, digest=digest_of(text)).first()
    if known is not None:
        return known, False
    if SavedSearch.objects.filter(user=user).count() >= MOST_SEARCHES:
        raise TooMany(
            _("You keep %(number)d searches, which is as many as one can. Delete one, then save this one.")
            % {"number": MOST_SEARCHES}
        )
    name = clean(name, 80) or listing.q[:80] or _("Without words")
    alert = alert if alert in SavedSearch.Alert.values else SavedSearch.Alert.OFF
    return SavedSearch.objects.get_or_create(
        user=user, digest=digest_of(text), defaults={"state": text, "name": name, "alert": alert}
    )


def digest_of(text: str) -> str:
    """SHA-256 of a text as 64 hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def described(searches: Iterable[SavedSearch], viewer: Viewer) -> dict[int, list[tuple[str, str]]]:
    """The filters of saved searches in words, by primary key, in at most three queries for all of them.

    Codes of what this viewer may not know of stay as they were typed.
    """
    listings = {saved.pk: listing_of(saved) for saved in searches}
    named = words_for({}, [pair for listing in listings.values() for pair in listing.chosen], viewer)
    return {
        pk: [(str(TITLES[facet]), named.of(facet, value)) for facet, value in listing.chosen]
        for pk, listing in listings.items()
    }


@dataclass(frozen=True)
class Event:
    """When an item became new to a viewer, and when it last changed."""

    item: str
    new_at: datetime
    changed_at: datetime


def events_since(viewer: Viewer, since: datetime) -> list[Event]:
    """What this viewer may open now and was published, changed or opened after ``since``; in two queries."""
    opened_at = opened_since(viewer, since)
    condition = Q(new_at__gt=since) | Q(last_published_at__gt=since)
    for path in opened_at:
        condition |= subtree(path)
    pages = (
        HubPage.objects.visible_to(viewer)
        .filter(alias_of=None)
        .annotate(new_at=Coalesce(F("first_published_at"), F("published_on")))
        .filter(condition)
        .order_by(F("new_at").desc(nulls_last=True), "-pk")
        .values_list("translation_key", "path", "new_at", "last_published_at")[:MOST_NEW]
    )
    events = []
    for key, path, new_at, changed_at in pages:
        moments = [at for above, at in opened_at.items() if path.startswith(above)]
        newest = max([at for at in [new_at, *moments] if at is not None], default=since)
        events.append(Event(str(key), newest, max(newest, changed_at or newest)))
    return events


def opened_since(viewer: Viewer, since: datetime) -> dict[str, datetime]:
    """Paths of pages that were given another audience after ``since`` than one this viewer belongs to, with the time.

    Such a page, and all below it, is new to the viewer from then on, as far as it may be opened now.
    """
    if viewer.sees_all:
        return {}
    changes = PageLogEntry.objects.filter(action="hub.set_audience", timestamp__gt=since).order_by("timestamp")
    opened = {}
    for path, at, data in changes.values_list("page__path", "timestamp", "data"):
        before = data["before"]
        if path and own_key(before["audience"], before["group"]) not in viewer.keys:
            opened[path] = at
    return opened


def new_items(events: Iterable[Event], since: datetime) -> frozenset[str]:
    """The items that are new after ``since``."""
    return frozenset(event.item for event in events if event.new_at > since)


def changed_items(events: Iterable[Event], since: datetime) -> frozenset[str]:
    """The items that are new or changed after ``since``."""
    return frozenset(event.item for event in events if event.changed_at > since)


class Counting:
    """Counts how many of some items saved searches find, for one viewer."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer, self.keys = viewer, None if viewer.sees_all else viewer.keys
        self.waiting: Any = None
        self.terms: Vocabulary | None = None

    def __call__(self, saved: SavedSearch, items: frozenset[str]) -> int:
        """How many of these items the search finds.

        Raises:
            IndexUnavailable: The index cannot be read.
        """
        if not items:
            return 0
        listing = listing_of(saved)
        filters = {**listing.filters, "item": sorted(items)}
        if is_elsewhere():
            found = listing_database.answer(listing.q, filters, self.viewer, limit=0, snippets=False)
            if found.source != "index":
                raise IndexUnavailable("the other engine does not answer")
            return found.total
        if self.waiting is None:
            self.waiting = outbox.waiting_objects() if self.keys is not None else {}
            self.terms = vocabulary.current()
        answer = library.find(
            listing.q,
            keys=self.keys,
            filters=filters,
            limit=0,
            as_typed=listing.exact,
            vocabulary=self.terms,
            changed=self.waiting,
        )
        return 0 if answer.corrected else answer.total
