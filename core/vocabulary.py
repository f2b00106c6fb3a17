"""The field's vocabulary from the rows the secretariat edits, as search takes it."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from core.models import Concept, Term
from core.remembered import Remembered
from search import vocabulary
from search.vocabulary import Vocabulary

Terms = tuple[tuple[int, str, str, str], ...]
Pairs = tuple[tuple[int, int], ...]


def load() -> Vocabulary:
    """Read all concepts; two queries."""
    terms = Term.objects.order_by("pk").values_list("concept", "words", "language", "kind")
    related = Concept.related.through.objects.order_by("pk").values_list("from_concept", "to_concept")
    return made_of(tuple(terms), tuple(related))


@lru_cache(maxsize=2)
def made_of(terms: Terms, pairs: Pairs) -> Vocabulary:
    """Make the vocabulary of rows, or give the last one where they are the same: other things raise the generation."""
    by_concept: dict[int, list[vocabulary.Term]] = defaultdict(list)
    for concept, words, language, kind in terms:
        preferred, hidden = kind == Term.Kind.PREFERRED, kind == Term.Kind.HIDDEN
        by_concept[concept].append(vocabulary.Term(words, language, preferred, hidden))
    places = {concept: place for place, concept in enumerate(by_concept)}
    related: dict[int, list[int]] = defaultdict(list)
    for one, other in pairs:
        if one in places and other in places:
            related[one].append(places[other])
    return Vocabulary(
        [vocabulary.Concept(tuple(each), tuple(related[concept])) for concept, each in by_concept.items()]
    )


current = Remembered(load)
"""Gives the vocabulary as it is now; one query, and two more in the first search after a change."""
