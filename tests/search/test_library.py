"""The search of the whole site: what one viewer finds, counts and is offered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import library, outbox
from search.store import Store
from tests.search.shelf.models import Note

PUBLIC = frozenset({"public"})
MEMBER = frozenset({"public", "members"})
FULL = frozenset({"public", "members", "full"})


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


# Places, teasers, languages


def test_an_item_comes_once_at_its_best_place(shelve: Callable[..., Note]) -> None:
    shelve("Handbook", "Introduction.\n# Safety\nHow to stay safe in outreach.\n# Money\nWho pays.")
    answer = library.find("outreach", keys=PUBLIC)
    assert answer.total == 1
    assert (answer.hits[0].anchor, answer.hits[0].label) == ("#s1", "Safety")
    assert titles(library.find("handbook", keys=PUBLIC)) == ["Handbook"]
    assert library.find("handbook", keys=PUBLIC).hits[0].anchor == ""


def test_a_teaser_answers_only_for_those_who_may_not_read_the_whole(shelve: Callable[..., Note]) -> None:
    shelve("Difficult talks", "A secretword inside.", summary="How to begin.", access_key="full", teaser=True)
    stranger = library.find("talks", keys=PUBLIC)
    assert [(hit.teaser, hit.snippet) for hit in stranger.hits] == [(True, "How to begin.")]
    assert library.find("secretword", keys=PUBLIC).total == 0
    reader = library.find("talks", keys=FULL)
    assert [hit.teaser for hit in reader.hits] == [False]
    assert reader.total == 1
    assert library.find("", keys=FULL).total == 1
    assert library.find("", keys=PUBLIC).total == 1
    assert library.find("", keys=None).hits[0].teaser is False


def test_versions_fold_into_one_item_in_the_readers_language(shelve: Callable[..., Note]) -> None:
    shelve("Peer support", "Shared words: INDEX.", item="a", language="en", topics=["housing"])
    shelve("Unterstützung", "Gemeinsame Worte: INDEX.", item="a", language="de", topics=["housing"])
    shelve("Soutien", "Mots communs: INDEX.", item="a", language="fr", access_key="full", topics=["housing"])
    shelve("Only English", "INDEX", language="en")
    german = library.find("index", keys=PUBLIC, languages=["de", "en"], facets=["language", "topic"])
    assert german.total == 2
    assert {(hit.title, hit.languages) for hit in german.hits} == {("Unterstützung", ("en",)), ("Only English", ())}
    assert german.facets == {"language": {"en": 2, "de": 1}, "topic": {"housing": 1}}
    full = library.find("index", keys=FULL, languages=["fr"])
    assert ("Soutien", ("de", "en")) in {(hit.title, hit.languages) for hit in full.hits}


def test_the_language_filter_asks_for_a_version_and_shows_it(shelve: Callable[..., Note]) -> None:
    shelve("Peer support", "Help among equals.", item="a", language="en")
    shelve("Unterstützung", "Hilfe.", item="a", language="de")
    shelve("Other", "Help.", language="en")
    answer = library.find("help", keys=PUBLIC, filters={"language": ["de"]}, languages=["en"], facets=["language"])
    assert titles(answer) == ["Unterstützung"]
    assert answer.facets["language"] == {"en": 2, "de": 1}


def test_a_full_version_is_shown_before_a_teaser_in_a_better_language(shelve: Callable[..., Note]) -> None:
    shelve("Closed", "Word.", summary="Word.", item="a", language="en", access_key="full", teaser=True)
    shelve("Offen", "Word.", item="a", language="de")
    answer = library.find("word", keys=PUBLIC, languages=["en"])
    assert [(hit.title, hit.teaser) for hit in answer.hits] == [("Offen", False)]


# Facets and filters


@pytest.fixture
def shelf(shelve: Callable[..., Note]) -> None:
    shelve("A", "exit", topics=["housing"], settings=["prison"])
    shelve("B", "exit", topics=["housing", "trauma"], settings=["family"])
    shelve("C", "exit", topics=["trauma"], settings=["prison"])
    shelve("D", "exit", topics=["stigma"], settings=["online"], access_key="full")


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("query", ["", "exit"])
def test_a_facet_is_counted_with_all_filters_but_its_own(query: str) -> None:
    answer = library.find(query, keys=PUBLIC, filters={"topic": ["housing"]}, facets=["topic", "setting"])
    assert sorted(titles(answer)) == ["A", "B"]
    assert answer.facets == {"topic": {"housing": 2, "trauma": 2}, "setting": {"family": 1, "prison": 1}}


@pytest.mark.usefixtures("shelf")
def test_values_of_a_filter_are_alternatives_and_filters_all_hold() -> None:
    both = {"topic": ["housing", "trauma"], "setting": ["prison"]}
    assert sorted(titles(library.find("exit", keys=PUBLIC, filters=both))) == ["A", "C"]
    assert sorted(titles(library.find("", keys=PUBLIC, filters={"topic": []}))) == ["A", "B", "C"]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "filters",
    [
        {"topic": ["stigma"]},
        {"setting": ["online"]},
        {"topic": ["no such"]},
        {"no such": ["prison"]},
        {"language": ["xx"]},
        {"language": ["\ud800"]},
        {"topic": ["\x00", "\ud800"]},
        {"\x00": [""]},
        {"topic": ["x" * 100_000]},
    ],
    ids=lambda each: repr(each)[:40],
)
def test_a_filter_on_what_is_hidden_or_does_not_exist_gives_nothing(filters: dict[str, list[str]]) -> None:
    answer = library.find("exit", keys=PUBLIC, filters=filters, facets=["topic", *filters])
    assert (answer.total, answer.hits) == (0, ())


# What is typed


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"exit work"', ["A"]),
        ("“exit work”", ["A"]),
        ("exit -work", ["B"]),
        ('exit -"exit work"', ["B", "C"]),
        ("title:pears", ["B"]),
        ("TITLE:pears", ["B"]),
        ("author:mora", ["C"]),
        ("topic:mental-health", ["C"]),
        ("-work", ["B"]),
        ("S1.3", ["B"]),
        ("s1.4", []),
        ("cafe", ["C"]),
        ("follow-up", ["C"]),
        ("nosuchfield:exit", ["A", "B", "C"]),
        ('exit"', ["A", "B", "C"]),
        ("!!!", []),
        ("-", []),
        ("title:", []),
    ],
)
def test_typed_text_finds(shelve: Callable[..., Note], query: str, found: list[str]) -> None:
    shelve("A", "Good exit work takes time.")
    shelve("B pears", "An exit, as S1.3 says.")
    shelve("C", "Work, then exit: a café, follow up.", author="Ana Mora", topics=["mental-health"])
    assert sorted(title[0] for title in titles(library.find(query, keys=PUBLIC))) == found


ANY_STRING = [
    "\x00",
    "\ud800",
    "'",
    '"',
    '"""',
    '"unclosed',
    "(((",
    "*",
    "a*",
    "AND OR NOT",
    "title:\x00",
    "\\",
    "%",
    "_",
    "..",
    "-" * 500,
    "title:" * 100,
    '"' * 501,
    "x" * 100_000,
    "word " * 10_000,
    "\u202e\u0000\uffff",
    "🙂",
    "ـ",
    "’s",
    "{{7*7}}",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", ANY_STRING, ids=lambda text: repr(text)[:20])
def test_no_string_is_an_error(shelve: Callable[..., Note], text: str) -> None:
    shelve("A <b>word</b>", "word & more")
    answer = library.find(text, keys=PUBLIC, facets=["topic"], languages=[text])
    assert answer.source == "index"
    assert isinstance(library.suggest(text, keys=PUBLIC), list)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=()), max_size=60))
def test_no_text_at_all_is_an_error(store: Store, text: str) -> None:
    assert library.find(text, keys=PUBLIC).source == "index"
    library.suggest(text, keys=PUBLIC)


@pytest.mark.parametrize(("offset", "limit", "given"), [(-5, 2, 2), (0, 0, 0), (2, -1, 0), (2, 10, 1), (99, 10, 0)])
def test_pages_beyond_the_end_are_empty(shelve: Callable[..., Note], offset: int, limit: int, given: int) -> None:
    for title in "ABC":
        shelve(title)
    answer = library.find("", keys=PUBLIC, offset=offset, limit=limit)
    assert (answer.total, len(answer.hits)) == (3, given)


# Passages


def test_a_passage_is_safe_and_marks_every_form_of_the_words(shelve: Callable[..., Note]) -> None:
    shelve("T", "Before & after. " * 30 + "Prisons <b>hold</b> prisoners; a prison does. " + "End. " * 100)
    snippet = library.find("prison", keys=PUBLIC).hits[0].snippet
    assert "<mark>Prisons</mark> &lt;b&gt;hold&lt;/b&gt;" in snippet
    assert "a <mark>prison</mark> does" in snippet
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")
    assert len(snippet) < 400


def test_without_a_word_to_mark_the_summary_is_shown(shelve: Callable[..., Note]) -> None:
    shelve("Housing", "Text.", summary="What it is about.")
    assert library.find("housing", keys=PUBLIC).hits[0].snippet == "What it is about."
    assert library.find("", keys=PUBLIC, snippets=False).hits[0].snippet == ""


# Completions


def test_completions_are_titles_and_words_the_viewer_may_read(shelve: Callable[..., Note]) -> None:
    shelve("Housing after prison", summary="Über Wohnungen und Housekeeping")
    shelve("Household matters", access_key="full")
    assert library.suggest("hous", keys=PUBLIC) == ["Housing after prison", "housekeeping", "housing"]
    assert "Household matters" in library.suggest("hous", keys=FULL)
    assert library.suggest("after pri", keys=PUBLIC) == ["Housing after prison", "after prison"]
    assert library.suggest("uber", keys=PUBLIC) == ["über"]
    assert library.suggest("", keys=PUBLIC) == []
    assert library.suggest("hous", keys=PUBLIC, limit=0) == []
    assert library.suggest("hous", keys=frozenset()) == []


def test_what_changed_since_it_was_indexed_is_left_out_until_the_index_has_it(shelve: Callable[..., Note]) -> None:
    note = shelve("A quiet zebra", "Stripes.", topics=["housing"])
    assert library.find("zebra", keys=PUBLIC, facets=["topic"]).facets["topic"] == {"housing": 1}
    Note.objects.filter(pk=note.pk).update(access_key="full")
    outbox.put(Note, [note.pk])
    waiting = library.find("zebra", keys=PUBLIC, facets=["topic"])
    assert (waiting.total, waiting.facets["topic"]) == (0, {})
    assert library.suggest("zeb", keys=PUBLIC) == []
    outbox.drain_now()
    assert library.find("zebra", keys=FULL).total == 1


def test_a_version_that_was_closed_since_is_not_counted_beside_the_one_that_is_open(
    shelve: Callable[..., Note],
) -> None:
    shelve("A quiet zebra", item="zebra")
    german = shelve("Ein stilles Zebra", item="zebra", language="de")
    Note.objects.filter(pk=german.pk).update(access_key="full")
    outbox.put(Note, [german.pk])
    for filters in ({}, {"topic": []}, {"language": ["en"]}):
        answer = library.find("quiet", keys=PUBLIC, facets=["language"], filters=filters)
        assert answer.facets["language"] == {"en": 1}
        assert answer.hits[0].languages == ()
    assert library.find("quiet", keys=PUBLIC, filters={"language": ["de"]}).total == 0


def test_named_items_are_found_by_their_name_whatever_was_asked_before(shelve: Callable[..., Note]) -> None:
    shelve("A quiet zebra", item="zebra")
    shelve("A quiet okapi", item="okapi")
    for _ in range(2):
        assert titles(library.find("quiet", keys=PUBLIC, filters={"item": ["okapi", "other"]})) == ["A quiet okapi"]
        assert library.find("quiet", keys=PUBLIC, facets=["topic", "language"]).total == 2
