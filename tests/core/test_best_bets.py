"""Pages that are recommended for a query: matched by its words, shown to those who may list them alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone, translation
from wagtail.models import Locale

from core.access import ANONYMOUS, Viewer, viewer_for
from core.best_bets import MOST_PINNED, pinned_for
from core.listing import Listing, find
from core.models import BestBet, Generation
from hub.models import PlainPage
from search import outbox
from search.backend import SearchBackend
from tests import personas

pytestmark = pytest.mark.django_db

Make = Callable[..., PlainPage]
READERS = {
    "public": set(personas.NAMES),
    "members": set(personas.NAMES) - {"anonymous", "lapsed"},
    "full": {"full", "seat", "group_full", "lead", "otherlead", "board", "secretariat"},
    "group": {"group_associate", "group_full", "author", "lead", "secretariat"},
    "group_full": {"group_full", "lead", "secretariat"},
}


def titles(query: str, viewer: Viewer = ANONYMOUS, **more: Any) -> list[str]:
    return [card.title for card in pinned_for(query, viewer, **more)]


@pytest.fixture
def pin(make_page: Make) -> Callable[..., BestBet]:
    """Recommend a new page: ``pin("exit work", title="Start here", audience="full")``."""

    def make(words: str, title: str = "Start here", bet: dict[str, Any] | None = None, **page: Any) -> BestBet:
        made = BestBet(words=words, page=make_page(title, **page), **(bet or {}))
        made.full_clean()
        made.save()
        return made

    return make


@pytest.mark.parametrize(
    "query",
    ["first contact with families", "Families: FIRST contact!", "contacts first family", "the first contact families"],
)
def test_the_words_are_what_matters_not_their_order_endings_or_small_words(pin: Any, query: str) -> None:
    pin("first contact with families")
    assert titles(query) == ["Start here"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "first contact",
        "first contact families prison",
        "first contact -families",
        '"first contact families"',
        "title:first contact families",
        "the with",
        "\x00",
        "x" * 10_000,
    ],
)
def test_other_words_and_what_is_not_plain_words_recommend_nothing(pin: Any, query: str) -> None:
    pin("first contact with families")
    assert titles(query) == []


def test_endings_are_those_of_each_language(pin: Any) -> None:
    pin("Angehörige beraten", title="Beratung")
    assert titles("Beratung der Angehörigen") == ["Beratung"]
    assert titles("Angehörige") == []


@pytest.mark.parametrize("audience", READERS)
def test_each_sort_of_viewer_is_recommended_what_it_may_list(pin: Any, audience: str) -> None:
    people, groups = personas.make_personas(), personas.make_groups()
    group = {"working_group": groups[personas.GROUP]} if audience.startswith("group") else {}
    pin("first contact", audience=audience, **group)
    shown = {name for name, person in people.items() if titles("first contact", viewer_for(person))}
    assert shown == READERS[audience]


def test_of_a_teaser_everyone_is_shown_the_teaser(pin: Any) -> None:
    pin("first contact", audience="full", teaser=True, summary="How to begin.")
    (card,) = pinned_for("first contact", ANONYMOUS)
    assert (card.title, card.closed, card.summary) == ("Start here", True, "How to begin.")


def test_what_is_unpublished_or_deleted_is_not_recommended(pin: Any) -> None:
    made = pin("first contact", live=False)
    assert titles("first contact", Viewer(sees_all=True)) == []
    made.page.delete()
    assert not BestBet.objects.exists()


def test_the_lowest_position_first_and_never_more_than_a_few(pin: Any) -> None:
    for position in (5, 3, 4, 1, 2):
        pin("first contact", title=f"Page {position}", bet={"position": position})
    pin("contact first", title="Closed", bet={"position": 0}, audience="full")
    assert titles("first contact") == ["Page 1", "Page 2", "Page 3"]
    assert MOST_PINNED == 3


def test_a_recommendation_ends_after_its_last_day(pin: Any) -> None:
    made = pin("first contact", bet={"until": date(2026, 12, 31)})
    assert titles("first contact", on=date(2026, 12, 31)) == ["Start here"]
    assert titles("first contact", on=date(2027, 1, 1)) == []
    made.until = timezone.localdate() - timedelta(days=1)
    made.save()
    assert titles("first contact") == []


def test_one_language_of_readers_may_be_chosen(pin: Any) -> None:
    pin("supervision", bet={"language": "fr"})
    assert titles("supervision") == []
    with translation.override("fr"):
        assert titles("supervision") == ["Start here"]


def test_the_reader_gets_the_version_in_his_language(pin: Any) -> None:
    made = pin("supervision")
    german = made.page.specific.copy_for_translation(Locale.objects.get(language_code="de"))
    german.title = "Hier beginnen"
    german.save_revision().publish()
    assert titles("supervision") == ["Start here"]
    with translation.override("de"):
        (card,) = pinned_for("supervision", ANONYMOUS)
    assert (card.title, [language for language, _url in card.also_in]) == ("Hier beginnen", ["en"])


def test_words_are_needed(pin: Any) -> None:
    with pytest.raises(ValidationError, match="at least one word"):
        pin(" … ")


@pytest.mark.parametrize("query", ["first contact", "something else"])
def test_it_costs_two_queries_at_most(pin: Any, query: str, django_assert_num_queries: Any) -> None:
    for number in range(3):
        pin("first contact", title=f"Page {number}")
    pinned_for("other words", ANONYMOUS)  # the rows are read once after a change
    with django_assert_num_queries(2 if query == "first contact" else 1):
        pinned_for(query, ANONYMOUS)


def test_every_change_raises_the_generation(pin: Any) -> None:
    made = pin("first contact")
    steps = [Generation.current()]
    made.save()
    steps.append(Generation.current())
    BestBet.objects.all().delete()
    steps.append(Generation.current())
    assert steps == sorted(set(steps))


@pytest.fixture
def index(settings: Any, tmp_path: Any) -> None:
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "index", "REPAIR": False}
    }
    SearchBackend({}).reset_indexes()


@pytest.mark.usefixtures("index")
def test_the_list_below_is_the_same_with_and_without(pin: Any, make_page: Make) -> None:
    def found(query: str, viewer: Viewer = ANONYMOUS) -> Any:
        return find(Listing.of(QueryDict(query)), viewer, path="/search/")

    make_page("First contact")
    made = pin("first contact")
    closed = pin("first contact", title="First contact, closed", audience="full")
    outbox.drain_now()
    shown = found("q=first+contact")
    assert [card.title for card in shown.pinned] == ["Start here"]
    assert found("q=first+contact&kind=page").pinned == []
    assert found("q=first+contact&page=1", Viewer(sees_all=True)).total == 2
    closed.delete()
    assert found("q=first+contact") == shown
    made.delete()
    assert found("q=first+contact").cards == shown.cards
    assert found("q=first+contact").pinned == []
