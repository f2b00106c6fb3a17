"""The site's search page and the suggestions while one types."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.access import viewer_of
from core.listing import LONGEST_VALUE, Found, Listing, clean, find
from core.listing import suggest as completions
from hub import unanswered
from search.elsewhere import is_elsewhere

SUGGESTIONS = 8


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everything the visitor may list, best first; an empty query shows all, newest first."""
    viewer = viewer_of(request)
    found = find(Listing.of(request.GET), viewer, path=request.path)
    asked = request.htmx  # type: ignore[attr-defined]  # django-htmx
    is_part = bool(asked) and not asked.history_restore_request
    if not is_part:  # while one types, what is asked are beginnings of words
        note_unanswered(found)
    sign_in = f"{reverse('account_login')}?{urlencode({'next': found.listing.url(request.path)})}"
    context = {
        "found": found,
        "action": request.path,
        "save_url": reverse("save_search") if viewer.signed_in else sign_in,
        "examples": examples(),
    }
    response = render(request, "hub/search_swap.html" if is_part else "hub/search.html", context)
    patch_vary_headers(response, ["HX-Request"])  # a cache must not give the part to one who wants the whole
    return response


def examples() -> list[tuple[str, str]]:
    """What can be typed, and what it means."""
    return [
        (_('"first conversation"'), _("these words together, in this order")),
        (_("prison -probation"), _("with the first word, without the second")),
        (_("title:parents"), _("in the title")),
        (_("author:miriam"), _("by this author or speaker")),
        (_("topic:housing"), _("on this topic")),
        ("S1.3", _("a clause of a standard, by its number")),
    ]


def note_unanswered(found: Found) -> None:
    """Keep the words of a search that found nothing, for the secretariat; never who asked."""
    listing = found.listing
    plainly = not listing.chosen and listing.page == 1
    if found.total == 0 and not found.pinned and listing.q and plainly and found.source == "index":
        # Another engine does not say which of the words it has never seen.
        unanswered.note(listing.q, found.words if is_elsewhere() else found.missing)


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """Completions of what is typed, from what the visitor may read: ``{"suggestions": [...]}``."""
    typed = clean(request.GET.get("q", ""), LONGEST_VALUE)
    words = completions(typed, viewer_of(request), SUGGESTIONS)
    return JsonResponse({"suggestions": [{"text": word} for word in words]})
