"""What a list found, as a file for a reference manager or a spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core import citing
from core.access import Viewer, viewer_of
from core.cards import Card
from core.listing import Listing, find
from core.models import HubPage

MOST_ITEMS = 1000
"""Items in one file, the best or the newest first."""
SHELVES = {"library": {"library": ["yes"]}}


@require_safe
def export_found(request: HttpRequest, form: str) -> HttpResponse:
    """The first 1,000 items of a search, or of the library with ``shelf=library``, that this visitor may open.

    The words and filters are those of the page that shows the list. What is only announced to this visitor (a teaser)
    is left out.
    """
    viewer = viewer_of(request)
    listing = replace(Listing.of(request.GET), page=1)
    fixed = SHELVES.get(request.GET.get("shelf", ""), {})
    found = find(listing, viewer, path="", fixed=fixed, facets=(), per_page=MOST_ITEMS, snippets=False)
    return citing.download(citing.citations_of(pages_of(found.cards, viewer)), form, "index-search")


def pages_of(cards: list[Card], viewer: Viewer) -> list[HubPage]:
    """The pages of entries in the same order, without those the viewer may not open; one query."""
    wanted = {(UUID(card.item), card.language): place for place, card in enumerate(cards) if not card.closed}
    keys = {key for key, _language in wanted}
    rows = HubPage.objects.visible_to(viewer).filter(translation_key__in=keys, alias_of=None).for_cards()
    found = [(place, row) for row in rows if (place := wanted.get((row.translation_key, row.language))) is not None]
    return [row for _place, row in sorted(found, key=lambda pair: pair[0])]
