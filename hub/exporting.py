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
from core.models import HubPage, KeywordOfPage

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
    pages = pages_of(found.cards, viewer)
    words: dict[int, list[str]] = {}
    for of in KeywordOfPage.objects.filter(content_object__in=[page.pk for page in pages]).select_related("tag"):
        words.setdefault(of.content_object_id, []).append(of.tag.name)
    cited = [replace(citing.citation_of(page), keywords=tuple(words.get(page.pk, ()))) for page in pages]
    return citing.download(cited, form, "index-search")


def pages_of(cards: list[Card], viewer: Viewer) -> list[HubPage]:
    """The pages of entries, whole but for their texts, in the same order; without those the viewer may not open."""
    wanted = {(UUID(card.item), card.language): place for place, card in enumerate(cards) if not card.closed}
    keys = {key for key, _language in wanted}
    rows = HubPage.objects.visible_to(viewer).filter(translation_key__in=keys, alias_of=None).for_cards()
    places = {row.pk: wanted[key] for row in rows if (key := (row.translation_key, row.language)) in wanted}
    whole = HubPage.objects.filter(pk__in=places).select_related("locale", "working_group")
    return sorted(whole.defer_streamfields().specific(), key=lambda page: places[page.pk])
