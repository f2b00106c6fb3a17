"""The field's vocabulary in a search: what is looked for beside what was typed, how it ranks, what it gives away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from search import library, outbox
from search.engine import tokens
from search.vocabulary import MOST_SOUGHT, MOST_WORDS, Concept, Term, Vocabulary
from tests.search.shelf.models import Note

PUBLIC = frozenset({"public"})
FULL = frozenset({"public", "members", "full"})

EXIT, DISENGAGING, DERADICALISING, FORMERS, PRISON = range(5)
VOCABULARY = Vocabulary(
    [
        Concept(
            (
                Term("exit work", "en", preferred=True),
                Term("exit support", "en"),
                Term("Ausstiegsarbeit", "de", preferred=True),
                Term("sortie de l’extrémisme violent", "fr", preferred=True),
                Term("دعم الخروج", "ar", preferred=True),
            ),
            related=(DISENGAGING,),
        ),
        Concept(
            (
                Term("disengagement", "en", preferred=True),
                Term("distancing", "en"),
                Term("Distanzierung", "de", preferred=True),
            ),
            related=(EXIT, DERADICALISING),
        ),
        Concept(
            (
                Term("deradicalisation", "en", preferred=True),
                Term("deradicalization", "en"),
                Term("Deradikalisierung", "de", preferred=True),
            ),
            related=(DISENGAGING,),
        ),
        Concept(
            (
                Term("former extremists", "en", preferred=True),
                Term("formers", "en", hidden=True),
                Term("Aussteiger", "de", preferred=True),
            )
        ),
        Concept((Term("prison", "en", preferred=True), Term("jail", "en"), Term("Haft", "de", preferred=True))),
    ]
)


def find(query: str, keys: frozenset[str] | None = PUBLIC, **more: Any) -> library.Answer:
    return library.find(query, keys=keys, **{"vocabulary": VOCABULARY, **more})


def titles(answer: library.Answer) -> list[str]:
    return [hit.title for hit in answer.hits]


def also(answer: library.Answer) -> list[tuple[str, str, str, bool]]:
    return [(each.words, each.language, each.of, each.related) for each in answer.also]


# Terms in what is typed


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("exit work", [("exit work", (EXIT,))]),
        ("Exit-Work in prisons", [("exit work", (EXIT,)), ("prisons", (PRISON,))]),
        ("exit", []),
        ("work exit", []),
        ("exit hard work", []),
        ("sortie de l'extremisme violent", [("sortie de l extremisme violent", (EXIT,))]),
        ("sortie extrémismes violents", [("sortie extrémismes violents", (EXIT,))]),
        ("sortie", []),
        ("Distanzierungen", [("distanzierungen", (DISENGAGING,))]),
        ("دعم الخروج", [("دعم الخروج", (EXIT,))]),
        ("formers", [("formers", (FORMERS,))]),
        ("former members", []),
        ("", []),
        ("the of", []),
    ],
)
def test_a_term_is_recognised_in_any_of_its_forms(typed: str, named: list[tuple[str, tuple[int, ...]]]) -> None:
    found = VOCABULARY.named(tokens(typed))
    assert [(" ".join(each.words), each.concepts) for each in found] == named


def test_the_longest_term_counts_and_one_with_two_meanings_means_both() -> None:
    vocabulary = Vocabulary(
        [
            Concept((Term("risk", "en"), Term("Risiko", "de"))),
            Concept((Term("risk assessment", "en"), Term("Risikoeinschätzung", "de"))),
            Concept((Term("assessment", "en"), Term("Diagnostik", "de"))),
            Concept((Term("assessments", "en"), Term("Begutachtung", "de"))),
        ]
    )
    assert [each.concepts for each in vocabulary.named(["risk", "assessment"])] == [(1,)]
    assert [each.concepts for each in vocabulary.named(["assessment", "risk"])] == [(2, 3), (0,)]


def test_what_no_term_can_be_is_never_recognised() -> None:
    long = " ".join(f"word{number}" for number in range(MOST_WORDS + 1))
    vocabulary = Vocabulary([Concept((Term("the", "en"), Term("…", "en"), Term("", "en"), Term(long, "en")))])
    assert vocabulary.named(["the", *long.split()]) == []


# What is found


def test_a_query_in_one_language_finds_an_item_in_another_and_says_why(shelve: Callable[..., Note]) -> None:
    shelve("Grundlagen", "Gute Ausstiegsarbeit braucht Zeit.", language="de")
    shelve("Bases", "La sortie de l'extrémisme violent prend du temps.", language="fr")
    shelve("أساسيات", "يحتاج دعم الخروج إلى وقت.", language="ar")
    shelve("Autre", "La sortie de secours, sans extrémisme.", language="fr")
    for query in ("exit work", "Exit works", "Ausstiegsarbeit", "sortie de l'extrémisme violent", "دعم الخروج"):
        assert {"Grundlagen", "Bases", "أساسيات"} <= set(titles(find(query))), query
    answer = find("exit work", languages=["en"])
    assert answer.total == 3
    assert set(also(answer)) == {
        ("Ausstiegsarbeit", "de", "exit work", False),
        ("sortie de l’extrémisme violent", "fr", "exit work", False),
        ("دعم الخروج", "ar", "exit work", False),
    }
    assert "<mark>Ausstiegsarbeit</mark>" in {hit.title: hit.snippet for hit in answer.hits}["Grundlagen"]


def test_what_is_related_is_offered_and_changes_nothing_of_what_is_found(shelve: Callable[..., Note]) -> None:
    shelve("C", "About deradicalisation, and a little more.")
    shelve("B", "About distancing, and a little more.")
    shelve("A", "About disengagement, and a little more.")
    answer = find("disengagement", languages=["en"], facets=["language"])
    assert titles(answer) == ["A", "B"]
    assert also(answer) == [
        ("distancing", "en", "disengagement", False),
        ("deradicalisation", "en", "disengagement", True),
    ]
    unrelated = Vocabulary([Concept(each.terms) for each in VOCABULARY.concepts])
    alone = find("disengagement", languages=["en"], facets=["language"], vocabulary=unrelated)
    assert (alone.hits, alone.total, alone.facets) == (answer.hits, answer.total, answer.facets)


def test_related_words_are_not_marked(shelve: Callable[..., Note]) -> None:
    shelve("A", "About disengagement and deradicalisation.")
    (hit,) = find("disengagement").hits
    assert hit.snippet == "About <mark>disengagement</mark> and deradicalisation."


def test_where_nothing_is_found_what_is_related_is_offered(shelve: Callable[..., Note]) -> None:
    shelve("A", "About deradicalisation.")
    answer = find("disengagement")
    assert (answer.total, also(answer)) == (0, [("deradicalisation", "en", "disengagement", True)])


def test_related_are_preferred_terms_in_the_readers_languages_that_occur(shelve: Callable[..., Note]) -> None:
    shelve("A", "Deradicalization, exit support, distancing.")
    shelve("B", "Deradikalisierung, Ausstiegsarbeit.", language="de")
    shelve("C", "Exit work.")
    shelve("D", "About disengagement.")

    def related(query: str, *languages: str) -> list[str]:
        return [each.words for each in find(query, languages=languages).also if each.related]

    assert related("disengagement", "en") == ["exit work", "deradicalisation"]
    assert related("disengagement", "de", "en") == ["Ausstiegsarbeit", "Deradikalisierung"]
    assert related("disengagement", "fr", "en") == ["exit work", "deradicalisation"]
    assert related("disengagement", "fr") == []
    assert related("disengagement deradicalization", "en") == ["exit work"]


def test_a_rare_translation_does_not_come_before_the_words_that_were_typed(shelve: Callable[..., Note]) -> None:
    for number in range(30):
        shelve(f"Work {number}", "All of us exit some work.")
    shelve("Ausstiegsarbeit", "Ausstiegsarbeit " * 20, language="de")
    shelve("A long title that says in which way one does good exit work with those who ask", "And a text. " * 50)
    shelve("Exit work", "How to do it.")
    answer = find("exit work", languages=["en"], limit=3)
    assert "Ausstiegsarbeit" not in titles(answer)[:2]
    assert titles(answer)[0] == "Exit work"
    assert "Ausstiegsarbeit" in titles(find("exit work", languages=["en"], limit=50))
    german = find("Ausstiegsarbeit", languages=["de"], limit=2)
    assert titles(german)[0] == "Ausstiegsarbeit"


def test_the_readers_language_counts_for_more(shelve: Callable[..., Note]) -> None:
    shelve("A", "Haft, und mehr.", language="de")
    shelve("B", "A jail, and more.", language="en")
    assert titles(find("prison", languages=["en"])) == ["B", "A"]
    assert titles(find("prison", languages=["de"])) == ["A", "B"]


def test_several_words_of_a_term_stand_side_by_side(shelve: Callable[..., Note]) -> None:
    shelve("A", "Work comes before the exit.")
    shelve("B", "Exit work comes first.")
    assert titles(find("Ausstiegsarbeit")) == ["B"]


def test_the_words_of_a_term_are_marked_where_they_stand_together(shelve: Callable[..., Note]) -> None:
    shelve("A", "Work at the exit is not all. Good exit-work is. L'extrémisme, and the exit to work!")
    (hit,) = find("Ausstiegsarbeit").hits
    assert hit.snippet == (
        "Work at the exit is not all. Good <mark>exit</mark>-<mark>work</mark> is. "
        "L&#x27;extrémisme, and the <mark>exit</mark> to <mark>work</mark>!"
    )
    (hit,) = find("Ausstiegsarbeit exit").hits
    assert "Work at the <mark>exit</mark> is" in hit.snippet


def test_quoted_words_are_marked_where_they_stand_together(shelve: Callable[..., Note]) -> None:
    shelve("A", "Work, then an exit, then exit work.")
    (hit,) = find('"exit work"').hits
    assert hit.snippet == "Work, then an exit, then <mark>exit</mark> <mark>work</mark>."
    (hit,) = find('"exit work" work').hits
    assert hit.snippet == "<mark>Work</mark>, then an exit, then <mark>exit</mark> <mark>work</mark>."


def test_each_term_of_a_query_counts(shelve: Callable[..., Note]) -> None:
    shelve("A", "Ausstiegsarbeit in Haft.", language="de")
    shelve("B", "Ausstiegsarbeit zu Hause.", language="de")
    answer = find("exit work in prison", languages=["en"])
    assert titles(answer) == ["A", "B"]
    assert {each.of for each in answer.also} == {"exit work", "prison"}


def test_a_hidden_term_is_understood_but_not_looked_for_or_shown(shelve: Callable[..., Note]) -> None:
    shelve("A", "Our former prisoners.")
    shelve("B", "Aussteiger erzählen.", language="de")
    assert titles(find("Aussteiger")) == ["B"]
    answer = find("formers")
    assert set(titles(answer)) == {"A", "B"}
    assert also(answer) == [("Aussteiger", "de", "formers", False)]


@pytest.mark.parametrize(
    "query",
    [
        '"exit work"',
        "title:exit",
        "title:prison",
        "topic:prison",
        "zebra -prison",
        '-"exit work"',
        '"exit" "work"',
    ],
)
def test_what_is_quoted_excluded_or_in_a_field_is_taken_as_written(shelve: Callable[..., Note], query: str) -> None:
    shelve("Ausstiegsarbeit", "Haft und Ausstiegsarbeit.", language="de", topics=["haft"])
    shelve("Jail", "In jail.")
    answer, plain = find(query), library.find(query, keys=PUBLIC)
    assert (answer.hits, answer.also) == (plain.hits, ())


def test_what_is_demanded_or_excluded_holds_for_what_is_found_beside(shelve: Callable[..., Note]) -> None:
    shelve("A", "Ausstiegsarbeit mit Frauen.", language="de")
    shelve("B", "Ausstiegsarbeit mit Männern.", language="de")
    shelve("C", "Frauen und Zeit.", language="de")
    assert titles(find("exit work -Frauen")) == ["B"]
    assert titles(find('exit work "Frauen und Zeit"')) == ["C"]
    assert titles(find("exit work title:A")) == ["A"]


def test_as_typed_asks_no_vocabulary(shelve: Callable[..., Note]) -> None:
    shelve("A", "Ausstiegsarbeit.", language="de")
    assert find("exit work", as_typed=True) == library.find("exit work", keys=PUBLIC)
    assert find("exit work", as_typed=True).total == 0


@pytest.mark.parametrize("query", ["zebra", "exit", "work", "", "the"])
def test_without_a_term_nothing_is_different(shelve: Callable[..., Note], query: str) -> None:
    shelve("A", "A zebra at work, at the exit.")
    shelve("B", "Ausstiegsarbeit.", language="de")
    assert find(query) == library.find(query, keys=PUBLIC)


def test_filters_and_facets_hold_for_what_is_found_beside(shelve: Callable[..., Note]) -> None:
    shelve("A", "Ausstiegsarbeit.", language="de", topics=["housing"])
    shelve("B", "Ausstiegsarbeit.", language="de", topics=["trauma"])
    answer = find("exit work", filters={"topic": ["housing"]}, facets=["topic", "language"])
    assert titles(answer) == ["A"]
    assert answer.facets == {"topic": {"housing": 1, "trauma": 1}, "language": {"de": 1}}


# What a viewer can learn


QUERIES = [
    "exit work",
    "Ausstiegsarbeit",
    "disengagement",
    "exit work in prison",
    "deradicalisation housing",
    "formers",
]


@pytest.mark.parametrize("query", QUERIES)
def test_an_index_with_closed_entries_answers_as_one_without_them(shelve: Callable[..., Note], query: str) -> None:
    def shelve_open() -> None:
        shelve("Exit work", "Good exit work in prison, and housing.")
        shelve("Haft", "In Haft.", language="de", topics=["housing"])
        shelve("Talk", "Disengagement takes time.", access_key="full", teaser=True, summary="About jail.")

    def answers() -> tuple[library.Answer, library.Answer]:
        return tuple(find(query, PUBLIC, facets=["topic"], languages=each) for each in (["en"], ["de"]))

    shelve_open()
    before = answers()
    for number in range(20):
        shelve(
            f"Ausstiegsarbeit {number}",
            "Ausstiegsarbeit, exit support, Distanzierung, Deradikalisierung, Aussteiger, jail, prison.",
            language="de" if number % 2 else "en",
            access_key="full",
            topics=["housing"],
        )
    assert answers() == before
    named = {each.words for answer in before for each in answer.also}
    assert not named & {"Ausstiegsarbeit", "exit support", "Distanzierung", "Deradikalisierung", "Aussteiger"}
    assert "Ausstiegsarbeit" in {each.words for each in find("exit work", FULL).also}


def test_what_changed_since_it_was_indexed_is_not_named(shelve: Callable[..., Note]) -> None:
    note = shelve("A", "Ausstiegsarbeit.", language="de")
    assert len(find("exit work").also) == 1
    Note.objects.filter(pk=note.pk).update(access_key="full")
    outbox.put(Note, [note.pk])
    assert find("exit work").also == ()


# Bounds


def test_no_query_and_no_vocabulary_is_too_long(shelve: Callable[..., Note]) -> None:
    shelve("A", "term7x1 term9x2 word")
    many = Vocabulary(
        [
            Concept(tuple(Term(f"term{concept}x{each}", "en") for each in range(50)), related=(concept - 1,))
            for concept in range(100)
        ]
    )
    query = " ".join(f"term{number}x0" for number in range(10_000))
    answer = find(query, vocabulary=many)
    assert answer.total == 1
    assert len(answer.also) <= MOST_SOUGHT
    assert find("exit work " * 10_000).source == "index"
