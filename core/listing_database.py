"""Lists while the index cannot be read: what the database alone can answer, through the same rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.db.models import Q

from core.access import Audience, Viewer, visible
from core.kinds import LIBRARY_KINDS
from core.models import HubPage, KeywordOfPage, TopicOfPage
from search.library import Answer, Hit

YEAR = re.compile(r"[1-9][0-9]{3}")
# Only what stands on the common table can be filtered; a teaser tells the first three alone.
OF_TEASERS = ("kind", "audience", "language")
FILTERS = (*OF_TEASERS, "topic", "keyword", "year", "group")


def answer(
    q: str,
    filters: Mapping[str, Sequence[str]],
    viewer: Viewer,
    *,
    languages: Sequence[str],
    offset: int,
    limit: int,
) -> Answer:
    """What the database can say while the index cannot be read: words in titles, filters of the common table."""
    words = tuple(q.split()[:8])
    pages = HubPage.objects.listed_for(viewer)
    if any(name in FILTERS and name not in OF_TEASERS for name in filters):
        pages = pages.filter(visible(viewer))
    for name, values in filters.items():
        pages = pages.filter(_database_filter(name, values))
    if words:
        in_title = Q()
        for word in words:
            in_title |= Q(title__icontains=word)
        pages = pages.filter(in_title)
    best = pages.in_best_language(*languages)
    shown = best.select_related("locale").newest_first()[offset : offset + limit]
    return Answer(
        total=best.count(),
        hits=tuple(
            Hit(
                model="core.HubPage",
                pk=str(page.pk),
                item=str(page.translation_key),
                title=page.title,
                language=page.language,
            )
            for page in shown
        ),
        words=words,
        source="database",
    )


def _database_filter(name: str, values: Sequence[str]) -> Q:
    """One filter as a condition on the common table; a filter it cannot hold leaves everything in."""
    if name == "library":
        return Q(kind__in=LIBRARY_KINDS)
    if name == "item":
        return Q(translation_key__in=values)
    if name == "kind":
        return Q(kind__in=values)
    if name == "language":
        return Q(locale__language_code__in=values)
    if name == "year":
        years = [int(value) for value in values if YEAR.fullmatch(value)]
        return Q(published_on__year__in=years)
    if name == "group":
        return Q(working_group__slug__in=values)
    if name == "topic":
        tags = TopicOfPage.objects.filter(Q(tag__slug__in=values) | Q(tag__parent__slug__in=values))
        return Q(pk__in=tags.values("content_object"))
    if name == "keyword":
        return Q(pk__in=KeywordOfPage.objects.filter(tag__slug__in=values).values("content_object"))
    if name == "audience":
        conditions: dict[str, Q] = {
            Audience.GROUP: Q(access_key__startswith="group:") & ~Q(access_key__endswith="+full"),
            Audience.GROUP_FULL: Q(access_key__endswith="+full"),
        }
        asked = Q(access_key__in=[value for value in values if value not in conditions])
        for value in values:
            asked |= conditions.get(value, Q(pk__in=[]))
        return asked
    return Q()
