"""Wagtail's permission groups, in step with the terms of office of today."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from groups.leaving import open_locks_of
from groups.spaces import Space
from members.models import User
from members.offices import Offices, offices_of

# What Django and Wagtail remember on a user object of what he or she may do.
REMEMBERED = (
    "_perm_cache",
    "_user_perm_cache",
    "_group_perm_cache",
    "_page_permission_cache",
    "_explorable_root_page_cache",
    "_collection_permission_cache",
)


def settle(user: User, offices: Offices | None = None, on: date | None = None) -> bool:
    """Put a person into the permission groups of the working groups whose offices he or she holds, and into no other.

    Reads in one query beside the offices', and writes only what differs.

    Args:
        user: Who enters the admin, or whose office, participation or membership has changed.
        offices: What ``offices_of`` said already, to spare its query.
        on: The day (default: today in UTC); not used where ``offices`` are given.

    Returns: Whether anything was changed.
    """
    wanted = (offices if offices is not None else offices_of(user, on)).groups
    inside = User.groups.through.objects.filter(user=user, group=OuterRef("permission_group"))
    spaces = (
        Space.objects.filter(permission_group__isnull=False)
        .annotate(is_inside=Exists(inside))
        .filter(Q(working_group__in=wanted) | Q(is_inside=True))
        .values_list("working_group_id", "permission_group_id", "is_inside")
    )
    enter, leave = [], []
    for group, permission_group, is_inside in spaces:
        if group in wanted and not is_inside:
            enter.append(permission_group)
        elif group not in wanted and is_inside:
            leave.append(permission_group)
    if not enter and not leave:
        return False
    with transaction.atomic():
        user.groups.add(*enter)
        user.groups.remove(*leave)
        if leave:
            open_locks_of(user, on)
    forget(user)
    return True


def forget(user: User) -> None:
    """Drop what Django and Wagtail remember on this object of what the person may do."""
    for name in [name for name in vars(user) if name in REMEMBERED]:
        delattr(user, name)
