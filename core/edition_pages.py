"""The pages of editions, and citations as files. What is not for this visitor is the same 404 as what is not there."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import citing
from core.access import viewer_of
from core.editions import Step, contents, edition_for, parts_for
from core.models import Edition, EditionPart, HubPage


@require_safe
def all_editions(request: HttpRequest, page: str) -> HttpResponse:
    """The permanent address of a page: leads to where it stands now, for those who may know that it is there."""
    found = HubPage.objects.listed_for(viewer_of(request)).select_related("locale").filter(pk=page).first()
    if found is None or not found.url:
        raise Http404
    return redirect(found.url)


@require_safe
def edition(request: HttpRequest, page: str, number: str, below: str = "") -> HttpResponse:
    """An edition: its cover with the contents, or one of its chapters, as far as this visitor may read it today."""
    viewer = viewer_of(request)
    found = edition_for(viewer, int(page), int(number))
    if found is None:
        raise Http404
    kept, now, editions = found
    parts = parts_for(kept, viewer)
    part = next((each for each in parts if each.address == below), None)
    if part is None:
        raise Http404
    steps = contents(parts)
    items = [_item(kept, step, below) for step in steps]
    place = next((at for at, step in enumerate(steps) if step.address == below), -1)
    body = EditionPart.objects.only("body").get(pk=part.pk).body
    context: dict[str, Any] = {
        "edition": kept,
        "part": part,
        "body": body,
        "page": now,
        "items": items,
        "parts": [
            item
            for item, step in zip(items, steps, strict=True)
            if step.depth == part.depth + 1 and _is_below(step, below)
        ],
        "position": items[place]["number"] if place >= 0 else "",
        "previous": items[place - 1] if place > 0 else None,
        "following": items[place + 1] if place + 1 < len(items) else None,
        "cover_url": address_of(kept),
        "newest": editions[-1],
        "newest_url": address_of(editions[-1]),
        "is_newest": editions[-1].pk == kept.pk,
        "cited": citing.as_text(citing.citation_of(_whole(now), kept)),
    }
    response = render(request, "core/edition.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def cite(request: HttpRequest, page: str, form: str, number: str | None = None) -> HttpResponse:
    """How a page, or one edition of it, is cited, as a file for a reference manager (``bib``, ``ris``, ``txt``)."""
    viewer = viewer_of(request)
    kept = None
    if number is not None:
        found = edition_for(viewer, int(page), int(number))
        if found is None:
            raise Http404
        kept, now, _editions = found
    else:
        row = HubPage.objects.visible_to(viewer).for_cards().filter(pk=page).first()
        if row is None:
            raise Http404
        now = row
    cited = citing.citation_of(_whole(now), kept)
    return citing.download([cited], form, cited.key)


def address_of(kept: Edition, below: str = "") -> str:
    """The address of an edition, or of a part of it, in the language in which it is looked at."""
    cover = reverse("edition", args=[kept.page_id, kept.number])
    return f"{cover}{below}"


def edition_links(editions: list[Edition]) -> list[tuple[str, str]]:
    """Name and address of editions, the newest first."""
    return [(each.name, address_of(each)) for each in reversed(editions)]


def _whole(page: HubPage) -> HubPage:
    whole: HubPage = page.specific
    return whole


def _is_below(step: Step, below: str) -> bool:
    return step.address.startswith(below) and step.address != below


def _item(kept: Edition, step: Step, current: str) -> dict[str, Any]:
    return {
        "number": step.number,
        "title": step.title,
        "summary": step.summary,
        "url": address_of(kept, step.address),
        "current": step.address == current,
    }
