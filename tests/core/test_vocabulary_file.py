"""The vocabulary a hub starts with: five languages, no word twice, and never over what the office has."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict

import pytest

from core import vocabulary, vocabulary_file
from core.models import Concept, Generation, Term
from core.vocabulary_file import STARTING, written
from hub.baseline import make_baseline
from search.analysis import clean, words
from search.engine import tokens
from search.vocabulary import content

LANGUAGES = ("en", "de", "fr", "ar", "es")
with STARTING.open(encoding="utf-8", newline="") as opened:
    ROWS = list(csv.DictReader(opened))
CONCEPTS = {row["concept"] for row in ROWS}


def test_every_concept_has_one_preferred_term_in_each_language() -> None:
    preferred = Counter((row["concept"], row["language"]) for row in ROWS if row["kind"] == "preferred")
    assert len(CONCEPTS) >= 80
    assert preferred == {(concept, language): 1 for concept in CONCEPTS for language in LANGUAGES}
    assert {row["language"] for row in ROWS} == set(LANGUAGES)


def test_no_term_stands_twice_in_a_language() -> None:
    counted = Counter((row["language"], written(row["term"])) for row in ROWS)
    assert [term for term, times in counted.items() if times > 1] == []


def test_no_term_is_left_with_one_word_of_several_or_with_none() -> None:
    for row in ROWS:
        left, said = content(row["term"], row["language"]), words(clean(row["term"]))
        assert len(left) >= min(len(said), 2), row


def test_terms_of_one_word_are_no_common_words_in_another_guise() -> None:
    """Words that stem to a common one must not be looked for: ``Sucht`` would find every “sucht”."""
    common = {"sucht", "former", "related", "minor", "format", "schuld", "band", "period", "mar", "journal", "ran"}
    sought = {
        word
        for row in ROWS
        if row["kind"] != "hidden" and len(found := content(row["term"], row["language"])) == 1
        for word in (*found, *written(row["term"]))
    }
    assert not sought & common


def test_relations_go_both_ways_and_lead_somewhere() -> None:
    related: dict[str, set[str]] = defaultdict(set)
    for row in ROWS:
        related[row["concept"]] |= {name.strip() for name in row["related"].split(";") if name.strip()}
    for concept, others in related.items():
        assert concept not in others
        assert others <= CONCEPTS, concept
        assert [other for other in others if concept not in related[other]] == [], concept
    assert "Deradicalisation" in related["Disengagement"]


def test_translations_are_marked_as_to_be_checked_and_concepts_say_what_they_mean() -> None:
    assert {(row["language"] != "en") == (row["to_check"] == "yes") for row in ROWS} == {True}
    assert {row["concept"] for row in ROWS if row["note"]} == CONCEPTS


def test_english_is_there_as_it_is_spelt_on_both_sides_of_the_ocean() -> None:
    there = {written(row["term"]) for row in ROWS if row["language"] == "en"}
    for british, american in (
        ("radicalisation", "radicalization"),
        ("deradicalisation", "deradicalization"),
        ("counselling", "counseling"),
        ("exit programme", "exit program"),
        ("stigmatisation", "stigmatization"),
        ("structured professional judgement", "structured professional judgment"),
        ("organised crime", "organized crime"),
    ):
        assert {written(british), written(american)} <= there


@pytest.mark.django_db
def test_the_baseline_fills_an_empty_vocabulary_and_leaves_any_other_alone() -> None:
    assert Concept.objects.count() == len(CONCEPTS)
    assert Term.objects.count() == len(ROWS)
    assert Concept.related.through.objects.count() == sum(
        len(row["related"].split(";")) for row in ROWS if row["related"]
    )
    Concept.objects.exclude(name="Trauma").delete()
    Term.objects.filter(concept__name="Trauma", language="de").delete()
    before = Generation.current(), Term.objects.count()
    make_baseline()
    assert (Concept.objects.get().name, Generation.current(), Term.objects.count()) == ("Trauma", *before)
    Concept.objects.all().delete()
    make_baseline()
    assert Concept.objects.count() == len(CONCEPTS)


@pytest.mark.django_db
def test_reading_the_file_again_changes_nothing() -> None:
    report = vocabulary_file.put(vocabulary_file.read(STARTING.read_bytes()))
    assert (report.concepts, report.terms, report.changed) == (0, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "equal", "related"),
    [
        ("exit work", "Ausstiegsarbeit", "disengagement"),
        ("Ausstiegsarbeit", "sortie de l’extrémisme violent", "tertiary prevention"),
        ("sortie de l'extremisme violent", "exit work", "Distanzierung"),
        ("الخروج من التطرف", "exit work", "فك الارتباط"),
        ("salida del extremismo", "exit work", "desvinculación"),
        ("disengagement", "Distanzierung", "deradicalisation"),
        ("deradicalization", "Deradikalisierung", "disengagement"),
        ("PVE", "preventing violent extremism", "countering violent extremism"),
        ("P/CVE", "Extremismusprävention", "tertiary prevention"),
        ("RAN", "Radicalisation Awareness Network", "preventing violent extremism"),
        ("duty to report", "Anzeigepflicht", "confidentiality"),
        ("Angehörigenberatung", "family counselling", "helpline"),
        ("incels", "misogyny", "gender"),
        ("formers", "Aussteiger", "peer support"),
        ("JVA", "prison", "probation"),
    ],
)
def test_words_a_practitioner_types_lead_to_those_of_others(query: str, equal: str, related: str) -> None:
    now = vocabulary.current()
    named = now.named(tokens(query))
    beside = [each.term.words for one in named for each in now.beside(one)]
    assert equal in beside
    assert related in [each.term.words for terms in now.related(named, ()) for each in terms]
    assert related not in beside
