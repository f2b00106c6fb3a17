"""What goes on in a working group, for its home page: to those outside the way in, to those inside all of it."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest
from wagtail.models import Page, WorkflowState  # noqa: TID251  what workflows call the pages they are about

from core.access import Viewer, group_key
from core.models import HubPage
from groups.joining import may_ask_again
from groups.people import people_of
from groups.records import Contribution, Decision, GroupTask, JoinRequest, Suggestion
from members.models import User, WorkingGroup

FEW = 6
WAITING = ("offers", "requests", "reviews", "suggestions")
"""What can wait for a group's leads."""
FEW_NAMES = 24
"""People named on the home page; all are on the page of the group's people."""


def group_for(pk: int | None, viewer: Viewer) -> WorkingGroup | None:
    """The group of a home page, for those inside with how much waits for its leads; one query."""
    if pk is None:
        return None
    groups = WorkingGroup.objects.filter(pk=pk)
    return (with_waiting(groups, viewer) if sees_inside(pk, viewer) else groups).first()


def with_waiting(groups: QuerySet[WorkingGroup], viewer: Viewer) -> QuerySet[WorkingGroup]:
    """Groups with how much waits for their leads, a number for each of ``WAITING``, as this viewer may know of it."""
    own = own_pages(viewer, OuterRef(OuterRef("pk")))
    offers = Contribution.objects.filter(page__in=own, page__live=False)
    suggested = Suggestion.objects.filter(state=Suggestion.State.WAITING)
    return groups.annotate(
        offers=how_many(offers.filter(~Exists(reviews_of("page")))),
        requests=how_many(JoinRequest.objects.filter(group=OuterRef("pk"), refused_at=None)),
        reviews=how_many(own_pages(viewer).filter(Exists(reviews_of("pk")))),
        suggestions=how_many(suggested.filter(page__in=own)),
    )


def sees_inside(group: int, viewer: Viewer) -> bool:
    """Whether a viewer sees who is in a group and what it does."""
    return viewer.sees_all or group_key(group) in viewer.keys


def life_of(group: WorkingGroup | None, viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """What the home page of a group shows beside what it has published.

    ``life`` is for those in the group and the secretariat, ``entry`` for members who are not in it; strangers get
    neither, and no question is asked for them.
    """
    if group is None or not viewer.signed_in:
        return {"life": None, "entry": None}
    user = cast(User, request.user)
    if sees_inside(group.pk, viewer):
        return {"life": inside(group, viewer, user), "entry": None}
    return {"life": None, "entry": way_in(group, user) if viewer.is_member else None}


def way_in(group: WorkingGroup, user: User) -> dict[str, Any]:
    """How a member who is outside comes in, and what became of his or her request; one query."""
    request = JoinRequest.objects.filter(group=group, user=user).first()
    return {
        "is_open": group.entry == WorkingGroup.Entry.OPEN,
        "waiting": request is not None and request.refused_at is None,
        "refused": request if request is not None and request.refused_at is not None else None,
        "again_on": may_ask_again(request) if request is not None else None,
    }


def inside(group: WorkingGroup, viewer: Viewer, user: User) -> dict[str, Any]:
    """People, tasks and decisions, and for leads what waits for them; ``group`` is from ``group_for``. Two queries."""
    people = people_of(group)
    names = {one.pk: one.name for one in people}
    mine = next((one for one in people if one.pk == user.pk), None)
    leads = viewer.sees_all or (mine is not None and mine.leads)
    tasks, decisions = agenda_of(group)
    for task in tasks:
        task.name = names.get(task.who_id or 0, "")  # type: ignore[attr-defined]
    return {
        "is_in": mine is not None,
        "leads": leads,
        "writes": leads or (mine is not None and mine.writes),
        "officers": [one for one in people if one.terms],
        "people": [one for one in people if not one.terms][:FEW_NAMES],
        "number": len(people),
        "tasks": tasks,
        "decisions": decisions,
        "waiting": {name: getattr(group, name) for name in WAITING} if leads else None,
    }


def agenda_of(group: WorkingGroup) -> tuple[list[GroupTask], list[Decision]]:
    """The open tasks that are due first, and the newest decisions, in one query for both."""
    first = GroupTask.objects.filter(group=group, done_on=None)[:FEW]
    newest = Decision.objects.filter(group=group)[:FEW]
    rows = (
        GroupTask.objects.filter(pk__in=first.values("pk"))
        .order_by()
        .annotate(sort=Value("task"))
        .values_list("sort", "pk", "text", "due_on", "who_id")
        .union(
            Decision.objects.filter(pk__in=newest.values("pk"))
            .order_by()
            .annotate(sort=Value("decision"), who_id=Value(None, output_field=BigIntegerField()))
            .values_list("sort", "pk", "text", "decided_on", "who_id")
        )
    )
    tasks, decisions = [], []
    for sort, pk, text, day, who in rows:
        if sort == "task":
            tasks.append(GroupTask(pk=pk, text=text, due_on=day, who_id=who))
        elif day is not None:
            decisions.append(Decision(pk=pk, text=text, decided_on=day))
    tasks.sort(key=lambda task: (task.due_on is None, task.due_on or date.min, task.pk))
    decisions.sort(key=lambda decision: (decision.decided_on, decision.pk), reverse=True)
    return tasks, decisions


def reviews_of(page: str) -> QuerySet:
    """The reviews that run of a page, which the query around names in this column."""
    return WorkflowState.objects.filter(
        status=WorkflowState.STATUS_IN_PROGRESS,
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id=Cast(OuterRef(page), CharField(max_length=20)),
    )


def own_pages(viewer: Viewer, group: Any = None) -> QuerySet:
    """The pages a group owns, live or not, as far as their standing lets this viewer read them.

    Args:
        group: The group, or what names it in the query around; default: the key of that query.
    """
    pages = HubPage.objects.filter(working_group=OuterRef("pk") if group is None else group)
    return pages if viewer.sees_all else pages.filter(standing_key__in=sorted(viewer.keys))


def how_many(rows: QuerySet) -> Coalesce:
    """The number of rows, as a column of the query around."""
    counted = rows.order_by().annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
