"""Whose a page is, and who may not be the only one to have read it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import QuerySet
from wagtail.models import Revision

from core import lines
from core.access import FULL, PUBLIC, tier_of, viewer_for
from core.models import HubPage
from members.models import User, WorkingGroup
from members.offices import leads_of

STANDARD = "standard"


def hub_page(page: Any) -> HubPage:
    """The page as the access rule knows it: Wagtail often holds pages as its own plain class."""
    return page if isinstance(page, HubPage) else models.QuerySet(HubPage).get(pk=page.pk)


def section_groups(pages: Iterable[HubPage]) -> dict[int, WorkingGroup]:
    """The working group below whose home each of these pages stands, by the page's id; one query.

    Rights in Wagtail follow the tree, so it is the section that counts here, not the field ``working_group``.
    """
    from groups.models import WorkingGroupPage

    pages = list(pages)
    above = {page.path[:n] for page in pages for n in range(lines.STEP, len(page.path) + 1, lines.STEP)}
    homes = {
        home.path: home.working_group
        for home in models.QuerySet(WorkingGroupPage).filter(path__in=above).select_related("working_group")
        if home.working_group is not None
    }
    found: dict[int, WorkingGroup] = {}
    for page in pages:
        for n in range(len(page.path), 0, -lines.STEP):
            if page.path[:n] in homes:
                found[page.pk] = homes[page.path[:n]]
                break
    return found


def section_group(page: HubPage) -> WorkingGroup | None:
    """The working group below whose home a page stands; None for what the secretariat owns."""
    return section_groups([page]).get(page.pk)


def is_own_work(user: User, page: HubPage, revision: Revision | None) -> bool:
    """Whether this person wrote the last version, and somebody else has to read it.

    A group may be set so that one lead publishes what is not public.
    """
    if revision is None or revision.user_id != user.pk:
        return False
    group = section_group(page)
    if group is None or not group.lead_publishes_alone or needs_secretariat(page):
        return True
    return not leads_of(group).filter(pk=user.pk).exists()


def needs_secretariat(page: HubPage) -> bool:
    """Whether the secretariat reads a page too.

    What everybody may read, were it only title and summary; standards; and what was taken offline, since nobody but the
    secretariat does that.
    """
    was_taken_offline = not page.live and page.first_published_at is not None
    return page.standing_key == PUBLIC or page.teaser or page.kind == STANDARD or was_taken_offline


def writers(pages: Iterable[HubPage]) -> set[int]:
    """Who wrote the last versions of these pages, by id."""
    revisions = [page.latest_revision for page in pages if page.latest_revision is not None]
    return {revision.user_id for revision in revisions if revision.user_id is not None}


def others(people: QuerySet[User], pages: Iterable[HubPage]) -> QuerySet[User]:
    """Those of some people who did not write the last version of any of these pages; all where that leaves nobody."""
    rest = people.exclude(pk__in=writers(pages))
    return rest if rest.exists() else people


def readable(people: QuerySet[User], pages: Iterable[HubPage], on: date) -> QuerySet[User]:
    """Those of a few people who may read all of these pages: the tier of a lead may be too low for what is for Full."""
    keys = {page.standing_key for page in pages}
    if all(tier_of(key) < tier_of(FULL) for key in keys):
        return people
    return people.filter(pk__in=[person.pk for person in people if keys <= viewer_for(person, on).keys])
