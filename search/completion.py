"""Completions of what is being typed: titles and words, of which each is open to the viewer."""

from __future__ import annotations

import numpy as np
from modelsearch.query import PlainText

from search import spelling
from search.analysis import fold, is_paired, words
from search.asking import ask_for
from search.engine import Engine, tokens
from search.schema import MAIN, SEPARATOR, TEASER
from search.sets import DocumentSet
from search.store import IndexUnavailable

LONGEST_PREFIX = 100
"""Characters of a text that is being typed that are read."""
MOST_BEGUN = 12
"""Words of it; each is looked for as the beginning of others, and who types more needs no completion."""


def suggest(prefix: str, *, keys: frozenset[str] | None, limit: int = 8) -> list[str]:
    """Give completions of what is being typed: titles first, then words, only from entries the viewer may read.

    Never raises: gives an empty list when the index cannot be read.
    """
    asked = tokens(prefix[:LONGEST_PREFIX])
    if not 0 < len(asked) <= MOST_BEGUN or limit < 1:
        return []
    try:
        return ask_for(keys, lambda known: _completed(known, asked, limit))
    except IndexUnavailable:
        return []


def _completed(known: DocumentSet, asked: list[str], limit: int) -> list[str]:
    """Give completions; where nothing begins as the last word does, those of the beginning that was likely meant."""
    given = _suggestions(known, asked, limit)
    if not given and (meant := spelling.beginning(known, asked[-1])):
        given = _suggestions(known, [*asked[:-1], meant], limit)
    return given


def _suggestions(known: DocumentSet, asked: list[str], limit: int) -> list[str]:
    now = known.snapshot
    tops = known.mask & (now.numbers("flags") & (MAIN | TEASER) > 0)
    documents = DocumentSet(now, tops)
    titled = Engine(documents, fields=["title"], beginnings=True)
    match = titled.match(PlainText(" ".join(asked), operator="and"))
    found = np.flatnonzero(match.mask)
    order = np.lexsort((-now.numbers("date")[found], -match.scores[found]))
    given: dict[str, None] = {}
    for document in found[order][: limit * 3]:
        given[now.stored(int(document))["title"]] = None
    titles = list(given)[: max(limit // 2, 1)]
    return (titles + _words(documents, asked, limit))[:limit]


def _words(documents: DocumentSet, asked: list[str], limit: int) -> list[str]:
    """Give the commonest words that end what is being typed, as they are written where they occur."""
    now, *before = documents.snapshot, *asked[:-1]
    if before:
        held = Engine(documents, beginnings=True).match(PlainText(" ".join(before), operator="and"))
        documents = DocumentSet(now, held.mask)
    counted = []
    for term in now.terms("start", SEPARATOR + fold(asked[-1])):
        inside = documents.inside(now.postings("start", term)).documents
        if len(inside) and not is_paired(term[1:]):
            counted.append((-len(inside), term[1:], int(inside[0])))
    given = []
    for _, plain, document in sorted(counted)[:limit]:
        kept = now.stored(document)
        text = "\n".join(kept[name] for name in ("title", "summary", "label", "keywords"))
        written = next((each for each in words(text) if fold(each) == plain), plain)
        given.append(" ".join([*before, written]))
    return given
