"""Mails about reviews: that something waits, has waited for long, or has an answer, and nothing more.

Subject and text hold no title and no name: a phone that lies on a table shows them to anybody. Who gets one is worked
out at the moment of sending, from the offices of that day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import TaskState, WorkflowState

from groups.readers import section_group
from groups.submissions import ReviewMail, page_of, sent_with
from groups.workflow import ESCALATE_AFTER, REMIND_AFTER, waiting
from members.models import User
from members.offices import offices_of

logger = logging.getLogger(__name__)
Kind = ReviewMail.Kind


def words_of(kind: str) -> tuple[str, str]:
    """Subject and first line of a mail, in the active language."""
    return {
        Kind.WAITING: (_("Something waits for you"), _("something was sent to review and waits for your answer:")),
        Kind.REMINDER: (
            _("Something still waits for you"),
            _("something has waited in review for 5 days or more. Somebody would be glad of your answer:"),
        ),
        Kind.ESCALATION: (
            _("Something has waited for long"),
            _("something has waited in review for 14 days or more. You may answer it now:"),
        ),
        Kind.ANSWER: (_("There is an answer for you"), _("something that you sent to review has an answer:")),
    }[Kind(kind)]


def message_for(mail: ReviewMail) -> EmailMessage:
    """The mail to one person, in his or her language."""
    user = mail.user
    base = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
    with override(user.hub_language):
        subject, sentence = words_of(mail.kind)
        text = render_to_string(
            "groups/email/review.txt", {"sentence": sentence, "link": base + reverse("groups_reviews")}
        )
    return EmailMessage(subject, text.strip() + "\n", None, [user.email])


def mark(state: TaskState, users: Iterable[User], kind: str, now: datetime) -> list[ReviewMail]:
    """Write down that these people are sent a mail about a step; nobody is sent the same twice."""
    marked = []
    for user in users:
        try:
            with transaction.atomic():
                marked.append(ReviewMail.objects.create(task_state=state, user=user, kind=kind, at=now))
        except IntegrityError:
            continue
    return marked


def hand_over(mail: ReviewMail) -> bool:
    """Hand one mail to the mail server, and write down how that ended."""
    try:
        message_for(mail).send()
    except (SMTPException, OSError) as error:
        # What the mail server says names the address.
        logger.warning("Review mail %s: %s", mail.pk, type(error).__name__)
        mail.state = ReviewMail.State.FAILED
    else:
        mail.state = ReviewMail.State.SENT
    mail.save(update_fields=["state"])
    return mail.state == ReviewMail.State.SENT


def after_commit(mails: Iterable[ReviewMail]) -> None:
    """Hand mails over once what they are about is written."""
    for mail in mails:
        transaction.on_commit(lambda mail=mail: hand_over(mail), robust=True)  # type: ignore[misc]


def tell_reviewers(state: WorkflowState) -> None:
    """Tell those who are asked at the step a page stands at now."""
    now = timezone.now()
    step = state.current_task_state
    if step is None or step.status != TaskState.STATUS_IN_PROGRESS:
        return
    reviewers = step.task.specific.reviewers(sent_with(state), step.started_at, now)
    after_commit(mark(step, reviewers.exclude(pk=state.requested_by_id), Kind.WAITING, now))


def tell_sender(step: TaskState) -> None:
    """Tell whoever sent a page that there is an answer, if he or she may still enter the admin for it."""
    user, answered_by = step.workflow_state.requested_by, step.finished_by_id
    if user is None or user.pk == answered_by or not user.is_active:
        return
    group = section_group(page_of(step.workflow_state))
    if user.is_secretariat or (group is not None and group.pk in offices_of(user).groups):
        after_commit(mark(step, [user], Kind.ANSWER, timezone.now()))


def after_answer(sender: Any, step: TaskState, **kwargs: Any) -> None:
    """Tell whoever is next: those of the next step, or whoever sent the page."""
    state = WorkflowState.objects.select_related("current_task_state").get(pk=step.workflow_state_id)
    if state.status == WorkflowState.STATUS_IN_PROGRESS and state.current_task_state_id != step.pk:
        tell_reviewers(state)
    else:
        tell_sender(step)


def remind_reviewers(now: datetime) -> int:
    """Remind those who have not answered for 5 days, tell the secretariat after 14; returns how many mails went out.

    Running it twice sends nothing twice.

    Args:
        now: The moment up to which time is counted.
    """
    sent = 0
    for state, reviewers in waiting(now):
        age = now - state.started_at
        if age < REMIND_AFTER:
            continue
        for user in reviewers:
            is_late = age >= ESCALATE_AFTER and user.is_secretariat
            due = mark(state, [user], Kind.ESCALATION if is_late else Kind.REMINDER, now)
            sent += sum(hand_over(mail) for mail in due)
    return sent
