"""The lists of the events page: what is coming up, what is over, and what is for other readers.

Of an event that a visitor may not open a teaser tells title, summary and who may read it, but never when it takes
place: it stands in a list of its own, in which no date can be read from the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Count, Q, Value, When
from django.http import HttpRequest
from django.utils import timezone

from core.access import Viewer, visible
from core.cards import cards_of
from core.clocks import zone_of
from core.facets import TITLES, facet_of, words_for
from core.listing import Chosen, Listing

if TYPE_CHECKING:
    from events.models import EventPageQuerySet

PAST_PER_PAGE = 20
MOST_UPCOMING = 60  # more than the network holds in half a year
MOST_CLOSED = 20


def listing_for(
    events: EventPageQuerySet, kinds: Sequence[str], request: HttpRequest, viewer: Viewer
) -> dict[str, Any]:
    """The context of the events page for one visitor, in at most four queries.

    Args:
        events: What the visitor may list, one per item.
        kinds: The kinds the list can be filtered by.
    """
    now = timezone.now()
    asked = Listing.of(request.GET)
    chosen = [kind for kind in asked.values("kind") if kind in kinds]
    asked = replace(asked, q="", chosen=tuple(("kind", kind) for kind in chosen))
    is_open = visible(viewer)
    state = Case(
        When(is_open & Q(ends_at__gt=now), then=Value("upcoming")),
        When(is_open & Q(ends_at__lte=now), then=Value("past")),
        default=Value("closed"),
        output_field=CharField(),
    )
    by_kind: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    counted = events.order_by().annotate(state=state).values_list("event_kind", "state").annotate(Count("pk"))
    for kind, where, number in counted:
        by_kind[kind] += number
        if not chosen or kind in chosen:
            by_state[where] += number
    if chosen:
        events = events.filter(event_kind__in=chosen)
    opened, zone = events.filter(is_open), zone_of(request)
    pages = max(1, -(-by_state["past"] // PAST_PER_PAGE))
    page = min(asked.page, pages)
    first = (page - 1) * PAST_PER_PAGE
    upcoming = list(opened.upcoming(now)[:MOST_UPCOMING]) if by_state["upcoming"] else []
    past = list(opened.past(now)[first : first + PAST_PER_PAGE]) if by_state["past"] else []
    closed = list(events.exclude(is_open).newest_first()[:MOST_CLOSED]) if by_state["closed"] else []
    words = words_for({"kind": by_kind}, asked.chosen, viewer)
    return {
        "zone": zone,
        "zone_words": zone.replace("_", " "),
        "upcoming": [event.entry(zone) for event in upcoming],
        "past": [event.entry(zone) for event in past],
        "closed": cards_of(closed, viewer),
        "total": sum(by_state.values()),
        "facets": [facet_of("kind", by_kind, chosen, words)],
        "chosen": [
            Chosen(
                group=str(TITLES["kind"]),
                label=words.of("kind", kind),
                remove_url=asked.url(request.path, chosen=asked.without("kind", kind), page=1),
                facet="kind",
                value=kind,
            )
            for kind in chosen
        ],
        "clear_url": asked.url(request.path, chosen=(), page=1),
        "past_total": by_state["past"],
        "first": first + 1,
        "last": first + len(past),
        "previous_url": asked.url(request.path, page=page - 1) if page > 1 else "",
        "next_url": asked.url(request.path, page=page + 1) if page < pages else "",
    }
