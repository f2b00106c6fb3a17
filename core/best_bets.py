"""Pages the secretariat recommends for a query, shown above its results to those who may list them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from modelsearch.query import PlainText

from core.access import Viewer
from core.cards import Card, card_of
from core.models import BestBet, HubPage, active_languages
from core.remembered import Remembered
from search.analysis import clean, is_stop_word, term, words
from search.typed import read

MOST_PINNED = 3
"""Pages that are recommended for one query."""


@dataclass(frozen=True)
class Pin:
    """One recommendation."""

    item: UUID
    """The page's translation key: whichever version the reader gets."""
    language: str
    until: date | None


Meaning = tuple[str, frozenset[str]]


def meanings(text: str, languages: Sequence[str]) -> Iterator[Meaning]:
    """Give the stems of a text in each language, without their order and without stop words.

    A text of stop words only keeps them.
    """
    found = words(clean(text))
    for language in languages:
        left = [word for word in found if not is_stop_word(word, language)] or found
        if left:
            yield language, frozenset(term(word, language) for word in left)


def hub_languages() -> list[str]:
    """The languages in which two words can be forms of one."""
    return [code for code, _name in settings.LANGUAGES]


def load() -> Mapping[Meaning, Sequence[Pin]]:
    """Read all recommendations, by what they are for; one query."""
    pins: dict[Meaning, list[Pin]] = defaultdict(list)
    rows = BestBet.objects.order_by("position", "pk").values_list("words", "page__translation_key", "language", "until")
    for text, item, language, until in rows:
        for meaning in meanings(text, hub_languages()):
            pins[meaning].append(Pin(item, language, until))
    return dict(pins)


current = Remembered(load)


def pinned_for(query: str, viewer: Viewer, *, on: date | None = None) -> list[Card]:
    """The pages recommended for a query that this viewer may list, in the reader's best language.

    One query beside the one that asks for the generation, and none where nothing is recommended. A page that the
    viewer may not list leaves no gap. Quotes, fields and minus ask for something else, for which nothing is
    recommended.

    Args:
        query: What was typed. Any string is allowed.
        on: The day; today unless given.
    """
    typed = read(query)
    pins = current()
    if not pins or not isinstance(typed.query, PlainText):
        return []
    on = on or timezone.localdate()
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    found = [
        pin.item
        for meaning in meanings(typed.free, hub_languages())
        for pin in pins.get(meaning, ())
        if (pin.until is None or pin.until >= on) and pin.language in ("", language)
    ]
    if not found:
        return []
    versions: dict[UUID, list[HubPage]] = defaultdict(list)
    for page in HubPage.objects.listed_for(viewer).for_cards().filter(translation_key__in=found, alias_of=None):
        versions[page.translation_key].append(page)
    languages = active_languages()

    def rank(page: HubPage) -> tuple[int, int]:
        place = languages.index(page.language) if page.language in languages else len(languages)
        return place, page.pk

    shown = [versions[item] for item in dict.fromkeys(found) if item in versions][:MOST_PINNED]
    return [card_of(min(pages, key=rank), viewer, versions=pages) for pages in shown]
