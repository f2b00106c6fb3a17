"""Feedback: what the best documents have in common tells more about what was meant than the few words typed.

Words that several of the best documents share, each at its share of their texts and at its rarity, lift the other
documents in which they occur. They lift only what matches already: no document is found by them, so that number,
facets and marked words stay those of the query. All is computed inside the set of documents that was searched, from
texts that the set holds, so that a closed document changes nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from modelsearch.query import And, Boost, Or, Phrase, PlainText, SearchQuery

from search.analysis import forms, words
from search.arrays import Postings
from search.engine import K1, B, Engine, Match, tokens
from search.kept import memory
from search.snapshot import Snapshot

WEIGHT = 1.0
"""What all words of the feedback together count, for each word of the query one."""
BEST = 10
"""Items whose texts are read, each at its best place."""
TRUST = 4
"""A text counts by this power of its score, so that a clear winner speaks almost alone."""
SHARED = 2
"""Texts a word must stand in to be taken."""
LIKELY, TAKEN = 40, 30
"""Words whose rarity is looked up, and those of them that are taken."""
DEPTH = 1000
"""Documents that can be lifted; the others stay behind them in their order."""
FEWER = 4
"""So many times as many documents hold a word, and it is quicker to look for those that can be lifted one by one."""
CHARACTERS = 2000
"""Of each text that are read."""
BYTES_A_WORD = 80
"""What a different word of a text takes in memory, about: the word, its place in two lists, its number."""


def lifted(engine: Engine, match: Match, query: SearchQuery) -> np.ndarray:
    """Give the scores of a match with what the feedback adds.

    Args:
        engine: What made the match.
        match: Documents and their scores.
        query: What was matched. Where it names fields alone there is no feedback: an author's texts need not be alike.

    Documents that say just what was asked (``Match.exact``) are lifted as high as the most similar of all: feedback
    never puts anything before them that was not there already. An item is lifted as a whole, so that among its places
    the best stays the best.
    """
    asked = len({word for _, word in engine.sought(_spoken(query))})
    documents = np.flatnonzero(match.mask & (match.scores > 0.0))
    if len(documents) < SHARED or not asked or not WEIGHT:
        return match.scores
    now = engine.snapshot
    scores = match.scores[documents]
    if len(documents) > DEPTH:
        keep = scores >= np.partition(scores, -DEPTH)[-DEPTH]
        documents, scores = documents[keep], scores[keep]
    best = _best(now, documents, scores)
    taken = _taken(engine, _common(now, documents[best], scores[best]))
    if not taken:
        return match.scores
    likeness = _likeness(engine, documents, taken)
    exact = np.zeros(now.count, bool)
    exact[match.exact] = True
    likeness[exact[documents]] = likeness.max()
    found, item = np.unique(now.items[0][documents], return_inverse=True)
    before, after = np.zeros(len(found)), np.zeros(len(found))
    np.maximum.at(before, item, scores)
    np.maximum.at(after, item, scores + WEIGHT * asked * likeness)
    given = match.scores.copy()
    given[documents] *= (after / before)[item]
    return given


def _spoken(query: SearchQuery) -> list[str]:
    """Give the words that are looked for in the texts, not in a field and not to be left out."""
    if isinstance(query, PlainText | Phrase):
        return tokens(query.query_string)
    if isinstance(query, Boost):
        return _spoken(query.subquery)
    if isinstance(query, And | Or):
        return [word for each in query.subqueries for word in _spoken(each)]
    return []


def _best(now: Snapshot, documents: np.ndarray, scores: np.ndarray) -> list[int]:
    """Give which documents are the best, one of each item; of equals, as among hits, the newer object."""
    order = np.lexsort((documents, -now.numbers("object")[documents], -scores))
    items = now.items[0][documents]
    chosen: dict[int, int] = {}
    for at in order:
        chosen.setdefault(int(items[at]), int(at))
        if len(chosen) == BEST:
            break
    return list(chosen.values())


def _common(now: Snapshot, documents: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Give the words that several of the texts share, each with its mean share of a text."""
    trust = (scores / scores.max()) ** TRUST
    trust /= trust.sum()
    shares: dict[str, float] = {}
    held: Counter[str] = Counter()
    for document, weight in zip(documents.tolist(), trust.tolist(), strict=True):
        stems, counts, length = _text(now, document)
        held.update(stems)
        each = weight / length
        for stem, count in zip(stems, counts, strict=True):
            shares[stem] = shares.get(stem, 0.0) + each * count
    return {stem: share for stem, share in shares.items() if held[stem] >= SHARED}


def _text(now: Snapshot, document: int) -> tuple[Sequence[str], Sequence[int], int]:
    """Give the different words of a text, how often each occurs, and how many words there are (at least one)."""
    segment, number = now.place_of(document)
    key = (segment.number, "text", number)
    if (read := memory.get(key)) is None:
        stored = now.stored(document)
        language = stored["language"]
        text = "\n".join(stored[name] for name in ("title", "summary", "label", "text"))[:CHARACTERS]
        counted: Counter[str] = Counter()
        for word, count in Counter(words(text)).items():
            if stem := forms(word, language)[1]:
                counted[stem] += count
        found = (tuple(counted), tuple(counted.values()), max(counted.total(), 1))
        read = memory.keep(key, found, BYTES_A_WORD * len(counted))
    return read


def _taken(engine: Engine, shares: dict[str, float]) -> list[tuple[str, float, float]]:
    """Give the words that lift: each with its idf in the set and its weight; the weights add up to one."""
    count = engine.documents.count
    rated = []
    for stem, share in sorted(shares.items(), key=lambda each: (-each[1], each[0]))[:LIKELY]:
        held = engine.documents.count_of("body", stem)
        idf = math.log(1.0 + (count - held + 0.5) / (held + 0.5))
        rated.append((stem, idf, share * idf))
    rated = sorted(rated, key=lambda each: (-each[2], each[0]))[:TAKEN]
    total = sum(weight for _, _, weight in rated)
    return [(stem, idf, weight / total) for stem, idf, weight in rated]


def _likeness(engine: Engine, documents: np.ndarray, taken: list[tuple[str, float, float]]) -> np.ndarray:
    """Give the weighted BM25 of the words in each of the documents."""
    now = engine.snapshot
    at = np.full(now.count, -1, np.int32)
    at[documents] = np.arange(len(documents), dtype=np.int32)
    postings = [_among_these(now.postings("body", stem), documents) for stem, _, _ in taken]
    sizes = [len(found.documents) for found in postings]
    places = at.take(np.concatenate([found.documents for found in postings]))
    inside = np.flatnonzero(places >= 0)
    places = places[inside]
    counts = np.concatenate([found.weights for found in postings])[inside].astype(np.float64)
    worth = np.repeat([weight * idf * (K1 + 1.0) for _, idf, weight in taken], sizes)[inside]
    norm = K1 * (1.0 - B + B * now.numbers("length")[documents] / engine.documents.average_length)
    return np.bincount(places, worth * counts / (counts + norm[places]), len(documents))


def _among_these(found: Postings, documents: np.ndarray) -> Postings:
    """Give, of a long posting list, the part that lies in these documents."""
    if len(found.documents) <= FEWER * len(documents):
        return found
    at = np.searchsorted(found.documents, documents)
    at[at == len(found.documents)] = 0
    at = at[found.documents[at] == documents]
    return Postings(found.documents[at], found.weights[at])
