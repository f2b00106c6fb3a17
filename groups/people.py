"""Who is in a working group on a day. It is shown to those who are in it and to the secretariat, to nobody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Lower

from members.models import Office, Participation, User, WorkingGroup, today
from members.rights import members_on, running


@dataclass(frozen=True)
class Term:
    """An office somebody holds, and its last day if it has one."""

    pk: int
    role: str
    ends_on: date | None

    @property
    def name(self) -> str:
        """What the office is called."""
        return str(Office.Role(self.role).label)


@dataclass(frozen=True)
class Person:
    """Somebody in a group, by the display name alone."""

    pk: int
    name: str
    since: date
    terms: list[Term] = field(default_factory=list)

    @property
    def leads(self) -> bool:
        """Whether he or she leads the group."""
        return any(term.role == Office.Role.LEAD for term in self.terms)

    @property
    def writes(self) -> bool:
        """Whether he or she is an author of the group."""
        return any(term.role == Office.Role.AUTHOR for term in self.terms)


def people_of(group: WorkingGroup, on: date | None = None) -> list[Person]:
    """The people in a group on ``on`` (default: today in UTC), leads first, then authors, by name; in one query.

    Somebody whose membership has lapsed is not in it, whatever the list of participations says.
    """
    on = on or today()
    there = Participation.objects.filter(running(on), user=OuterRef("pk"), group=group)
    held = Q(offices__group=group, offices__starts_on__lte=on) & (
        Q(offices__ends_on__isnull=True) | Q(offices__ends_on__gte=on)
    )
    rows = (
        User.objects.filter(Exists(there), members_on(on, "pk"), is_active=True)
        .annotate(
            term=FilteredRelation("offices", condition=held),
            since=Subquery(there.order_by("starts_on").values("starts_on")[:1]),
        )
        .order_by(Lower("display_name"), "pk", "term__pk")
        .values_list("pk", "display_name", "since", "term__pk", "term__role", "term__ends_on")
    )
    found: dict[int, Person] = {}
    for pk, name, since, term, role, ends_on in rows:
        there_already = found.setdefault(pk, Person(pk, name, since))
        if term is not None:
            there_already.terms.append(Term(term, role, ends_on))
    return sorted(found.values(), key=lambda one: (not one.leads, not one.writes))
