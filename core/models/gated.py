"""What everything behind the access rule has in common."""

from __future__ import annotations

from django.db import models
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from core.access import FULL, MEMBERS, NOBODY, PUBLIC, Audience


def _group_key(suffix: str = "") -> Concat:
    return Concat(
        Value("group:"),
        Cast(F("working_group"), CharField(max_length=20)),
        Value(suffix),
        output_field=CharField(),
    )


# The database itself refuses a key that is looser than the row's own audience, whoever writes it.
KEY_IS_NOT_LOOSER = (
    Q(access_key=NOBODY)
    | Q(audience=Audience.PUBLIC)
    | (Q(audience=Audience.MEMBERS) & ~Q(access_key=PUBLIC))
    | (Q(audience=Audience.FULL) & (Q(access_key=FULL) | Q(access_key__endswith="+full")))
    | (
        Q(audience=Audience.GROUP, working_group__isnull=False)
        & (Q(access_key=_group_key()) | Q(access_key=_group_key("+full")))
    )
    | (Q(audience=Audience.GROUP_FULL, working_group__isnull=False) & Q(access_key=_group_key("+full")))
)
# Only keys somebody can hold, or "nobody".
KEY_IS_KNOWN = Q(access_key__in=[PUBLIC, MEMBERS, FULL, NOBODY]) | Q(access_key__startswith="group:")


class Gated(models.Model):
    """Something with an audience. ``access_key`` is derived from it and never edited."""

    audience = models.CharField(_("who may read"), max_length=10, choices=Audience, default=Audience.MEMBERS)
    working_group = models.ForeignKey(
        "members.WorkingGroup",
        verbose_name=_("working group"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The working group that owns it. Empty: the secretariat owns it."),
    )
    access_key = models.CharField(max_length=32, default=NOBODY, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=KEY_IS_NOT_LOOSER, name="%(app_label)s_%(class)s_key_not_looser"),
            models.CheckConstraint(condition=KEY_IS_KNOWN, name="%(app_label)s_%(class)s_key_known"),
        ]
