"""The outbox: what has changed and is not in the index yet."""

from django.db import models
from django.utils import timezone


class Change(models.Model):
    """An object to look at again: it is indexed as it now stands in the database, or removed if it is gone.

    Written in the transaction of the change itself, deleted when the index has it.
    """

    model = models.CharField(max_length=100)
    object_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "change waiting for the index"
        verbose_name_plural = "changes waiting for the index"

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"
