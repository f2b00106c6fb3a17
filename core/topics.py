"""The vocabulary of topics as a file: two levels, names in the hub's languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction

from core.models import Topic

LANGUAGES = ("de", "fr", "ar")


class VocabularyError(ValueError):
    """An entry of the file is not usable; the message names it."""


@transaction.atomic
def load_topics(path: Path) -> int:
    """Make or update the topics of a YAML file; returns how many there are.

    Each entry has ``slug``, ``parent`` (a slug named before it, or empty), ``name`` by language and
    ``description``. The order of the file is the order in lists. Topics that are not in the file stay.

    Raises:
        VocabularyError: An entry lacks its name, or names a parent that is not there.
    """
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    known: dict[str, Topic] = {}
    for position, entry in enumerate(entries):
        slug, names = entry.get("slug"), entry.get("name") or {}
        if not slug or "en" not in names:
            raise VocabularyError(f"Entry {position + 1} ({slug}) needs a slug and a name in English")
        parent = entry.get("parent")
        if parent and parent not in known:
            raise VocabularyError(f"{slug}: its broader topic {parent} must stand before it")
        topic = Topic.objects.filter(slug=slug).first() or Topic(slug=slug)
        topic.name = names["en"]
        topic.parent = known[parent] if parent else None
        topic.description = entry.get("description") or ""
        topic.position = position
        for language in LANGUAGES:
            setattr(topic, f"name_{language}", names.get(language, ""))
        try:
            topic.full_clean()
        except ValidationError as error:
            raise VocabularyError(f"{slug}: {'; '.join(error.messages)}") from error
        topic.save()
        known[slug] = topic
    return len(known)
