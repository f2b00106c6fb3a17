"""The evaluation: modelsearch's query objects are the syntax tree, and each node gives a mask and scores over all.

Everything is computed inside a *set of documents*: what a word is worth (how many documents hold it, how long they are
on average) as well as what matches. A document outside the set changes nothing, so a viewer can learn nothing from it.

A word's worth is BM25 with Lucene's idf over the body, in which a title is part, plus ``TITLE`` times the same over
titles. A document is asked for the stem in its own language; where that is not found, the folded word serves, at
``FOLDED`` of its worth. Words that stand side by side in the query and in the text are worth ``ADJACENT`` more. The
formula is written out in docs/search/ranking.md; ``search.feedback`` goes on from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from itertools import pairwise

import numpy as np
from modelsearch.query import And, Boost, MatchAll, Not, Or, Phrase, PlainText, SearchQuery

from search.adjacency import NO_DOCUMENTS, among, side_by_side
from search.analysis import DEFAULT_LANGUAGE, clean, fold, is_stop_word, term, words
from search.arrays import Postings
from search.schema import SEPARATOR
from search.sets import DocumentSet

K1, B = 1.2, 0.75
TITLE = 0.3
FOLDED = 0.8
ALL_WORDS = 0.3
"""How much is added, as a share, where all words of several are found."""
IN_TITLE = 0.5
"""How much is added, as a share, where a title holds all words."""
IN_A_ROW = 0.3
"""How much is added, as a share, where a text holds all words of several in the row of the query."""
ADJACENT = 0.2
"""How much of their worth two words add that stand side by side in the query and in the text."""
LONGEST_QUERY = 64
"""Different words of one query that are looked for."""


@dataclass(frozen=True)
class InField(SearchQuery):
    """A part of a query that is looked for in one named field only."""

    subquery: SearchQuery
    field: str


@dataclass(frozen=True)
class Aside(SearchQuery):
    """A part of a query that is looked for beside what was asked; what holds it does not say just what was asked."""

    subquery: SearchQuery


@dataclass(frozen=True)
class Match:
    """What a node of the query gives: which documents match, and what each is worth."""

    mask: np.ndarray
    scores: np.ndarray
    exact: np.ndarray = attribute(default_factory=lambda: NO_DOCUMENTS)
    """Numbers of the documents that say just what was asked: their title holds all words, or their text the words in a
    row."""


def tokens(text: str) -> list[str]:
    """Give the words of a query's text, in lower case."""
    return words(clean(text))


class Engine:
    """Evaluates queries over one set of documents."""

    def __init__(
        self,
        documents: DocumentSet,
        *,
        fields: Sequence[str] | None = None,
        languages: Sequence[str] = (),
        beginnings: bool = False,
    ) -> None:
        """
        Args:
            documents: The set inside which all is computed.
            fields: Names of fields to look in; None for everything that can be read.
            languages: The asking person's languages, best first.
            beginnings: Take words as beginnings of words, as in completion.
        """
        self.documents = documents
        self.snapshot = documents.snapshot
        self.fields = None if fields is None else tuple(fields)
        self.beginnings = beginnings
        self._asking = languages
        self._words: dict[str, Postings] = {}
        self._titled: dict[str, np.ndarray] = {}

    # Nodes

    def match(self, query: SearchQuery) -> Match:
        """Give what a query matches inside the set."""
        if isinstance(query, PlainText):
            return self._plain(query)
        if isinstance(query, Phrase):
            return self._phrase(query)
        if isinstance(query, MatchAll):
            return Match(self.documents.mask, self.documents.mask.astype(np.float64))
        if isinstance(query, Boost):
            found = self.match(query.subquery)
            return Match(found.mask, found.scores * query.boost, found.exact)
        if isinstance(query, Aside):
            found = self.match(query.subquery)
            return Match(found.mask, found.scores)
        if isinstance(query, Not):
            mask = self.documents.mask & ~self.match(query.subquery).mask
            return Match(mask, np.zeros(self.snapshot.count))
        if isinstance(query, And):
            return self._joined(query.subqueries, every=True)
        if isinstance(query, Or):
            return self._joined(query.subqueries, every=False)
        if isinstance(query, InField):
            inner = Engine(
                self.documents,
                fields=[query.field],
                languages=self._asking,
                beginnings=self.beginnings,
            )
            return inner.match(query.subquery)
        raise NotImplementedError(f"{type(query).__name__} is not supported by this search backend")

    def nothing(self) -> Match:
        """Give the match of what cannot be found."""
        return Match(np.zeros(self.snapshot.count, bool), np.zeros(self.snapshot.count))

    def _joined(self, queries: Iterable[SearchQuery], every: bool) -> Match:
        parts = [self.match(query) for query in queries]
        if not parts:
            return self.match(MatchAll()) if every else self.nothing()
        combine = np.logical_and if every else np.logical_or
        mask = combine.reduce([part.mask for part in parts])
        scores = np.add.reduce([part.scores for part in parts])
        return Match(mask, np.where(mask, scores, 0.0), np.concatenate([part.exact for part in parts]))

    def _plain(self, query: PlainText) -> Match:
        places = self.sought(tokens(query.query_string))
        if not places:
            return self.nothing()
        scores, held = np.zeros(self.snapshot.count), np.zeros(self.snapshot.count, np.int16)
        counts = Counter(word for _, word in places)
        for word, count in counts.items():
            found = self.word(word)
            scores[found.documents] += count * found.weights
            held[found.documents] += 1
        every = held == len(counts)
        titled, in_a_row = NO_DOCUMENTS, NO_DOCUMENTS
        if self.fields is None and not self.beginnings:
            titled, in_a_row = self._all_in_title(counts), self._add_adjacent(scores, places)
            scores[titled] *= 1.0 + IN_TITLE
            scores[in_a_row] *= 1.0 + IN_A_ROW
        if len(counts) > 1 and not self.beginnings:
            scores[every] *= 1.0 + ALL_WORDS
        mask = every if query.operator == "and" else held > 0
        scores = np.where(mask, scores, 0.0) * query.boost
        return Match(mask, scores, np.concatenate([titled, in_a_row]))

    # Words

    def sought(self, asked: list[str]) -> list[tuple[int, str]]:
        """Give the words worth looking for, each with its place: without stop words of the query's own language.

        The language is the one with most stop words among the words: of the asking person's and the default, or,
        with two more, of the others. (One alone proves little: "men" is "but" in Swedish.) A query of stop words only
        is looked for as it is.
        """
        places = list(enumerate(asked))
        if not self.beginnings:
            own = dict.fromkeys([*self._asking, DEFAULT_LANGUAGE])
            counts: dict[str, float] = {each: sum(is_stop_word(word, each) for word in asked) for each in own}
            for each in self.documents.languages:
                counts.setdefault(each, sum(is_stop_word(word, each) for word in asked) - 1.5)
            best = max(counts, key=lambda each: counts[each])
            places = [(at, word) for at, word in places if not is_stop_word(word, best)] or places
        known = set(list(dict.fromkeys(word for _, word in places))[:LONGEST_QUERY])
        return [(at, word) for at, word in places if word in known]

    def word(self, word: str) -> Postings:
        """Give the documents of the set in which a word is found, and what it is worth in each."""
        if word not in self._words:
            key = (self.fields, self.beginnings, word)
            if (known := self.documents.known(key)) is None:
                if self.beginnings:
                    found = self._beginning(word)
                else:
                    found = self._anywhere(word) if self.fields is None else self._in_fields(word)
                titled = self._titled.get(word, NO_DOCUMENTS)
                known = self.documents.keep(key, (found, titled), found.nbytes + titled.nbytes)
            self._words[word], self._titled[word] = known
        return self._words[word]

    def _stems(self, word: str) -> list[tuple[str, np.ndarray | None]]:
        """Give the stems of a word, each with the languages it is the stem in (None: all of them)."""
        by_stem: dict[str, list[int]] = {}
        codes, _ = self.snapshot.languages
        for number, code in enumerate(codes):
            if not is_stop_word(word, code):
                by_stem.setdefault(term(word, code), []).append(number)
        stems = []
        for stem, numbers in by_stem.items():
            chosen = np.zeros(len(codes), bool)
            chosen[numbers] = True
            stems.append((stem, None if chosen.all() else chosen))
        return stems

    def _stemmed(self, field: str, prefix: str, word: str) -> Postings:
        """Give the documents that hold the word's stem in their own language."""
        _, spoken = self.snapshot.languages
        parts = []
        for stem, chosen in self._stems(word):
            found = self.documents.inside(self.snapshot.postings(field, prefix + stem))
            if chosen is not None:
                keep = chosen[spoken[found.documents]]
                found = Postings(found.documents[keep], found.weights[keep])
            parts.append(found)
        return self._merged(parts)

    def _worth(self, found: Postings, lengths: np.ndarray | None, average: float) -> np.ndarray:
        """Give BM25 of one term; without lengths, all documents count as of average length."""
        held = len(found.documents)
        if not held:
            return np.empty(0)
        idf = np.log(1.0 + (self.documents.count - held + 0.5) / (held + 0.5))
        weights = found.weights.astype(np.float64)
        norm = 1.0 if lengths is None else 1.0 - B + B * lengths[found.documents] / average
        return idf * weights * (K1 + 1.0) / (weights + K1 * norm)

    def _merged(self, parts: Sequence[Postings]) -> Postings:
        """Join posting lists; a document that is in several keeps the largest weight."""
        parts = [part for part in parts if len(part.documents)]
        if len(parts) == 1:
            return parts[0]
        weights = np.zeros(self.snapshot.count, np.float32)
        for part in parts:
            weights[part.documents] = np.maximum(weights[part.documents], part.weights)
        documents = np.flatnonzero(weights)
        return Postings(documents, weights[documents])

    def _anywhere(self, word: str) -> Postings:
        found = stemmed = self._stemmed("body", "", word)
        share = np.ones(len(stemmed.documents))
        if others := self._as_written(word, stemmed.documents):
            written = self._merged(others)
            documents = np.concatenate([stemmed.documents, written.documents])
            order = np.argsort(documents, kind="stable")
            found = Postings(documents[order], np.concatenate([stemmed.weights, written.weights])[order])
            share = np.where(order < len(share), 1.0, FOLDED)
        scores = share * self._worth(found, self.snapshot.numbers("length"), self.documents.average_length)
        titles = self._stemmed("named", "title" + SEPARATOR, word)
        self._titled[word] = titles.documents
        lengths = self.snapshot.numbers("title_length")
        worth = self._worth(titles, lengths, self.documents.average_title_length)
        # What stands in a title stands in the body too.
        scores[np.searchsorted(found.documents, titles.documents)] += TITLE * worth
        return Postings(found.documents, scores)

    def _as_written(self, word: str, stemmed: np.ndarray) -> list[Postings]:
        """Give where a word stands unstemmed in documents in which its stem is not found."""
        parts, known = [], np.zeros(self.snapshot.count, bool)
        known[stemmed] = True
        for name in ("word", "body"):
            found = self.documents.inside(self.snapshot.postings(name, fold(word)))
            new = ~known[found.documents]
            if new.any():
                parts.append(Postings(found.documents[new], found.weights[new]))
        return parts

    def _in_fields(self, word: str) -> Postings:
        scores = np.zeros(self.snapshot.count)
        for name in self.fields or ():
            found = self._stemmed("named", name + SEPARATOR, word)
            scores[found.documents] += self._worth(found, None, 1.0)
        documents = np.flatnonzero(scores)
        return Postings(documents, scores[documents])

    def _beginning(self, word: str) -> Postings:
        scores = np.zeros(self.snapshot.count)
        plain = fold(word)
        for name in self.fields or ("",):
            prefix = name + SEPARATOR + plain
            for each in self.snapshot.terms("start", prefix):
                found = self.documents.inside(self.snapshot.postings("start", each))
                worth = 2.0 if each == prefix else 1.0
                scores[found.documents] = np.maximum(scores[found.documents], worth)
        documents = np.flatnonzero(scores)
        return Postings(documents, scores[documents])

    # Words side by side

    def _add_adjacent(self, scores: np.ndarray, places: Sequence[tuple[int, str]]) -> np.ndarray:
        """Add what neighbours are worth, and give the documents that hold all words in the row of the query."""
        exact: np.ndarray | None = None
        for (at, first), (later, second) in pairwise(places):
            if first == second:
                continue
            one, two = self.word(first), self.word(second)
            beside = NO_DOCUMENTS
            if len(one.documents) and len(two.documents):
                beside = side_by_side(self.documents, [(0, first), (later - at, second)])
            for found in (one, two):
                held = beside[among(found.documents, beside)]
                scores[held] += ADJACENT * found.weights[np.searchsorted(found.documents, held)]
            exact = beside if exact is None else exact[among(beside, exact)]
        return NO_DOCUMENTS if exact is None else exact

    def _all_in_title(self, asked: Iterable[str]) -> np.ndarray:
        """Give the documents whose titles hold all words."""
        titled = sorted((self._titled.get(word, NO_DOCUMENTS) for word in asked), key=len)
        common = titled[0]
        for other in titled[1:]:
            common = common[among(other, common)]
        return common

    def _phrase(self, query: Phrase) -> Match:
        asked = list(enumerate(tokens(query.query_string)[:LONGEST_QUERY]))
        if len({word for _, word in asked}) < 2 or self.beginnings or self.fields is not None:
            return self._plain(PlainText(query.query_string, operator="and"))
        documents = side_by_side(self.documents, asked)
        mask = np.zeros(self.snapshot.count, bool)
        mask[documents] = True
        scores = np.zeros(self.snapshot.count)
        for word in {word for _, word in asked}:
            found = self.word(word)
            scores[found.documents] += found.weights
        return Match(mask, np.where(mask, scores, 0.0), documents)
