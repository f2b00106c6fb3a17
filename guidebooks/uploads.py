"""What stands in the database of files on their way to a guidebook, and of where a page's text came from."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import PurePosixPath
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import Audience

KEPT = timedelta(days=7)
"""How long an upload is kept that nobody finishes."""
GIVEN_UP = timedelta(minutes=5)
ENDINGS = (".docx", ".zip", ".pdf")


class Origin(models.Model):
    """What the file said of which a page was made, block for block with the page's ids.

    It tells what was changed here from what changes in the file. It stands apart from the page: who reads a
    chapter does not load it.
    """

    page = models.OneToOneField("core.HubPage", on_delete=models.CASCADE, primary_key=True, related_name="origin")
    title = models.CharField(max_length=255, blank=True)
    summary = models.TextField(blank=True)
    blocks = models.JSONField(default=list)
    pictures = models.JSONField(default=dict)
    """SHA-1 of each picture as it came, and the image it became."""

    wagtail_reference_index_ignore: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.page_id)


def stored_name(upload: Upload, name: str) -> str:
    """A name nobody can guess and that tells nothing; the file has no address anyway."""
    ending = PurePosixPath(name).suffix.lower()
    return f"uploads/{secrets.token_urlsafe(16)}{ending if ending in ENDINGS else ''}"


class Upload(models.Model):
    """A file on its way to a guidebook. Its owner and the secretariat see it, nobody else.

    It goes as it came: after the draft is made, when it is thrown away, or after some days.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be read")
        READING = "reading", _("is being read")
        READY = "ready", _("can be looked at")
        REFUSED = "refused", _("cannot be imported")
        ACCEPTED = "accepted", _("waits to become a draft")
        WRITING = "writing", _("becomes a draft")
        DONE = "done", _("has become a draft")

    token = models.CharField(max_length=40, unique=True)
    """Of the form it was sent with: sent twice, it is one upload."""
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    file = models.FileField(upload_to=stored_name, blank=True)
    name = models.CharField(max_length=255)
    parent = models.ForeignKey("core.HubPage", on_delete=models.CASCADE, related_name="+")
    onto = models.ForeignKey(
        "guidebooks.GuidebookPage", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    """The guidebook of which it is a new version."""
    audience = models.CharField(max_length=10, choices=Audience)
    language = models.CharField(max_length=15, default=settings.LANGUAGE_CODE)
    """Of the person who asked for the step: remarks and problems are written in it."""
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    """Whoever works on it took this number; a later one takes the work away."""
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    preview = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    book = models.ForeignKey(
        "guidebooks.GuidebookPage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    wagtail_reference_index_ignore: ClassVar[bool] = True

    class Meta:
        verbose_name = _("file on its way to a guidebook")
        verbose_name_plural = _("files on their way to a guidebook")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "reading", "ready", "refused", "accepted", "writing", "done"]),
                name="guidebooks_upload_state_known",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_working(self) -> bool:
        """Whether the hub is busy with it."""
        return self.state in (self.State.WAITING, self.State.READING, self.State.ACCEPTED, self.State.WRITING)

    @property
    def stands_still(self) -> bool:
        """Whether nobody has worked on it for so long that whoever did must have died."""
        return self.is_working and timezone.now() - self.changed_at > GIVEN_UP

    def forget_file(self) -> None:
        """Take the file out of the storage; once the transaction holds."""
        name, storage = self.file.name, self.file.storage
        if name:
            self.file = ""  # type: ignore[assignment]
            transaction.on_commit(lambda: storage.delete(name))


class UploadPicture(models.Model):
    """A picture of an upload that nobody has found words for yet, drawn small to be shown when asking for them."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="pictures")
    path = models.CharField(max_length=500)
    src = models.CharField(max_length=1000)
    number = models.PositiveIntegerField()
    thumbnail = models.BinaryField(null=True)
    """JPEG, at most 320 pixels wide; none where it could not be drawn small."""

    wagtail_reference_index_ignore: ClassVar[bool] = True

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.upload_id}, {self.number}"

    @property
    def key(self) -> str:
        """What names it in the choices of its upload."""
        return f"{self.path}|{self.src}"
