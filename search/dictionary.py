"""The words of the whole index, by their first letter: which are near to a word, which begin as it does.

Whoever asks looks afterwards which of them the viewer's set holds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from sys import intern
from weakref import WeakKeyDictionary

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.snapshot import Segment, Snapshot

LONGEST = 40
"""Letters of a word that is corrected, and of one that it is corrected into."""


class Words:
    """The words of the whole index that begin with one letter."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(words)
        self.letters = "".join(sorted(set().union(*self.words)))
        self._by_length: dict[int, list[str]] = {}
        for word in self.words:
            self._by_length.setdefault(len(word), []).append(word)

    def of_length(self, length: int) -> list[str]:
        return self._by_length.get(length, [])

    def begun(self, start: str) -> list[str]:
        """Give the words that begin so."""
        return self.words[bisect_left(self.words, start) : bisect_left(self.words, start + "\U0010ffff")]


_read: WeakKeyDictionary[Segment, dict[str, list[str]]] = WeakKeyDictionary()
# Of each index, known by its first segment: the names of all its segments, and what was read of them by letter.
_words: WeakKeyDictionary[Segment, tuple[list[str], dict[str, Words]]] = WeakKeyDictionary()


def words_from(now: Snapshot, letter: str) -> Words:
    """Give the words that begin with a letter; read once for each letter that is asked for."""
    if not now.segments:
        return Words(())
    names = [segment.name for segment in now.segments]
    kept, by_letter = _words.get(now.segments[0], ([], {}))
    if kept != names:
        by_letter = {}
        _words[now.segments[0]] = names, by_letter
    if letter not in by_letter:
        by_letter[letter] = Words(set().union(*(_words_in(segment, letter) for segment in now.segments)))
    return by_letter[letter]


def _words_in(segment: Segment, letter: str) -> list[str]:
    known = _read.setdefault(segment, {})
    if letter not in known:
        words = {*segment.terms("word", letter), *segment.terms("body", letter)}
        # The same words stand in many segments; interned, they are kept once.
        known[letter] = [intern(word) for word in words if len(word) <= LONGEST and word.isalpha()]
    return known[letter]


def neighbours(now: Snapshot, plain: str, mistakes: int) -> dict[str, int]:
    """Give the words of the whole index that are at most so many mistakes away, each with their number.

    A mistake is a letter too many, too few, another, or two letters in each other's place. The first letter is taken
    to be right, but for one mistake in the first two.
    """
    found: dict[str, int] = {}
    for letter in dict.fromkeys(plain[:2]):
        most = mistakes if letter == plain[0] else 1
        known = words_from(now, letter)
        lengths = range(len(plain) - most, len(plain) + most + 1)
        near = [word for length in lengths for word in known.of_length(length)]
        for word, distance, _ in process.extract(plain, near, scorer=OSA.distance, score_cutoff=most, limit=None):
            found[word] = int(distance)
    found.pop(plain, None)
    return found


def begun(now: Snapshot, plain: str) -> list[str]:
    """Give the words of the whole index that begin so, but for itself."""
    return [word for word in words_from(now, plain[0]).begun(plain) if word != plain]


def one_mistake_away(plain: str, letters: str) -> set[str]:
    """Give all that one mistake after the first letter can make of a word."""
    cuts = [(plain[:at], plain[at:]) for at in range(1, len(plain) + 1)]
    return {
        *(one + two[1:] for one, two in cuts if two),
        *(one + two[1] + two[0] + two[2:] for one, two in cuts if len(two) > 1),
        *(one + letter + two[1:] for one, two in cuts if two for letter in letters),
        *(one + letter + two for one, two in cuts for letter in letters),
        plain[1] + plain[0] + plain[2:],
    } - {plain}
