"""The numbers of a working group's pages, for its leads and authors: whole weeks, and nothing below five."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.access import Viewer
from core.kinds import kind_label
from core.models import HubPage
from groups.circle import inside
from hub.models import PageReads, PageWord
from hub.reads import NOT_COUNTED, SEEN_FROM, uncounted_paths, week_of
from members.models import WorkingGroup

WEEKS = 4
"""Whole weeks that are shown, the last first."""
MOST_PAGES = 200


@require_safe
def group_numbers(request: HttpRequest, slug: str) -> HttpResponse:
    """How often a group's pages were read, for its leads and authors and the secretariat; 404 for all others."""
    circle = inside(request, slug)
    if not circle.may_write:
        raise Http404
    this_week = week_of(timezone.now().date())
    weeks = [this_week - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    rows = rows_of(circle.group, circle.viewer, weeks)
    context = {"circle": circle, "trail": circle.trail, "weeks": weeks, "rows": rows, "seen_from": SEEN_FROM}
    return render(request, "hub/group_numbers.html", context)


def rows_of(group: WorkingGroup, viewer: Viewer, weeks: list[date]) -> list[dict[str, Any]]:
    """A row for each page of a group that the viewer may open, those read most last week first; in four queries.

    A number below ``SEEN_FROM`` is None, 0 too; among those the titles give the order, so that it tells nothing.
    """
    own = HubPage.objects.visible_to(viewer).filter(working_group=group, alias_of=None).exclude(kind__in=NOT_COUNTED)
    uncounted = uncounted_paths()
    pages = [
        page for page in own.select_related("locale").order_by("title", "pk") if not page.path.startswith(uncounted)
    ]
    times = {
        (page, week): number
        for page, week, number in PageReads.objects.filter(
            page__in=pages, week__in=weeks, times__gte=SEEN_FROM
        ).values_list("page", "week", "times")
    }
    found_by: dict[int, list[str]] = {}
    words = PageWord.objects.filter(page__in=pages, week__in=weeks, times__gte=SEEN_FROM).exclude(word="")
    for page, word in words.order_by("word").values_list("page", "word").distinct():
        found_by.setdefault(page, []).append(word)
    rows = [
        {
            "title": page.title,
            "url": page.url,
            "language": page.language,
            "kind": kind_label(page.kind),
            "times": [times.get((page.pk, week)) for week in weeks],
            "words": found_by.get(page.pk, []),
        }
        for page in pages
    ]
    return sorted(rows, key=lambda row: tuple(-(number or 0) for number in row["times"]))[:MOST_PAGES]
