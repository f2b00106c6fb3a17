"""Doors that belong to no page: what machines ask for, and what is said when something is not there."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.access import ANONYMOUS, viewer_of
from core.models import HubPage
from members.models import User
from members.standing import State, standing_of
from search.health import health as health_of_search

FEED_ENTRIES = 30
SITEMAP_ENTRIES = 50_000  # the most a sitemap may hold (sitemaps.org protocol)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: the open pages. The same for everybody."""
    text = render_to_string("hub/robots.txt", {"base_url": settings.WAGTAILADMIN_BASE_URL})
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Addresses of all open pages in all languages, as anonymous whoever asks."""
    pages = HubPage.objects.visible_to(ANONYMOUS).filter(alias_of=None).newest_first()[:SITEMAP_ENTRIES]
    entries = [(settings.WAGTAILADMIN_BASE_URL + page.url, page.last_published_at) for page in pages]
    text = render_to_string("hub/sitemap.xml", {"entries": entries})
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest open items of the library in this language as an Atom feed, as anonymous always."""
    base = settings.WAGTAILADMIN_BASE_URL
    atom = Atom1Feed(
        title=_("INDEX: open guidebooks, practices, events and standards"),
        link=f"{base}/",
        description="",
        language=get_language(),
        feed_url=base + request.path,
    )
    kinds = HubPage.objects.visible_to(ANONYMOUS).exclude(kind__in=["home", "section", "page", "chapter", "group"])
    newest = kinds.filter(locale__language_code=get_language(), alias_of=None).newest_first()[:FEED_ENTRIES]
    for page in newest:
        atom.add_item(
            title=page.title,
            link=base + page.url,
            description=page.summary,
            unique_id=f"urn:uuid:{page.translation_key}",
            pubdate=page.published_on,
            updateddate=page.last_published_at,
        )
    return HttpResponse(atom.writeString("utf-8"), content_type=atom.content_type)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Whether the hub can answer: database and search. Tells states, never content or numbers.

    503 only without a database: while the index is away the database answers.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        answer = JsonResponse({"database": "ok", "search": health_of_search().state})
    except DatabaseError:
        answer = JsonResponse({"database": "unreachable", "search": "unknown"}, status=503)
    answer["Cache-Control"] = "no-store"
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was asked could not be understood."""
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: the same for what is not there and for what is not for this visitor."""
    viewer = viewer_of(request)
    context: dict[str, Any] = {}
    if viewer.signed_in:
        context["lapsed"] = standing_of(cast(User, request.user)).state is State.LAPSED
    return render(request, "404.html", context, status=404)
