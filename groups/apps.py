from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _
from wagtail.admin.apps import WagtailAdminAppConfig
from wagtail.signals import workflow_cancelled


class GroupsConfig(AppConfig):
    default = True  # of the two in this module, the one that "groups" in INSTALLED_APPS means
    name = "groups"
    verbose_name = _("Working groups")

    def ready(self) -> None:
        from groups.mails import after_answer
        from groups.submissions import answered
        from members.models import Membership, Office, Participation, Seat

        for model in (Office, Participation, Membership, Seat):
            post_save.connect(settle_person, sender=model)
            post_delete.connect(settle_person, sender=model)
        post_save.connect(grant_new_home, sender="groups.WorkingGroupPage")
        post_delete.connect(drop_permission_group, sender="groups.Space")
        answered.connect(after_answer)
        workflow_cancelled.connect(end_together)


class QuietAdminConfig(WagtailAdminAppConfig):
    """Wagtail's admin without its own mails about reviews: they have titles of pages in their subjects."""

    def ready(self) -> None:
        """As Wagtail's, then take its mails away; ours are in ``groups.mails``."""
        super().ready()
        from wagtail import signals
        from wagtail.models import WorkflowState

        for what in ("submitted", "rejected", "approved"):
            signal = getattr(signals, f"workflow_{what}")
            signal.disconnect(sender=WorkflowState, dispatch_uid=f"workflow_state_{what}_email_notification")


def settle_person(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Bring somebody's permission groups in step at once; what counts is that it is done at each entry too."""
    from groups.permissions import settle
    from members.models import User

    user = None if raw else User.objects.filter(pk=instance.user_id).first()
    if user is not None:
        settle(user)


def grant_new_home(instance: Any, created: bool = False, raw: bool = False, **kwargs: Any) -> None:
    """A home in another language is the group's as the first one is."""
    from groups.provisioning import grant
    from groups.spaces import Space

    if not created or raw or instance.alias_of_id:
        return
    space = Space.objects.filter(working_group=instance.working_group_id, permission_group__isnull=False).first()
    if space is not None and space.collection is not None:
        grant(space)


def drop_permission_group(instance: Any, **kwargs: Any) -> None:
    """The rights of a group that is gone go with it."""
    from django.contrib.auth.models import Group

    Group.objects.filter(pk=instance.permission_group_id).delete()


def end_together(instance: Any, user: Any = None, **kwargs: Any) -> None:
    """What was sent together is read together: when one page is taken back, all are."""
    from wagtail.models import WorkflowState

    from groups.submissions import Submission

    sent = Submission.objects.filter(workflow_state=instance, together__isnull=False).first()
    if sent is not None:
        for state in WorkflowState.objects.filter(status="in_progress", submission__together=sent.together):
            state.refresh_from_db()
            if state.status == WorkflowState.STATUS_IN_PROGRESS:
                state.cancel(user=user)
