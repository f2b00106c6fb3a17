"""The library page: what it lists, counts and names, for whom, and what it costs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import ANONYMOUS
from core.audience import set_audience
from core.listing import PER_PAGE, Listing, find
from core.models import HubPage
from resources.models import ResourceIndexPage, ResourcePage
from tests.engine import IS_OWN
from tests.resources.conftest import AUDIENCES, SEES

Make = Callable[..., Any]
WRITES = ("INSERT", "UPDATE", "DELETE")


def text_of(client: Client, query: str = "", **headers: Any) -> str:
    """What the library says to one client."""
    answer = client.get(f"/library/{query}", headers=headers)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


@pytest.mark.parametrize("name", SEES)
def test_each_visitor_finds_the_resources_that_are_theirs(
    name: str, client_of: Make, one_of_each: dict[str, ResourcePage], indexed: Make
) -> None:
    indexed()
    said = text_of(client_of(name))
    assert {audience for audience in AUDIENCES if f"Resource {audience}<" in said} == SEES[name]
    number = len(SEES[name])
    assert re.search(rf"\b{number} resource{'s' if number > 1 else ''}\b", said)


@pytest.mark.parametrize("name", SEES)
def test_nothing_on_the_page_tells_of_what_is_closed(
    name: str, client_of: Make, one_of_each: dict[str, ResourcePage], indexed: Make
) -> None:
    indexed()
    said = text_of(client_of(name))
    for number, audience in enumerate(AUDIENCES):
        shown = audience in SEES[name]
        assert (f"topic-{audience}" in said) == shown
        assert (f'value="{2015 + number}"' in said) == shown
        assert (f"Summary {audience}" in said) == shown
    counts = [int(number) for number in re.findall(r'<span class="choice__count">(\d+)</span>', said)]
    assert max(counts) <= len(SEES[name])


@pytest.mark.parametrize(
    "query",
    [
        "?topic=topic-full",
        "?keyword=word-full",
        "?setting=prison",
        "?year=2017",
        "?group=family-and-community",
        "?q=bodywordfull",
        "?audience=full",
    ],
)
def test_a_filter_of_something_closed_reads_like_one_that_does_not_exist(
    query: str, client_of: Make, one_of_each: dict[str, ResourcePage], indexed: Make
) -> None:
    indexed()
    name, value = query[1:].split("=")
    associate = client_of("associate")
    closed = text_of(associate, query).replace(value, "X")
    nothing = text_of(associate, f"?{name}=nonesuch").replace("nonesuch", "X")
    if name in ("setting", "audience"):  # the words of fixed codes are no secret; the numbers would be
        closed = re.sub(r"Prison|Full members", "X", closed)
    assert re.search(r"\b0 resources\b", closed)
    assert "Resource full" not in closed
    assert "Topic full" not in closed
    if name not in ("setting", "audience"):
        assert without_order(closed) == without_order(nothing)


def without_order(page: str) -> str:
    """A page without what a request alone decides."""
    return re.sub(r'value="X"|value=""', "", re.sub(r"\s+", " ", page))


def test_one_resource_is_said_in_the_singular(library: Any, make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource()
    indexed()
    assert re.search(r"\b1 resource\b(?!s)", text_of(client))


def test_an_empty_library_says_so(library: ResourceIndexPage, indexed: Make, client: Client) -> None:
    indexed()
    said = text_of(client)
    assert "0 resources" in said
    assert "Nothing here matches" in said


def test_facets_count_with_all_filters_but_their_own(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource("A", resource_kind="practice", setting=["prison"], topics=["trauma"])
    make_resource("B", resource_kind="practice", setting=["family"], topics=["trauma", "housing"])
    make_resource("C", resource_kind="tool", setting=["prison"], topics=["housing"], stage=["aftercare"])
    indexed()
    assert counts_of(text_of(client), "kind") == {"practice": 2, "tool": 1}
    said = text_of(client, "?setting=prison")
    assert counts_of(said, "kind") == {"practice": 1, "tool": 1}
    assert counts_of(said, "setting") == {"prison": 2, "family": 1}
    assert counts_of(said, "topic") == {"trauma": 1, "housing": 1}
    assert counts_of(said, "stage") == {"aftercare": 1}
    assert titles_of(said) == {"A", "C"}


def test_values_of_one_facet_are_alternatives_and_facets_hold_together(
    make_resource: Make, indexed: Make, client: Client
) -> None:
    make_resource("A", resource_kind="practice", setting=["prison"])
    make_resource("B", resource_kind="tool", setting=["prison"])
    make_resource("C", resource_kind="insight", setting=["prison"])
    make_resource("D", resource_kind="tool", setting=["online"])
    indexed()
    assert titles_of(text_of(client, "?kind=practice&kind=tool&setting=prison")) == {"A", "B"}


def test_a_broader_topic_finds_its_narrower_ones_and_stands_above_them(
    make_resource: Make, make_topic: Make, indexed: Make, client: Client
) -> None:
    above = make_topic("reintegration")
    make_topic("housing", parent=above)
    make_resource("A home", topics=["housing"])
    make_resource("Something else", topics=["reintegration"])
    indexed()
    said = text_of(client)
    assert counts_of(said, "topic") == {"reintegration": 2, "housing": 1}
    assert said.index('value="reintegration"') < said.index('value="housing"')
    assert "choice--sub" in said
    assert titles_of(text_of(client, "?topic=reintegration")) == {"A home", "Something else"}
    assert titles_of(text_of(client, "?topic=housing")) == {"A home"}


def test_the_overview_of_topics_links_both_levels_with_numbers(
    make_resource: Make, make_topic: Make, indexed: Make, client: Client
) -> None:
    above = make_topic("reintegration")
    make_topic("housing", parent=above)
    make_topic("never-used")
    make_resource("A home", topics=["housing"])
    indexed()
    said = text_of(client)
    assert '<a href="/library/?topic=reintegration">Reintegration</a> (1)' in said
    assert '<a href="/library/?topic=housing">Housing</a> (1)' in said
    assert "Never used" not in said
    assert "Browse by topic" not in text_of(client, "?topic=housing")


def test_a_topic_has_a_page_with_its_words(
    make_resource: Make, make_topic: Make, indexed: Make, client: Client
) -> None:
    above = make_topic("reintegration", description="Life after leaving.")
    make_topic("housing", parent=above, description="A safe place to live.")
    make_resource("A home", topics=["housing"])
    indexed()
    said = text_of(client, "?topic=housing")
    assert "<h1>Housing</h1>" in said
    assert "A safe place to live." in said
    assert '<a href="/library/?topic=reintegration">Reintegration</a>' in said
    said = text_of(client, "?topic=reintegration")
    assert "<h1>Reintegration</h1>" in said
    assert '<a class="tag" href="/library/?topic=housing">Housing (1)</a>' in said


def test_the_topic_of_looking_after_oneself_leads_to_supervision_and_keeps_nothing(
    make_resource: Make,
    make_topic: Make,
    make_page: Make,
    indexed: Make,
    client: Client,
    django_assert_max_num_queries: Any,
) -> None:
    care = make_topic("looking-after-oneself", description="The well-being of people who do this work.")
    make_topic("supervision", parent=care)
    make_resource("After a hard day", topics=["supervision"])
    make_page("Contact", slug="contact")
    indexed()
    said = text_of(client, "?topic=looking-after-oneself")
    assert "The well-being of people who do this work." in said
    assert "You do not have to carry it alone" in said
    assert 'href="/library/?topic=supervision"' in said
    assert 'href="/contact/"' in said
    # Another engine is asked with some queries more; tests/search/test_elsewhere.py counts them.
    with django_assert_max_num_queries(10 if IS_OWN else 14) as asked:
        answer = client.get("/library/?topic=looking-after-oneself")
    assert not answer.cookies
    assert not [query for query in asked.captured_queries if query["sql"].startswith(WRITES)]


def test_a_topic_that_only_closed_pages_carry_has_no_page(
    make_resource: Make, make_topic: Make, indexed: Make, client: Client
) -> None:
    make_topic("threats-to-staff", description="When staff are threatened.")
    make_resource("Closed", audience="full", topics=["threats-to-staff"])
    indexed()
    said = text_of(client, "?topic=threats-to-staff")
    assert "When staff are threatened." not in said
    assert "Threats to staff" not in said
    assert "<h1>Library</h1>" in said


def test_a_topic_of_open_pages_keeps_its_name_where_another_filter_leaves_none(
    make_resource: Make, make_topic: Make, indexed: Make, client: Client
) -> None:
    make_topic("housing", name="A safe home")
    make_resource("Open", topics=["housing"], resource_kind="tool")
    indexed()
    said = text_of(client, "?topic=housing&kind=research")
    assert "0 resources" in said
    assert "A safe home" in said


def test_chosen_filters_can_be_taken_away_one_by_one(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource("A", resource_kind="tool", setting=["prison"])
    indexed()
    said = text_of(client, "?q=A&kind=tool&setting=prison")
    assert 'href="/library/?q=A&setting=prison"' in said
    assert 'href="/library/?q=A&kind=tool"' in said
    assert 'class="chosen__clear" href="/library/?q=A"' in said
    assert re.search(r'<input type="search" id="library-search" name="q" value="A" ', said)
    assert re.search(r'name="kind" value="tool"[^>]* checked', said)


def test_pages_of_the_list_keep_the_filters_and_say_where_one_is(
    make_resource: Make, indexed: Make, client: Client
) -> None:
    for number in range(PER_PAGE + 3):
        make_resource(f"Tool {number}", resource_kind="tool")
    indexed()
    said = text_of(client, "?kind=tool")
    assert f"Showing 1–{PER_PAGE} of {PER_PAGE + 3}" in said
    assert 'href="/library/?kind=tool&page=2"' in said
    said = text_of(client, "?kind=tool&page=2")
    assert f"Showing {PER_PAGE + 1}–{PER_PAGE + 3} of {PER_PAGE + 3}" in said
    assert len(titles_of(said)) == 3
    assert 'rel="prev"' in said
    assert 'rel="next"' not in said


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "999999", "1.5", "²", "", "٣"])
def test_a_page_that_makes_no_sense_gives_one_that_does(
    page: str, make_resource: Make, indexed: Make, client: Client
) -> None:
    make_resource("The only one")
    indexed()
    assert titles_of(text_of(client, f"?page={quote(page)}")) == {"The only one"}


def test_newest_come_first(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource("Old", published_on=datetime(2020, 1, 1, tzinfo=UTC))
    make_resource("New", published_on=datetime(2026, 1, 1, tzinfo=UTC))
    make_resource("Middle", published_on=datetime(2023, 1, 1, tzinfo=UTC))
    indexed()
    said = text_of(client)
    assert said.index(">New<") < said.index(">Middle<") < said.index(">Old<")


def test_words_are_searched_within_the_filters(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource("About tattoos", resource_kind="tool", text="Symbols on the skin.")
    make_resource("About housing", resource_kind="tool", text="A safe address.")
    make_resource("Symbols again", resource_kind="research", text="Symbols in research.")
    indexed()
    said = text_of(client, "?q=symbols&kind=tool")
    assert titles_of(said) == {"About tattoos"}
    assert "<mark>" in said


def test_an_item_is_listed_once_in_the_readers_language(
    make_resource: Make, library: ResourceIndexPage, indexed: Make, client: Client
) -> None:
    german = locale("de")
    english = make_resource("First talk")
    below = library.get_translation(german)
    make_resource("Erstes Gespräch", parent=below, locale=german, translation_key=english.translation_key)
    indexed()
    said = text_of(client)
    assert "1 resource" in said
    assert titles_of(said) == {"First talk"}
    assert 'href="/de/library/erstes-gespr%C3%A4ch/" lang="de" hreflang="de"' in said
    said = re.sub(r"\s+", " ", unescape(client.get("/de/library/").content.decode()))
    assert titles_of(said) == {"Erstes Gespräch"}
    assert 'href="/library/first-talk/" lang="en" hreflang="en"' in said
    assert counts_of(text_of(client), "language") == {"en": 1, "de": 1}
    assert titles_of(text_of(client, "?language=de")) == {"Erstes Gespräch"}


def locale(code: str) -> Any:
    """The locale of a language."""
    return HubPage.objects.filter(locale__language_code=code).first().locale  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "is_closed"), [("anonymous", True), ("associate", True), ("full", False)])
def test_a_teaser_is_listed_as_closed_and_tells_no_more_than_title_and_summary(
    name: str, is_closed: bool, make_resource: Make, client_of: Make, indexed: Make
) -> None:
    make_resource(
        "A closed tool",
        audience="full",
        teaser=True,
        summary="What it is about.",
        topics=["trauma"],
        setting=["prison"],
        text="Secret steps of the exercise.",
        published_on=datetime(2019, 7, 1, tzinfo=UTC),
    )
    indexed()
    said = text_of(client_of(name))
    assert "A closed tool" in said
    assert "What it is about." in said
    assert ("entry--closed" in said) == is_closed
    assert ("2019" in said) != is_closed
    assert ("Trauma" in said) != is_closed
    assert "1 resource" in said
    assert ("0 resources" in text_of(client_of(name), "?q=exercise")) == is_closed
    assert ("0 resources" in text_of(client_of(name), "?setting=prison")) == is_closed


def test_a_stale_index_shows_nothing_that_was_closed(make_resource: Make, indexed: Make, client: Client) -> None:
    page = make_resource("Was open", text="Once for all.", summary="Was open to all.")
    indexed()
    assert "Was open" in text_of(client)
    set_audience(page, "full")
    assert "Was open" not in text_of(client)  # not drained: the index still says it is open
    set_audience(page, "full", teaser=True)
    said = text_of(client, "?q=once")
    assert "Once" not in said
    indexed()
    assert "entry--closed" in text_of(client)


def test_only_what_belongs_to_the_library_is_listed(
    make_resource: Make, make_page: Make, indexed: Make, client: Client
) -> None:
    make_resource("In the library")
    make_page("A plain page")
    indexed()
    said = text_of(client)
    assert "1 resource" in said
    assert titles_of(said) == {"In the library"}


def test_htmx_gets_the_list_alone_and_the_head_for_its_place(
    make_resource: Make, make_topic: Make, indexed: Make, client: Client
) -> None:
    make_topic("housing", description="A safe place.")
    make_resource("A home", topics=["housing"])
    indexed()
    whole = client.get("/library/?topic=housing")
    part = client.get("/library/?topic=housing", headers={"HX-Request": "true"})
    said = part.content.decode()
    assert "<!DOCTYPE" not in said
    assert 'id="found"' in said
    assert 'id="subject" hx-swap-oob="true"' in said
    assert "<h1>Housing</h1>" in said
    assert titles_of(said) == titles_of(whole.content.decode())
    assert "HX-Request" in whole["Vary"]
    assert "HX-Request" in part["Vary"]
    restored = client.get(
        "/library/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    ).content.decode()
    assert "<!DOCTYPE" in restored


def test_the_form_works_without_javascript(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource("A", resource_kind="tool")
    indexed()
    said = text_of(client)
    assert re.search(r'<form class="search-box" id="library-search-form" [^>]*action="/library/"', said)
    assert re.search(r'name="kind" value="tool" form="library-search-form"', said)
    assert 'hx-get="/library/"' in said
    assert 'hx-push-url="true"' in said
    assert '<button class="button" type="submit" form="library-search-form">' in said


@pytest.mark.own_engine(reason="it alone has an index that can be lost")
def test_without_an_index_the_database_lists_titles_through_the_same_rule(
    one_of_each: dict[str, ResourcePage], client_of: Make, settings: Any, indexed: Make
) -> None:
    indexed()
    shutil.rmtree(Path(settings.WAGTAILSEARCH_BACKENDS["default"]["PATH"]))
    said = text_of(client_of("associate"))
    assert "The search is being set up again" in said
    assert titles_of(said) == {"Resource public", "Resource members"}
    assert "2 resources" in said
    assert titles_of(text_of(client_of("associate"), "?q=members")) == {"Resource members"}
    assert titles_of(text_of(client_of("associate"), "?topic=topic-full")) == set()
    assert titles_of(text_of(client_of("full"), "?topic=topic-full")) == {"Resource full"}
    assert titles_of(text_of(client_of("full"), "?year=2017")) == {"Resource full"}
    assert titles_of(text_of(client_of("full"), "?audience=full&keyword=word-full")) == {"Resource full"}
    assert titles_of(text_of(client_of("lead"), "?group=family-and-community")) == {
        "Resource group",
        "Resource group_full",
    }
    said = text_of(client_of("full"), "?setting=prison")
    assert titles_of(said) == {"Resource full"}
    assert counts_of(said, "setting") == {"community": 1, "family": 1, "prison": 1}
    assert counts_of(text_of(client_of("associate")), "setting") == {"community": 1, "family": 1}


@pytest.mark.own_engine(reason="it alone has an index that can be lost")
@pytest.mark.parametrize("query", ["?topic=trauma", "?year=2019", "?keyword=sleep", "?group=family-and-community"])
def test_without_an_index_too_a_teaser_answers_to_no_filter_it_does_not_show(
    query: str, make_resource: Make, groups: dict[str, Any], client_of: Make, settings: Any
) -> None:
    make_resource(
        "A closed tool",
        audience="full",
        teaser=True,
        topics=["trauma"],
        keywords=["sleep"],
        working_group=groups["family-and-community"],
        published_on=datetime(2019, 7, 1, tzinfo=UTC),
    )
    shutil.rmtree(Path(settings.WAGTAILSEARCH_BACKENDS["default"]["PATH"]))
    assert titles_of(text_of(client_of("associate"))) == {"A closed tool"}
    assert titles_of(text_of(client_of("associate"), query)) == set()
    assert titles_of(text_of(client_of("full"), query)) == {"A closed tool"}


@pytest.mark.own_engine(reason="another is asked with some queries more; tests/search/test_elsewhere.py counts them")
def test_the_page_costs_the_same_for_one_card_and_for_twenty(
    make_resource: Make, indexed: Make, client_of: Make, django_assert_max_num_queries: Any
) -> None:
    make_resource("Number nought", topics=["trauma"], keywords=["word"])
    indexed()
    used = {}
    for number in (1, PER_PAGE):
        while ResourcePage.objects.count() < number:
            make_resource(f"Number {ResourcePage.objects.count()}", topics=["trauma"], keywords=["word"])
        indexed()
        for name, most in (("anonymous", 10), ("full", 14), ("secretariat", 14)):
            client = client_of(name)
            client.get("/library/?q=warm")  # so that the menu and the vocabulary are there
            with django_assert_max_num_queries(most) as asked:
                client.get("/library/?topic=trauma&keyword=word&q=number")
            used.setdefault(name, set()).add(len(asked.captured_queries))
            writes = [q["sql"] for q in asked.captured_queries if q["sql"].startswith(WRITES)]
            assert not writes
    assert all(len(numbers) == 1 for numbers in used.values()), used


@pytest.mark.own_engine(reason="another is asked with some queries more; tests/search/test_elsewhere.py counts them")
def test_a_list_costs_the_same_for_twenty_and_forty_cards(
    make_resource: Make, indexed: Make, django_assert_max_num_queries: Any
) -> None:
    for number in range(41):
        make_resource(f"Number {number}", topics=["trauma"])
    indexed()
    library = {"library": ["yes"]}
    find(Listing(), ANONYMOUS, path="/library/", fixed=library)
    asked = {}
    for per_page in (20, 40):
        with django_assert_max_num_queries(3) as queries:
            found = find(Listing(), ANONYMOUS, path="/library/", fixed=library, per_page=per_page)
        asked[per_page] = (len(found.cards), len(queries.captured_queries))
    assert asked[20][0] == 20
    assert asked[40][0] == 40
    assert asked[20][1] == asked[40][1]


def test_a_stranger_gets_no_cookie(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource()
    indexed()
    assert not client.get("/library/").cookies


AWKWARD = [
    "?q=%00", "?q=%22", "?q=%ED%A0%80", "?topic=%00&kind=%ED%A0%80", "?q=" + "a" * 20_000, "?page=%00",
    "?q=%22%22%22(((", "?year=99999999999", "?year=0", "?year=-1", "?language=xx", "?audience=group%3A1",
    "?group=%25%27%3B--", "?topic=" + "&topic=".join(str(n) for n in range(900)), "?q[]=1&q=2", "?&&&==;",
    "?kind=practice%0D%0ASet-Cookie:x", "?q=title:&q=-", "?keyword=%F0%9F%92%A9", "?q=%E2%80%AE",
]  # fmt: skip


@pytest.mark.parametrize("query", AWKWARD)
@pytest.mark.parametrize(
    "has_index",
    [True, pytest.param(False, marks=pytest.mark.own_engine(reason="it alone has an index that can be lost"))],
)
def test_no_address_gives_an_error(
    query: str, has_index: bool, make_resource: Make, indexed: Make, client: Client, settings: Any
) -> None:
    make_resource("One")
    indexed()
    if not has_index:
        shutil.rmtree(Path(settings.WAGTAILSEARCH_BACKENDS["default"]["PATH"]))
    assert client.get(f"/library/{query}").status_code in (200, 400)


def test_a_hundred_kilobytes_of_query_give_no_error(library: Any, indexed: Make, client: Client) -> None:
    indexed()
    for query in (f"q={'ä' * 50_000}", f"topic={'x' * 100_000}", "&".join(["topic=a"] * 14_000)):
        assert client.get(f"/library/?{query}").status_code in (200, 400)


@given(
    q=st.text(st.characters(exclude_categories=()), max_size=200),
    values=st.lists(st.text(st.characters(exclude_categories=()), max_size=30), max_size=4),
    name=st.sampled_from(["kind", "topic", "language", "year", "group", "audience", "keyword", "page", "setting"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_and_filters_give_a_page(library: Any, client: Client, q: str, values: list[str], name: str) -> None:
    pairs = [("q", q), *((name, value) for value in values)]
    query = "&".join(f"{key}={quote(value.encode('utf-8', 'surrogatepass'))}" for key, value in pairs)
    assert client.get(f"/library/?{query}").status_code in (200, 400)


def titles_of(page: str) -> set[str]:
    """The titles of the entries of a page."""
    found = re.findall(r'<h[23] class="entry__title"[^>]*><a href="[^"]*">([^<]*)</a>', page)
    return {unescape(title) for title in found}


def counts_of(page: str, facet: str) -> dict[str, int]:
    """The counts of one facet of a page."""
    block = re.search(rf'data-fold="{facet}".*?</details>', page, re.DOTALL)
    pairs = re.findall(
        r'value="([^"]+)".*?<span class="choice__count">(\d+)</span>', block[0] if block else "", re.DOTALL
    )
    return {value: int(count) for value, count in pairs}


def test_a_page_past_its_review_says_so_in_the_list(make_resource: Make, indexed: Make, client: Client) -> None:
    make_resource("Old advice", review_by=datetime.now(UTC).date() - timedelta(days=1))
    indexed()
    assert "not reviewed since" in text_of(client)
