"""What a working group's people write from its front end: tasks, decisions, requests to join, and what members offer.

Nobody but those it is meant for is shown any of it: it stands in no page, no index and no list of the admin.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import HubPage
from members.models import WorkingGroup, today


def of_group(related_name: str) -> Any:
    """The working group something belongs to."""
    return models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name=related_name, editable=False)


def of_person(related_name: str = "+") -> Any:
    """The person something comes from; it goes with him or her."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name=related_name, editable=False
    )


class JoinRequest(models.Model):
    """Somebody asks to join a group. Once accepted it is a participation, and the request is gone.

    The leads see it whole. The asker sees the reply, never the reason.
    """

    user = of_person("join_requests")
    group = of_group("join_requests")
    words = models.TextField(
        _("a few words to the leads"),
        max_length=500,
        help_text=_("What you work on, and what you would like to do in the group. Up to 500 characters."),
    )
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    """Empty while it waits for an answer."""
    reply = models.TextField(
        _("words to the person"), max_length=500, blank=True, help_text=_("He or she reads this. Up to 500 characters.")
    )
    reason = models.TextField(
        _("reason, for the leads only"),
        max_length=500,
        blank=True,
        help_text=_("Only the leads of the group and the secretariat read this. Up to 500 characters."),
    )

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="groups_asked_once")]

    def __str__(self) -> str:
        return f"{self.user_id} asks to join {self.group_id}"


class GroupTask(models.Model):
    """Something the group wants to get done."""

    group = of_group("tasks")
    text = models.CharField(_("what"), max_length=200, help_text=_("One sentence, up to 200 characters."))
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    due_on = models.DateField(_("until"), null=True, blank=True)
    done_on = models.DateField(null=True, blank=True, editable=False)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = [models.F("due_on").asc(nulls_last=True), "pk"]

    def __str__(self) -> str:
        return f"Task {self.pk}"

    @property
    def is_late(self) -> bool:
        """Whether its day has gone by."""
        return self.done_on is None and self.due_on is not None and self.due_on < today()


class Decision(models.Model):
    """Something the group has decided. Decisions are kept."""

    group = of_group("decisions")
    text = models.TextField(_("what was decided"), max_length=1000, help_text=_("Up to 1,000 characters."))
    decided_on = models.DateField(_("on"), default=today)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        ordering = ["-decided_on", "-pk"]

    def __str__(self) -> str:
        return f"Decision {self.pk}"


class Offer(models.Model):
    """Something a member gave from the front end, under a key that its form carries: sent twice, it is kept once."""

    giver = of_person("%(class)ss")
    given_at = models.DateTimeField(default=timezone.now, editable=False)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by_name = models.BooleanField(_("Name me with it"), default=False)
    """Whether the giver may be thanked by display name where it is published."""

    class Meta:
        abstract = True


class Suggestion(Offer):
    """A change somebody suggests to a page, or to one block of it. Only those who look after the page see it."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", pgettext_lazy("state of a suggestion", "waits for an answer")
        TAKEN = "taken", pgettext_lazy("state of a suggestion", "taken up")
        DECLINED = "declined", pgettext_lazy("state of a suggestion", "not taken up")

    page = models.ForeignKey(HubPage, on_delete=models.CASCADE, related_name="suggestions", editable=False)
    block = models.CharField(_("where"), max_length=255, blank=True)
    """The anchor of the block on its page; empty: the page as a whole."""
    quote = models.CharField(max_length=300, blank=True, editable=False)
    """How the block began when this was written: its text may change or go."""
    words = models.TextField(_("what should change, and why"), max_length=2000, help_text=_("Up to 2,000 characters."))
    state = models.CharField(_("what becomes of it"), max_length=10, choices=State, default=State.WAITING)
    answer = models.TextField(
        _("words to the person"), max_length=500, blank=True, help_text=_("He or she reads this. Up to 500 characters.")
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-given_at", "-pk"]

    def __str__(self) -> str:
        return f"Suggestion {self.pk}"


class Contribution(Offer):
    """A practice note or an event that a member proposed, and the draft it became."""

    class Kind(models.TextChoices):
        """What was proposed."""

        PRACTICE = "practice", _("Practice note")
        EVENT = "event", _("Event")

    kind = models.CharField(max_length=10, choices=Kind, editable=False)
    title = models.CharField(max_length=120, editable=False)
    """As the giver wrote it; what editors make of the draft is not the giver's to see before it is published."""
    page = models.ForeignKey(HubPage, on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    """Empty once the draft was deleted."""

    class Meta:
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["practice", "event"]), name="groups_contribution_kind_known")
        ]

    def __str__(self) -> str:
        return f"Contribution {self.pk}"
