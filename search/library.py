"""The search of the whole site, for one viewer: hits, count, facets, snippets and completions.

All of it is computed inside the viewer's set of entries: what is not in the set changes no number, no order, no word.
The keys come from ``core.access.viewer_for``; this module knows neither people nor pages and gives references
(``model`` and ``pk``) that the caller loads through its own rule, so that a stale index can never show anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import Model

from search import spelling
from search.analysis import base, clean, whole_runs, words
from search.asking import ask_for
from search.completion import suggest
from search.documents import digest
from search.engine import Engine, tokens
from search.feedback import lifted
from search.schema import FACET_TAG, MAIN, TEASER, tag
from search.sets import DocumentSet
from search.snippets import beginning, passage
from search.store import IndexUnavailable
from search.typed import LONGEST_QUERY, Typed, read
from search.values import text_value
from search.view import View
from search.vocabulary import Beside, Vocabulary, widen

__all__ = ["LONGEST_QUERY", "Also", "Answer", "Hit", "IndexUnavailable", "find", "suggest"]

PLACE = 1.1
"""How much better than the top of its item a place inside must be to be shown instead."""
NEAR = 5
"""Queries offered where nothing was found."""
MOST_TRIED = 20
"""Queries that are tried for that: beside a filter that nothing passes, none of hundreds would find anything."""


@dataclass(frozen=True)
class Hit:
    """One item that was found, at its best place, in the reader's best language among the versions that match."""

    model: str
    """Label of the object's class, such as ``resources.ResourcePage``."""
    pk: str
    """Primary key as text."""
    item: str
    """What its entries were folded by (``Entry.item``)."""
    title: str
    language: str
    anchor: str = ""
    """What to append to the address, or an address of its own that begins with a slash; empty for the top."""
    label: str = ""
    """Name of the place, such as a heading; empty for the top."""
    snippet: str = ""
    """The passage as safe HTML: text escaped, matching words in ``<mark>``. Empty when there is nothing to show."""
    score: float = 0.0
    teaser: bool = False
    """Only title and summary are open to this viewer."""
    languages: tuple[str, ...] = ()
    """Other languages in which this viewer can have the item, sorted."""


@dataclass(frozen=True)
class Also:
    """Words of the field's vocabulary that were looked for beside those typed, or are offered, and occur in the set."""

    words: str
    """As the vocabulary writes them, such as ``Ausstiegsarbeit``."""
    language: str
    of: str
    """The typed words they stand for."""
    related: bool = False
    """They mean something near, not the same, and were not looked for."""


@dataclass(frozen=True)
class Answer:
    """What ``find`` gives."""

    total: int
    """Exact number of items that match, whatever ``limit`` is."""
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Items by value of each facet asked for, most first. Zero counts are left out."""
    words: tuple[str, ...] = ()
    """The words of the query that were looked for, in lower case, without stop words."""
    missing: tuple[str, ...] = ()
    """Those of them that occur in nothing this viewer may read."""
    also: tuple[Also, ...] = ()
    corrected: str = ""
    """The query that was searched in place of what was typed; empty: it was searched as typed."""
    near: tuple[str, ...] = ()
    """Only where nothing was found and hits were asked for: queries close to what was typed that find something in the
    viewer's set."""
    source: str = "index"
    """``index``, or ``database`` where the caller answers in its place."""


def find(
    query: str = "",
    *,
    keys: frozenset[str] | None,
    filters: Mapping[str, Sequence[str]] | None = None,
    facets: Sequence[str] = (),
    languages: Sequence[str] = (),
    order: str = "relevance",
    offset: int = 0,
    limit: int = 20,
    snippets: bool = True,
    as_typed: bool = False,
    vocabulary: Vocabulary | None = None,
    changed: Mapping[type[Model], Sequence[Any]] | None = None,
) -> Answer:
    """Give what one viewer finds.

    Args:
        query: What was typed; text, never syntax, but for ``"a phrase"``, ``-without``, ``title:``, ``author:`` and
            ``topic:``. Any string is allowed. Empty: everything.
        keys: Access keys the viewer holds; None for one who sees all.
        filters: Codes by facet name; one filter's values are alternatives, several filters all hold. A name or value
            that does not exist, or is hidden from the viewer, gives zero items. The filter ``item`` is passed by the
            items that are named (``Entry.item``).
        facets: Names of the facets to count. Each is counted with all filters but its own. ``language`` counts items
            that have a version in the language, all others count items.
        languages: The reader's languages, best first.
        order: ``relevance`` or ``date`` (newest first). Without a query both mean date.
        offset, limit: Which hits to give; below zero is zero, beyond the end gives none.
        snippets: Whether to cut passages out of the texts.
        as_typed: Look for just what was typed: no word is corrected, and the vocabulary is not asked.
        vocabulary: Terms of the field that are looked for beside those typed.
        changed: What ``outbox.waiting_objects`` gave, from callers with several questions; asked for if missing.

    Raises:
        IndexUnavailable: The index cannot be read.
    """
    spoken = tuple(dict.fromkeys(base(each) for each in languages))
    asked = Asked(
        typed=read(query, spoken),
        filters={name: frozenset(codes) for name, codes in (filters or {}).items() if codes},
        languages=spoken,
        by_date=order == "date",
        vocabulary=None if as_typed else vocabulary,
    )

    def question(documents: DocumentSet) -> Answer:
        search, corrected, near = forgiven(Search(documents, asked), as_typed, offered=limit > 0)
        return Answer(
            total=search.total,
            hits=search.hits(max(offset, 0), max(limit, 0), snippets),
            facets=search.facets(facets),
            words=search.words,
            missing=search.missing(),
            corrected=corrected,
            near=near,
            also=tuple(Also(each.term.words, each.term.language, each.of, each.related) for each in search.beside),
        )

    return ask_for(keys, question, changed)


def forgiven(search: Search, as_typed: bool, offered: bool) -> tuple[Search, str, tuple[str, ...]]:
    """Give the search to answer with, what was corrected in it, and queries near to it where it finds nothing.

    Those are looked for only where they can be ``offered``: each is a search of its own.
    """
    if search.total and not search.missing():
        return search, "", ()
    named = {word for each in search.beside for word in words(each.of)}
    speller = spelling.Speller(search.engine, named)

    def instead(text: str) -> Search:
        typed = read(text, search.asked.languages)
        return Search(search.documents, replace(search.asked, typed=typed))

    typed = search.asked.typed
    better = spelling.corrected(typed, speller)
    if better and not as_typed and (other := instead(better)).total:
        return other, better, ()
    if search.total or typed.query is None or not offered:
        return search, "", ()
    tried = (each for each in dict.fromkeys(spelling.near(typed, speller, better)) if each.casefold() != typed.text)
    found = (each for each in islice(tried, MOST_TRIED) if instead(each).total)
    return search, "", tuple(islice(found, NEAR))


@dataclass(frozen=True)
class Asked:
    """A question: what was typed, which filters hold, and how the reader wants it."""

    typed: Typed
    filters: Mapping[str, frozenset[str]]
    languages: tuple[str, ...]
    by_date: bool
    vocabulary: Vocabulary | None = None


class Search:
    """One question over one viewer's set."""

    def __init__(self, documents: DocumentSet, asked: Asked) -> None:
        assert isinstance(documents.snapshot, View)
        self.now, self.documents, self.asked = documents.snapshot, documents, asked
        self.items, self.item_count = self.now.items
        self.codes, self.spoken = self.now.languages
        self.flags, self.dates = self.now.numbers("flags"), self.now.numbers("date")
        self.engine = Engine(documents, languages=asked.languages)
        sought = self.engine.sought(list(asked.typed.words))
        self.words = tuple(dict.fromkeys(word for _, word in sought))
        self.beside: tuple[Beside, ...] = ()
        if asked.typed.query is None:
            self.found = documents.mask & (self.flags & (MAIN | TEASER) > 0)
            self.scores = np.zeros(self.now.count)
        else:
            match = self.engine.match(asked.typed.query)
            if asked.vocabulary is not None and asked.typed.free:
                match, self.beside = widen(
                    self.engine, asked.typed.query, asked.typed.free, match, asked.vocabulary, asked.languages
                )
            self.found, self.scores = match.mask, match.scores
            if not asked.by_date:
                self.scores = lifted(self.engine, match, asked.typed.query)
        self.marked = self._marked()
        self.passing = {name: self._passing(name, codes) for name, codes in asked.filters.items()}
        self.mask = self._filtered(without=None)
        self.total = int(np.count_nonzero(self.now.held(self.mask)))

    def _spoken_in(self, language: str) -> np.ndarray:
        """Give the entries of the set in one language."""
        if language not in self.codes:
            return np.zeros(self.now.count, bool)
        return self.documents.mask & (self.spoken == self.codes.index(language))

    def _passing(self, name: str, codes: frozenset[str]) -> np.ndarray:
        """Give the documents that pass one filter; that of the language is passed by all versions of an item."""
        if name == "item":
            return np.isin(self.now.numbers("item"), [digest(code) for code in codes])
        mask = np.zeros(self.now.count, bool)
        for code in codes:
            if name == "language":
                mask |= self._spoken_in(code)
            else:
                term = tag(FACET_TAG, clean(name), text_value(clean(code)))
                mask[self.now.postings("tag", term).documents] = True
        if name == "language":
            has_version = np.zeros(self.item_count, bool)
            has_version[self.items[mask]] = True
            mask = has_version[self.items]
        return mask

    def _filtered(self, without: str | None) -> np.ndarray:
        mask = self.found
        for name, passing in self.passing.items():
            if name != without:
                mask = mask & passing
        return mask

    def _marked(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Give what is marked in passages: words, and rows of words that are marked where they stand side by side."""
        typed = self.asked.typed
        quoted = [tokens(part.text) for part in typed.parts if part.phrase and not (part.field or part.minus)]
        rows = [tuple(word for word in each if word in self.words) for each in quoted]
        rows += [each.term.sought for each in self.beside if not each.related]
        loose = {word for part in typed.parts if not part.phrase for word in tokens(part.text)}
        in_rows = {word for each in quoted for word in each if len(each) > 1} - loose
        alone = [word for word in self.words if word not in in_rows]
        alone += [word for word, _ in typed.joined]
        alone += [row[0] for row in rows if len(row) == 1]
        return tuple(dict.fromkeys(alone)), tuple(dict.fromkeys(row for row in rows if len(row) > 1))

    def missing(self) -> tuple[str, ...]:
        """Give the words that nothing in the set holds."""

        def held(word: str) -> bool:
            return len(self.engine.word(word).documents) > 0

        in_one = {part for word, parts in self.asked.typed.joined if held(word) for part in parts}
        runs = whole_runs([word for word in self.words if word not in in_one])
        return tuple(word for word, parts in runs if not any(map(held, parts)))

    # Facets

    def facets(self, names: Sequence[str]) -> dict[str, dict[str, int]]:
        """Give the number of items by value of each facet, with all filters but the facet's own."""
        free = [name for name in names if name not in self.passing]
        counted = self.now.by_facet(free, self.mask, self.documents.mask)
        for name in names:
            if name in self.passing:
                counted |= self.now.by_facet([name], self._filtered(without=name), self.documents.mask)
        return {name: _most_first(counted[name]) for name in names}

    # Hits

    def hits(self, offset: int, limit: int, snippets: bool) -> tuple[Hit, ...]:
        """Give one page of results, best or newest first; of equals, the newer object."""
        by_score = self.asked.typed.query is not None and not self.asked.by_date
        chosen, scores = self._first(offset + limit, by_score)
        chosen, scores = chosen[offset:], scores[offset:]
        places: dict[int, list[int]] = {item: [] for item in chosen}
        wanted = np.zeros(self.item_count, bool)
        wanted[chosen] = True
        for document in np.flatnonzero(wanted[self.items] & self.documents.mask).tolist():
            places[int(self.items[document])].append(document)
        return tuple(self._hit(places[item], score, snippets) for item, score in zip(chosen, scores, strict=True))

    def _first(self, count: int, by_score: bool) -> tuple[list[int], list[float]]:
        """Give the first items and their scores, without putting all of them in order."""
        documents = np.flatnonzero(self.mask)
        if not count or not len(documents):
            return [], []
        leading = self.scores[documents] if by_score else self.dates[documents]
        # An item comes where its leading document is, so the first items are those of the first documents; how many
        # documents that takes is tried. What is level with the last of them is taken too.
        taken, held = 4 * count, np.zeros(self.item_count, bool)
        while taken < len(documents):
            first = leading >= np.partition(leading, -taken)[-taken]
            held[self.items[documents[first]]] = True
            if np.count_nonzero(held) >= count:
                documents = documents[held[self.items[documents]]]
                break
            taken *= 4
        order = np.argsort(self.items[documents], kind="stable")
        documents = documents[order]
        items = self.items[documents]
        begins = np.flatnonzero(np.concatenate([[True], items[1:] != items[:-1]]))
        best = np.maximum(np.maximum.reduceat(self.scores[documents], begins), -1.0)
        keys = [
            -np.maximum.reduceat(self.now.numbers("object")[documents], begins),
            -np.maximum.reduceat(self.dates[documents], begins),
        ]
        if by_score:
            keys.append(-best)
        ranked = np.lexsort(keys)[:count]
        return items[begins[ranked]].tolist(), best[ranked].tolist()

    def _hit(self, places: list[int], score: float, snippets: bool) -> Hit:
        """Give an item as it is shown: version by version the fullest, then in the reader's language, then the best."""
        candidates = [place for place in places if self.mask[place]]
        if wanted := self.asked.filters.get("language"):
            mains = [each for each in places if self.flags[each] & (MAIN | TEASER)]
            candidates = (
                [each for each in candidates if self._language(each) in wanted]
                or [each for each in mains if self._language(each) in wanted]
                or candidates
            )
        chosen = min(candidates, key=self._preference)
        version = self.now.numbers("object")
        same = [
            each
            for each in candidates
            if version[each] == version[chosen] and self._language(each) == self._language(chosen)
        ]
        chosen = max(same, key=lambda each: (self.scores[each], self.flags[each] & MAIN, -each))
        for each in same:
            if self.flags[each] & MAIN and self.scores[each] * PLACE >= self.scores[chosen]:
                chosen = each
        kept = self.now.stored(chosen)
        others = {self._language(each) for each in places} - {self._language(chosen)}
        return Hit(
            model=kept["model"],
            pk=kept["pk"],
            item=kept["item"],
            title=kept["title"],
            language=kept["language"],
            anchor=kept["anchor"],
            label=kept["label"],
            snippet=self._snippet(kept) if snippets else "",
            score=max(score, 0.0),
            teaser=bool(self.flags[chosen] & TEASER),
            languages=tuple(sorted(others)),
        )

    def _language(self, document: int) -> str:
        return self.codes[self.spoken[document]]

    def _preference(self, document: int) -> tuple[bool, int, float, int]:
        """Give the rank of a version: full before teaser, the reader's languages in their order, then the best."""
        language, known = self._language(document), self.asked.languages
        rank = known.index(language) if language in known else len(known)
        return (
            bool(self.flags[document] & TEASER),
            rank,
            -float(self.scores[document]),
            document,
        )

    def _snippet(self, kept: Mapping[str, str]) -> str:
        language, (alone, rows) = kept["language"], self.marked
        return (
            passage(kept["text"], alone, language, rows)
            or passage(kept["summary"], alone, language, rows)
            or beginning(kept["summary"] or kept["text"])
        )


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    """Put counts in order, without those of zero."""
    held = [(-count, value) for value, count in counts.items() if count]
    return {value: -count for count, value in sorted(held)}
