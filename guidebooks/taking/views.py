"""Doors of what is taken away: files of a guidebook, and the copy of it that stays on a device."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from core.access import PUBLIC, Viewer, viewer_of
from core.files import NOTHING
from guidebooks.models import GuidebookPage
from guidebooks.taking.book import Book, gather
from guidebooks.taking.epub import epub_of
from guidebooks.taking.kept import Keeping, ways
from guidebooks.taking.page import POLICY, page_of
from guidebooks.taking.pdf import TooLong, pdf_of
from members.devices import owner_of

WORKER = Path(__file__).with_name("worker.js")
Writer = Callable[[Book], bytes]
WRITERS: dict[str, tuple[str, Writer]] = {
    "pdf": ("application/pdf", pdf_of),
    "epub": ("application/epub+zip", epub_of),
    "html": ("text/html; charset=utf-8", page_of),
}


@require_safe
def take(request: HttpRequest, pk: int, filename: str) -> HttpResponse:
    """A guidebook as a file, with what this reader may open; where the book is not hers to open there is none."""
    viewer = viewer_of(request)
    page = open_book(pk, viewer)
    slug, _dot, kind = filename.rpartition(".")
    if page is None or slug != page.slug or kind not in WRITERS:
        raise Http404
    content_type, write = WRITERS[kind]
    try:
        data = Keeping(page, viewer).get(kind, lambda: write(gather(page, viewer)))
    except TooLong:
        return _too_long(request, page)
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"  # search engines are to lead to the page, which is up to date
    response._csp_config = NOTHING  # type: ignore[attr-defined]
    if viewer.signed_in or page.access_key != PUBLIC:
        response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def offline_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The copy of a guidebook that a device keeps: one page without a script. HEAD asks if it may still be kept."""
    asking = viewer_of(request)
    page = open_book(pk, asking)
    viewer = page.viewer_on_device(asking) if page else None
    if page is None or viewer is None:
        raise Http404
    data = b""
    if request.method != "HEAD":
        back = reverse("on_this_device")
        make = partial(page_of, back=back)
        name = f"{back.strip('/').replace('/', '-')}.html"
        data = Keeping(page, viewer).get(name, lambda: make(gather(page, viewer)))
    response = HttpResponse(data, content_type="text/html; charset=utf-8")
    response._csp_config = POLICY  # type: ignore[attr-defined]
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def on_this_device(request: HttpRequest) -> HttpResponse:
    """What this device keeps. The hub does not know: the list is made in the browser."""
    return render(request, "guidebooks/on_this_device.html", {"owner": owner_of(request)})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that shows kept copies without a connection; it reaches no further than the address it stands at."""
    response = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def open_book(pk: int, viewer: Viewer) -> GuidebookPage | None:
    """The guidebook with this number, where the viewer may open it."""
    books = GuidebookPage.objects.visible_to(viewer).select_related("locale")
    page: GuidebookPage | None = books.filter(pk=pk).first() if pk < 2**63 else None
    return page


def _too_long(request: HttpRequest, page: GuidebookPage) -> HttpResponse:
    context = {"page": page, "ways": [way for way in ways(page, viewer_of(request)) if way["type"] != "PDF"]}
    return render(request, "guidebooks/taken/too_long.html", context, status=422)
