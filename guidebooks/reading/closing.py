"""What closing, withdrawing and publishing do to what readers keep of a page.

Each reading and each note carries the strictest key its page has stood under since (docs/decisions/0008). Whatever
closes a page folds its key in here, in the same transaction; nothing ever opens one again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_save
from wagtail.signals import page_published, page_unpublished

from core.access import NOBODY, fold
from core.editions import take_back
from core.lines import keys_changed, subtree
from core.models import HubPage
from guidebooks.reading.notes import PrivateNote
from guidebooks.reading.readings import Reading, is_of_well_being
from guidebooks.reading.versions import Revised, record

KEPT: tuple[Any, ...] = (Reading, PrivateNote)
AT_ONCE = 10_000  # ids in one statement


def narrow(ids: Sequence[int], key: str | None = None) -> None:
    """Fold a key, or the one each page has now, into what readers keep of these pages."""
    for start in range(0, len(ids), AT_ONCE):
        for model in KEPT:
            kept = model.objects.filter(page__in=ids[start : start + AT_ONCE])
            for before, now in list(kept.order_by().values_list("access_key", "page__access_key").distinct()):
                stricter = fold(before, now if key is None else key)
                if stricter != before:
                    kept.filter(access_key=before, page__access_key=now).update(access_key=stricter)


def when_published(sender: Any, instance: Any, revision: Any = None, **kwargs: Any) -> None:
    """Keep the version; take back what its editor wants taken back; keep nothing about readers of well-being."""
    if not issubclass(sender, Revised) or not instance.live or instance.alias_of_id:
        return
    if instance.change_withdraws:
        narrow([instance.pk], NOBODY)
        take_back(instance.pk)
    record(instance, revision)
    if is_of_well_being(instance):
        Reading.objects.filter(page__in=HubPage.objects.filter(subtree(instance.path))).delete()


def when_unpublished(sender: Any, instance: Any, **kwargs: Any) -> None:
    """What was unpublished is not shown again as what stood there before."""
    narrow([instance.pk], NOBODY)


def when_saved(sender: Any, instance: Any, **kwargs: Any) -> None:
    """The same for a page that is taken offline without Wagtail's action."""
    if issubclass(sender, Revised) and not instance.live:
        narrow([instance.pk], NOBODY)


def when_keys_changed(sender: Any, ids: Sequence[int], **kwargs: Any) -> None:
    """Another audience somewhere above, a move, an unpublished book."""
    narrow(ids)


def connect() -> None:
    """Listen to what happens to pages. Called once, when the app is ready."""
    page_published.connect(when_published)
    page_unpublished.connect(when_unpublished)
    post_save.connect(when_saved)
    keys_changed.connect(when_keys_changed)
