"""What was sent to review: with which ticks, what goes live together, what was read, and the mails about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy
from wagtail.models import Revision, WorkflowState

from core.models import HubPage

answered = Signal()
"""A step was answered, for all pages sent together; ``step`` is the state of the first of them."""


def page_of(state: WorkflowState) -> HubPage:
    """The page a workflow is about."""
    page: HubPage = HubPage.objects.get(pk=state.object_id)
    return page


def token_of(revision: Revision) -> str:
    """A short text that names one revision and what is in it: autosaving writes into a revision that is there."""
    content = json.dumps(revision.content, sort_keys=True, default=str).encode()
    return f"{revision.pk}-{hashlib.sha256(content).hexdigest()[:24]}"


def read_token(pages: Iterable[HubPage]) -> str:
    """One text for the latest versions of several pages, as ``token_of`` is for one, in whatever order they stand."""
    tokens = [token_of(page.latest_revision) for page in pages if page.latest_revision is not None]
    return hashlib.sha256("\n".join(sorted(tokens)).encode()).hexdigest()


class Submission(models.Model):
    """What was said when a page was sent to review: by whom, with which ticks of the list of checks and which words."""

    class Names(models.TextChoices):
        """Whether people are named."""

        NONE = "none", gettext_lazy("Nobody is named or can be recognised")
        AGREED = "agreed", gettext_lazy("Everybody who is named or can be recognised has agreed")

    workflow_state = models.OneToOneField(WorkflowState, on_delete=models.CASCADE, related_name="submission")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    names = models.CharField(max_length=8, choices=Names)
    note = models.TextField(blank=True)
    together = models.UUIDField(null=True, db_index=True)
    """Shared by pages that were sent together: they go live together, or none does."""

    class Meta:
        verbose_name = gettext_lazy("submission to review")
        verbose_name_plural = gettext_lazy("submissions to review")

    def __str__(self) -> str:
        return f"{self.workflow_state_id}"


def lock(workflow_state: WorkflowState) -> WorkflowState:
    """Let only one at a time answer or end a review, with all that was sent together, until the transaction ends.

    Whoever goes on to lock its steps does so after this: all take the same order.

    Returns: The review as it is once nobody else is at it.
    """
    sent = Submission.objects.filter(workflow_state=workflow_state, together__isnull=False)
    theirs = models.Q(pk=workflow_state.pk) | models.Q(submission__together__in=sent.values("together"))
    locked = WorkflowState.objects.select_for_update(of=("self",)).filter(theirs).order_by("pk")
    return next(state for state in locked if state.pk == workflow_state.pk)


def sent_with(workflow_state: WorkflowState) -> list[HubPage]:
    """The pages that go live with this one, itself among them, parents before what is below them."""
    sent = Submission.objects.filter(workflow_state=workflow_state, together__isnull=False).first()
    ids = [workflow_state.object_id]
    if sent is not None:
        active = WorkflowState.objects.active().filter(submission__together=sent.together)
        ids += active.values_list("object_id", flat=True)
    pages = models.QuerySet(HubPage).filter(pk__in=[int(pk) for pk in ids])
    return list(pages.select_related("latest_revision").order_by("path"))


class ReviewMail(models.Model):
    """One mail to one person about one step, from the moment it is handed over, so that no crash sends it twice."""

    class Kind(models.TextChoices):
        """What it is about."""

        WAITING = "waiting", gettext_lazy("something waits")
        REMINDER = "reminder", gettext_lazy("something has waited for 5 days")
        ESCALATION = "escalation", gettext_lazy("something has waited for 14 days")
        ANSWER = "answer", gettext_lazy("somebody has answered")

    class State(models.TextChoices):
        """How far it got."""

        SENDING = "sending", gettext_lazy("handed over, end unknown")
        SENT = "sent", gettext_lazy("sent")
        FAILED = "failed", gettext_lazy("refused by the mail server")

    task_state = models.ForeignKey("wagtailcore.TaskState", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(gettext_lazy("what about"), max_length=12, choices=Kind)
    state = models.CharField(gettext_lazy("state"), max_length=8, choices=State, default=State.SENDING)
    at = models.DateTimeField(gettext_lazy("when"))

    class Meta:
        verbose_name = gettext_lazy("mail about a review")
        verbose_name_plural = gettext_lazy("mails about reviews")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["task_state", "user", "kind"], name="groups_review_mail_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"
