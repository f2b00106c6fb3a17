"""The search page: what it says was understood, how it helps where nothing is found, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import QueryDict
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import ANONYMOUS
from core.facets import FEW_CHOICES, Choice, Facet
from core.listing import AlsoSearched, Found, Listing, find
from core.onward import Onward, Way
from tests.hub.test_answers import ANONYMOUS_QUERIES, MEMBER_QUERIES

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db
own_engine = pytest.mark.own_engine(reason="another knows neither close words nor what is not there, and costs more")


def said(answer: Any) -> str:
    """The words of an answer."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


def shown(found: Found) -> str:
    """A list as its component shows it."""
    html = get_template("components/listing.html").render({"found": found, "action": "/search/", "form": "q-form"})
    return re.sub(r"\s+", " ", unescape(html))


# What is asked ---------------------------------------------------------------------------------------


def test_order_and_exactness_stand_in_the_address_where_there_are_words() -> None:
    listing = Listing.of(QueryDict("q=a&kind=tool&sort=date&exact=1&page=2"))
    assert (listing.by_date, listing.exact) == (True, True)
    assert listing.url("/x/") == "/x/?q=a&kind=tool&sort=date&exact=1&page=2"
    assert Listing.of(QueryDict(listing.url("/x/").partition("?")[2])) == listing
    assert Listing.of(QueryDict("sort=date&exact=1")) == Listing()
    assert Listing.of(QueryDict("q=a&sort=up&exact=2")) == Listing("a")


@own_engine
def test_results_come_in_either_order(make_resource: Make, indexed: Make, client: Client) -> None:
    from datetime import UTC, datetime

    make_resource("Best", text="housing housing housing", published_on=datetime(2020, 1, 1, tzinfo=UTC))
    make_resource("Newest", text="much else and then housing once", published_on=datetime(2026, 1, 1, tzinfo=UTC))
    indexed()
    best, newest = (client.get(f"/search/?q=housing{more}").context["found"] for more in ("", "&sort=date"))
    assert [card.title for card in best.cards] == ["Best", "Newest"]
    assert [card.title for card in newest.cards] == ["Newest", "Best"]
    assert [way.current for way in best.sorts] == [True, False]
    assert [way.url for way in newest.sorts] == ["/search/?q=housing", "/search/?q=housing&sort=date"]
    assert client.get("/search/").context["found"].sorts == []


# What was understood ---------------------------------------------------------------------------------


def test_a_correction_is_said_and_can_be_refused() -> None:
    found = Found(
        listing=Listing("superivsion"),
        total=1,
        cards=[],
        corrected="supervision",
        as_typed_url="/search/?q=superivsion&exact=1",
    )
    html = shown(found)
    assert "Showing results for <strong>supervision</strong>." in html
    assert '<a href="/search/?q=superivsion&exact=1">Search instead for superivsion</a>' in html
    assert found.state == "q=supervision"


def test_words_of_the_vocabulary_are_named_with_their_language() -> None:
    also = [
        AlsoSearched("Ausstiegsarbeit", "/search/?q=Ausstiegsarbeit", "de", "German"),
        AlsoSearched("exit counselling", "/search/?q=exit+counselling", "en", ""),
    ]
    html = shown(Found(listing=Listing("exit work"), total=3, cards=[], also=also))
    assert (
        'Also searched: <bdi><a href="/search/?q=Ausstiegsarbeit" lang="de">Ausstiegsarbeit</a></bdi> (German), <bdi>'
        in html
    )
    assert "exit counselling</a></bdi></p>" in html
    many = [AlsoSearched(f"word{number}", f"/search/?q=word{number}", "de", "German") for number in range(9)]
    html = shown(Found(listing=Listing("exit work"), total=3, cards=[], also=many))
    summary, rest = html.split('data-fold="also"')[1].split("</summary>", 1)
    assert summary.endswith("word2</bdi> and 6 more")
    assert rest.split("</details>")[0].count("word") == 18


def test_related_words_are_offered_apart() -> None:
    related = [AlsoSearched("deradicalisation", "/search/?q=deradicalisation", "en")]
    html = shown(Found(listing=Listing("disengagement"), total=3, cards=[], related=related))
    assert "Also searched" not in html
    assert 'Related: <bdi><a href="/search/?q=deradicalisation" lang="en">deradicalisation</a></bdi></p>' in html


@own_engine
def test_words_that_stand_nowhere_are_named(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource("Open", text="housing")
    make_resource("Closed", text="zebra", audience="members")
    indexed()
    assert "holds the word zebra." in said(client.get("/search/?q=housing+zebra"))
    assert "holds the word" not in said(client.get("/search/?q=housing"))


def test_recommended_entries_stand_on_top_once() -> None:
    from core.cards import Card

    card = Card(title="Start here", url="/start/", kind="Guidebook", audience="public", item="1")
    html = shown(Found(listing=Listing("start"), total=1, cards=[card], pinned=[card]))
    assert html.count(">Start here</a>") == 1
    assert html.index("Recommended") < html.index(">Start here</a>")


def test_what_is_typed_is_shown_as_text(client: Client, library: Any) -> None:
    answer = client.get("/search/", {"q": '"><script>alert(1)</script>'})
    assert b"<script>alert" not in answer.content


# Filters ---------------------------------------------------------------------------------------------


def test_a_long_facet_folds_after_eight_and_opens_for_what_is_chosen() -> None:
    def facet(number: int, chosen: int = -1) -> Facet:
        choices = [Choice(f"v{place}", f"V{place}", 1, chosen=place == chosen) for place in range(number)]
        return Facet("topic", "Topic", True, choices)

    lengths = [[len(part) for part in facet(number).parts] for number in (0, 8, 10, 11, 30)]
    assert lengths == [[0], [8], [10], [FEW_CHOICES, 3], [FEW_CHOICES, 22]]
    assert not facet(30, chosen=7).fold_is_open
    assert facet(30, chosen=8).fold_is_open
    html = shown(Found(listing=Listing(), total=1, cards=[], facets=[facet(12, chosen=11)]))
    before, after = html.split('data-fold="more-topic"')
    assert (before.count('type="checkbox"'), after.count('type="checkbox"')) == (8, 4)
    assert after.startswith(" open>")
    assert "4 more" in after


def test_filters_and_words_are_one_form(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource("Open", text="housing", keywords=["rare"])
    indexed()
    for path, form in (("/search/", "q-form"), ("/library/", "library-search-form")):
        html = client.get(f"{path}?q=housing&kind=practice&keyword=rare&sort=date").content.decode()
        assert html.count(f'id="{form}"') == 1
        fields = re.findall(r"<input\b[^>]*>", html.split('id="found"')[1])
        assert fields
        assert all(f'form="{form}"' in field or "csrf" in field for field in fields)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', html)
        assert hidden == [("keyword", "rare"), ("sort", "date")]


# Nothing found ---------------------------------------------------------------------------------------


@own_engine
def test_where_nothing_is_found_each_filter_says_what_it_costs(
    make_resource: Make, indexed: Make, client: Client
) -> None:
    make_resource("One", text="housing", setting=["prison"])
    make_resource("Two", text="housing", setting=["family"], resource_kind="tool")
    make_resource("Closed", text="housing", audience="members", setting=["prison"], resource_kind="tool")
    indexed()
    onward = client.get("/search/?q=housing&kind=tool&setting=prison").context["found"].onward
    assert [(way.label, way.url, way.count) for way in onward.without] == [
        ("Tool", "/search/?q=housing&setting=prison", 1),
        ("Prison", "/search/?q=housing&kind=tool", 1),
    ]
    assert (onward.plain.url, onward.plain.count) == ("/search/?q=housing", 2)
    assert "Without any filter : 2 results" in said(client.get("/search/?q=housing&kind=tool&setting=prison"))


@own_engine
def test_where_nothing_is_found_close_topics_are_those_the_reader_may_know(
    make_resource: Make, make_topic: Make, indexed: Make, client_of: Make
) -> None:
    make_resource("Open", topics=["housing"])
    make_resource("Closed", audience="members", topics=["houseboats", "supervision"])
    indexed()
    stranger = client_of("anonymous").get("/search/?q=houzing&exact=1").context["found"].onward
    assert [(way.label, way.count) for way in stranger.topics] == [("Housing", 1)]
    member = client_of("full").get("/search/?q=superivsion&exact=1").context["found"].onward
    assert [(way.label, way.url) for way in member.topics] == [("Supervision", "/search/?topic=supervision")]
    assert not member.any_topics
    anything = client_of("anonymous").get("/search/?q=qqqqq").context["found"].onward
    assert ([way.label for way in anything.topics], anything.any_topics) == (["Housing"], True)


def test_near_words_are_links() -> None:
    onward = Onward(near=[Way("supervision", "/search/?q=supervision")])
    html = shown(Found(listing=Listing("superivsion"), total=0, cards=[], onward=onward))
    assert 'Did you mean: <a href="/search/?q=supervision">supervision</a>' in html


def test_a_stranger_is_led_to_sign_in_and_back_to_save(library: Any, client: Client, client_of: Make) -> None:
    html = unescape(client.get("/search/?q=zebra&kind=tool").content.decode())
    (next_,) = re.findall(r'href="(/accounts/login/\?next=[^"]*)">Sign in to save', html)
    assert parse_qs(urlsplit(next_).query)["next"] == ["/search/?q=zebra&kind=tool"]
    assert "csrfmiddlewaretoken" not in html
    member = client_of("associate").get("/search/?q=zebra").content.decode()
    assert 'action="/account/searches/save/"' in member
    assert 'name="state" value="q=zebra"' in member


@own_engine
def test_near_queries_and_corrections_come_from_the_engine_inside_the_viewers_set(
    make_resource: Make, indexed: Make, client_of: Make
) -> None:
    make_resource("Closed", text="supervision", audience="members")
    indexed()
    for typed in ("superivsion", "supervisoin"):
        stranger = client_of("anonymous").get(f"/search/?q={typed}")
        assert "supervision" not in said(stranger)
        assert stranger.context["found"].total == 0


# Answers to htmx -------------------------------------------------------------------------------------


def test_htmx_gets_the_part_that_changes_and_caches_tell_the_two_apart(
    make_resource: Make, indexed: Make, client: Client
) -> None:
    make_resource("Open", text="housing")
    indexed()
    whole = client.get("/search/?q=housing")
    part = client.get("/search/?q=housing", headers={"HX-Request": "true"})
    restored = client.get("/search/?q=housing", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert b'id="found"' in part.content
    assert b"<title>housing" in part.content
    assert b"<html" in restored.content
    assert "HX-Request" in whole["Vary"]


# Costs -----------------------------------------------------------------------------------------------


@own_engine
@pytest.mark.parametrize(
    "query",
    [
        "q=housing",
        "q=zebra",
        "q=housing&kind=tool&setting=prison&topic=housing&language=de",
        "q=zebra&kind=tool&topic=housing&group=none&keyword=none",
    ],
)
@pytest.mark.parametrize(("who", "most"), [("anonymous", ANONYMOUS_QUERIES), ("full", MEMBER_QUERIES)])
def test_any_answer_costs_few_queries_and_writes_nothing(
    make_resource: Make, indexed: Make, client_of: Make, who: str, most: int, query: str
) -> None:
    for number in range(12):
        make_resource(f"Practice {number}", text="housing", topics=["housing"], setting=["prison"])
    indexed()
    client = client_of(who)
    client.get(f"/search/?{query}")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/search/?{query}").status_code == 200
    statements = [each["sql"] for each in queries]
    assert [sql for sql in statements if not sql.lstrip("( ").startswith("SELECT")] == []
    assert len(statements) <= most, "\n".join(statements)


# Bad input -------------------------------------------------------------------------------------------

any_text = st.text(st.characters(exclude_categories=()), max_size=80)
NAMES = ("q", "kind", "topic", "setting", "language", "year", "group", "keyword", "page", "sort", "exact", "colour")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(any_text, st.binary(max_size=20))), max_size=6))
def test_any_bytes_in_any_parameter_give_a_page(library: Any, pairs: list[tuple[str, str | bytes]]) -> None:
    query = "&".join(
        f"{name}={quote(value if isinstance(value, bytes) else value.encode('utf-8', 'surrogatepass'))}"
        for name, value in pairs
    )
    for path in ("/search/", "/library/"):
        assert Client().get(f"{path}?{query}").status_code in (200, 400)
    assert Client().get(f"/search/?{query}", headers={"HX-Request": "true"}).status_code in (200, 400)


def test_ten_thousand_words_unknown_filters_and_pages_beyond_the_end_give_a_page(
    make_resource: Make, indexed: Make, client: Client
) -> None:
    make_resource("Open", text="housing")
    indexed()
    assert client.get("/search/", {"q": "housing " * 10_000}).context["found"].total == 1
    assert client.get("/search/", {"q": " ".join(f"w{number}" for number in range(10_000))}).status_code == 200
    beyond = client.get("/search/?q=housing&page=99999").context["found"]
    assert [card.title for card in beyond.cards] == ["Open"]
    assert client.get("/search/?q=housing&kind=none&colour=red&group=%00").context["found"].total == 0
    many = "&".join(f"topic=t{number}" for number in range(3000))
    assert client.get(f"/search/?{many}").status_code in (200, 400)


@own_engine
def test_the_page_says_so_when_only_titles_can_be_searched(library: Any, client: Client, settings: Any) -> None:
    import shutil

    shutil.rmtree(settings.WAGTAILSEARCH_BACKENDS["default"]["PATH"])
    cache.clear()
    answer = client.get("/search/?q=library&kind=tool&setting=prison")
    found = answer.context["found"]
    assert (answer.status_code, found.source, found.onward, found.sorts) == (200, "database", None, [])
    assert "only titles are searched" in said(answer)


def test_the_number_of_a_chapter_is_that_of_the_contents(
    home: Any, library: Any, indexed: Make, client: Client
) -> None:
    from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage

    shelf = GuidebookIndexPage.objects.get(locale=home.locale)
    book = shelf.add_child(instance=GuidebookPage(title="The book", slug="book", audience="public"))
    for number, (title, audience) in enumerate([("First", "public"), ("Hidden", "full"), ("Second", "public")]):
        chapter = ChapterPage(title=title, slug=f"c{number}", audience=audience)
        chapter.body = [{"type": "paragraph", "value": "<p>wombats</p>"}]
        GuidebookPage.objects.get(pk=book.pk).add_child(instance=chapter)
    indexed()
    cards = find(Listing("wombats"), ANONYMOUS, path="/search/").cards
    assert {card.title: (card.within, card.part) for card in cards} == {
        "First": ("The book", "chapter 1"),
        "Second": ("The book", "chapter 2"),
    }
    assert "in The book , chapter 2" in said(client.get("/search/?q=wombats"))


def test_what_a_list_found_can_be_saved_as_it_was_asked() -> None:
    listing = Listing("a b", (("kind", "tool"),), 4, by_date=True)
    assert Found(listing=listing, total=0, cards=[]).state == "q=a+b&kind=tool&sort=date"
    assert Found(listing=replace(listing, q=""), total=0, cards=[]).state == "kind=tool"
