"""The columns of one row, read with their bounds; every problem names the column, the value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.utils.text import slugify
from wagtail.models import Locale

from core.imported import Front
from core.models import Keyword, Topic
from members.models import WorkingGroup
from resources.models import web_address
from resources.references import DOI
from resources.rows import Raw, nearest

MOST_SHOWN = 12  # allowed values named in a message
SEPARATOR = re.compile(r"[;|]")


@dataclass
class Known:
    """What rows can name, read once for all of them."""

    topics: dict[str, Topic]
    groups: dict[str, WorkingGroup]
    locales: dict[str, Locale]
    keywords: dict[str, Keyword] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Known:
        """Topics and groups by short name and by their names in all languages; languages by code."""
        topics = list(Topic.objects.all())
        groups = list(WorkingGroup.objects.all())
        return cls(
            topics=_by_names(topics),
            groups=_by_names(groups),
            locales={locale.language_code: locale for locale in Locale.objects.all()},
        )


def _by_names(things: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for thing in things:
        for name in (thing.name, thing.name_de, thing.name_fr, thing.name_ar):
            if name:
                found.setdefault(name.casefold(), thing)
    return found | {thing.slug: thing for thing in things}


class Row(Front):
    """One row read with its bounds. Lists may be written with ``;`` or ``|`` between."""

    def __init__(self, raw: Raw, known: Known) -> None:
        super().__init__({name: _without_nulls(value) for name, value in raw.fields.items()}, raw.where)
        self.known = known
        for name, value in self.fields.items():
            if _has_surrogate(value):
                self.problem(name, "holds half a character (an unpaired surrogate), which is no text")

    def words(self, name: str) -> list[str]:
        value = self.fields.get(name)
        if isinstance(value, str):
            return [word.strip() for word in SEPARATOR.split(value) if word.strip()]
        return super().words(name)

    def code(self, name: str, known: Iterable[str], default: str | None = None) -> str:
        value, codes = self.text(name, most=200), list(known)
        if not value and default is not None:
            return default
        found = self._code(value, codes)
        if found is None:
            self.unknown(name, [value], codes)
        return found or default or codes[0]

    def codes(self, name: str, known: Iterable[str]) -> list[str]:
        words, codes = self.words(name), list(known)
        found = {word: self._code(word, codes) for word in words}
        self.unknown(name, [word for word, code in found.items() if code is None], codes)
        return [code for code in codes if code in found.values()]

    def doi(self, name: str = "doi") -> str:
        """A DOI without the address it is often written with."""
        text = self.text(name, most=255)
        found = DOI.fullmatch(text)
        if text and found is None:
            self.problem(name, f"“{text[:60]}” is no DOI. Write it as 10.1000/182")
        return found["doi"] if found else ""

    def address(self, name: str) -> str:
        """An address of the web."""
        text = self.text(name, most=500)
        try:
            if text:
                web_address(text)
                URLValidator(schemes=["http", "https"])(text)
        except ValidationError:
            self.problem(name, f"“{text[:60]}” is no address of the web. It begins with https://")
        return text

    # The import of the library is the secretariat's, who knows all topics and keywords: ``among`` is not asked.

    def topics(self, name: str = "topics", *, among: QuerySet[Topic] | None = None) -> list[Topic]:
        found = self._named(name, self.known.topics)
        return list({topic.pk: topic for topic in found}.values())

    def group(self, name: str = "working_group") -> WorkingGroup | None:
        text = self.text(name, most=200)
        if not text:
            return None
        group = self.known.groups.get(text.casefold())
        if group is None:
            self.unknown(name, [text], self._slugs(self.known.groups))
        return group

    def keywords(self, name: str = "keywords", *, among: QuerySet[Keyword] | None = None) -> list[Keyword]:
        """Free keywords, made where they are new; ask for them when nothing else is wrong."""
        return list({word.pk: word for word in map(self._keyword, self.words(name))}.values())

    def check_keywords(self, name: str = "keywords") -> None:
        """Refuse keywords that are too long; most often the sign between them is missing."""
        if any(len(word) > 100 for word in self.words(name)):
            self.problem(name, "a keyword has at most 100 characters; put ; or | between them")

    def unknown(self, name: str, values: Iterable[str], known: Iterable[str]) -> None:
        """Keep a problem for each value that is not known, with the nearest known one and what is allowed."""
        known = list(known)
        for value in values:
            words = f"unknown: “{value[:60]}”"
            if meant := nearest(value, known):
                words += f". Did you mean “{meant}”?"
            allowed = ", ".join(known[:MOST_SHOWN])
            more = f" and {len(known) - MOST_SHOWN} more" if len(known) > MOST_SHOWN else ""
            self.problem(name, f"{words} Allowed: {allowed}{more}" if meant else f"{words}. Allowed: {allowed}{more}")

    def _named(self, name: str, known: Mapping[str, Any]) -> list[Any]:
        words = self.words(name)
        self.unknown(name, [word for word in words if word.casefold() not in known], self._slugs(known))
        return [known[word.casefold()] for word in words if word.casefold() in known]

    def _keyword(self, word: str) -> Keyword:
        found = self.known.keywords.get(word.casefold())
        if found is None:
            slug = slugify(word, allow_unicode=True)[:100] or word[:100]
            found = Keyword.objects.filter(name__iexact=word).first() or Keyword.objects.filter(slug=slug).first()
            found = found or Keyword.objects.create(name=word, slug=slug)
            self.known.keywords[word.casefold()] = found
        return found

    @staticmethod
    def _slugs(things: Mapping[str, Any]) -> list[str]:
        return list(dict.fromkeys(thing.slug for thing in things.values()))

    @staticmethod
    def _code(value: str, codes: list[str]) -> str | None:
        plain = re.sub(r"[\s-]+", "_", value.casefold())
        return plain if plain in codes else None


def _has_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, (list, tuple)):
        return any(_has_surrogate(item) for item in value)
    return False


def _without_nulls(value: Any) -> Any:
    """A value with the sign for a character that cannot be shown in the place of each null, which no database holds."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, (list, tuple)):
        return [_without_nulls(item) for item in value]
    return value
