"""Lists that the database answers: for another engine than our own, and while our own index cannot be read.

What matches comes from the engine, or from the titles; total, facets, order and passages come from here, out of the
rows that this viewer may list now. So whatever an index says, nothing closed is shown, counted or hinted at.

A closed page with a teaser is listed, and found by words of its title and summary; it tells kind, language and who may
read, and passes no other filter.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet, prefetch_related_objects

from core.access import NOBODY, Viewer, audience_of, visible
from core.kinds import LIBRARY_KINDS
from core.models import HubPage, KeywordOfPage, PracticeContext, TopicOfPage
from search import elsewhere
from search.backend import CALLERS_FAULTS
from search.library import Answer, Hit
from search.snippets import beginning, passage

logger = logging.getLogger(__name__)

CONTEXTS = ("setting", "stage", "extremism", "region")
FEW = 1000
"""Pages that are named one by one in a question to the database; of more, a whole table is read."""
MOST_WORDS = 8
"""Words that are looked for in titles."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)

_MARKED = re.compile(r"<mark>(.*?)</mark>")


class Row(NamedTuple):
    """What lists need of one page."""

    pk: int
    item: UUID
    language: str
    kind: str
    access_key: str
    date: datetime | None
    group: str | None


COLUMNS = (
    "pk",
    "translation_key",
    "locale__language_code",
    "kind",
    "access_key",
    "published_on",
    "working_group__slug",
)


def answer(
    q: str,
    filters: Mapping[str, Sequence[str]],
    viewer: Viewer,
    *,
    facets: Sequence[str] = (),
    languages: Sequence[str] = (),
    offset: int = 0,
    limit: int = 20,
    order: str = "relevance",
    snippets: bool = True,
) -> Answer:
    """Give one page of what the viewer may list; the arguments are those of ``search.library.find``.

    The words are looked for by the engine that the settings name; where that is our own, which then cannot be read, or
    a cluster that does not answer, in titles alone.
    """
    pages = HubPage.objects.listed_for(viewer).filter(alias_of=None).order_by()
    if "library" in filters:
        pages = pages.filter(kind__in=LIBRARY_KINDS)
    words: tuple[str, ...] = ()
    scores: Mapping[int, float] | None = None
    source = "index" if elsewhere.is_elsewhere() else "database"
    if q.strip():
        words = elsewhere.words_of(q, languages)
        scores = _found_elsewhere(q, pages, viewer, languages) if source == "index" else None
        if scores is None:
            source = "database"
            pages = pages.filter(_in_title(words))
    chosen = {name: frozenset(values) for name, values in filters.items() if values and name != "library"}
    listed = Listed(_rows(pages, scores), pages if scores is None else None, viewer, chosen, scores or {})
    hits = listed.hits(languages, offset, limit, by_date=scores is None or order == "date")
    if words and snippets and source == "index":
        hits = _with_passages(hits, viewer, words)
    return Answer(
        total=len(listed.items),
        hits=tuple(hits),
        facets={name: listed.facet(name) for name in facets},
        words=words,
        source=source,
    )


def suggest(typed: str, viewer: Viewer, limit: int) -> list[str]:
    """Give titles in which each typed word begins a word, newest first; only of what the viewer may list."""
    pages = HubPage.objects.listed_for(viewer).filter(alias_of=None)
    words = typed.split()[:MOST_WORDS]
    for word in words:
        pages = pages.filter(Q(title__istartswith=word) | Q(title__icontains=f" {word}"))
    titles = pages.newest_first().values_list("title", flat=True)[: limit * 2] if words else []
    return list(dict.fromkeys(titles))[:limit]


# What matches ----------------------------------------------------------------------------------------


def _found_elsewhere(
    q: str, pages: QuerySet[HubPage], viewer: Viewer, languages: Sequence[str]
) -> dict[int, float] | None:
    """Ask the engine, access inside the question: whole pages that open, and of the other teasers what they show."""
    open_pages = HubPage.objects.visible_to(viewer)
    try:
        scores = elsewhere.found(q, open_pages, languages=languages)
        if not viewer.sees_all:
            # What opens is asked for all its text above: its title alone may lack a word that must not occur.
            teasers = HubPage.objects.live().filter(teaser_listed=True).exclude(visible(viewer))
            found = elsewhere.found(q, teasers, languages=languages, fields=["title", "summary"])
            scores |= found
    except CALLERS_FAULTS:
        raise
    except Exception as error:
        logger.error("The search engine does not answer: %s", type(error).__name__)
        return None
    return scores


def _in_title(words: Sequence[str]) -> Q:
    """Pages with one of the words in their title."""
    condition = Q(pk__in=[])
    for word in words[:MOST_WORDS]:
        condition |= Q(title__icontains=word)
    return condition


def _rows(pages: QuerySet[HubPage], scores: Mapping[int, float] | None) -> list[Row]:
    """Give the rows of what matches, as far as the viewer may list it at this moment."""
    if scores is not None and len(scores) <= FEW:
        pages = pages.filter(pk__in=list(scores))
    rows = map(Row._make, pages.values_list(*COLUMNS))
    return [row for row in rows if scores is None or row.pk in scores]


# What is listed --------------------------------------------------------------------------------------


@dataclass
class Listed:
    """The rows that match for one viewer, filtered, counted and folded: one entry for all versions of an item."""

    rows: list[Row]
    pages: QuerySet[HubPage] | None
    viewer: Viewer
    chosen: Mapping[str, frozenset[str]]
    scores: Mapping[int, float]

    @cached_property
    def _open(self) -> set[int]:
        """The pages that this viewer may open; of the others only what a teaser tells counts."""
        return {row.pk for row in self.rows if self.viewer.sees_all or row.access_key in self.viewer.keys}

    @cached_property
    def _versions(self) -> list[tuple[UUID, str, int]]:
        """Item, language and key of all versions that the viewer may list of the items that match."""
        if self.pages is not None:
            return [(row.item, row.language, row.pk) for row in self.rows]
        items = {row.item for row in self.rows}
        pages = HubPage.objects.listed_for(self.viewer).filter(alias_of=None).order_by()
        if len(items) <= FEW:
            pages = pages.filter(translation_key__in=items)
        found = pages.values_list("translation_key", "locale__language_code", "pk")
        return [version for version in found if version[0] in items]

    # Facets

    def values(self, name: str) -> Callable[[Row], Collection[str]]:
        """Give a function that says which values of a facet a row has."""
        if name == "item":
            return lambda row: (str(row.item),)
        if name == "kind":
            return lambda row: (row.kind,)
        if name == "audience":
            return lambda row: (NOBODY if row.access_key == NOBODY else audience_of(row.access_key)[0],)
        if name == "year":
            return lambda row: (str(row.date.year),) if row.date and row.pk in self._open else ()
        if name == "group":
            return lambda row: (row.group,) if row.group and row.pk in self._open else ()
        table: Mapping[int, Collection[str]]
        if name in CONTEXTS:
            table = self._contexts[name]
        elif name in ("topic", "keyword"):
            table = self._tags(name)
        else:
            table = {}
        return lambda row: table.get(row.pk, ())

    def _within(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        return rows.filter(**{f"{column}__in": self._open}) if len(self._open) <= FEW else rows

    def _tags(self, name: str) -> dict[int, set[str]]:
        through: Any = TopicOfPage if name == "topic" else KeywordOfPage
        slugs = ("tag__slug", "tag__parent__slug") if name == "topic" else ("tag__slug",)
        table: dict[int, set[str]] = defaultdict(set)
        for pk, *found in self._within(through.objects.all(), "content_object").values_list("content_object", *slugs):
            if pk in self._open:
                table[pk].update(slug for slug in found if slug)
        return table

    @cached_property
    def _contexts(self) -> dict[str, dict[int, list[str]]]:
        """Setting, stage, form of extremism and region by page, of all rooms in one query."""
        asked = [
            self._within(model._default_manager.order_by(), "pk").values_list(
                "pk", "setting", "stage", "extremism", "regions"
            )
            for model in apps.get_models()
            if issubclass(model, PracticeContext) and issubclass(model, HubPage)
        ]
        tables: dict[str, dict[int, list[str]]] = {name: {} for name in CONTEXTS}
        for pk, *found in asked[0].union(*asked[1:], all=True) if asked else ():
            if pk in self._open:
                for name, codes in zip(CONTEXTS, found, strict=True):
                    tables[name][pk] = codes
        return tables

    @cached_property
    def _passing(self) -> dict[str, set[int]]:
        """The pages that pass each chosen filter; that of the language is passed by all versions of an item."""
        passing: dict[str, set[int]] = {}
        for name, wanted in self.chosen.items():
            if name == "language":
                items = {item for item, language, _pk in self._versions if language in wanted}
                passing[name] = {row.pk for row in self.rows if row.item in items}
            else:
                values = self.values(name)
                passing[name] = {row.pk for row in self.rows if not wanted.isdisjoint(values(row))}
        return passing

    def passing(self, without: str | None = None) -> Iterable[Row]:
        """Give the rows that pass all chosen filters, but for one."""
        sets = [passing for name, passing in self._passing.items() if name != without]
        return [row for row in self.rows if all(row.pk in each for each in sets)] if sets else self.rows

    def facet(self, name: str) -> dict[str, int]:
        """Give the number of items by value, with all filters but this facet's own; most first."""
        pairs: set[tuple[str, UUID]]
        if name == "language":
            items = {row.item for row in self.passing(name)}
            pairs = {(language, item) for item, language, _pk in self._versions if item in items}
        else:
            values = self.values(name)
            pairs = {(value, row.item) for row in self.passing(name) for value in values(row)}
        counts: dict[str, int] = defaultdict(int)
        for value, _item in pairs:
            counts[value] += 1
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    # Hits

    @cached_property
    def items(self) -> dict[UUID, list[Row]]:
        """The versions that match and pass all filters, by item."""
        items: dict[UUID, list[Row]] = defaultdict(list)
        for row in self.passing():
            items[row.item].append(row)
        return items

    def hits(self, languages: Sequence[str], offset: int, limit: int, *, by_date: bool) -> list[Hit]:
        """Give one page of the items, best or newest first, each in the reader's best language."""

        def place(item: UUID) -> tuple[float, float, int]:
            rows = self.items[item]
            best = 0.0 if by_date else max(self.scores.get(row.pk, 0.0) for row in rows)
            return best, max(row.date or LONG_AGO for row in rows).timestamp(), max(row.pk for row in rows)

        ordered = sorted(self.items, key=place, reverse=True)[offset : offset + limit]
        return [self._hit(self.items[item], languages) for item in ordered]

    def _hit(self, rows: list[Row], languages: Sequence[str]) -> Hit:
        versions = [(row.language, row.pk) for row in rows]
        if wanted := self.chosen.get("language"):
            shown = [(language, pk) for item, language, pk in self._versions if item == rows[0].item]
            versions = [each for each in versions if each[0] in wanted] or [each for each in shown if each[0] in wanted]
        order = {code: place for place, code in enumerate(languages)}
        language, pk = min(
            versions,
            key=lambda each: (order.get(each[0], len(order)), -self.scores.get(each[1], 0.0), each[1]),
        )
        return Hit(
            model="core.HubPage",
            pk=str(pk),
            item=str(rows[0].item),
            title="",
            language=language,
            score=max(self.scores.get(row.pk, 0.0) for row in rows),
        )


# Passages --------------------------------------------------------------------------------------------


def _with_passages(hits: Sequence[Hit], viewer: Viewer, words: Sequence[str]) -> list[Hit]:
    """Give the hits with the place that holds most of the words, of pages that the viewer may open."""
    pages = list(HubPage.objects.visible_to(viewer).filter(pk__in=[int(hit.pk) for hit in hits]).specific())
    prefetch_related_objects(pages, "locale")
    by_pk = {str(page.pk): page for page in pages}
    return [_with_passage(hit, by_pk[hit.pk], words) if hit.pk in by_pk else hit for hit in hits]


def _with_passage(hit: Hit, page: HubPage, words: Sequence[str]) -> Hit:
    """Give the hit with the best passage of the page as it now is; the top before a place that is no better."""
    places = list(page.search_places())
    texts = [(page.summary, places[0]), *((place.text, place) for place in places)]
    passages = [(passage(text, words, hit.language), place) for text, place in texts if text]
    html, place = max(passages, key=lambda found: _distinct(found[0]), default=("", places[0]))
    return replace(hit, snippet=html or beginning(page.summary), anchor=place.anchor, label=place.label)


def _distinct(html: str) -> int:
    return len({word.lower() for word in _MARKED.findall(html)})
