"""The admin's pages of the review: what waits, one review, and the list of checks before a page is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.models import TaskState, WorkflowState

from core.desk import desk_for
from core.models import HubPage
from groups.checklist import audience_in_words
from groups.leaving import groups_without_lead, pages_of, without_author
from groups.readers import hub_page, section_group
from groups.submissions import ReviewMail, Submission, lock, read_token, sent_with
from groups.submitting import NotReady, may_send, send, sendable, what_is_missing
from groups.workflow import ESCALATE_AFTER, waiting
from groups.workflow_forms import ApproveForm, ChangesForm, SendForm
from members.models import User
from members.offices import offices_of


def may_follow(user: User, page: Any) -> bool:
    """Whether somebody may see the reviews of a page: who writes in its section and may read it; the secretariat."""
    desk = desk_for(user)
    if desk is None:
        return True
    page = hub_page(page)
    group = section_group(page)
    return group is not None and group.pk in desk.offices.groups and desk.owns(page)


def titles(pages: list[HubPage]) -> str:
    """What a review is called in lists: its first page, and how many others."""
    first, others = pages[0].get_admin_display_title(), len(pages) - 1
    if not others:
        return str(first)
    return ngettext("%(page)s and %(number)d more", "%(page)s and %(number)d more", others) % {
        "page": first,
        "number": others,
    }


def once(states: Any, user: User, seen: set[int] | None = None) -> list[dict[str, Any]]:
    """Reviews as rows of a list, of pages this person may read; pages that were sent together are one row.

    Args:
        seen: Ids of pages that stand in a list above; those of this list are added.
    """
    rows, seen = [], set() if seen is None else seen
    for state in states:
        pages = sent_with(state.workflow_state)
        if not pages or pages[0].pk in seen or not all(may_follow(user, page) for page in pages):
            continue
        seen.update(page.pk for page in pages)
        rows.append(
            {
                "title": titles(pages),
                "url": reverse("groups_review", args=[state.pk]),
                "since": state.started_at,
                "by": state.workflow_state.requested_by,
                "step": state.task.name,
                "is_late": timezone.now() - state.started_at >= ESCALATE_AFTER,
                "needs_changes": state.workflow_state.status == WorkflowState.STATUS_NEEDS_CHANGES,
            }
        )
    return rows


def waiting_rows(user: User, seen: set[int] | None = None) -> list[dict[str, Any]]:
    """What waits for this person, oldest first. Arguments as of ``once``."""
    states = (state for state, asked in waiting(timezone.now(), user) if asked.filter(pk=user.pk).exists())
    return once(states, user, seen)


@require_http_methods(["GET", "HEAD"])
def reviews(request: HttpRequest) -> HttpResponse:
    """What waits for this person, what else is on its way, and drafts that have lost their author."""
    user: Any = request.user
    offices = offices_of(user)
    if not (user.is_secretariat or offices):
        raise Http404
    active = WorkflowState.objects.active().filter(submission__isnull=False)
    if not user.is_secretariat:
        mine = [str(pk) for pk in pages_of(offices.groups).values_list("pk", flat=True)]
        active = active.filter(object_id__in=mine)
    current = TaskState.objects.filter(pk__in=active.values("current_task_state"))
    current = current.select_related("workflow_state__requested_by", "task").order_by("started_at", "pk")
    led = groups_without_lead() if user.is_secretariat else offices.leads
    seen: set[int] = set()
    context = {
        "waiting": waiting_rows(user, seen),
        "on_the_way": once(current, user, seen),
        "without_author": [page for page in without_author(led) if may_follow(user, page)],
        "bad_mails": ReviewMail.objects.exclude(state=ReviewMail.State.SENT)
        .filter(at__lt=timezone.now() - timedelta(minutes=10))
        .count()
        if user.is_secretariat
        else 0,
    }
    return render(request, "groups/admin/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, task_state_id: int) -> HttpResponse:
    """One step of a review: what was sent with which ticks, reading and comparing, and the answer."""
    state, page = _state(request, task_state_id)
    user: Any = request.user
    pages = sent_with(state.workflow_state)
    task = state.task.specific
    action = request.POST.get("action", "")
    approve = ApproveForm(request.POST if action == "approve" else None, initial={"read": read_token(pages)})
    changes = ChangesForm(request.POST if action == "reject" else None, prefix="changes")
    problem = ""
    if request.method == "POST":
        form = {"approve": approve, "reject": changes}.get(action)
        if form is None:
            problem = _("Choose one of the two answers.")
        elif form.is_valid():
            try:
                with transaction.atomic():
                    task.on_action(state, user, action, **form.cleaned_data)
            except PermissionDenied as error:
                problem = str(error)
            except ValidationError as error:
                problem = _("This cannot go live as it is, so nothing was published: %(why)s") % {
                    "why": " ".join(error.messages)
                }
            else:
                return _answered(request, state, page, len(pages))
            state.refresh_from_db()
            if action == "approve":
                # What is shown now is what the next "yes" is for.
                approve = ApproveForm(
                    initial={
                        "read": read_token(sent_with(state.workflow_state)),
                        "comment": form.cleaned_data["comment"],
                    }
                )
    is_open = state.status == TaskState.STATUS_IN_PROGRESS
    reviewer = is_open and all(task.is_reviewer(each, user) for each in pages)
    refusals = [task.refusal(each, user, each.latest_revision) for each in pages] if reviewer else []
    sent = Submission.objects.filter(workflow_state=state.workflow_state).select_related("by").first()
    context = {
        "page": page,
        "state": state,
        "task": task,
        "sent": sent,
        "pages": [_row(each) for each in pages],
        "reviewed": titles(pages),
        "is_open": is_open,
        "is_reviewer": reviewer,
        "who_answers": task.who_answers(pages, state.started_at, timezone.now()) if is_open and not reviewer else "",
        "refusal": next((reason for reason in refusals if reason), ""),
        "problem": problem,
        "approve": approve,
        "changes": changes,
        "may_take_back": state.workflow_state.is_active and may_take_back(user, state.workflow_state),
        "answers": _answers(state.workflow_state),
        "needs_changes": state.workflow_state.status == WorkflowState.STATUS_NEEDS_CHANGES,
    }
    return render(request, "groups/admin/review.html", context, status=409 if problem else 200)


def may_take_back(user: User, workflow_state: WorkflowState) -> bool:
    """Whoever sent a page may take it back, and so may the secretariat."""
    return user.is_secretariat or workflow_state.requested_by_id == user.pk


@require_POST
def take_back_view(request: HttpRequest, task_state_id: int) -> HttpResponse:
    """End a review without an answer, so that the page can be changed."""
    state, page = _state(request, task_state_id)
    user: Any = request.user
    if not may_take_back(user, state.workflow_state):
        raise Http404
    with transaction.atomic():
        # Somebody may be answering just now: what is live stays approved.
        workflow_state = lock(state.workflow_state)
        if workflow_state.is_active:
            workflow_state.cancel(user=user)
    messages.success(request, _("The review has ended. The page can be changed again."))
    return redirect("wagtailadmin_pages:edit", page.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def send_view(request: HttpRequest, page_id: int) -> HttpResponse:
    """The list of checks, and sending a page, with changed pages below it, to review."""
    found = models.QuerySet(HubPage).filter(pk=page_id).select_related("latest_revision").first()
    user: Any = request.user
    if found is None or not may_send(user, found.specific):
        raise Http404
    page = found.specific
    state = page.current_workflow_task_state
    if state is not None:
        messages.info(request, _("This page is in review already."))
        return redirect("groups_review", state.pk)
    choice = [each for each in sendable(found, user) if not _in_review(each)]
    form = SendForm(request.POST if request.method == "POST" else None, pages=choice)
    chosen = choice if request.method != "POST" else [each for each in choice if str(each.pk) in form.chosen]
    rows = [{**_row(each), "checks": what_is_missing(each), "is_chosen": each in chosen} for each in choice]
    not_ready = [row for row in rows if row["is_chosen"] and any(not check.is_done for check in row["checks"])]
    problem = ""
    if request.method == "POST" and form.is_valid():
        if not_ready:
            problem = _("Something is missing. It is said below, beside what it is about. Nothing was sent.")
        else:
            try:
                sent = send(chosen, user, names=form.cleaned_data["names"], note=form.cleaned_data["note"])
            except NotReady as error:
                problem = str(error)
            else:
                messages.success(request, _("Sent to review. You will get a mail when there is an answer."))
                return redirect("groups_review", sent[0].current_task_state_id)
    context = {"page": page, "form": form, "rows": rows, "problem": problem, "not_ready": not_ready}
    return render(request, "groups/admin/send.html", context, status=409 if problem else 200)


def _in_review(page: HubPage) -> bool:
    return bool(page.specific.workflow_in_progress)


def _row(page: HubPage) -> dict[str, Any]:
    """One page of a review: what to read and with what to compare it."""
    latest = page.latest_revision_id
    compare = ""
    if page.live and latest and page.live_revision_id != latest:
        compare = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, "live", latest])
    return {
        "page": page,
        "title": page.get_admin_display_title(),
        "edit": reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "read": reverse("wagtailadmin_pages:view_draft", args=[page.pk]),
        "compare": compare,
        "audience": audience_in_words(page),
    }


def _answers(workflow_state: WorkflowState) -> models.QuerySet[TaskState]:
    """What was answered so far, oldest first."""
    done = workflow_state.task_states.filter(status__in=[TaskState.STATUS_APPROVED, TaskState.STATUS_REJECTED])
    return done.select_related("finished_by", "task").order_by("finished_at")


def _answered(request: HttpRequest, state: TaskState, page: HubPage, number: int) -> HttpResponse:
    """Say what came of an answer, and go back to what waits."""
    after = WorkflowState.objects.get(pk=state.workflow_state_id)
    if after.status == WorkflowState.STATUS_APPROVED:
        words = ngettext("%(number)d page is live now.", "%(number)d pages are live now.", number) % {"number": number}
        live = HubPage.objects.filter(pk=page.pk, live=True).first()
        if live is None:
            words = _("You have approved this. It goes live at the time that is set in it.")
        url = live.url if live is not None else None
        messages.success(request, words, buttons=[messages.button(url, _("Read it on the site"))] if url else None)
    elif after.status == WorkflowState.STATUS_NEEDS_CHANGES:
        messages.success(request, _("Whoever sent this is asked for changes, and can change the page again."))
    else:
        messages.success(request, _("You have approved this. The next step waits for others."))
    return redirect("groups_reviews")


def _state(request: HttpRequest, task_state_id: int) -> tuple[TaskState, HubPage]:
    """A step and its page; for whoever may not follow it there is none."""
    state = get_object_or_404(TaskState.objects.select_related("workflow_state", "task"), pk=task_state_id)
    page = models.QuerySet(HubPage).filter(pk=int(state.workflow_state.object_id)).first()
    user: Any = request.user
    if page is None or not all(may_follow(user, each) for each in sent_with(state.workflow_state)):
        raise Http404
    return state, page
