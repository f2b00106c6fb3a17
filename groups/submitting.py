"""Sending pages to review: one, or a book with its changed chapters, which go live together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django.utils.translation import gettext as _
from wagtail.models import WorkflowState

from core import lines
from core.desk import desk_for
from core.models import HubPage
from groups.checklist import Check, checks_of
from groups.mails import tell_reviewers
from groups.submissions import Submission
from groups.workflow import the_workflow
from members.models import User

MOST = 100
"""Pages that can be sent together."""


class NotReady(Exception):
    """Something is missing, or there is nothing to send; says what, in words."""


def may_send(user: User, page: HubPage) -> bool:
    """Whether somebody may send a page to review: whoever may change it, where there is a review."""
    desk = desk_for(user)
    may_edit = page.permissions_for_user(user).can_edit() and (desk is None or desk.owns(page))
    return bool(not page.alias_of_id and page.has_workflow and may_edit)


def sendable(page: HubPage, user: User) -> list[HubPage]:
    """The page and what is below it, as far as there are changes that are not live and this person works on them."""
    below = models.QuerySet(HubPage).filter(lines.subtree(page.path, inclusive=False), alias_of=None)
    changed = below.filter(models.Q(has_unpublished_changes=True) | models.Q(live=False))
    desk = desk_for(user)
    if desk is not None:
        changed = changed.filter(desk.own_pages)
    found = list(changed.select_related("latest_revision").order_by("path")[: MOST - 1])
    is_as_it_was = page.live and not page.has_unpublished_changes
    return found if is_as_it_was and found else [page, *found]


def as_it_would_be(page: HubPage) -> HubPage:
    """The page with its latest changes, as it would go live."""
    draft: HubPage = page.specific.get_latest_revision_as_object()
    return draft


def what_is_missing(page: HubPage) -> list[Check]:
    """The list of checks for the latest version of a page."""
    return checks_of(as_it_would_be(page))


@transaction.atomic
def send(pages: Sequence[HubPage], user: User, *, names: str, note: str = "") -> list[WorkflowState]:
    """Send pages to review, all or none; those sent in one go are read, approved and published in one go.

    Args:
        pages: At most 100, none of them in review already.
        user: Who sends them.
        names: One of ``Submission.Names``: whether whoever is named has agreed.
        note: Words to the reader.

    Raises:
        NotReady: with the reason in words. Nothing is sent then.
    """
    pages = list(models.QuerySet(HubPage).filter(pk__in=[page.pk for page in pages]).order_by("path"))
    if not pages or len(pages) > MOST:
        raise NotReady(_("Choose between 1 and %(most)d pages.") % {"most": MOST})
    lines.lock()
    workflow = the_workflow()
    if workflow is None:
        raise NotReady(_("There is no review yet. Ask the secretariat."))
    together = uuid4() if len(pages) > 1 else None
    specific: list[Any] = [page.specific for page in pages]
    for page in specific:
        if page.workflow_in_progress:
            raise NotReady(_("“%(page)s” is in review already.") % {"page": page.get_admin_display_title()})
        lock = page.get_lock()
        if lock is not None and lock.for_user(user):
            raise NotReady(_("“%(page)s” is locked by somebody else.") % {"page": page.get_admin_display_title()})
        if page.latest_revision is None:
            page.save_revision(user=user)
        if any(not check.is_done for check in what_is_missing(page)):
            raise NotReady(_("“%(page)s” is not ready.") % {"page": page.get_admin_display_title()})
    sent = []
    for page in specific:
        earlier = page.current_workflow_state
        if earlier is not None:
            # Asked for changes: it begins anew, so that every step reads the new version.
            earlier.cancel(user=user)
        if page.locked:
            # Wagtail lets whoever holds a lock write on, in review too.
            page.locked, page.locked_by, page.locked_at = False, None, None
            page.save(update_fields=["locked", "locked_by", "locked_at"], clean=False)
        state = workflow.start(page, user)
        Submission.objects.create(workflow_state=state, by=user, names=names, note=note, together=together)
        sent.append(state)
    tell_reviewers(sent[0])
    return sent
