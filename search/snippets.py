"""Passages of a text with the words that were looked for marked, as safe HTML."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import compress, count, pairwise

from django.utils.html import escape

from search.analysis import DOTLESS, LONGEST_WORD, bare, fold, forms, is_stop_word, joined, spans, words

LENGTH = 240
"""Characters of a passage, about."""
LEAD = 60
"""Characters before the first marked word, about."""
LONGEST_READ = 100_000
"""Characters of a text that are looked through for the best passage."""
WIDEST = 40
"""Characters between two words that stand side by side, with stop words between them."""
Row = tuple[str, ...]
Found = tuple[int, int, str]
"""Where a word begins and ends, and what it was found by."""


class _Marks(dict[str, str]):
    """What each word of a text is found by, or nothing; worked out once for each word."""

    def __init__(self, sought: tuple[str, ...], rows: tuple[Row, ...], language: str) -> None:
        super().__init__()
        self.language = language
        self.alone = {fold(word) for word in sought}
        self.plain = self.alone | {fold(word) for row in rows for word in row}
        self.stems = self._stems(sought) | self._stems(word for row in rows for word in row)
        self.anywhere = self.alone | self._stems(sought)
        """What is marked wherever it stands; all else only in a row."""
        self.rows: dict[str, list[list[set[str]]]] = {}
        for row in rows:
            ways = [self._stems([word]) | {fold(word)} for word in row]
            for way in ways[0]:
                self.rows.setdefault(way, []).append(ways)

    def _stems(self, sought: Iterable[str]) -> set[str]:
        return {term for _, term in (forms(word, self.language) for word in sought) if term}

    def __missing__(self, word: str) -> str:
        folded, stem = forms(word, self.language)
        by = stem if stem in self.stems else folded if folded in self.plain else ""
        if not by and (other := bare(word, self.language)) in self.stems:
            by = other
        self[word] = by
        return by


@lru_cache(maxsize=8)
def _marks(sought: tuple[str, ...], rows: tuple[Row, ...], language: str) -> _Marks:
    """Give the marks of a query; the ten hits of an answer share them."""
    return _Marks(sought, rows, language)


def passage(text: str, sought: Collection[str], language: str, rows: Collection[Row] = ()) -> str:
    """Give the passage that holds most of what is sought, or nothing when none of it is there.

    Args:
        sought: Words.
        rows: Words that count only where they stand side by side in this order, stop words between them or not.
    """
    marks = _marks(tuple(sought), tuple(rows), language)
    text_read = text[:LONGEST_READ]
    found = [(start, end, by) for word, start, end in _placed(text_read, marks) if (by := marks[word])]
    if rows:
        found = _standing(text_read, found, marks)
    if len(marks.anywhere.intersection(by for _, _, by in found)) < len(marks.alone):
        whole = [(each.start, each.end, marks[each.word]) for each in joined(text_read, language)]
        found += [each for each in whole if each[2] in marks.anywhere]
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


def _standing(text: str, found: list[Found], marks: _Marks) -> list[Found]:
    """Leave out the words that count only in a row, where they stand in none."""
    kept = [by in marks.anywhere for _, _, by in found]
    for at, (_, _, by) in enumerate(found):
        for row in marks.rows.get(by, ()):
            part = found[at : at + len(row)]
            if (
                len(part) == len(row)
                and all(by in way for (_, _, by), way in zip(part, row, strict=True))
                and all(_adjoin(text[one[1] : other[0]], marks.language) for one, other in pairwise(part))
            ):
                kept[at : at + len(row)] = [True] * len(row)
    return list(compress(found, kept))


def _adjoin(between: str, language: str) -> bool:
    """Say whether nothing but stop words stands between two words."""
    return len(between) <= WIDEST and all(is_stop_word(word, language) for word in words(between))


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


def _apart(found: list[Found], end: int) -> list[tuple[int, int]]:
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


def _distinct(found: list[Found], first: int) -> int:
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
