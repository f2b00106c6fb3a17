"""The vocabulary from its rows: what search is given, and that every process sees a change at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import QueryDict

from core import vocabulary
from core.access import ANONYMOUS
from core.listing import Listing, find
from core.models import Concept, Generation, Term
from hub.models import PlainPage
from search import outbox
from search.backend import SearchBackend
from search.vocabulary import MOST_WORDS

pytestmark = pytest.mark.django_db

Make = Callable[..., PlainPage]


def concept(name: str, *terms: tuple[str, str, str], related: tuple[Concept, ...] = ()) -> Concept:
    """Make a concept with terms of (kind, language, words)."""
    made = Concept.objects.create(name=name)
    for kind, language, words in terms:
        Term.objects.create(concept=made, kind=kind, language=language, words=words)
    made.related.set(related)
    return made


def named(query: str) -> list[str]:
    """What else is looked for beside a query."""
    now = vocabulary.current()
    return [each.term.words for found in now.named(query.split()) for each in now.beside(found)]


def related(query: str) -> list[str]:
    """What is offered with a query."""
    now = vocabulary.current()
    return [each.term.words for terms in now.related(now.named(query.split()), ["en"]) for each in terms]


@pytest.fixture(autouse=True)
def nothing_yet() -> None:
    Concept.objects.all().delete()


def test_search_is_given_the_rows_as_they_are() -> None:
    tea = concept("Tea", ("preferred", "en", "tea"), ("synonym", "de", "Tee"), ("hidden", "en", "cha"))
    coffee = concept("Coffee", ("preferred", "en", "coffee"), ("synonym", "en", "java"), related=(tea,))
    assert (named("tea"), related("tea")) == (["Tee"], ["coffee"])
    assert (named("cha"), related("cha")) == (["tea", "Tee"], ["coffee"])
    assert (named("coffee"), related("coffee")) == (["java"], ["tea"])
    coffee.related.clear()
    assert (named("coffee"), related("coffee"), related("tea")) == (["java"], [], [])
    tea.delete()
    assert named("tea") == []
    Term.objects.filter(words="java").delete()
    assert named("coffee") == []


def test_a_concept_without_terms_is_no_concept_for_search() -> None:
    concept("Tea", ("preferred", "en", "tea"), related=(concept("Empty"),))
    assert (named("tea"), related("tea")) == ([], [])


def test_every_change_raises_the_generation_in_its_own_transaction() -> None:
    steps = [Generation.current()]

    def step() -> None:
        steps.append(Generation.current())

    made, other = Concept.objects.create(name="Tea"), Concept.objects.create(name="Coffee")
    step()
    term = Term.objects.create(concept=made, language="en", words="tea")
    step()
    made.related.add(other)
    step()
    made.related.clear()
    step()
    term.delete()
    step()
    Concept.objects.all().delete()
    step()
    assert steps == sorted(set(steps))
    with transaction.atomic():
        Concept.objects.create(name="Tea")
        transaction.set_rollback(True)
    assert Generation.current() == steps[-1]


@pytest.mark.parametrize(
    ("words", "language", "said"),
    [
        ("", "en", "This field cannot be blank"),
        ("the", "en", "no word to search for"),
        ("…", "en", "no word to search for"),
        ("من", "ar", "no word to search for"),
        (" ".join(f"w{number}" for number in range(MOST_WORDS + 1)), "en", "can have 8 words, this has 9"),
        ("x" * 101, "en", "at most 100 characters"),
        ("tea", "xx", "is not a valid choice"),
    ],
)
def test_a_term_that_cannot_be_searched_for_is_refused(words: str, language: str, said: str) -> None:
    term = Term(concept=Concept.objects.create(name="Tea"), words=words, language=language)
    with pytest.raises(ValidationError, match=said):
        term.full_clean()


@pytest.fixture
def index(settings: Any, tmp_path: Path) -> None:
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "index", "REPAIR": False}
    }
    SearchBackend({}).reset_indexes()


@pytest.mark.usefixtures("index")
def test_a_list_is_searched_with_the_vocabulary_without_a_rebuild(make_page: Make) -> None:
    def found(query: str) -> Any:
        return find(Listing.of(QueryDict(query)), ANONYMOUS, path="/search/")

    make_page("A samovar")
    outbox.drain_now()
    assert found("q=tea").total == 0
    concept("Tea", ("preferred", "en", "tea"), ("synonym", "ru", "samovar"))
    shown = found("q=tea")
    assert ([card.title for card in shown.cards], [each.words for each in shown.also]) == (["A samovar"], ["samovar"])
    Concept.objects.all().delete()
    assert found("q=tea").total == 0


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_a_change_at_once(settings: Any) -> None:
    name = connection.settings_dict["NAME"]
    at = urlsplit(os.environ.get("DATABASE_URL", "sqlite://"))
    program = Path(__file__).with_name("vocabulary_process.py")
    surroundings = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "hub.settings.demo",
        # urlunsplit would take a slash away where no host is named.
        "DATABASE_URL": f"{at.scheme}://{at.netloc}/{name}{'?' if at.query else ''}{at.query}",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    with subprocess.Popen(
        [sys.executable, str(program)], env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:

        def asked(query: str) -> list[str]:
            assert other.stdin
            assert other.stdout
            other.stdin.write(query + "\n")
            other.stdin.flush()
            said: list[str] = json.loads(other.stdout.readline())
            return said

        try:
            assert asked("tea") == []
            made = concept("Tea", ("preferred", "en", "tea"), ("synonym", "de", "Tee"))
            assert asked("tea") == ["Tee"]
            made.terms.get(language="de").delete()
            assert asked("tea") == []
            with transaction.atomic():
                Term.objects.create(concept=made, language="fr", words="thé noir")
                assert asked("tea") == []
            assert asked("tea") == ["thé noir"]
        finally:
            other.kill()
