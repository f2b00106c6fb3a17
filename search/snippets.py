"""Passages of a text with the words that were looked for marked, as safe HTML."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import compress, count

from django.utils.html import escape

from search.analysis import DOTLESS, LONGEST_WORD, bare, fold, forms, joined, spans, words

LENGTH = 240
"""Characters of a passage, about."""
LEAD = 60
"""Characters before the first marked word, about."""
LONGEST_READ = 100_000
"""Characters of a text that are looked through for the best passage."""


class _Marks(dict[str, str]):
    """What each word of a text is found by, or nothing; worked out once for each word."""

    def __init__(self, sought: tuple[str, ...], language: str) -> None:
        super().__init__()
        self.language = language
        self.stems = {term for _, term in (forms(word, language) for word in sought) if term}
        self.plain = {fold(word) for word in sought}

    def __missing__(self, word: str) -> str:
        folded, stem = forms(word, self.language)
        by = stem if stem in self.stems else folded if folded in self.plain else ""
        if not by and (other := bare(word, self.language)) in self.stems:
            by = other
        self[word] = by
        return by


@lru_cache(maxsize=8)
def _marks(sought: tuple[str, ...], language: str) -> _Marks:
    """Give the marks of a query; the ten hits of an answer share them."""
    return _Marks(sought, language)


def passage(text: str, sought: Collection[str], language: str) -> str:
    """Give the passage that holds most of the words sought, or nothing when none is there."""
    marks = _marks(tuple(sought), language)
    text_read = text[:LONGEST_READ]
    found = [(start, end, by) for word, start, end in _placed(text_read, marks) if (by := marks[word])]
    if len({by for _, _, by in found}) < len(marks.plain):
        found += [(each.start, each.end, by) for each in joined(text_read, language) if (by := marks[each.word])]
        found.sort()
    if not found:
        return ""
    first = max(range(len(found)), key=lambda at: (_distinct(found, at), -at))
    start = _edge(text, max(found[first][0] - LEAD, 0))
    end = _end(text, start + LENGTH)
    html, at = [], start
    for begin, stop in _apart(found[first:], end):
        html += [escape(text[at:begin]), "<mark>", escape(text[begin:stop]), "</mark>"]
        at = stop
    html.append(escape(text[at:end]))
    return f"{'… ' if start else ''}{''.join(html).strip()}{' …' if end < len(text) else ''}"


def _placed(text: str, marks: _Marks) -> Iterable[tuple[str, int, int]]:
    """Give the words of a text with their places; of a plain text only those that are marked, which is quicker."""
    listed = words(text, marks.language) if text.isascii() and marks.language not in DOTLESS else []
    if not listed or max(map(len, listed)) >= LONGEST_WORD:
        return spans(text, marks.language)
    marked = list(compress(count(), map(marks.__getitem__, listed)))
    placed: list[tuple[str, int, int]] = []
    at, small = 0, text.lower()
    for number, word in enumerate(listed[: marked[-1] + 1] if marked else ()):
        # Between two words there is nothing that a word can begin with, so the next is where it is first found.
        at = small.index(word, at)
        if number == marked[len(placed)]:
            placed.append((word, at, at + len(word)))
        at += len(word)
    return placed


def _apart(found: list[tuple[int, int, str]], end: int) -> list[tuple[int, int]]:
    """Give what is to be marked before ``end``: of pairs of letters that touch each other, all in one."""
    marks: list[tuple[int, int]] = []
    for begin, stop, _ in found:
        if stop > end:
            break
        if marks and begin <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(stop, marks[-1][1]))
        else:
            marks.append((begin, stop))
    return marks


def beginning(text: str) -> str:
    """Give the beginning of a text, without marks."""
    end = _end(text, LENGTH)
    return f"{escape(text[:end].strip())}{' …' if end < len(text) else ''}"


def _distinct(found: list[tuple[int, int, str]], first: int) -> int:
    limit = found[first][0] + LENGTH - LEAD
    stems = set()
    for _, stop, stem in found[first : first + 40]:
        if stop > limit:
            break
        stems.add(stem)
    return len(stems)


def _edge(text: str, at: int) -> int:
    """Give where the word begins after ``at``, if one begins nearby."""
    if at == 0:
        return 0
    space = max(text.find(" ", at - 1, at + 20), text.find("\n", at - 1, at + 20))
    return at if space < 0 else space + 1


def _end(text: str, at: int) -> int:
    """Give where the last whole word before ``at`` ends."""
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", at - 40, at)
    return at if space < 0 else space
