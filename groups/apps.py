from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class GroupsConfig(AppConfig):
    name = "groups"
    verbose_name = _("Working groups")

    def ready(self) -> None:
        from groups import spaces  # noqa: F401  its table is looked for below
        from members.models import Membership, Office, Participation, Seat

        for model in (Office, Participation, Membership, Seat):
            post_save.connect(settle_person, sender=model)
            post_delete.connect(settle_person, sender=model)
        post_save.connect(grant_new_home, sender="groups.WorkingGroupPage")
        post_delete.connect(drop_permission_group, sender="groups.Space")


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
