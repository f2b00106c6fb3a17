"""The field's vocabulary from the rows the secretariat edits, as search takes it."""

from __future__ import annotations

from collections import defaultdict

from core.models import Concept, Term
from core.remembered import Remembered
from search import vocabulary
from search.vocabulary import Vocabulary


def load() -> Vocabulary:
    """Read all concepts; two queries."""
    terms: dict[int, list[vocabulary.Term]] = defaultdict(list)
    for concept, words, language, kind in Term.objects.order_by("pk").values_list(
        "concept", "words", "language", "kind"
    ):
        preferred, hidden = kind == Term.Kind.PREFERRED, kind == Term.Kind.HIDDEN
        terms[concept].append(vocabulary.Term(words, language, preferred, hidden))
    places = {concept: place for place, concept in enumerate(terms)}
    related: dict[int, list[int]] = defaultdict(list)
    for one, other in Concept.related.through.objects.order_by("pk").values_list("from_concept", "to_concept"):
        if one in places and other in places:
            related[one].append(places[other])
    return Vocabulary([vocabulary.Concept(tuple(each), tuple(related[concept])) for concept, each in terms.items()])


current = Remembered(load)
"""Gives the vocabulary as it is now; one query, and two more in the first search after a change."""
