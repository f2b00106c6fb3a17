"""Nothing that is closed, or was closed a moment ago, changes any answer: not a number, not an order, not a word."""

from __future__ import annotations

import random
from typing import Any

from search import library, outbox
from search.rebuilding import rebuild
from search.store import Store
from search.vocabulary import Concept, Term, Vocabulary
from tests.search.shelf.models import Note

PUBLIC = frozenset({"public"})
WORDS = [
    *("prison", "family", "mentor", "exit", "work", "group", "talk"),
    *("trust", "youth", "parent", "school", "police", "risk", "hate"),
    *("debt", "house", "court", "judge", "guard", "story", "music"),
]
CLOSED = ["prizon", "famili", "mentorr", "ballast", "zebra"]
VOCABULARY = Vocabulary(
    [
        Concept((Term(one, "en", preferred=True), Term(two, "en"), Term(other, "de")), ((number + 1) % 7,))
        for number, (one, two, other) in enumerate(zip(WORDS[:7], WORDS[7:14], WORDS[14:], strict=True))
    ]
)


def misspelt(drawn: random.Random, word: str) -> str:
    at = drawn.randrange(len(word))
    return word[:at] + drawn.choice(["", word[at] * 2, drawn.choice("abcdeiorst")]) + word[at + 1 :]


def some(drawn: random.Random, count: int, wrong: float) -> list[str]:
    words = drawn.choices(WORDS, k=count)
    return [misspelt(drawn, word) if drawn.random() < wrong else word for word in words]


def notes(drawn: random.Random, key: str) -> list[Note]:
    return [
        Note(
            title=" ".join(some(drawn, 3, 0.15)),
            body=" ".join(some(drawn, 30, 0.15) + (drawn.choices(CLOSED, k=4) if key != "public" else [])),
            language=drawn.choice(["en", "de", "fr"]),
            item=f"item {drawn.randrange(30)}",
            topics=some(drawn, 1, 0.0),
            access_key=key,
        )
        for _ in range(40)
    ]


def answers() -> list[Any]:
    drawn, given = random.Random(1), []
    for _ in range(60):
        signs = ["{}", "{}", "{}", "-{}", "title:{}", '"{}"']
        query = " ".join(drawn.choice(signs).format(word) for word in some(drawn, drawn.randint(1, 4), 0.4))
        filters = {"topic": some(drawn, 1, 0.0)} if drawn.random() < 0.4 else {"language": ["de"]}
        found = library.find(
            query, keys=PUBLIC, filters=filters, facets=["topic", "language"], languages=["de"], vocabulary=VOCABULARY
        )
        given.append((query, filters, found, library.suggest(query, keys=PUBLIC)))
    return given


def test_what_is_closed_changes_no_answer(store: Store) -> None:
    drawn = random.Random(5)
    Note.objects.bulk_create(notes(drawn, "public"))
    rebuild()
    before = answers()
    assert all(any(getattr(each[2], name) for each in before) for name in ("hits", "corrected", "near", "also"))
    Note.objects.bulk_create(notes(drawn, "full"))
    closed = list(Note.objects.filter(access_key="full").values_list("pk", flat=True))
    rebuild()
    assert answers() == before
    Note.objects.filter(pk__in=closed).update(access_key="public")
    rebuild()
    assert answers() != before
    Note.objects.filter(pk__in=closed).update(access_key="full")
    outbox.put(Note, closed)
    assert answers() == before  # while the change waits for the index
    outbox.drain_now()
    assert answers() == before
