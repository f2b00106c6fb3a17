"""The outbox: what has changed and is not in the index yet."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.utils import timezone

AT_ONCE = 500
"""Rows that are named in one statement."""


class ChangeQuerySet(models.QuerySet["Change"]):
    def ids(self) -> list[int]:
        """Give the ids of the rows."""
        return list(self.values_list("pk", flat=True))

    def forget(self, ids: Sequence[int]) -> None:
        """Delete rows that the index has."""
        for start in range(0, len(ids), AT_ONCE):
            part = self.filter(pk__in=ids[start : start + AT_ONCE])
            part._raw_delete(part.db)  # nobody listens to these, so there is nothing to load first


class Change(models.Model):
    """An object to look at again: it is indexed as it now stands in the database, or removed if it is gone.

    Written in the transaction of the change itself, deleted when the index has it.
    """

    model = models.CharField(max_length=100)
    object_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "change waiting for the index"
        verbose_name_plural = "changes waiting for the index"

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"
