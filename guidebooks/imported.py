"""What a page remembers of the file it was made of."""

from __future__ import annotations

from django.db import models


class Imported(models.Model):
    """Where a page came from, so that importing the same folder again makes nothing twice.

    ``imported_from`` is the path of the file within its folder (of a guidebook, the folder's name);
    the other two are SHA-256 digests of the file and of the body that was made of it. A body that
    is no longer the one that was made has been edited here, and an import leaves it alone.
    """

    imported_from = models.CharField(max_length=500, blank=True, editable=False, db_index=True)
    imported_text = models.CharField(max_length=64, blank=True, editable=False)
    imported_body = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True
