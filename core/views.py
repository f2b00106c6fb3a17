"""Doors of the core: the one that serves pages."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.models import Edition, HubPage


@require_safe
def serve_page(request: HttpRequest, path: str) -> HttpResponse:
    """The page at an address of the active language's tree, through the page's own gate.

    Stands in for Wagtail's view: one query finds the address whatever its depth, and no hook stands
    between the address and the gate.
    """
    page = HubPage.at(request.path_info, has_editions=Exists(Edition.objects.filter(page=OuterRef("pk"))))
    if page is None:
        raise Http404
    whole = page.specific
    # Read with the address, so that no page asks for its language, its group or editions it has not.
    whole.has_editions = page.has_editions  # type: ignore[attr-defined]
    if (whole.locale_id, whole.working_group_id) == (page.locale_id, page.working_group_id):
        whole.locale, whole.working_group = page.locale, page.working_group
    return whole.serve(request)
