"""What is left when somebody leaves an office: drafts stay the group's, locks are opened, nobody waits in vain.

Terms of office end by their dates, so nothing here depends on an event: who holds an office is looked up when it is
asked. Only locks are written, and a lock of somebody without office is opened whenever somebody meets it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models

from core import lines
from core.models import HubPage
from groups.models import WorkingGroupPage
from groups.readers import section_groups
from members.models import User, WorkingGroup
from members.offices import holders, leads_of, offices_of, secretariat


def pages_of(groups: Iterable[WorkingGroup | int]) -> models.QuerySet[HubPage]:
    """All pages in the sections of these groups, their homes too, live or not."""
    homes = models.QuerySet(WorkingGroupPage).filter(working_group__in=list(groups), alias_of=None)
    inside = models.Q(pk__in=[])
    for path in homes.values_list("path", flat=True):
        inside |= lines.subtree(path)
    return models.QuerySet(HubPage).filter(inside, alias_of=None)


def without_author(groups: Iterable[WorkingGroup | int], on: date | None = None) -> list[HubPage]:
    """Pages of these groups with changes that are not live, last written by somebody who holds no office in the group.

    Their text is the group's; any lead or author of the group can go on with it.
    """
    found = []
    staff = set(secretariat().values_list("pk", flat=True))
    for group in groups:
        writers = staff | set(holders([group], on).values_list("pk", flat=True))
        unfinished = pages_of([group]).filter(models.Q(has_unpublished_changes=True) | models.Q(live=False))
        unfinished = unfinished.filter(latest_revision__user__isnull=False).select_related("latest_revision")
        found += [page for page in unfinished.order_by("path") if page.latest_revision.user_id not in writers]
    return found


def groups_without_lead(on: date | None = None) -> list[WorkingGroup]:
    """Groups that nobody leads: what waits there waits for the secretariat."""
    return [group for group in WorkingGroup.objects.all() if not leads_of(group, on).exists()]


def open_stale_locks(pages: Iterable[HubPage], on: date | None = None) -> int:
    """Open the locks of people who may not work on these pages any more; returns how many."""
    locked = [page for page in pages if page.locked and page.locked_by_id]
    groups = section_groups(locked)
    people = {user.pk: user for user in User.objects.filter(pk__in={page.locked_by_id for page in locked})}
    opened = 0
    for page in locked:
        group, holder = groups.get(page.pk), people.get(page.locked_by_id or 0)
        if holder is None or holder.is_secretariat:
            continue
        if group is not None and group.pk in offices_of(holder, on).groups:
            continue
        models.QuerySet(HubPage).filter(pk=page.pk).update(locked=False, locked_by=None, locked_at=None)
        page.locked, page.locked_by, page.locked_at = False, None, None
        opened += 1
    return opened


def open_locks_of(user: User, on: date | None = None) -> int:
    """Open what a person has locked and may not work on any more; returns how many."""
    return open_stale_locks(models.QuerySet(HubPage).filter(locked=True, locked_by=user), on)


def open_all_stale_locks(on: date | None = None) -> int:
    """The same for everybody; run every night."""
    return open_stale_locks(models.QuerySet(HubPage).filter(locked=True, locked_by__isnull=False), on)
