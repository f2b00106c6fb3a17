"""Doors to files and pictures: first the rule, then the file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_safe

from core.access import PUBLIC, can_see, viewer_of
from core.models import HubDocument, HubRendition

# Shown in the browser, so that #page=7 works; everything else is handed over as a download.
INLINE = {"application/pdf"}
NOTHING = {"default-src": ["'none'"]}
PICTURE_SECONDS = 300  # the longest a closed picture may still come out of somebody's cache


@require_safe
def document(request: HttpRequest, pk: int, filename: str) -> HttpResponse:
    """A document's file for those who may read it; for all others it is not there.

    No conditional answers: somebody who may not see a file learns nothing by guessing its hash.
    """
    found = HubDocument.objects.filter(pk=pk).first()
    if found is None or not can_see(viewer_of(request), found) or found.filename != filename:
        raise Http404
    response = _file(found.file, found.content_type)
    kind = "inline" if found.content_type in INLINE else "attachment"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{iri_to_uri(filename)}"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def image(request: HttpRequest, token: str) -> HttpResponse:
    """A picture in one size, for those who may see it."""
    found = HubRendition.objects.select_related("image").filter(token=token).first()
    if found is None or not can_see(viewer_of(request), found.image):
        raise Http404
    response = _file(found.file, _picture_type(found.file.name))
    response["Content-Disposition"] = "inline"  # not the name it was uploaded under, which may tell of people
    is_open = found.image.access_key == PUBLIC
    response["Cache-Control"] = f"public, max-age={PICTURE_SECONDS}" if is_open else "private, no-store"
    return response


def _file(stored: Any, content_type: str) -> Any:
    """The bytes, or an order to the web server in front to send them (SENDFILE_PREFIX)."""
    response: Any
    if settings.SENDFILE_PREFIX:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{settings.SENDFILE_PREFIX}/{iri_to_uri(stored.name)}"
    else:
        try:
            response = FileResponse(stored.open("rb"), content_type=content_type)
        except FileNotFoundError as error:
            raise Http404 from error
    response["X-Content-Type-Options"] = "nosniff"
    response._csp_config = NOTHING
    return response


# Drawings come from imports alone, which leave in them nothing but what draws (core.drawings).
PICTURE_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "svg": "image/svg+xml",
}


def _picture_type(name: str) -> str:
    return PICTURE_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
