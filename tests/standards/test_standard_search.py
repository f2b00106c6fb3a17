"""Standards in the site search: each clause is a place of its own, found by its id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.access import ANONYMOUS
from search import library, outbox
from search.rebuilding import rebuild

pytestmark = pytest.mark.django_db

FULL = frozenset({"public", "members", "full"})


@pytest.fixture(autouse=True)
def own_index(db: None, settings: Any, tmp_path: Path) -> None:
    """An empty index for each test: what a test before it wrote was rolled back in the database alone."""
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "index", "REPAIR": False}
    }
    rebuild()


def test_a_clause_is_found_by_its_id_and_by_its_words(make_standard):
    make_standard("S6", title="Safeguarding", clauses=["A named person.", "Everyone is told about xylophones."])
    make_standard("S7", title="Gender", clauses=["One.", "Two."])
    outbox.drain_now()
    by_id = library.find("S6.2", keys=ANONYMOUS.keys).hits[0]
    assert (by_id.title, by_id.anchor, by_id.label) == ("Safeguarding", "#S6.2", "clause S6.2")
    by_words = library.find("xylophones", keys=ANONYMOUS.keys).hits[0]
    assert (by_words.anchor, by_words.label) == ("#S6.2", "clause S6.2")


def test_clauses_of_a_closed_standard_are_found_only_by_those_who_may_read_it(make_standard):
    make_standard("S6", clauses=["About xylophones."], audience="full", teaser=True)
    outbox.drain_now()
    assert library.find("xylophones", keys=ANONYMOUS.keys).total == 0
    assert library.find("S6.1", keys=ANONYMOUS.keys).hits == ()
    assert library.find("xylophones", keys=FULL).total == 1
