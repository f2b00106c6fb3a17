"""Events in the site search: found by minute of the transcript, never by their link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.access import ANONYMOUS
from search import library, outbox
from search.rebuilding import rebuild

pytestmark = pytest.mark.django_db

PUBLIC, FULL = ANONYMOUS.keys, frozenset({"public", "members", "full"})


@pytest.fixture(autouse=True)
def own_index(db: None, settings: Any, tmp_path: Path) -> None:
    """An empty index for each test: what a test before it wrote was rolled back in the database alone."""
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "index", "REPAIR": False}
    }
    rebuild()


@pytest.fixture
def found():
    def find(words: str, keys: frozenset[str] = PUBLIC):
        outbox.drain_now()
        return library.find(words, keys=keys)

    return find


def test_a_word_that_is_spoken_is_found_at_its_minute(make_event, found):
    make_event(transcript="[00:00:20] **Tomas:** Welcome.\n[00:03:10] **Miriam:** Sisterhood matters.")
    (hit,) = found("sisterhood").hits
    assert (hit.anchor, hit.label) == ("#t-00-03-10", "at 3 min")


def test_nothing_of_the_join_link_is_found_by_anybody(make_event, found):
    make_event(join_link="https://meet.example/xylophonequartet")
    for words in ("xylophonequartet", "meet.example", "https"):
        # The words of a section's own sentence may match; the event must not.
        assert [hit for hit in found(words, None).hits if hit.model == "events.EventPage"] == []


def test_words_of_a_closed_event_are_found_only_by_those_who_may_read_it(make_event, found):
    make_event("Teased", audience="full", teaser=True, transcript="[00:01] **A:** Sisterhood.", speakers=["Zyxomir"])
    assert found("sisterhood").total == found("zyxomir").total == 0
    assert found("sisterhood", FULL).total == found("zyxomir", FULL).total == 1
    assert found("teased").total == 1


def test_a_speaker_is_asked_for_by_name_alone(make_event, found):
    make_event("Heard", speakers=["Zyxomir Quist"])
    make_event("Told", speakers=["Ada"], transcript="[00:01] **Ada:** Zyxomir said so.")
    assert [hit.title for hit in found("author:zyxomir").hits] == ["Heard"]
    assert found("author:counsellor").total == 0
    make_event("Closed", audience="full", teaser=True, speakers=["Wolmar"])
    assert (found("author:wolmar").total, found("author:wolmar", FULL).total) == (0, 1)


def test_an_event_is_among_what_the_library_lists(make_event):
    make_event("Here", event_kind="training")
    outbox.drain_now()
    answer = library.find("", keys=PUBLIC, filters={"library": ["yes"]}, facets=["kind"])
    assert answer.facets["kind"] == {"training": 1}
