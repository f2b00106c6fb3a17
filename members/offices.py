"""Who leads and who writes for which working group on a day. Read at each request; nothing is kept in step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import SECRETARIAT, Office, Participation, User, today
from .rights import members_on, running

if TYPE_CHECKING:
    from .models import WorkingGroup


@dataclass(frozen=True)
class Offices:
    """The working groups, by id, that a person leads and writes for."""

    leads: frozenset[int] = frozenset()
    authors: frozenset[int] = frozenset()

    @cached_property
    def groups(self) -> frozenset[int]:
        """All of them."""
        return self.leads | self.authors

    def __bool__(self) -> bool:
        return bool(self.groups)


NO_OFFICES = Offices()


def current_offices(on: date | None = None) -> QuerySet[Office]:
    """The terms of office that count on ``on`` (default: today in UTC); both end days count.

    An office counts while the person may sign in, is in the group that day, and is a member of the network, by an own
    membership or by a seat, grace included.
    """
    on = on or today()
    there = Participation.objects.filter(running(on), user=OuterRef("user"), group=OuterRef("group"))
    return Office.objects.filter(running(on), Exists(there), members_on(on, "user"), user__is_active=True)


def offices_of(user: User | AnonymousUser, on: date | None = None) -> Offices:
    """What a person leads and writes for on ``on`` (default: today in UTC), in one query."""
    if not user.is_authenticated or not user.is_active:
        return NO_OFFICES
    held: dict[str, set[int]] = {Office.Role.LEAD: set(), Office.Role.AUTHOR: set()}
    for role, group in current_offices(on).filter(user=user).values_list("role", "group_id"):
        held[role].add(group)
    return Offices(frozenset(held[Office.Role.LEAD]), frozenset(held[Office.Role.AUTHOR]))


def leads_of(group: WorkingGroup | int, on: date | None = None) -> QuerySet[User]:
    """The people who lead a group on ``on`` (default: today in UTC)."""
    return holders([group], on, role=Office.Role.LEAD)


def holders(groups: Iterable[WorkingGroup | int], on: date | None = None, *, role: str = "") -> QuerySet[User]:
    """The people who hold an office, or that one, in any of these groups on ``on`` (default: today in UTC)."""
    wanted = Q(role=role) if role else Q()
    terms = current_offices(on).filter(wanted, group__in=list(groups), user=OuterRef("pk"))
    return User.objects.filter(Exists(terms))


def secretariat() -> QuerySet[User]:
    """The people of the secretariat who may sign in."""
    return User.objects.filter(is_active=True).filter(
        Exists(User.groups.through.objects.filter(user=OuterRef("pk"), group__name=SECRETARIAT))
    )
