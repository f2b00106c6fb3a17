"""Forgiving what was typed: corrections, queries near to it, and completions of misspelt beginnings.

A word is corrected only when nothing in the viewer's set holds it, and only into words that something in the set holds;
how often they occur there decides. Words of the index that are not in the set are passed over before anything is
compared or cut off, so that neither a correction nor its absence tells of what the viewer may not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from modelsearch.query import Phrase

from search import dictionary
from search.analysis import DEFAULT_LANGUAGE, fold, is_paired, is_stop_word, spans
from search.dictionary import LONGEST
from search.engine import Engine
from search.schema import SEPARATOR
from search.sets import DocumentSet
from search.typed import Part, Typed

SHORTEST = 4
"""Letters of a word from which on it is corrected."""
LONG = 8
"""Letters from which on two mistakes are forgiven, one before."""
SHORTEST_PIECE = 3
"""Letters of each part into which a word may be split."""
MOST_CORRECTED = 8
"""Words of one query that are corrected."""
MOST_WORDS = 10
"""Words of a query that is corrected; a longer text says enough by its other words."""
FAR_COMMONER = 5
"""How many times as often a word occurs than one it may be meant by."""
MOST_READ = 3
"""Entries that are read to learn how a word is written."""
READ = ("title", "summary", "label", "keywords", "author", "topic", "text")


@dataclass(frozen=True)
class Place:
    """Where a word stands in the typed text."""

    part: Part
    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Change:
    """A piece of the typed text and what it should be."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Candidate:
    """A word of the set that may be meant."""

    plain: str
    distance: int
    documents: np.ndarray


# Words of the set


def forgivable(word: str) -> bool:
    """Say whether a word can be misspelt: codes, numbers, very short words and pairs of letters are as they are."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha() and not is_paired(word)


class Speller:
    """Knows which words the entries of one set hold."""

    def __init__(self, engine: Engine, known: Collection[str] = ()) -> None:
        """
        Args:
            engine: An engine over the viewer's set.
            known: Words that are right although nothing holds them, such as those of a vocabulary; in lower case.
        """
        self.engine, self.known = engine, known
        self.documents: DocumentSet = engine.documents
        self.now = engine.snapshot
        self._engines: dict[str, Engine] = {}

    def _within(self, field: str) -> Engine:
        """Give the engine that looks in one field, or everywhere."""
        if not field:
            return self.engine
        return self._engines.setdefault(field, Engine(self.documents, fields=[field]))

    def holding(self, plain: str, field: str) -> np.ndarray:
        """Give the entries of the set that hold a word as it is."""
        if field:
            return self._within(field).word(plain).documents
        found = [self.now.postings(name, plain).documents for name in ("word", "body")]
        documents = np.union1d(*found) if len(found[0]) and len(found[1]) else found[0] if len(found[0]) else found[1]
        return documents[self.documents.mask[documents]]

    def is_missing(self, word: str) -> bool:
        """Say whether nothing in the set holds a word, in any form."""
        return not len(self.engine.word(word).documents)

    def _candidates(self, words: dict[str, int], field: str) -> list[Candidate]:
        found = ((word, distance, self.holding(word, field)) for word, distance in words.items())
        return [Candidate(*each) for each in found if len(each[2])]

    def _best(self, candidates: list[Candidate], plain: str, beside: np.ndarray | None) -> str:
        """Give the likeliest candidate as it is written: nearest, together with the other words, most frequent."""

        def rank(each: Candidate) -> tuple[int, bool, int, int, str]:
            together = 0 if beside is None else int(np.count_nonzero(beside[each.documents]))
            return each.distance, each.plain[0] != plain[0], -together, -len(each.documents), each.plain

        return next((written for each in sorted(candidates, key=rank) if (written := self.written(each))), "")

    def written(self, candidate: Candidate) -> str:
        """Give how a word is written where it occurs; nothing if it is a stem and no word."""
        for document in candidate.documents[:MOST_READ]:
            kept = self.now.stored(int(document))
            for name in READ:
                for word, _, _ in spans(kept.get(name, "")):
                    if word == candidate.plain or (not word.isascii() and fold(word) == candidate.plain):
                        return word
        return ""

    def correction(self, word: str, field: str = "", beside: np.ndarray | None = None) -> str:
        """Give the word, or the two words, that a word nothing holds most likely stands for; nothing if none is near.

        First with one mistake, then as the beginning of a word, in two words, and last with two mistakes.
        """
        plain = fold(word)
        if not forgivable(plain):
            return ""
        if best := self._best(self._candidates(dictionary.neighbours(self.now, plain, 1), field), plain, beside):
            return best
        begun = self._candidates(dict.fromkeys(dictionary.begun(self.now, plain), 1), field)
        if best := self._best(begun, plain, beside) or self._split(plain, field):
            return best
        if len(plain) < LONG:
            return ""
        return self._best(self._candidates(dictionary.neighbours(self.now, plain, 2), field), plain, beside)

    def _split(self, plain: str, field: str) -> str:
        """Give the two words a word consists of, if they stand side by side somewhere in the set."""
        best = (0, "")
        for at in range(SHORTEST_PIECE, len(plain) - SHORTEST_PIECE + 1):
            pieces = plain[:at], plain[at:]
            if any(is_stop_word(piece, DEFAULT_LANGUAGE) for piece in pieces):
                continue
            if all(len(self.holding(piece, field)) for piece in pieces):
                found = self.engine.match(Phrase(" ".join(pieces))).mask
                best = max(best, (int(np.count_nonzero(found)), " ".join(pieces)))
        return best[1]

    def commoner(self, word: str) -> str:
        """Give a word of the set one mistake away that is far commoner than this one; nothing if there is none."""
        plain = fold(word)
        if not forgivable(plain) or not (held := len(self.engine.word(word).documents)):
            return ""
        found = self._candidates(dictionary.neighbours(self.now, plain, 1), "")
        return self._best([each for each in found if len(each.documents) >= FAR_COMMONER * held], plain, None)

    def near_to(self, word: str) -> Iterator[str]:
        """Give words of the set that are farther from a word than a correction may be, likeliest first."""
        plain = fold(word)
        if not forgivable(plain):
            return
        near = dictionary.neighbours(self.now, plain, 2 if len(plain) < LONG else 3)
        same = dictionary.begun(self.now, plain[: max(SHORTEST, len(plain) - 3)])
        candidates = self._candidates({**dict.fromkeys(same, 4), **near}, "")
        for each in sorted(candidates, key=lambda each: (each.distance, -len(each.documents), each.plain)):
            if written := self.written(each):
                yield written


def corrected(typed: Typed, speller: Speller) -> str:
    """Give the typed text with the words corrected that nothing in the set holds; nothing if there is none to correct.

    All else stays as it was typed: quotes, minus, fields, order, capitals.
    """
    whole = {part: word for word, parts in typed.joined for part in parts if not speller.is_missing(word)}
    sought = {word for _, word in speller.engine.sought(list(typed.words))}
    places = [place for place in _places(typed) if place.word in sought and place.word not in whole]
    missing = list(dict.fromkeys(place.word for place in places if speller.is_missing(place.word)))
    missing = [word for word in missing if word not in speller.known][:MOST_CORRECTED]
    if not missing or (len(sought) > MOST_WORDS and len(missing) < len(sought)):
        return ""
    beside = np.zeros(speller.now.count, bool)
    for word in sought - set(missing):
        beside[speller.engine.word(word).documents] = True
    changes: list[Change] = []
    for at, place in enumerate(places):
        if place.word not in missing or (changes and place.start < changes[-1].end):
            continue
        if change := _in_one_word(places, at, speller):
            changes = [each for each in changes if each.end <= change.start] + [change]
        elif better := speller.correction(place.word, place.part.field, beside):
            changes.append(_replaced(typed, place, better))
    return _changed(typed.text, changes)


def _places(typed: Typed) -> list[Place]:
    """Give where words that must or may occur stand in the typed text."""
    return [
        Place(part, word, part.start + start, part.start + end)
        for part in typed.parts
        if not part.minus
        for word, start, end in spans(part.text)
    ]


def _in_one_word(places: Sequence[Place], at: int, speller: Speller) -> Change | None:
    """Give the change that writes a word and one beside it as one, if the set holds that."""
    for one, two in pairwise(places[max(at - 1, 0) : at + 2]):
        plain = fold(one.word) + fold(two.word)
        if not (one.part.free and two.part.free and forgivable(plain)):
            continue
        holding = speller.holding(plain, "")
        if len(holding) and (written := speller.written(Candidate(plain, 0, holding))):
            return Change(one.start, two.end, written)
    return None


def _replaced(typed: Typed, place: Place, word: str) -> Change:
    return Change(place.start, place.end, _as_typed(word, typed.text[place.start : place.end]))


def _as_typed(word: str, typed: str) -> str:
    """Give a word in the capitals of what was typed."""
    if len(typed) > 1 and typed.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if typed[:1].isupper() else word


def _changed(text: str, changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    given, at = "", 0
    for change in changes:
        given += text[at : change.start] + change.text
        at = change.end
    return given + text[at:]


def near(typed: Typed, speller: Speller, better: str) -> Iterator[str]:
    """Give queries near to what was typed that are worth a try, likeliest first: ``better`` is its correction or empty.

    The correction; the same with a far commoner word for one that is rare; without quotes, fields and minus; each word
    alone that the set holds; and words like those that it does not hold.
    """
    if better:
        yield better
    for place in _places(typed)[:MOST_CORRECTED]:
        if commoner := speller.commoner(place.word):
            yield _changed(typed.text, [_replaced(typed, place, commoner)])
    said = [part.text for part in typed.parts if not part.minus]
    if any(not part.free for part in typed.parts) and said:
        yield " ".join(said)
    held = [word for word in typed.words if not is_paired(word) and not speller.is_missing(word)]
    if len(typed.words) > 1:
        yield from held
    for word in typed.words[:MOST_CORRECTED]:
        if word not in held:
            yield from speller.near_to(word)


def beginning(documents: DocumentSet, typed: str) -> str:
    """Give the beginning of a word that was most likely meant by a beginning with which no word of the set begins.

    It is one mistake away from what was typed. Nothing: there is none, or what was typed is too short to tell.
    """
    plain = fold(typed)
    if not forgivable(plain):
        return ""
    now = documents.snapshot
    best = (False, 0, "")
    for start in dictionary.one_mistake_away(plain, dictionary.words_from(now, plain[0]).letters):
        if not (words := dictionary.words_from(now, start[0]).begun(start)):
            continue
        held = np.zeros(now.count, bool)
        for word in words:
            held[now.postings("start", SEPARATOR + word).documents] = True
        if count := int(np.count_nonzero(held & documents.mask)):
            best = max(best, (start[0] == plain[0], count, start))
    return best[2]
