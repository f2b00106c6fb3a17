"""Another engine in the place of the hub's own: PostgreSQL's for real, a cluster as far as the question it is sent.

The tests on PostgreSQL run wherever the database is one; ``make test-postgres-search`` runs the search page, the
library and the doors with it too.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.http import QueryDict
from modelsearch.backends import get_search_backend

from core.access import ANONYMOUS, Viewer
from core.audience import set_audience
from core.listing import LONGEST_VALUE, Found, Listing, clean, find, suggest
from core.models import HubPage, Topic
from events.models import EventIndexPage, EventPage, EventSpeaker
from hub.models import HomePage
from hub.settings.search_url import search_backend
from resources.models import ResourceIndexPage, ResourcePage
from search import elsewhere, outbox
from search.checks import search_config_exists
from search.documents import documents_of
from search.health import health
from search.rebuilding import rebuild

Make = Callable[..., Any]

MEMBER = Viewer(frozenset({"public", "members"}))
FULL = Viewer(frozenset({"public", "members", "full"}))
EVERYONE = Viewer(sees_all=True)

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database that is a PostgreSQL")


def asked(query: str, viewer: Viewer = ANONYMOUS, **options: Any) -> Found:
    """Ask as the search page does: the query string of an address."""
    return find(Listing.of(QueryDict(query)), viewer, path="/search/", **options)


def titles(query: str, viewer: Viewer = ANONYMOUS) -> list[str]:
    found = asked(query, viewer)
    assert found.total == len(found.cards)
    return [card.title for card in found.cards]


def counts(found: Found, facet: str) -> dict[str, int]:
    return {choice.value: choice.count for choice in found.choices(facet)}


@pytest.fixture
def postgresql(home: HomePage, settings: Any) -> None:
    """PostgreSQL's own search, its index as the database is."""
    settings.WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "search.postgresql", "SEARCH_CONFIG": "simple"}}
    rebuild()


@pytest.fixture
def make(home: HomePage) -> Make:
    """Make a resource: ``make("Title", audience="full", text="Words.", topics=[topic])``."""
    library = ResourceIndexPage.objects.get(locale=home.locale)

    def make(title: str, text: str = "", topics: list[Topic] = [], **fields: Any) -> ResourcePage:  # noqa: B006
        fields = {"audience": "public", "published_on": datetime(2025, 3, 4, tzinfo=UTC), **fields}
        page = ResourcePage(title=title, **fields)
        page.body = [
            {"type": "heading", "value": {"level": "2", "text": "Where to begin"}}
            if part == "#"
            else {"type": "paragraph", "value": part}
            for part in text.split("|")
            if part
        ]
        page.topics.set(topics)
        made: ResourcePage = (fields.pop("parent", None) or library).add_child(instance=page)
        return made

    return make


# The text of a page -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_text_stands_once_in_the_engine_that_is_in_use(make: Make, settings: Any) -> None:
    page = make("A title", text="Bodyword once.", summary="Summaryword.", risks="Riskword.")

    def searched() -> dict[str, int]:
        fields = ResourcePage.get_searchable_search_fields()
        text = " ".join(str(field.get_value(page)) for field in fields)
        return {word: text.count(word) for word in ("title", "Summaryword", "Bodyword", "Riskword")}

    settings.WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "search.backend", "PATH": "/nowhere"}}
    assert "whole_text" not in [field.field_name for field in ResourcePage.get_search_fields()]
    assert searched() == {"title": 1, "Summaryword": 1, "Bodyword": 1, "Riskword": 1}
    for_queries, *entries = documents_of(page)
    for documents in ([for_queries], entries):
        places = [places for each in documents for stem, _, places in each["body"] if stem == "bodyword"]
        assert [len(each) for each in places] == [4]  # one place, of four bytes
    settings.WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "search.postgresql"}}
    assert searched() == {"title": 1, "Summaryword": 1, "Bodyword": 1, "Riskword": 1}


@pytest.mark.django_db
def test_a_text_beyond_what_an_engine_can_hold_is_cut_between_letters(make: Make) -> None:
    page = make("Long", text="ä" * elsewhere.LONGEST_TEXT)
    assert len(page.whole_text().encode()) <= elsewhere.LONGEST_TEXT
    assert elsewhere.cut("ab\x00c") == "ab c"


# What is found, by whom -------------------------------------------------------------------------------


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_words_find_the_page_for_its_readers_with_the_place_they_stand_at(make: Make) -> None:
    make("Open", text="First words.|#|About okapis in prison.", summary="A summary.")
    make("Closed", text="Okapis too.", audience="full")
    outbox.drain_now()
    (card,) = asked("q=okapis").cards
    assert (card.title, card.place) == ("Open", "Where to begin")
    assert card.place_url.startswith(f"{card.url}#")
    assert "<mark>okapis</mark>" in card.html
    assert titles("q=okapis", MEMBER) == ["Open"]
    assert set(titles("q=okapis", FULL)) == set(titles("q=okapis", EVERYONE)) == {"Open", "Closed"}


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_an_index_that_is_behind_gives_away_nothing(make: Make) -> None:
    topic = Topic.objects.create(name="Zebras", slug="zebras")
    page = make("Was open", text="About okapis.", topics=[topic], setting=["prison"])
    other = make("Is open", text="About okapis.", audience="public")
    outbox.drain_now()
    assert asked("q=okapis").total == 2
    # Behind the back of everything that could tell the index.
    models.QuerySet(HubPage).filter(pk=page.pk).update(audience="full", access_key="full", standing_key="full")
    found = asked("q=okapis")
    assert [card.title for card in found.cards] == [other.title]
    assert found.total == 1
    assert counts(found, "topic") == counts(found, "setting") == {}
    assert counts(found, "audience") == {"public": 1}
    assert asked("q=okapis&topic=zebras").total == 0
    assert "zebras" not in str(asked("topic=zebras").named.labels["topic"])
    assert suggest("Was", ANONYMOUS, 8) == []
    assert asked("q=okapis", FULL).total == 2


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_what_changes_without_a_save_is_found_as_it_is_now(make: Make, make_page: Make) -> None:
    section = make_page("Section")
    below = make_page("Okapi below", parent=section)
    outbox.drain_now()
    assert titles("q=okapi") == ["Okapi below"]
    set_audience(section, "full")
    assert titles("q=okapi") == []
    set_audience(section, "public")
    assert titles("q=okapi") == ["Okapi below"]
    closed = make_page("Closed", audience="full")
    HubPage.objects.get(pk=below.pk).specific.move(HubPage.objects.get(pk=closed.pk).specific, pos="last-child")
    assert titles("q=okapi") == []
    assert titles("q=okapi", FULL) == ["Okapi below"]


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_a_topic_is_found_by_its_new_name_and_not_by_its_old_one(make: Make) -> None:
    topic = Topic.objects.create(name="Zebras", slug="zebras")
    make("A page", topics=[topic])
    outbox.drain_now()
    assert titles("q=zebras") == ["A page"]
    topic.name = "Okapis"
    topic.save()
    outbox.drain_now()
    assert titles("q=zebras") == []
    assert titles("q=okapis") == ["A page"]


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_rows_that_are_saved_after_their_page_are_in_its_text(home: HomePage) -> None:
    page = EventPage(
        title="A talk",
        audience="public",
        starts_at=datetime(2026, 1, 1, 10, tzinfo=UTC),
        ends_at=datetime(2026, 1, 1, 11, tzinfo=UTC),
    )
    page.speakers = [EventSpeaker(name="Okapi Zebra", role="speaks")]
    EventIndexPage.objects.get(locale=home.locale).add_child(instance=page)
    outbox.drain_now()
    assert titles("q=okapi") == ["A talk"]


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_what_is_unpublished_or_deleted_is_gone(make: Make) -> None:
    one, two = make("One okapi"), make("Two okapis")
    outbox.drain_now()
    one.unpublish()
    pk = two.pk
    two.delete()
    assert titles("q=okapi+okapis") == []
    outbox.drain_now()
    assert titles("q=okapi+okapis") == []
    entries = get_search_backend().get_index_for_model(ResourcePage).entries
    assert not entries.filter(object_id=str(pk)).exists()
    assert entries.filter(object_id=str(one.pk)).exists()  # drafts are for the admin


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_a_teaser_is_found_by_what_it_shows_and_tells_no_more(make: Make) -> None:
    topic = Topic.objects.create(name="Trauma", slug="trauma")
    make(
        "A closed tool",
        text="Secret exercise.",
        summary="For evenings.",
        audience="full",
        teaser=True,
        topics=[topic],
        setting=["prison"],
    )
    outbox.drain_now()
    for query in ("q=closed", "q=evenings", "", "kind=practice", "audience=full"):
        (card,) = [card for card in asked(query).cards if card.title == "A closed tool"]
        assert card.closed
        assert not card.html
    for query in ("q=exercise", "q=trauma", "q=prison", "topic=trauma", "setting=prison", "year=2025"):
        assert asked(query).total == 0, query
        assert asked(query, FULL).total == (query != "q=prison"), query
    found = asked("")
    assert counts(found, "topic") == counts(found, "setting") == {}
    assert "2025" not in counts(found, "year")


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_minus_asks_a_teaser_for_no_word_of_what_is_closed(make: Make) -> None:
    make("A closed tool", text="Secret exercise.", summary="For evenings.", audience="full", teaser=True)
    make("An open tool", text="Open exercise.", summary="For mornings.", teaser=True)
    outbox.drain_now()
    for minus in ("-exercise", '-"secret exercise"', "-title:exercise", "-topic:exercise"):
        assert "A closed tool" in titles(f"q=tool+{minus}"), minus
        assert "A closed tool" in titles(f"q={minus}"), minus
    assert titles("q=closed+-evenings") == []
    assert titles("q=tool+-exercise") == ["A closed tool"]  # the open one holds the word and has a teaser too
    assert titles("q=tool+-exercise", FULL) == []


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_any_word_may_match_a_phrase_must_and_minus_must_not(make: Make) -> None:
    make("Apples", text="First contact with families.")
    make("Pears", text="Contact, and the first of them.")
    make("Plums", text="The families.")
    outbox.drain_now()
    assert set(titles("q=first+families")) == {"Apples", "Pears", "Plums"}
    assert titles('q="first+contact"') == ["Apples"]
    assert titles('q="first+contact"+plums') == ["Apples"]
    assert set(titles("q=first+-families")) == {"Pears"}
    assert set(titles('q=contact+-"first+contact"')) == {"Pears"}
    assert titles("q=title:plums") == ["Plums"]
    assert titles("q=title:families") == []
    assert titles("q=title:plums+first") == ["Plums"]
    assert "Apples" not in titles("q=-families")
    assert set(titles("q=the+families")) == {"Apples", "Plums"}  # "the" alone is too common to find Pears


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_versions_in_other_languages_are_one_entry(make: Make, home: HomePage) -> None:
    library = ResourceIndexPage.objects.get(locale=home.locale)
    german = HubPage.objects.filter(locale__language_code="de").first().locale  # type: ignore[union-attr]
    english = make("First talk", text="Okapi.")
    below = library.get_translation(german)
    page = ResourcePage(title="Erstes Gespräch", audience="public", locale=german)
    page.translation_key = english.translation_key
    page.body = [{"type": "paragraph", "value": "Okapi."}]
    below.add_child(instance=page)
    make("Another", text="Okapi.")
    outbox.drain_now()
    found = asked("q=okapi")
    assert found.total == 2
    assert {card.title for card in found.cards} == {"First talk", "Another"}
    assert counts(found, "language") == {"en": 2, "de": 1}
    assert titles("q=okapi&language=de") == ["Erstes Gespräch"]
    assert counts(asked("q=okapi&language=de"), "language") == {"en": 2, "de": 1}


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_pages_of_results_follow_each_other_and_the_last_is_given_beyond_it(make: Make) -> None:
    for number in range(5):
        make(f"Okapi {number}", published_on=datetime(2020 + number, 1, 1, tzinfo=UTC))
    outbox.drain_now()
    seen = [card.title for page in (1, 2, 3) for card in asked(f"q=okapi&page={page}", per_page=2).cards]
    assert sorted(seen) == [f"Okapi {number}" for number in range(5)]
    assert asked("q=okapi&page=99", per_page=2).listing.page == 3
    newest = [card.title for card in asked("kind=practice").cards]
    assert newest == [f"Okapi {number}" for number in reversed(range(5))]


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_a_list_costs_as_many_queries_for_forty_as_for_four(make: Make, django_assert_max_num_queries: Any) -> None:
    topic = Topic.objects.create(name="Trauma", slug="trauma")
    used = {}
    for most in (4, 40):
        while ResourcePage.objects.count() < most:
            make(f"Okapi {ResourcePage.objects.count()}", topics=[topic], text="Words.")
        outbox.drain_now()
        with django_assert_max_num_queries(14) as queries:
            asked("q=okapi&topic=trauma", MEMBER, per_page=most)
        used[most] = len(queries.captured_queries)
        assert all(query["sql"].startswith(("SELECT", "(SELECT")) for query in queries.captured_queries)
    assert used[4] == used[40], used


AWKWARD = [
    "\x00",
    "'",
    "''",
    "\\",
    "a\\",
    "!&|:*",
    "a:*",
    "%s %d",
    "(" * 300,
    "a " * 400,
    "ä" * 500,
    "<->",
    "\ud800",
    "💩",
    " ",
]


@on_postgresql
@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize("text", AWKWARD)
def test_no_text_breaks_a_query(text: str, make: Make) -> None:
    make("One")
    outbox.drain_now()
    for found in (HubPage.objects.search(text), HubPage.objects.autocomplete(text)):
        assert found.count() == len(list(found))
    query = QueryDict(mutable=True)
    query["q"] = text
    find(Listing.of(query), ANONYMOUS, path="/search/")
    suggest(clean(text, LONGEST_VALUE), ANONYMOUS, 3)


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_suggestions_are_titles_the_reader_may_list(make: Make) -> None:
    make("Housing after prison")
    make("Housing closed", audience="full")
    make("A teaser about housing", audience="full", teaser=True)
    assert suggest("hous", ANONYMOUS, 8) == ["A teaser about housing", "Housing after prison"]
    assert suggest("pris hous", ANONYMOUS, 8) == ["Housing after prison"]
    assert len(suggest("hous", FULL, 8)) == 3
    assert suggest("ousing", ANONYMOUS, 8) == suggest("", ANONYMOUS, 8) == []


# Its index --------------------------------------------------------------------------------------------


@on_postgresql
@pytest.mark.django_db
def test_the_migration_makes_the_index_that_the_query_uses_and_takes_it_back(settings: Any) -> None:
    migration = import_module("hub.migrations.0003_index_for_search_on_postgresql")
    settings.WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "search.postgresql", "SEARCH_CONFIG": "simple"}}
    asked_for = '("wagtailsearch_indexentry"."title" || "wagtailsearch_indexentry"."body") @@ '
    assert asked_for in str(HubPage.objects.visible_to(ANONYMOUS).search("okapi").get_queryset().query)

    def plan() -> str:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN SELECT 1 FROM {migration.TABLE} WHERE {asked_for} to_tsquery('simple', 'w7')")
            return "\n".join(line for (line,) in cursor.fetchall())

    with connection.schema_editor() as editor:
        migration.make(apps, editor)
        migration.make(apps, editor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {migration.TABLE} "
            "(content_type_id, object_id, title, body, autocomplete, title_norm, title_text, body_text) "
            "SELECT %s, 1000000 + n, to_tsvector('w' || n), '', '', 1, '', '' FROM generate_series(1, 5000) n",
            [ContentType.objects.get_for_model(ResourcePage).pk],
        )
        cursor.execute(f"ANALYZE {migration.TABLE}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end of the transaction bars the table
    assert migration.NAME in plan()
    with connection.schema_editor() as editor:
        migration.drop(apps, editor)
    assert migration.NAME not in plan()


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_a_page_that_cannot_be_indexed_keeps_no_other_out(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    whole_text = ResourcePage.whole_text

    def fails(page: ResourcePage) -> str:
        if page.title == "Okapi bad":
            raise ValueError("secret words of the page")
        return whole_text(page)

    monkeypatch.setattr(ResourcePage, "whole_text", fails)
    bad = make("Okapi bad")
    make("Okapi good")
    outbox.drain_now()
    assert titles("q=okapi") == ["Okapi good"]
    assert f"{bad._meta.label} {bad.pk} could not be indexed" in caplog.text
    assert health().waiting == 0


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_the_command_builds_it_and_health_tells_what_waits(make: Make) -> None:
    make("Okapi one")
    assert health().state == "elsewhere"
    assert health().waiting > 0
    call_command("rebuild_search", verbosity=0)
    assert health().waiting == 0
    assert titles("q=okapi") == ["Okapi one"]
    for option in ("--verify", "--merge"):
        with pytest.raises(CommandError, match="SEARCH_URL"):
            call_command("rebuild_search", option)


@on_postgresql
@pytest.mark.usefixtures("postgresql")
def test_a_configuration_that_postgresql_does_not_have_is_named_before_anything_runs(settings: Any) -> None:
    assert search_config_exists(databases=["default"]) == []
    settings.WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "search.postgresql", "SEARCH_CONFIG": "klingon"}}
    (error,) = search_config_exists(databases=["default"])
    assert "SEARCH_CONFIG=klingon" in error.msg
    assert "simple" in error.hint
    assert search_config_exists() == []


# A cluster --------------------------------------------------------------------------------------------


class Cluster(ThreadingHTTPServer):
    """Stands for the server outside: keeps what it is sent, and answers to each word with what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.sent: list[tuple[str, str, Any]] = []
        self.hits: dict[str, list[int]] = {}
        self.status = 201

    def searches(self) -> list[dict[str, Any]]:
        return [body for method, path, body in self.sent if method == "POST" and path.endswith("/_search")]


class Answering(BaseHTTPRequestHandler):
    server: Cluster

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        lines = [json.loads(line) for line in raw.splitlines() if line]
        path = self.path.partition("?")[0]
        self.server.sent.append((self.command, path, lines[0] if len(lines) == 1 else lines))
        said: dict[str, Any] = {"acknowledged": True}
        if path.endswith("/_search"):
            found = [pk for word, pks in self.server.hits.items() if word in raw for pk in pks]
            hits = [{"_id": str(pk), "_score": 1.5, "fields": {"pk": [str(pk)]}} for pk in found]
            said = {"_scroll_id": "s", "hits": {"total": {"value": len(hits)}, "hits": hits}}
        elif "_search/scroll" in path:
            said = {"_scroll_id": "s", "hits": {"hits": []}}
        elif path.endswith("/_bulk"):
            said = {"errors": False, "items": [{"index": {"status": self.server.status}} for _ in lines[::2]]}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(params=["opensearch", "elasticsearch"])
def cluster(request: pytest.FixtureRequest, home: HomePage, settings: Any) -> Iterator[Cluster]:
    """A cluster of each kind as the hub's engine."""
    server = Cluster()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"{request.param}://127.0.0.1:{server.server_port}/hub"
    backend = search_backend(url, path=settings.BASE_DIR, database="")
    settings.WAGTAILSEARCH_BACKENDS = {"default": {**backend, "REPAIR": False}}
    yield server
    server.shutdown()
    server.server_close()


def filters_in(query: dict[str, Any]) -> str:
    return json.dumps(query["bool"]["filter"])


def test_the_question_to_a_cluster_holds_the_words_and_who_asks(cluster: Cluster) -> None:
    pages = HubPage.objects.visible_to(MEMBER)
    compiler = get_search_backend().search("first contact", pages, operator="or").query_compiler
    assert compiler.get_query() == {
        "bool": {
            "must": {
                "multi_match": {
                    "query": "first contact",
                    "fields": ["_all_text", "_all_text_boost_2_0^2.0"],
                }
            },
            "filter": [
                {"match": {"_django_content_type": "core.HubPage"}},
                {
                    "bool": {
                        "must": [
                            {"term": {"live_filter": True}},
                            {"terms": {"core_hubpage__access_key_filter": sorted(MEMBER.keys)}},
                        ]
                    }
                },
            ],
        }
    }


def test_a_search_page_asks_a_cluster_for_nothing_its_reader_may_not_open(cluster: Cluster, make: Make) -> None:
    shown, closed = make("Shown", text="Okapi words."), make("Closed", text="Okapi secret.", audience="full")
    teased = make("Teased", text="Okapi secret.", audience="full", teaser=True)
    cluster.hits = {"okapi": [closed.pk, shown.pk, 99_999]}
    found = asked("q=the+okapi+-zebra", MEMBER)
    assert [card.title for card in found.cards] == ["Shown"]
    assert found.total == 1
    assert "secret" not in str(found)
    assert counts(found, "audience") == {"public": 1}
    whole, without, *of_teasers = cluster.searches()
    assert whole["query"]["bool"]["must"]["multi_match"]["query"] == "okapi"
    assert "operator" not in whole["query"]["bool"]["must"]["multi_match"]
    for query in (whole, without):
        assert '"core_hubpage__access_key_filter": ["members", "public"]' in filters_in(query["query"])
    assert without["query"]["bool"]["must"]["multi_match"]["query"] == "zebra"
    assert len(of_teasers) == 2
    for teasers in of_teasers:
        assert '"core_hubpage__teaser_listed_filter": true' in filters_in(teasers["query"])
        assert '"core_hubpage__access_key_filter": ["members", "public"]' in json.dumps(teasers["query"])
        assert "_all_text" not in json.dumps(teasers)
    assert teased.title not in str(found)


def test_those_who_see_all_are_asked_for_without_a_filter_on_access(cluster: Cluster, make: Make) -> None:
    closed = make("Closed", audience="full")
    cluster.hits = {"okapi": [closed.pk]}
    assert titles("q=okapi", EVERYONE) == ["Closed"]
    assert "access_key" not in filters_in(cluster.searches()[0]["query"])


def test_changes_reach_a_cluster_whole_and_gone_ones_are_taken_out(cluster: Cluster, make: Make) -> None:
    page = make("Shown", text="Okapi words.")
    outbox.drain_now()
    bulks = [body for _method, path, body in cluster.sent if path.endswith("/_bulk")]
    (document,) = [each for body in bulks for each in body if each.get("pk") == str(page.pk)]
    assert "Okapi words." in document["core_hubpage__whole_text"]
    assert document["core_hubpage__access_key_filter"] == "public"
    page.delete()
    outbox.drain_now()
    assert ("DELETE", f"/hub-wagtailcore_page/_doc/{page.pk}") in [sent[:2] for sent in cluster.sent]
    assert health().waiting == 0


def test_what_a_cluster_refuses_is_logged_by_its_number_alone(cluster: Cluster, make: Make, caplog: Any) -> None:
    page = make("Okapi title", text="Secret words.", audience="full")
    cluster.status = 400
    outbox.drain_now()
    assert f"ResourcePage {page.pk} could not be indexed" in caplog.text
    with pytest.raises(elsewhere.Refused) as refused:
        rebuild()
    caplog.handler.emit(logging.makeLogRecord({"exc_info": refused._excinfo, "msg": "as it would be logged"}))
    for word in ("okapi", "secret"):
        assert word not in caplog.text.lower()


def test_a_cluster_that_does_not_answer_leaves_titles_and_keeps_changes(
    cluster: Cluster, make: Make, caplog: Any
) -> None:
    cluster.shutdown()
    cluster.server_close()
    make("Okapi shown", text="Words.")
    make("Okapi closed", audience="full")
    found = asked("q=okapi", MEMBER)
    assert [card.title for card in found.cards] == ["Okapi shown"]
    assert found.source == "database"
    assert "okapi" not in caplog.text.lower()
    with pytest.raises(Exception, match=r"(?i)connection"):
        outbox.drain_now()
    assert health().waiting > 0
