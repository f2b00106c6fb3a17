"""Where a working group works: its permission group and its collection of files in Wagtail."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection

from members.models import WorkingGroup


class Space(models.Model):
    """What Wagtail needs to know of one working group. Made and mended by ``groups.provisioning``.

    Who is in the permission group follows the terms of office (``groups.permissions``).
    """

    working_group = models.OneToOneField(WorkingGroup, on_delete=models.CASCADE, related_name="space")
    permission_group = models.OneToOneField(Group, on_delete=models.SET_NULL, null=True, related_name="space")
    collection = models.OneToOneField(Collection, on_delete=models.SET_NULL, null=True, related_name="space")

    class Meta:
        verbose_name = _("space of a working group")
        verbose_name_plural = _("spaces of working groups")

    def __str__(self) -> str:
        return f"{self.working_group_id}"
