"""The site's search page and the suggestions while one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.access import viewer_of
from core.listing import LONGEST_VALUE, Listing, clean, find
from core.listing import suggest as completions

SUGGESTIONS = 8


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everything the visitor may list, best first; an empty query shows all, newest first."""
    found = find(Listing.of(request.GET), viewer_of(request), path=request.path)
    template = "hub/search_found.html" if request.htmx else "hub/search.html"  # type: ignore[attr-defined]  # django-htmx
    return render(request, template, {"found": found, "action": request.path})


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """Completions of what is typed, from what the visitor may read: ``{"suggestions": [...]}``."""
    typed = clean(request.GET.get("q", ""), LONGEST_VALUE)
    words = completions(typed, viewer_of(request), SUGGESTIONS)
    return JsonResponse({"suggestions": [{"text": word} for word in words]})
