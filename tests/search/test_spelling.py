"""Search forgives: typing errors, spellings, hyphens, beginnings; and tells nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import library, outbox
from search.backend import SearchBackend
from search.store import Store
from search.typed import LONGEST_QUERY, read
from tests.search.shelf.models import Note

PUBLIC = frozenset({"public"})
FULL = frozenset({"public", "members", "full"})


def titles(answer: library.Answer) -> list[str]:
    return [hit.title for hit in answer.hits]


@pytest.fixture
def shelf(shelve: Callable[..., Note]) -> None:
    shelve("Supervision", "Why supervision helps in prison work.")
    shelve("Casework", "An exit programme: casework and deradicalisation, with a mentor and a helper.")
    shelve("Exit work", "Exit work in prisons takes time. Clause S1.3 counts, and 1,500 people in 2027.")
    shelve("Prävention", "Prävention von Gewalt, Verhaltenskodex.", language="de")
    shelve("Поддержка", "Поддержка семьи после тюрьмы.", language="ru")
    shelve("Re-integration", "A co-worker speaks of re-integration.", author="Ana Moravec")
    shelve("Extrémisme", "Parler de l’extrémisme violent.", language="fr")


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("typed", "corrected", "first"),
    [
        ("superivsion", "supervision", "Supervision"),
        ("Superivsion in PRISSON", "Supervision in PRISON", "Supervision"),
        ("upervision", "", ""),
        ("uspervision", "supervision", "Supervision"),
        ("supervizion work", "supervision work", "Supervision"),
        ('"superivsion helps"', '"supervision helps"', "Supervision"),
        ("title:superivsion -nothing", "title:supervision -nothing", "Supervision"),
        ("title:mentro", "", ""),
        ("author:Moravek", "author:Moravec", "Re-integration"),
        ("exitwork", "exit work", "Exit work"),
        ("case work", "casework", "Casework"),
        ("deradicalisat", "deradicalisation", "Casework"),
        ("mento", "mentor", "Casework"),
        ("pravenzion", "prävention", "Prävention"),
        ("Verhaltenskodx", "Verhaltenskodex", "Prävention"),
        ("подержка", "поддержка", "Поддержка"),
        ("extremisne", "extrémisme", "Extrémisme"),
        ("S1.4", "", ""),
        ("2072", "", ""),
        ("zzzzzz", "", ""),
        ("hlp", "", ""),
        ("anyone", "", ""),
        ("superivsion one two three four five six seven eight nine ten exit work", "", "Exit work"),
    ],
)
def test_a_word_that_nothing_holds_is_corrected_and_it_is_said(typed: str, corrected: str, first: str) -> None:
    answer = library.find(typed, keys=PUBLIC)
    assert answer.corrected == corrected
    assert titles(answer)[:1] == ([first] if first else [])
    refused = library.find(typed, keys=PUBLIC, as_typed=True)
    assert refused.corrected == ""
    assert refused.total <= answer.total or " " not in corrected
    if corrected and not refused.total:
        assert refused.near[0] == corrected


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("reintegration", "Re-integration"),
        ("re-integrations", "Re-integration"),
        ("coworker", "Re-integration"),
        ("co-workers", "Re-integration"),
        ("deradicalization", "Casework"),
        ("program", "Casework"),
        ("extremisme", "Extrémisme"),
        ("l'extrémisme", "Extrémisme"),
        ("PRAEVENTION", "Prävention"),
        ("S 1.3", "Exit work"),
        ("s1.3", "Exit work"),
        ("1500", "Exit work"),
        ("1,500", "Exit work"),
        ("2027", "Exit work"),
        ('title:"reintegration"', "Re-integration"),
        ('"reintegration"', "Re-integration"),
    ],
)
def test_spellings_of_a_word_are_found_without_a_correction(typed: str, first: str) -> None:
    answer = library.find(typed, keys=PUBLIC)
    assert (answer.corrected, titles(answer)[:1]) == ("", [first])
    assert answer.missing == ()


def test_what_is_typed_in_one_word_is_found_by_its_parts_too(shelve: Callable[..., Note]) -> None:
    shelve("A", "Reintegration of those who left.")
    shelve("B", "Clause S 1.3 of the standard.")
    assert titles(library.find("re-integration", keys=PUBLIC)) == ["A"]
    assert library.find("re-integration", keys=PUBLIC).hits[0].snippet.startswith("<mark>Reintegration</mark>")
    assert titles(library.find("S1.3", keys=PUBLIC)) == ["B"]
    assert "<mark>S 1.3</mark>" in library.find("S1.3", keys=PUBLIC).hits[0].snippet
    assert titles(library.find('"re-integration of those"', keys=PUBLIC)) == ["A"]


def test_numbers_come_as_they_are_written_first(shelve: Callable[..., Note]) -> None:
    shelve("Other", "S1.2 and S2.3 and 1.3, and S. " * 3)
    shelve("Right", "A long text about much else, where S1.3 is named once. " + "More words. " * 50)
    assert titles(library.find("S1.3", keys=PUBLIC)) == ["Right"]
    assert titles(library.find("S 1.3", keys=PUBLIC))[0] == "Right"


@pytest.mark.usefixtures("shelf")
def test_a_word_that_exists_is_never_replaced_without_being_asked(shelve: Callable[..., Note]) -> None:
    for number in range(12):
        shelve(f"Mentoring {number}", "A mentor is a mentor.")
    shelve("Odd", "One mentir.")
    answer = library.find("mentir", keys=PUBLIC)
    assert (answer.corrected, titles(answer), answer.near) == ("", ["Odd"], ())
    assert library.find('"mentir mentor"', keys=PUBLIC).near[0] == '"mentor mentor"'


def test_of_words_equally_near_the_one_beside_the_others_then_the_commonest_is_meant(
    shelve: Callable[..., Note],
) -> None:
    shelve("A", "A mentor speaks.")
    shelve("B", "The mentos of children.")
    shelve("C", "The mentos again.")
    assert library.find("mentok", keys=PUBLIC).corrected == "mentos"
    assert library.find("mentok speaks", keys=PUBLIC).corrected == "mentor speaks"


# What a correction may tell


def test_a_correction_comes_only_from_what_the_viewer_may_read(shelve: Callable[..., Note]) -> None:
    shelve("Closed", "The zebrafish protocol.", access_key="full")
    shelve("Open", "A shared word.")
    stranger = library.find("zebrafihs", keys=PUBLIC)
    assert (stranger.corrected, stranger.near, stranger.total) == ("", (), 0)
    assert library.find("zebrafihs", keys=FULL).corrected == "zebrafish"
    assert library.find("zebr", keys=PUBLIC).corrected == ""
    assert library.find("zebr", keys=FULL).corrected == "zebrafish"


WORDS = ["mentor", "mentors", "mentos", "mental", "exit", "exits", "work", "exitwork", "prison", "prisons", "poison"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
ASKED = ["mentro", "mentol", "exitwrk", "exitwork", "exi work", '"exti work"', "title:prisson", "prizon mentol", "pris"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(opened=st.lists(texts, max_size=4), closed=st.lists(texts, min_size=1, max_size=4))
def test_closed_entries_change_neither_corrections_nor_their_absence(
    store: Store, opened: list[str], closed: list[str]
) -> None:
    def answers() -> list[object]:
        found = [library.find(each, keys=PUBLIC, as_typed=bare) for each in ASKED for bare in (False, True)]
        shown = [(each.total, each.corrected, each.near, each.missing, titles(each)) for each in found]
        return [*shown, *(library.suggest(each, keys=PUBLIC) for each in ("mentt", "exti", "prois"))]

    Note.objects.all().delete()
    SearchBackend({}).reset_indexes()
    for text in opened:
        Note.objects.create(title=text.split()[0], body=text)
    outbox.drain_now()
    before = answers()
    for text in closed:
        Note.objects.create(title=text.split()[0], body=text, access_key="full")
    outbox.drain_now()
    assert answers() == before


# Where nothing is found


@pytest.mark.usefixtures("shelf")
def test_near_queries_find_something_and_come_only_where_nothing_is_found() -> None:
    answer = library.find('"prison mentor" title:deradicalisation', keys=PUBLIC)
    assert answer.total == 0
    assert answer.near[0] == "prison mentor deradicalisation"
    assert {"prison", "mentor"} <= set(answer.near)
    for query in answer.near:
        assert library.find(query, keys=PUBLIC, as_typed=True).total
    assert library.find("prison", keys=PUBLIC).near == ()
    assert library.find("", keys=PUBLIC, filters={"topic": ["none"]}).near == ()


@pytest.mark.usefixtures("shelf")
def test_near_queries_keep_to_the_filters() -> None:
    answer = library.find("superivsion", keys=PUBLIC, filters={"language": ["de"]})
    assert (answer.total, answer.corrected, answer.near) == (0, "", ())


# Completion


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("superiv", ["Supervision", "supervision"]),
        ("cas wo", []),
        ("caseq", ["Casework", "casework"]),
        ("exit wrok", ["Exit work", "exit work"]),
        ("sup", ["Supervision", "supervision"]),
        ("sqp", []),
        ("s1.4", []),
    ],
)
def test_completions_forgive_one_mistake_where_nothing_begins_so(typed: str, given: list[str]) -> None:
    assert library.suggest(typed, keys=PUBLIC) == given


def test_completions_forgive_only_into_what_the_viewer_may_read(shelve: Callable[..., Note]) -> None:
    shelve("Zebrafish", access_key="full")
    shelve("Other")
    assert library.suggest("zebraf", keys=PUBLIC) == []
    assert library.suggest("zeraf", keys=PUBLIC) == []
    assert library.suggest("zerbaf", keys=FULL) == ["Zebrafish", "zebrafish"]


# Bad input


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "text",
    [
        "wrod " * 10_000,
        " ".join(f"word{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(600)),
        "a" * 100_000,
        "ab" * 20,
        '"superivsion',
        "superivsion\x00",
        "\ud800superivsion",
        "title:title:superivsion",
        "-superivsion",
        '""superivsion""',
        "ｓｕｐｅｒｉｖｓｉｏｎ",
        "superivsion’s",
        "�" * 400,
        bytes(range(256)).decode("latin-1"),
    ],
    ids=lambda text: repr(text)[:20],
)
def test_no_string_is_an_error_when_it_is_corrected(text: str) -> None:
    answer = library.find(text, keys=PUBLIC)
    assert answer.source == "index"
    assert len(answer.corrected) < 2 * library.LONGEST_QUERY
    if answer.corrected:
        assert library.find(answer.corrected, keys=PUBLIC, as_typed=True).total == answer.total


def test_what_is_excluded_is_not_corrected(shelve: Callable[..., Note]) -> None:
    shelve("Supervision", "A word.")
    answer = library.find("-superivsion", keys=PUBLIC)
    assert (answer.corrected, answer.total) == ("", 1)


def test_a_long_query_beside_a_filter_that_nothing_passes_is_tried_a_few_times(
    shelve: Callable[..., Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [f"{one}{two}word" for one in "abcdefghij" for two in "klmnopqrst"]
    shelve("Words", " ".join(held))
    made: list[str] = []

    class Counted(library.Search):
        def __init__(self, *args: Any) -> None:
            made.append(args[1].typed.text)
            super().__init__(*args)

    monkeypatch.setattr(library, "Search", Counted)
    answer = library.find(" ".join(held), keys=PUBLIC, filters={"topic": ["nowhere"]})
    assert (answer.total, answer.near) == (0, ())
    assert len(made) <= 1 + 1 + library.MOST_TRIED
    made.clear()
    assert library.find(" ".join(held), keys=PUBLIC, filters={"topic": ["nowhere"]}, limit=0).total == 0
    assert len(made) <= 2  # who only counts is offered nothing


def test_signs_that_stand_for_many_letters_make_no_query_longer(store: Store) -> None:
    assert len(read("\ufdfa" * LONGEST_QUERY).text) == LONGEST_QUERY


def test_completions_of_many_words_are_none(shelve: Callable[..., Note]) -> None:
    shelve("A b c d e f g h i j k l m", "Text.")
    assert library.suggest("a b c d e f g h i j k l", keys=PUBLIC)[0] == "A b c d e f g h i j k l m"
    assert library.suggest("a b c d e f g h i j k l m", keys=PUBLIC) == []
