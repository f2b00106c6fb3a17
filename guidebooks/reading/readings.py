"""What a member has read, and whether it changed since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core.access import NOBODY, Viewer, can_see
from core.models import HubPage, HubPageQuerySet, TopicOfPage
from guidebooks.reading.versions import Text, Version, version_of
from members.models import User


class Reading(models.Model):
    """Which version of a page a person read last. Nobody else is shown it.

    ``access_key`` is the strictest key the page has stood under since: with it one tells whether the person could have
    read the page all the time since (docs/decisions/0008).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.ForeignKey("core.HubPage", on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(editable=False)
    access_key = models.CharField(max_length=32, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-read_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="guidebooks_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.page_id}"

    def shows_old_words(self, viewer: Viewer) -> bool:
        """Whether what stood there then may be shown again: it was never taken back or closed to the viewer since."""
        return self.access_key != NOBODY and can_see(viewer, self)


def note_read(user: User, page: Any, digest: str) -> bool:
    """Remember that a person read the text that stands on the page now; returns whether it was.

    Only for a page the person may open. Not where the text has changed meanwhile, so that nothing is remembered
    that was not there to be read, and not where nothing about readers is kept.

    Args:
        digest: Of the text that the person read (``Text.digest``).
    """
    if Text.of_page(page).digest != digest or is_of_well_being(page):
        return False
    Reading.objects.update_or_create(
        user=user,
        page_id=page.pk,
        defaults={"version": version_of(page), "read_at": timezone.now(), "access_key": page.access_key},
    )
    return True


def readings_of(user: User, pages: Iterable[int]) -> dict[int, Reading]:
    """What a person has read of some pages, by page; one query."""
    found = Reading.objects.filter(user=user, page__in=list(pages))
    return {reading.page_id: reading for reading in found.select_related("version").defer("version__text")}


def has_changed(reading: Reading, page: Any) -> bool:
    """Whether the page says something else than was read, by more than small corrections; one query if it does."""
    if Text.of_page(page).digest == reading.version.digest:
        return False
    since = Version.objects.filter(page_id=page.pk, pk__gt=reading.version_id)
    minor = list(since.values_list("is_minor", flat=True))
    return not minor or not all(minor)


def changed_for(user: User, viewer: Viewer) -> HubPageQuerySet:
    """Chapters this viewer may open that changed since he or she read them, the latest change first."""
    newer = Version.objects.filter(page=OuterRef("page"), pk__gt=OuterRef("version"), is_minor=False)
    read = Reading.objects.filter(Exists(newer), user=user)
    return HubPage.objects.visible_to(viewer).filter(pk__in=read.values("page")).order_by("-last_published_at", "-pk")


def is_of_well_being(page: HubPage) -> bool:
    """Whether the page, or a page above it, is about looking after oneself: who reads that is nobody's business."""
    slugs = settings.WELL_BEING_TOPICS
    line = [page.pk, *(above.pk for above in page.line)]
    return (
        TopicOfPage.objects.filter(content_object__in=line)
        .filter(Q(tag__slug__in=slugs) | Q(tag__parent__slug__in=slugs))
        .exists()
    )
