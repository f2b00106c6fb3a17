"""The field's vocabulary, as the engine knows it: what else is looked for when somebody types a term of the field.

A *concept* is one thing, whatever it is called; its *terms* mean the same, in one language or several. What a term
finds counts as the typed words would, at a share of their worth; it never comes before what was typed (``widen``). A
concept may be *related* to others, which do not mean the same: their terms are offered (``related``), not looked for.
All of it is computed inside the viewer's set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from modelsearch.query import MATCH_ALL, And, Or, PlainText, SearchQuery

from search.analysis import base, clean, fold, forms, is_stop_word, term, words
from search.engine import FOLDED, K1, TITLE, B, Engine, InField, Match, tokens
from search.schema import MAIN, SEPARATOR, TEASER
from search.snapshot import NONE, Postings

EQUAL = 0.8
"""What a term of the same concept is worth, as a share of what the typed words would be."""
FOREIGN = 0.75
"""The part of that which is left in a language that is not the reader's."""
BEND = 4.0
"""How sharply a lift is bent where it comes near the typed words' own score: it keeps most of what is well below."""
MOST_WORDS = 8
"""Words of one term, without stop words."""
LONGEST_READ = 48
"""Words of a query in which terms are looked for."""
MOST_SOUGHT = 60
"""Terms that are looked for beside one query, and related ones that it is found out of whether they occur."""


@dataclass(frozen=True)
class Term:
    """One word or phrase of a concept, in one language."""

    words: str
    """As it is written, such as ``Ausstiegsarbeit``."""
    language: str
    preferred: bool = False
    hidden: bool = False
    """Recognised just as written when somebody types it, but neither looked for nor shown."""

    @cached_property
    def sought(self) -> tuple[str, ...]:
        """Its words in lower case, without stop words of its language."""
        return content(self.words, self.language)

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Its words, folded: two terms with the same are written alike."""
        return tuple(map(fold, words(clean(self.words))))


@dataclass(frozen=True)
class Concept:
    """One thing, whatever it is called."""

    terms: tuple[Term, ...]
    related: tuple[int, ...] = ()
    """Places of the related concepts in the vocabulary."""


@dataclass(frozen=True)
class Named:
    """A term that stands in a query."""

    words: tuple[str, ...]
    """As typed, in lower case."""
    sought: tuple[str, ...]
    """Those of them that are no stop words."""
    concepts: tuple[int, ...]
    """The concepts it names; several where one term has several meanings."""


@dataclass(frozen=True)
class Beside:
    """A term that is looked for, or only offered, beside the typed words it belongs to."""

    term: Term
    of: str
    related: bool = False
    """It means something near, not the same, and is only offered."""


def content(text: str, language: str) -> tuple[str, ...]:
    """Give the words of a term in lower case, without stop words of its language."""
    return tuple(word for word in words(clean(text)) if not is_stop_word(word, base(language)))


class Vocabulary:
    """All concepts, ready to be looked for in queries. It never changes; a changed vocabulary is a new one.

    Terms of which nothing is left without stop words, or longer than ``MOST_WORDS``, are not recognised.
    """

    def __init__(self, concepts: Sequence[Concept] = ()) -> None:
        self.concepts = tuple(concepts)
        # By language and first word: all words of a term, and the concept. A word is a stem, or "=" and the fold.
        self._known: dict[str, dict[str, list[tuple[tuple[str, ...], int]]]] = {}
        for number, concept in enumerate(self.concepts):
            for each in concept.terms:
                self._learn(each, number)

    def _learn(self, each: Term, concept: int) -> None:
        language = base(each.language)
        found = each.sought
        if not 0 < len(found) <= MOST_WORDS:
            return
        ways = {tuple(f"={fold(word)}" for word in found)}
        if not each.hidden:
            ways.add(tuple(term(word, language) for word in found))
        by_first = self._known.setdefault(language, {})
        for way in ways:
            by_first.setdefault(way[0], []).append((way, concept))

    def named(self, asked: Sequence[str]) -> list[Named]:
        """Give the terms in a row of words in lower case, from left to right, at each place the longest."""
        asked = asked[:LONGEST_READ]
        ends: dict[int, tuple[int, tuple[str, ...], set[int]]] = {}
        for language, by_first in self._known.items():
            both = [(at, word, *forms(word, language)) for at, word in enumerate(asked)]
            left = [(at, word) for at, word, _, stem in both if stem]  # a stop word has none
            keys = [(stem, f"={plain}") for _, _, plain, stem in both if stem]
            for first, (at, _) in enumerate(left):
                for key in keys[first]:
                    for way, concept in by_first.get(key, ()):
                        last = first + len(way) - 1
                        if last >= len(left) or any(
                            want not in keys[first + step] for step, want in enumerate(way[1:], 1)
                        ):
                            continue
                        end, _, concepts = ends.get(at, (-1, (), set()))
                        if left[last][0] > end:
                            ends[at] = left[last][0], tuple(word for _, word in left[first : last + 1]), {concept}
                        elif left[last][0] == end:
                            concepts.add(concept)
        found, free = [], 0
        for at in sorted(ends):
            if at >= free:
                end, sought, concepts = ends[at]
                found.append(Named(tuple(asked[at : end + 1]), sought, tuple(sorted(concepts))))
                free = end + 1
        return found

    def beside(self, named: Named) -> list[Beside]:
        """Give what else to look for: the other terms of the same concepts.

        A term that is written like the typed words, or like one before it, is not given again.
        """
        given = {tuple(map(fold, named.words))}
        terms = [each for number in named.concepts for each in self.concepts[number].terms if not each.hidden]
        return _not_given(terms, " ".join(named.words), given)

    def related(self, named: Sequence[Named], languages: Sequence[str]) -> list[list[Beside]]:
        """Give the preferred terms, in some languages (none: in all), of each concept next to those named.

        Of a concept's terms the best language comes first. No term of a concept that is named itself is given.
        """
        meant = {concept for each in named for concept in each.concepts}
        given = {tuple(map(fold, each.words)) for each in named}
        given |= {each.plain for number in meant for each in self.concepts[number].terms}
        found, seen = [], set(meant)
        for one in named:
            for number in (near for concept in one.concepts for near in self.concepts[concept].related):
                if number in seen:
                    continue
                seen.add(number)
                terms = [each for each in self.concepts[number].terms if each.preferred and _is_near(each, languages)]
                if languages:
                    terms.sort(key=lambda each: languages.index(base(each.language)))
                found.append(_not_given(terms, " ".join(one.words), given, related=True))
        return found


def _not_given(terms: Sequence[Term], of: str, given: set[tuple[str, ...]], related: bool = False) -> list[Beside]:
    """Give the terms that are written like none that was given before, and note them as given."""
    found = []
    for each in terms:
        if each.plain not in given:
            given.add(each.plain)
            found.append(Beside(each, of, related))
    return found


def widen(
    engine: Engine, query: SearchQuery, free: str, found: Match, vocabulary: Vocabulary, languages: Sequence[str]
) -> tuple[Match, tuple[Beside, ...]]:
    """Give what is found by a query and beside it by the vocabulary, and the terms that occur in the set.

    Of the terms, those come first that were looked for, of these the ones in the reader's languages, of these the
    preferred; then come the related ones, which change nothing of what is found.

    A document that holds another term is credited with what the typed words would be worth in it, times ``EQUAL``:
    how rare the other term is in its language does not count. The typed words come first: nothing is lifted to where
    all of them stand in a title or, if they stand in none, to where the best text has all of them.

    Args:
        engine: Of the viewer's set.
        query: What was typed.
        free: The part of it that is not in quotes, in a field or after a minus; only there terms are looked for.
        found: What the query gives.
        languages: The reader's, best first.
    """
    named = vocabulary.named(tokens(free))
    if not named:
        return found, ()
    texts = Texts(engine)
    offered = (next(filter(texts.hold, each), None) for each in vocabulary.related(named, languages)[:MOST_SOUGHT])
    near = [each for each in offered if each]
    # Of a query that names many concepts, each is asked for its first terms.
    ranked = [(rank, each, beside) for each in named for rank, beside in enumerate(vocabulary.beside(each))]
    ranked.sort(key=lambda one: one[0])
    known: list[Beside] = []
    held = np.zeros(len(found.mask), bool)
    credits: dict[Named, np.ndarray] = {}
    for _, each, beside in ranked[:MOST_SOUGHT]:
        documents, weights = texts.about(beside)
        if not len(documents):
            continue
        known.append(beside)
        held[documents] = True
        share = EQUAL * (1.0 if _is_near(beside.term, languages) else FOREIGN)
        credit = credits.setdefault(each, np.zeros(len(found.scores)))
        credit[documents] = np.maximum(credit[documents], share * weights)
    if not known:
        return found, tuple(near)
    lift = np.zeros(len(found.scores))
    for each, credit in credits.items():
        typed = engine.match(PlainText(" ".join(each.sought), operator="or")).scores
        lift += np.maximum(credit * _rarity(engine, each.sought) - typed, 0.0)
    mask = found.mask | (held & engine.match(_but_for_words(query)).mask)
    scores = np.where(mask, _below(_floor(engine, free, found), found, lift), 0.0)
    known.sort(key=lambda one: (not _is_near(one.term, languages), not one.term.preferred))
    return Match(mask, scores, found.exact), (*known, *near)


class Texts:
    """The texts of a viewer's set, asked how much they are about a term."""

    def __init__(self, engine: Engine) -> None:
        self.documents, self.now = engine.documents, engine.snapshot
        self._masks: dict[str, np.ndarray] = {}

    def hold(self, beside: Beside) -> bool:
        """Say whether a term stands in some text."""
        return len(self.about(beside).documents) > 0

    def about(self, beside: Beside) -> Postings:
        """Give the same as ``_about``, from memory where this set was asked before."""
        key = "term", beside.term.words, base(beside.term.language)
        if (kept := self.documents.known(key)) is None:
            found = self._about(beside)
            kept = self.documents.keep(key, found, found.nbytes)
        return kept

    def _about(self, beside: Beside) -> Postings:
        """Give the texts in which a term stands, and how much each is about it, as BM25 without idf.

        Looked through are the texts of the term's language and, at ``FOLDED`` of their worth, those of languages in
        some text of which all its words are written just so. Several words stand side by side, at the distances at
        which the term has them.
        """
        language = base(beside.term.language)
        asked = [(at, word) for at, word in enumerate(tokens(beside.term.words)) if not is_stop_word(word, language)]
        if not asked:
            return NONE
        others = self._elsewhere([word for _, word in asked], language)
        parts = [self._standing(asked, language, 1.0), *(self._standing(asked, other, FOLDED) for other in others)]
        return Postings(
            np.concatenate([each.documents for each in parts]), np.concatenate([each.weights for each in parts])
        )

    def _mask(self, language: str) -> np.ndarray:
        """Give the texts of one language."""
        if language not in self._masks:
            codes, spoken = self.now.languages
            number = codes.index(language) if language in codes else -1
            self._masks[language] = self.documents.mask & (spoken == number)
        return self._masks[language]

    def _elsewhere(self, asked: Sequence[str], language: str) -> list[str]:
        """Give the other languages in some text of which all the words are written just so."""
        codes, spoken = self.now.languages
        mask = self.documents.mask
        for word in asked:
            held = np.union1d(*(self.now.postings(field, fold(word)).documents for field in ("word", "body")))
            common = held[mask[held]]
            if not len(common):
                return []
            mask = np.zeros(self.now.count, bool)
            mask[common] = True
        return [codes[number] for number in np.unique(spoken[common]) if codes[number] != language]

    def _standing(self, asked: Sequence[tuple[int, str]], language: str, share: float) -> Postings:
        """Give the texts of one language in which words stand."""
        stems = [(at, term(word, language)) for at, word in asked if not is_stop_word(word, language)]
        bodies: list[Postings] = []
        for _, stem in stems if len(stems) == len(asked) else ():
            bodies.append(self._holding("body", stem, language))
            if not len(bodies[-1].documents):
                return NONE
        if not bodies:
            return NONE
        documents, counts = bodies[0]
        if len(stems) > 1:
            common, *others = sorted((self._begins(stem, at, language) for at, stem in stems), key=len)
            for other in others:
                common = np.intersect1d(common, other, assume_unique=True)
            # A place before the first word of a text would count as one of the document before.
            documents, counts = np.unique((common + stems[0][0]) >> 32, return_counts=True)
        lengths = self.now.numbers("length")[documents] / self.documents.average_length
        weights = counts * (K1 + 1.0) / (counts + K1 * (1.0 - B + B * lengths))
        return Postings(documents, share * (weights + TITLE * self._titled(documents, [stem for _, stem in stems])))

    def _holding(self, field: str, stem: str, language: str) -> Postings:
        found = self.now.postings(field, stem)
        keep = self._mask(language)[found.documents]
        return Postings(found.documents[keep], found.weights[keep])

    def _begins(self, stem: str, at: int, language: str) -> np.ndarray:
        """Give where a term would begin of which this is the word at a place: document and place in one number."""
        found = self.now.places(stem)
        keep = self._mask(language)[found.documents]
        return (found.documents[keep] << 32) + found.places[keep] - at

    def _titled(self, documents: np.ndarray, stems: Sequence[str]) -> np.ndarray:
        """Say in which of the documents all the stems stand in the title."""
        titled = np.ones(len(documents), bool)
        for stem in stems:
            held = np.zeros(self.now.count, bool)
            held[self.now.postings("named", "title" + SEPARATOR + stem).documents] = True
            titled &= held[documents]
        return titled


def _is_near(each: Term, languages: Sequence[str]) -> bool:
    return not languages or base(each.language) in languages


def _rarity(engine: Engine, asked: Sequence[str]) -> float:
    """Give what words are worth by how few documents of the set hold them (Lucene's idf, summed)."""
    count = engine.documents.count
    held = np.array([len(engine.word(word).documents) for word in dict.fromkeys(asked)])
    return float(np.log(1.0 + (count - held + 0.5) / (held + 0.5)).sum())


def _but_for_words(query: SearchQuery) -> SearchQuery:
    """Give what a typed query demands of every document, whichever of its free words are found."""
    if isinstance(query, PlainText) and query.operator == "or":
        return MATCH_ALL
    if isinstance(query, (And, Or)):
        return type(query)([_but_for_words(each) for each in query.subqueries])
    return query


def _floor(engine: Engine, free: str, found: Match) -> float:
    """Give the score that nothing may reach that is only lifted; 0 where no document holds all typed words."""
    every = PlainText(free, operator="and")
    tops = found.mask & (engine.snapshot.numbers("flags") & (MAIN | TEASER) > 0)
    titled = tops & engine.match(InField(every, "title")).mask
    if titled.any():
        return float(found.scores[titled].min())
    return float(np.max(found.scores, where=found.mask & engine.match(every).mask, initial=0.0))


def _below(floor: float, found: Match, lift: np.ndarray) -> np.ndarray:
    """Give the scores with their lift, bent so that it nears the floor and never reaches it."""
    if floor <= 0.0:
        return found.scores + lift
    room = 0.99 * np.maximum(floor - found.scores, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return found.scores + np.nan_to_num(lift / (1.0 + (lift / room) ** BEND) ** (1.0 / BEND))
