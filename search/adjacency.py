"""Words side by side: the documents of a set in which words stand at given distances from each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from search.analysis import is_stop_word, term
from search.sets import DocumentSet

NO_DOCUMENTS = np.empty(0, np.int64)


def side_by_side(documents: DocumentSet, asked: Sequence[tuple[int, str]]) -> np.ndarray:
    """Give the documents in which words stand at the distances of their places from each other, ascending."""
    parts = []
    for stems, chosen in _readings(documents, asked):
        begins = sorted(((_places(documents, stem, chosen), at) for at, stem in stems), key=lambda each: len(each[0]))
        common, first = begins[0]
        for places, at in begins[1:]:
            common = common[among(places, common + (at - first))]
        parts.append(common >> 32)
    return np.unique(np.concatenate(parts)) if parts else NO_DOCUMENTS


def _readings(
    documents: DocumentSet, asked: Sequence[tuple[int, str]]
) -> Iterator[tuple[list[tuple[int, str]], np.ndarray]]:
    """Give the stems of words with their places, without stop words, and the languages in which they are so."""
    codes, _ = documents.snapshot.languages
    readings: dict[tuple[tuple[int, str], ...], list[int]] = {}
    for number, code in enumerate(codes):
        stems = tuple((at, term(word, code)) for at, word in asked if not is_stop_word(word, code))
        readings.setdefault(stems, []).append(number)
    for stems, numbers in readings.items():
        if stems:
            chosen = np.zeros(len(codes), bool)
            chosen[numbers] = True
            yield list(stems), chosen


def _places(documents: DocumentSet, stem: str, chosen: np.ndarray) -> np.ndarray:
    """Give where a stem stands in documents of some languages: document and place in one number, ascending."""
    key = (stem, chosen.tobytes())
    if (kept := documents.known(key)) is None:
        found = documents.snapshot.places(stem)
        keep = documents.mask[found.documents]
        if not chosen.all():
            keep &= chosen[documents.snapshot.languages[1][found.documents]]
        kept = (found.documents[keep] << 32) + found.places[keep]
        documents.keep(key, kept, kept.nbytes)
    return kept


def among(known: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """Say of each sought number whether it is among the known ones, which ascend."""
    if not len(known):
        return np.zeros(len(sought), bool)
    at = np.searchsorted(known, sought)
    at[at == len(known)] = 0
    return known[at] == sought
