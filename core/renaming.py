"""What a page's place in the index takes from other rows: when these get another name, their pages are indexed anew."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_save, pre_save

from core.models import HubPage, Keyword, KeywordOfPage, Topic, TopicOfPage
from members.models import WorkingGroup
from search import outbox

NAMES: dict[type[Model], tuple[str, ...]] = {
    Topic: ("slug", "name", "name_de", "name_fr", "name_ar", "parent_id"),
    Keyword: ("slug", "name"),
    WorkingGroup: ("slug",),
}


def connect() -> None:
    """Listen to the saves of topics, keywords and working groups."""
    for model in NAMES:
        pre_save.connect(_look, sender=model, dispatch_uid=f"renaming {model._meta.label} before")
        post_save.connect(_tell, sender=model, dispatch_uid=f"renaming {model._meta.label}")


def _look(sender: type[Model], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    before = sender._base_manager.filter(pk=instance.pk).values(*NAMES[sender]).first() if instance.pk else None
    now = {name: getattr(instance, name) for name in NAMES[sender]}
    instance._is_renamed = before is not None and before != now


def _tell(sender: type[Model], instance: Any, **kwargs: Any) -> None:
    if getattr(instance, "_is_renamed", False):
        outbox.put(HubPage, _pages_of(instance))


def _pages_of(thing: Any) -> list[int]:
    """The pages whose words or facets hold the name; of a broader topic, those of its narrower ones too."""
    if isinstance(thing, WorkingGroup):
        return list(HubPage._base_manager.filter(working_group=thing).values_list("pk", flat=True))
    if isinstance(thing, Keyword):
        return list(KeywordOfPage.objects.filter(tag=thing).values_list("content_object", flat=True))
    own = TopicOfPage.objects.filter(tag=thing) | TopicOfPage.objects.filter(tag__parent=thing)
    return list(own.values_list("content_object", flat=True).distinct())
