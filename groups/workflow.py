"""Four eyes: the steps a page passes before it goes live, and who may say yes at each.

A page below a working group's home is read by a lead who did not write its last version; what everybody may read, and
every standard, also by the secretariat; a standard also by the board, where that step is switched on. While a page is
in review nobody but the secretariat changes it: what was read is what goes live.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.locks import WorkflowLock
from wagtail.models import Revision, Task, TaskState, Workflow, WorkflowState

from core.desk import desk_for
from core.models import HubPage
from groups.readers import (
    STANDARD,
    hub_page,
    is_own_work,
    needs_secretariat,
    others,
    readable,
    section_group,
    section_groups,
    writers,
)
from groups.submissions import Submission, answered, lock, page_of, read_token, sent_with
from members.models import User
from members.offices import leads_of, offices_of, secretariat

REMIND_AFTER = timedelta(days=5)
ESCALATE_AFTER = timedelta(days=14)
"""After how long a review that nobody does is the secretariat's too."""


# The end ------------------------------------------------------------------------------------------


def finish(workflow_state: WorkflowState, user: User | None = None) -> None:
    """Publish what was approved (WAGTAIL_FINISH_WORKFLOW_ACTION), though the approver could not publish by himself.

    Raises:
        PermissionDenied: Nobody but its own writer has approved the latest version.
    """
    page = page_of(workflow_state).specific
    revision = page.get_latest_revision()
    approved = workflow_state.task_states.filter(status=TaskState.STATUS_APPROVED, revision=revision)
    readers = User.objects.filter(pk__in=approved.values("finished_by"))
    if revision is None or not any(not is_own_work(reader, page, revision) for reader in readers):
        raise PermissionDenied(_("Nobody else has approved the latest version of this page."))
    revision.publish(user=user, skip_permission_checks=True)


# The steps -----------------------------------------------------------------------------------------


class ReviewLock(WorkflowLock):
    """Says why a page in review cannot be changed, and what to do."""

    def get_message(self, user: User) -> str | None:
        """The words above the editor."""
        if not self.for_user(user):
            return None
        state = self.object.current_workflow_task_state
        return format_html(
            '{} <a href="{}">{}</a>',
            _(
                "This page is in review. Nobody changes it meanwhile: what was read is what goes live. "
                "To change it, ask for changes or take it back."
            ),
            reverse("groups_review", args=[state.pk]),
            _("See the review"),
        )

    def get_description(self, user: User, can_lock: bool = False) -> str:
        """The words in the side panel."""
        return _("In review, only the secretariat can change this page")


class Review(Task):
    """One step of the four eyes. Who may act is worked out when somebody asks, from the offices of that day."""

    lock_class = ReviewLock

    class Meta:
        abstract = True

    def applies(self, workflow_state: WorkflowState, page: HubPage) -> bool:
        """Whether a page needs this step; it is skipped otherwise."""
        return True

    def is_reviewer(self, page: HubPage, user: User) -> bool:
        """Whether this person may read and answer at this step."""
        return user.is_secretariat

    def reviewers(self, pages: Sequence[HubPage], since: datetime, now: datetime) -> QuerySet[User]:
        """The people who are asked to answer.

        Args:
            pages: Those that were sent together, with their latest revisions.
            since: When the step began.
            now: The moment for which is asked.
        """
        return others(secretariat(), pages)

    def who_answers(self, pages: Sequence[HubPage], since: datetime, now: datetime) -> str:
        """Who is asked to answer, in words for those who are not. Arguments as of ``reviewers``."""
        return _("The secretariat reads this next, and approves it or asks for changes.")

    def refusal(self, page: HubPage, user: User, revision: Revision | None) -> str:
        """Why this person may not approve this version, in words; empty: he or she may."""
        if not self.is_reviewer(page, user):
            return _("This step is for others.")
        if is_own_work(user, page, revision):
            return _("The last version is yours. Somebody else has to read it before it goes live.")
        return ""

    # What Wagtail asks ------------------------------------------------------------------------

    def start(self, workflow_state: WorkflowState, user: Any = None) -> TaskState:
        """As Wagtail's; a step that a page does not need is marked as skipped."""
        page = page_of(workflow_state)
        if self.applies(workflow_state, page):
            started: TaskState = super().start(workflow_state, user=user)
            return started
        return TaskState.objects.create(
            workflow_state=workflow_state,
            revision=page.get_latest_revision(),
            task=self,
            status=TaskState.STATUS_SKIPPED,
            finished_at=timezone.now(),
        )

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """What was read is what goes live."""
        return not user.is_secretariat

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Approving is offered only to those who may."""
        page = hub_page(obj)
        if not self.is_reviewer(page, user):
            return []
        actions: list[tuple[str, Any, bool]] = [("reject", gettext_lazy("Ask for changes"), True)]
        if not self.refusal(page, user, page.get_latest_revision()):
            actions.append(("approve", gettext_lazy("Approve"), True))
        return actions

    def get_form_for_action(self, action: str) -> Any:
        """Approving needs to say which version was read."""
        from groups.workflow_forms import ApproveForm, ChangesForm

        return ApproveForm if action == "approve" else ChangesForm

    def get_template_for_action(self, action: str) -> str:
        """Approving begins with reading: Wagtail's window for it only leads to the review."""
        return "groups/admin/read_first.html" if action == "approve" else ""

    @transaction.atomic
    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> None:
        """Do what was asked, for all pages that were sent together, once everything about them is looked at again.

        Args:
            kwargs: ``comment``, and for "approve" ``read``: the ``read_token`` of the versions that were read.

        Raises:
            PermissionDenied: with the reason in words. Nothing is changed then.
            ValidationError: A page cannot go live as it is. Nothing is changed then.
        """
        pages = sent_with(lock(task_state.workflow_state))
        ids = [str(page.pk) for page in pages]
        states = TaskState.objects.select_for_update().filter(
            workflow_state__object_id__in=ids, status=TaskState.STATUS_IN_PROGRESS, task=self
        )
        by_page = {int(state.workflow_state.object_id): state for state in states.select_related("workflow_state")}
        if task_state.pk not in [state.pk for state in by_page.values()]:
            raise PermissionDenied(_("This step is over: somebody else has answered."))
        comment = kwargs.get("comment", "")
        for page in pages:
            if not self.is_reviewer(page, user):
                raise PermissionDenied(_("This step is for others."))
            if action_name == "approve" and (reason := self.refusal(page, user, page.latest_revision)):
                raise PermissionDenied(reason)
        if action_name == "approve":
            sent = Submission.objects.filter(workflow_state__in=[state.workflow_state for state in by_page.values()])
            if len(by_page) != len(pages) or sent.count() != len(pages):
                raise PermissionDenied(_("This page came without its list of checks. Ask for changes."))
            if kwargs.get("read", "") != read_token(pages):
                raise PermissionDenied(_("The page was changed while you were reading. Read it again, then decide."))
        for page in pages:
            state = by_page.get(page.pk)
            if state is not None and action_name == "approve":
                # What is approved is what was read, not what the step began with.
                state.revision = page.latest_revision
                state.approve(user=user, comment=comment)
            elif state is not None and action_name == "reject":
                state.reject(user=user, comment=comment)
        answered.send(sender=type(self), step=by_page[min(by_page, key=lambda pk: ids.index(str(pk)))])

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> QuerySet[TaskState]:
        """The states of this step that wait for this person."""
        return waiting_for(user).filter(task=self)


class LeadReview(Review):
    """A lead of the group reads what others wrote. Where no lead can, or none does for long, the secretariat does."""

    class Meta:
        verbose_name = gettext_lazy("review by a lead")
        verbose_name_plural = gettext_lazy("reviews by a lead")

    def applies(self, workflow_state: WorkflowState, page: HubPage) -> bool:
        """Only what stands below a group's home has leads."""
        return section_group(page) is not None

    def is_reviewer(self, page: HubPage, user: User) -> bool:
        """The leads of that day, as far as they may read the page, and the secretariat."""
        desk, group = desk_for(user), section_group(page)
        return desk is None or (group is not None and group.pk in desk.offices.leads and desk.owns(page))

    def reviewers(self, pages: Sequence[HubPage], since: datetime, now: datetime) -> QuerySet[User]:
        """The leads who wrote the last version of none; the secretariat where there is no such, or after 14 days."""
        group = section_group(pages[0])
        if group is None:
            return others(secretariat(), pages)
        leads = readable(leads_of(group, now.date()), pages, now.date())
        if not group.lead_publishes_alone or any(needs_secretariat(page) for page in pages):
            leads = leads.exclude(pk__in=writers(pages))
        if not leads.exists():
            return others(secretariat(), pages)
        return leads | secretariat() if now - since >= ESCALATE_AFTER else leads

    def who_answers(self, pages: Sequence[HubPage], since: datetime, now: datetime) -> str:
        """A lead, where one can."""
        leads = self.reviewers(pages, since, now).exclude(pk__in=secretariat())
        if not leads.exists():
            return super().who_answers(pages, since, now)
        return _("A lead of the group reads this next, and approves it or asks for changes.")


class SecretariatReview(Review):
    """The secretariat reads what everybody may read, standards, and what no lead has read."""

    class Meta:
        verbose_name = gettext_lazy("review by the secretariat")
        verbose_name_plural = gettext_lazy("reviews by the secretariat")

    def applies(self, workflow_state: WorkflowState, page: HubPage) -> bool:
        """Of pages sent together, all or none take this step. Whoever has approved already is not asked twice."""
        leads = workflow_state.task_states.filter(
            task__in=LeadReview.objects.all(), status=TaskState.STATUS_APPROVED, revision=page.get_latest_revision()
        )
        by_lead = [state.finished_by for state in leads.select_related("finished_by")]
        if any(user is not None and user.is_secretariat for user in by_lead):
            return False
        return not by_lead or any(needs_secretariat(other) for other in sent_with(workflow_state))


class BoardDecision(Review):
    """The board decides on a standard. The secretariat writes its decision down. Off unless the task is active."""

    class Meta:
        verbose_name = gettext_lazy("decision of the board")
        verbose_name_plural = gettext_lazy("decisions of the board")

    def applies(self, workflow_state: WorkflowState, page: HubPage) -> bool:
        """Only standards."""
        return any(other.kind == STANDARD for other in sent_with(workflow_state))

    def who_answers(self, pages: Sequence[HubPage], since: datetime, now: datetime) -> str:
        """The board."""
        return _("The board decides next. The secretariat writes the decision down.")


REVIEWS = (LeadReview, SecretariatReview, BoardDecision)


# What waits ----------------------------------------------------------------------------------------


def waiting_for(user: User, now: datetime | None = None) -> QuerySet[TaskState]:
    """The steps that wait for this person, oldest first."""
    now = now or timezone.now()
    found = [state.pk for state, reviewers in waiting(now, user) if reviewers.filter(pk=user.pk).exists()]
    return TaskState.objects.filter(pk__in=found).order_by("started_at", "pk")


def waiting(now: datetime, user: User | None = None) -> Iterable[tuple[TaskState, QuerySet[User]]]:
    """Every step that waits, oldest first, with who is asked; for one person, only what he or she could be asked.

    Of pages that were sent together, the first speaks for all.
    """
    tasks = {task.pk: task for model in REVIEWS for task in model.objects.all()}
    waits = TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS, task__in=tasks)
    states = list(waits.select_related("workflow_state__submission", "task").order_by("started_at", "pk"))
    rows = models.QuerySet(HubPage).select_related("latest_revision")
    by_id = rows.in_bulk([int(state.workflow_state.object_id) for state in states])
    if user is not None and not user.is_secretariat:
        led, groups = offices_of(user).leads, section_groups(by_id.values())
        by_id = {pk: page for pk, page in by_id.items() if pk in groups and groups[pk].pk in led}
    sent: dict[Any, list[HubPage]] = {}
    for state in states:
        page = by_id.get(int(state.workflow_state.object_id))
        if page is not None:
            sent.setdefault(together(state), []).append(page)
    for state in states:
        # The pages that were sent together are told once, with the first of them.
        pages = sorted(sent.pop(together(state), []), key=lambda page: page.path)
        if pages:
            yield state, tasks[state.task_id].reviewers(pages, state.started_at, now)


def together(state: TaskState) -> Any:
    """What pages that were sent together share; a page that was sent alone shares it with none."""
    submission = getattr(state.workflow_state, "submission", None)
    return getattr(submission, "together", None) or state.pk


def the_workflow() -> Workflow | None:
    """The one workflow of the hub: its steps as they stand above."""
    found: Workflow | None = Workflow.objects.filter(workflow_tasks__task__in=LeadReview.objects.all()).first()
    return found
