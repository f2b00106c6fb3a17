"""The search of the whole site: what one viewer finds, counts and is offered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from search import library, outbox
from search.store import Store
from tests.search.shelf.models import Note

PUBLIC = frozenset({"public"})
MEMBER = frozenset({"public", "members"})
FULL = frozenset({"public", "members", "full"})


@pytest.fixture
def shelve(store: Store) -> Callable[..., Note]:
    """Put a note on the shelf and into the index."""

    def put(title: str, body: str = "", **fields: object) -> Note:
        note = Note.objects.create(title=title, body=body, **fields)
        outbox.drain_now()
        return note

    return put


def titles(answer: library.Answer) -> list[str]:
    return [hit.title for hit in answer.hits]


def test_any_word_may_match_and_the_best_comes_first(shelve: Callable[..., Note]) -> None:
    shelve("Housing", "Where people live after prison.")
    shelve("Work", "Finding work after prison, and keeping it.")
    shelve("Food", "What to eat.")
    answer = library.find("work prison", keys=PUBLIC)
    assert titles(answer) == ["Work", "Housing"]
    assert answer.total == 2
    assert answer.source == "index"


def test_a_closed_word_changes_nothing_for_those_who_may_not_read_it(shelve: Callable[..., Note]) -> None:
    shelve("Open", "A shared word.", topics=["housing"])
    before = library.find("shared zebra", keys=PUBLIC, facets=["topic"])
    shelve("Closed", "A shared word and a zebra.", access_key="full", topics=["housing", "trauma"])
    assert library.find("shared zebra", keys=PUBLIC, facets=["topic"]) == before
    assert library.find("zebra", keys=MEMBER).total == 0
    assert library.find("zebra", keys=FULL).total == 1
    assert library.find("zebra", keys=None).total == 1
    assert library.suggest("zeb", keys=MEMBER) == []
    assert library.find("zebra", keys=MEMBER).missing == ("zebra",)


def test_everything_newest_first_without_a_query(shelve: Callable[..., Note]) -> None:
    for day, title in enumerate(["One", "Two", "Three"], 1):
        shelve(title, published_on=dt.datetime(2026, 1, day, tzinfo=dt.UTC))
    shelve("Without a date")
    answer = library.find("", keys=PUBLIC, limit=3)
    assert titles(answer) == ["Three", "Two", "One"]
    assert answer.total == 4
    assert titles(library.find("", keys=PUBLIC, offset=3)) == ["Without a date"]
