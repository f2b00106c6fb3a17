"""Taking an import back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from wagtail.log_actions import LogContext
from wagtail.models import ReferenceIndex

from core.models import FileOfPage, HubDocument, HubImage
from resources.importing import BATCH, fingerprint
from resources.models import Import, ImportedRow
from search import outbox


@dataclass
class Undone:
    """What became of taking an import back: how many pages went, and which stay and why."""

    removed: int = 0
    kept: list[str] = field(default_factory=list)


def undo(of_import: Import, *, user: Any = None) -> Undone:
    """Remove what an import made, but for pages that somebody changed since or that others need.

    It is done in batches, so that others can write meanwhile; one that was interrupted may be run again. Files and
    pictures it made go with their page unless something else uses them.
    """
    done = Undone()
    # Versions in other languages first, so that nothing is left without its original.
    rows = list(of_import.rows.order_by("-pk").values_list("pk", flat=True))
    for start in range(0, len(rows), BATCH):
        with LogContext(user=user), outbox.suspended(), transaction.atomic():
            for row in of_import.rows.filter(pk__in=rows[start : start + BATCH]).select_related("page").order_by("-pk"):
                reason = _why_kept(row)
                if reason:
                    done.kept.append(f"page {row.page_id}: {reason}")
                    continue
                done.removed += 1
                for model, ids in ((HubDocument, row.documents), (HubImage, row.images)):
                    for pk in ids:
                        _remove_file(model, pk)
    of_import.undone_at = timezone.now()
    of_import.save(update_fields=["undone_at"])
    return done


def _why_kept(row: ImportedRow) -> str:
    """Remove one page; the reason when it stays."""
    if fingerprint(row.page_id) != row.as_made:
        return "was changed since the import, and stays"
    try:
        with transaction.atomic():
            row.page.delete()
    except ProtectedError as error:
        needed = ", ".join(sorted({str(thing._meta.verbose_name) for thing in error.protected_objects}))
        return f"is used elsewhere ({needed}), and stays"
    return ""


def _remove_file(model: type[Any], pk: int) -> None:
    """Remove a file that nothing uses any more."""
    thing = model.objects.filter(pk=pk).first()
    if thing is None or (model is HubDocument and FileOfPage.objects.filter(document=pk).exists()):
        return
    if ReferenceIndex.get_references_to(thing).exists():
        return
    thing.delete()
