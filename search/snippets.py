"""Passages of a text with the words that were looked for marked, as safe HTML."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.html import escape

from search.analysis import bare, fold, forms, joined, spans

LENGTH = 240
"""Characters of a passage, about."""
LEAD = 60
"""Characters before the first marked word, about."""
LONGEST_READ = 100_000
"""Characters of a text that are looked through for the best passage."""


def passage(text: str, sought: Collection[str], language: str) -> str:
    """Give the passage that holds most of the words sought, or nothing when none is there."""
    stems = {term for _, term in (forms(word, language) for word in sought) if term}
    plain = {fold(word) for word in sought}
    known: dict[str, str] = {}

    def mark(text_word: str) -> str:
        """Give what a word of the text is found by, or nothing."""
        if text_word not in known:
            folded, stem = forms(text_word, language)
            known[text_word] = stem if stem in stems else folded if folded in plain else ""
            if not known[text_word] and (other := bare(text_word, language)) in stems:
                known[text_word] = other
        return known[text_word]

    text_read = text[:LONGEST_READ]
    found = [(start, end, by) for word, start, end in spans(text_read, language) if (by := mark(word))]
    if len({by for _, _, by in found}) < len(plain):
        found += [(each.start, each.end, by) for each in joined(text_read, language) if (by := mark(each.word))]
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
