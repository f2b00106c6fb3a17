"""What a person's memberships give on a day. Read at each request; nothing is kept in step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import BigIntegerField, Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from .models import SECRETARIAT, Membership, Participation, Seat, today

if TYPE_CHECKING:
    from .models import User


@dataclass(frozen=True)
class Rights:
    """What the access rule may know about a person."""

    is_member: bool = False
    full_access: bool = False
    groups: frozenset[int] = frozenset()
    sees_all: bool = False


NO_RIGHTS = Rights()


def grace() -> timedelta:
    """How long a membership still opens doors after its last day (MEMBERSHIP_GRACE_DAYS)."""
    return timedelta(days=settings.MEMBERSHIP_GRACE_DAYS)


def running(on: date) -> Q:
    """Rows with ``starts_on`` and ``ends_on`` that hold on a day; both end days count."""
    return Q(starts_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))


def members_on(on: date, person: str) -> Q:
    """Rows whose person is a member on ``on``, by an own membership or by a seat, grace included.

    Args:
        person: The field of the rows that holds his or her id.
    """
    member = Membership.objects.filter(user=OuterRef(person), starts_on__lte=on, ends_on__gte=on - grace())
    seated = Seat.objects.filter(
        running(on), user=OuterRef(person), organisation__starts_on__lte=on, organisation__ends_on__gte=on - grace()
    )
    return Q(Exists(member) | Exists(seated))


def own_memberships(user: User, on: date) -> QuerySet[Membership]:
    """The person's own memberships that open doors on ``on``, grace included."""
    return Membership.objects.filter(user=user, starts_on__lte=on, ends_on__gte=on - grace())


def current_seats(user: User, on: date) -> QuerySet[Seat]:
    """The person's seats that open doors on ``on``.

    Grace is the organisation's, for its dues; a seat that was taken away ends on its last day.
    """
    return Seat.objects.filter(
        running(on),
        user=user,
        organisation__starts_on__lte=on,
        organisation__ends_on__gte=on - grace(),
    )


def current_participations(user: User, on: date) -> QuerySet[Participation]:
    """The working groups the person is in on ``on``, member of the network or not."""
    return Participation.objects.filter(running(on), user=user)


def rights_of(user: User | AnonymousUser, on: date | None = None) -> Rights:
    """What the person may see on ``on`` (default: today in UTC), in one query.

    Of an own and an organisation's membership the better counts. Somebody who is no member that
    day has no rights in working groups either; somebody who may not sign in has none at all.
    """
    if not user.is_authenticated or not user.is_active:
        return NO_RIGHTS
    on = on or today()
    rows = facts(own_memberships(user, on), "member", full_if("tier__full_access")).union(
        facts(current_seats(user, on), "member", full_if("organisation__tier__full_access")),
        facts(current_participations(user, on), "group", F("group_id")),
        facts(Group.objects.filter(name=SECRETARIAT, user=user), "secretariat", F("pk")),
    )
    found: dict[str, set[int]] = {"member": set(), "group": set(), "secretariat": set()}
    for fact, number in rows:
        found[fact].add(number)
    is_member = bool(found["member"])
    return Rights(
        is_member=is_member,
        full_access=1 in found["member"],
        groups=frozenset(found["group"]) if is_member else frozenset(),
        sees_all=user.is_superuser or bool(found["secretariat"]),
    )


def full_if(flag: str) -> Case:
    """1 where the boolean column ``flag`` is true, else 0."""
    return Case(When(**{flag: True}, then=Value(1)), default=Value(0))


def facts(rows: QuerySet, fact: str, number: Case | F) -> QuerySet:
    """Rows as pairs (fact, number), so that facts from several tables fit into one query."""
    return (
        rows.order_by()
        .annotate(fact=Value(fact, output_field=CharField()), number=Cast(number, BigIntegerField()))
        .values_list("fact", "number")
    )
