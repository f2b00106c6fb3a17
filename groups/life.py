"""What goes on in a working group, for its home page: to those outside the way in, to those inside all of it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.http import HttpRequest
from wagtail.models import Page, WorkflowState  # noqa: TID251  what workflows call the pages they are about

from core.access import Viewer, group_key
from core.models import HubPage
from groups.joining import may_ask_again
from groups.people import people_of
from groups.records import Decision, GroupTask, JoinRequest, Suggestion
from members.models import User, WorkingGroup

FEW = 6
FEW_NAMES = 24
"""People named on the home page; all are on the page of the group's people."""


def life_of(group: WorkingGroup | None, viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """What the home page of a group shows beside what it has published.

    ``life`` is for those in the group and the secretariat, ``entry`` for members who are not in it; strangers get
    neither, and no question is asked for them.
    """
    if group is None or not viewer.signed_in:
        return {"life": None, "entry": None}
    user = cast(User, request.user)
    is_in = group_key(group.pk) in viewer.keys
    if is_in or viewer.sees_all:
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
    """People, tasks and decisions; for leads also what waits for them. Three queries, for leads six."""
    people = people_of(group)
    names = {one.pk: one.name for one in people}
    mine = next((one for one in people if one.pk == user.pk), None)
    leads = viewer.sees_all or (mine is not None and mine.leads)
    tasks = list(GroupTask.objects.filter(group=group, done_on=None)[: FEW + 1])
    for task in tasks:
        task.name = names.get(task.who_id or 0, "")  # type: ignore[attr-defined]
    return {
        "is_in": mine is not None,
        "leads": leads,
        "writes": leads or (mine is not None and mine.writes),
        "officers": [one for one in people if one.terms],
        "people": [one for one in people if not one.terms][:FEW_NAMES],
        "number": len(people),
        "tasks": tasks[:FEW],
        "more_tasks": len(tasks) > FEW,
        "decisions": list(Decision.objects.filter(group=group)[:FEW]),
        "requests": JoinRequest.objects.filter(group=group, refused_at=None).count() if leads else 0,
        "reviews": in_review(group, viewer) if leads else [],
        "suggestions": suggested(group, viewer) if leads else 0,
    }


def in_review(group: WorkingGroup, viewer: Viewer) -> list[HubPage]:
    """The pages of a group that wait for somebody's agreement before they go live, also those never live; one query."""
    running = WorkflowState.objects.filter(
        status=WorkflowState.STATUS_IN_PROGRESS,
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id=Cast(OuterRef("pk"), CharField(max_length=20)),
    )
    return list(own_pages(group, viewer).filter(Exists(running)).order_by("-latest_revision_created_at", "-pk")[:20])


def suggested(group: WorkingGroup, viewer: Viewer) -> int:
    """How many suggestions to pages of a group wait for an answer; one query."""
    pages = own_pages(group, viewer)
    return Suggestion.objects.filter(state=Suggestion.State.WAITING, page__in=pages).count()


def own_pages(group: WorkingGroup, viewer: Viewer) -> Any:
    """The pages a group owns, live or not, as far as their standing allows this viewer to read them."""
    pages = HubPage.objects.filter(working_group=group)
    return pages if viewer.sees_all else pages.filter(standing_key__in=sorted(viewer.keys))
