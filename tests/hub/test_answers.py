"""What holds for every answer: what caches may keep, how many questions it costs the database, what it weighs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.frontmatter import read
from core.markdown import blocks_from_markdown
from core.models import HubPage, Topic
from events.models import EventIndexPage, EventPage, EventSpeaker
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage
from hub.models import HomePage, PlainPage
from resources.models import ResourceIndexPage, ResourcePage
from search import outbox
from search.rebuilding import rebuild
from standards.models import Clause, ClauseSource, StandardIndexPage, StandardPage
from tests import personas

pytestmark = pytest.mark.django_db

KB = 1024
ANONYMOUS_QUERIES, MEMBER_QUERIES = 10, 14
HTML, CSS, JS = 10 * KB, 8 * KB, 5 * KB  # gzip
ROOT = settings.BASE_DIR


class Shelf:
    """A hub with real texts: the demo's practices as resources and chapters, 20 or 40 cards to a list."""

    def __init__(self) -> None:
        self.people = personas.make_personas()
        self.group = personas.make_groups()[personas.GROUP]
        self.texts = [read(path.read_text(encoding="utf-8")) for path in sorted(texts())[:20]]
        self.topics = [Topic.objects.create(name=f"Topic {number}", slug=f"topic-{number}") for number in range(6)]
        self.clients = {"anonymous": Client(), "full": Client()}
        self.clients["full"].force_login(self.people["full"])
        self.number = 0
        self.fill(20)
        self.make_rest()
        rebuild()

    def fill(self, number: int) -> None:
        """Add resources, events and guidebooks."""
        for _place in range(number):
            self.number += 1
            front, body = self.texts[self.number % len(self.texts)]
            shared = {
                "title": f"{front['title']} {self.number}",
                "summary": str(front["summary"]).strip(),
                "audience": "public",
                "working_group": self.group,
            }
            page = ResourcePage(**shared, setting=["prison"], published_on=datetime(2025, 3, 4, tzinfo=UTC))
            page.staff, page.risks = str(front.get("staff") or ""), str(front.get("risks") or "")
            page.body = self.body(body)
            page.topics.set(self.topics[self.number % 5 : self.number % 5 + 2])
            add(ResourceIndexPage, page)
            event = EventPage(**shared, starts_at=timezone.now() + timedelta(days=self.number - 10))
            event.speakers.set([EventSpeaker(name="Miriam", role="Counsellor")])
            add(EventIndexPage, event)
            if self.number % 4 == 0:
                book = GuidebookPage(**shared)
                book.topics.set(self.topics[:1])
                add(GuidebookIndexPage, book)

    def make_rest(self) -> None:
        """One of each other kind."""
        _front, body = self.texts[0]
        book = add(
            GuidebookIndexPage, GuidebookPage(title="The book", slug="book", summary="Of it.", audience="public")
        )
        for number in range(1, 9):
            chapter = ChapterPage(title=f"Chapter {number}", slug=f"chapter-{number}", audience="public")
            chapter.body = self.body(self.texts[number][1])
            HubPage.objects.get(pk=book.pk).specific.add_child(instance=chapter)
        resources = list(ResourcePage.objects.all()[:8])
        links = "".join(f'<p>See <a linktype="page" id="{page.pk}">a practice</a>.</p>' for page in resources)
        standard = StandardPage(
            title="The standard", slug="standard", number="S1", edition="Draft 1", audience="public", summary="Of it."
        )
        standard.body = [{"type": "paragraph", "value": links}]
        standard.clauses.set(
            [
                Clause(number=number, text=f"<p>A clause. {links}</p>", guidance=f"<p>How. {links}</p>")
                for number in range(1, 9)
            ]
        )
        add(StandardIndexPage, standard)
        ClauseSource.objects.bulk_create(
            ClauseSource(clause=clause, page_id=page.pk) for clause in standard.clauses.all() for page in resources[:3]
        )
        group = WorkingGroupPage(title="A group", slug="group", audience="public", working_group=self.group)
        group.body = self.body(body)
        add(WorkingGroupIndexPage, group)
        about = PlainPage(title="About", slug="about", audience="public")
        about.body = self.body(body)
        HomePage.objects.get(depth=2, locale__language_code="en").add_child(instance=about)

    def body(self, text: str) -> list[Any]:
        """A body made of Markdown, links and pictures left out."""
        return list(blocks_from_markdown(text, link=lambda _href: None, image=lambda _src, _alt: None).blocks)

    @property
    def addresses(self) -> dict[str, str]:
        """A page of every kind."""
        return {
            "home": "/",
            "library": "/library/",
            "search": "/search/?q=housing+and+family",
            "guidebooks": "/guidebooks/",
            "guidebook": "/guidebooks/book/",
            "chapter": "/guidebooks/book/chapter-3/",
            "events": "/events/",
            "event": str(EventPage.objects.order_by("pk").last().url),  # type: ignore[union-attr]
            "standards": "/standards/",
            "standard": "/standards/standard/",
            "groups": "/groups/",
            "group": "/groups/group/",
            "resource": str(ResourcePage.objects.order_by("pk").first().url),  # type: ignore[union-attr]
            "plain": "/about/",
        }


def texts() -> list[Path]:
    """The demo's English practices."""
    return [path for path in (ROOT / "demo" / "resources").glob("*.md") if path.name.count(".") == 1]


def add(section: type[HubPage], page: Any) -> Any:
    """Put a page into a section."""
    return section.objects.get(locale__language_code="en").add_child(instance=page)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def shelf(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The same shelf for all tests of this module; taken back at the end."""
    index = {"default": {"BACKEND": "search.backend", "PATH": tmp_path_factory.mktemp("index"), "REPAIR": False}}
    cache.clear()
    with django_db_blocker.unblock(), override_settings(WAGTAILSEARCH_BACKENDS=index), transaction.atomic():
        yield Shelf()
        transaction.set_rollback(True)
    cache.clear()


NAMES = ("home", "library", "search", "guidebooks", "guidebook", "chapter", "events", "event",
         "standards", "standard", "groups", "group", "resource", "plain")  # fmt: skip
every_page = pytest.mark.parametrize("name", NAMES)


# Caches and cookies ---------------------------------------------------------------------------------


@every_page
def test_a_stranger_gets_no_cookie_and_an_answer_that_a_cache_may_keep(shelf, name):
    answer = Client().get(shelf.addresses[name])
    assert answer.status_code == 200
    assert not answer.cookies
    assert not answer.wsgi_request.session.accessed
    assert answer["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert "Cookie" in answer["Vary"]


@every_page
def test_what_is_made_for_a_person_is_kept_by_nobody(shelf, name):
    answer = shelf.clients["full"].get(shelf.addresses[name])
    assert answer["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer["Vary"]


def test_what_is_not_there_is_not_kept(shelf):
    assert Client().get("/nothing-is-here/")["Cache-Control"] == "no-store"


def test_signing_out_makes_the_browser_forget_what_it_kept(shelf):
    client = Client()
    client.force_login(shelf.people["full"])
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'


# Questions to the database --------------------------------------------------------------------------


def asked(client: Client, path: str) -> list[str]:
    """The statements that one answer costs when everything is warm."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in queries]


@pytest.mark.parametrize(("who", "most"), [("anonymous", ANONYMOUS_QUERIES), ("full", MEMBER_QUERIES)])
@every_page
def test_a_page_costs_few_queries_and_writes_nothing(shelf, who, most, name):
    statements = asked(shelf.clients[who], shelf.addresses[name])
    assert [sql for sql in statements if not sql.lstrip("( ").startswith("SELECT")] == []
    assert len(statements) <= most, "\n".join(f"{number}. {sql[:400]}" for number, sql in enumerate(statements, 1))


@pytest.mark.parametrize("who", ["anonymous", "full"])
def test_forty_cards_cost_as_many_queries_as_twenty(shelf, who):
    paths = [path for name, path in shelf.addresses.items() if name not in ("event", "resource")]
    few = {path: len(asked(shelf.clients[who], path)) for path in paths}
    shelf.fill(20)
    outbox.drain_now()
    cache.clear()
    many = {path: len(asked(shelf.clients[who], path)) for path in paths}
    assert many == few


@pytest.mark.parametrize("who", ["anonymous", "full"])
def test_machines_and_suggestions_write_nothing(shelf, who):
    for path in ("/sitemap.xml", "/robots.txt", "/healthz/", "/feed/", "/search/suggest/?q=fam", "/account/"):
        with CaptureQueriesContext(connection) as queries:
            shelf.clients[who].get(path)
        assert [query["sql"] for query in queries if not query["sql"].lstrip("( ").startswith("SELECT")] == []


# Weight ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["anonymous", "full"])
@every_page
def test_a_page_weighs_little(shelf, who, name):
    answer = shelf.clients[who].get(shelf.addresses[name])
    weight = len(gzip.compress(answer.content, 6))
    assert weight <= HTML, f"{weight / KB:.1f} KB"


@every_page
def test_style_sheets_and_scripts_of_a_page_weigh_little(shelf, name):
    html = shelf.clients["full"].get(shelf.addresses[name]).content.decode()
    for kind, most in (("css", CSS), ("js", JS)):
        files = re.findall(rf'(?:src|href)="/static/({kind}/[^"]+)"', html)
        weight = sum(len(gzip.compress((ROOT / "static" / file).read_bytes(), 6)) for file in files)
        assert files
        assert weight <= most, f"{weight / KB:.1f} KB of {kind}"


@every_page
def test_a_first_visit_loads_little(shelf, name):
    """Text and pictures of ours together, htmx left out: it comes deferred and on two pages only."""
    html = Client().get(shelf.addresses[name]).content.decode()
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', html)
    assert ("vendor/htmx.min.js" in files) == (name in ("library", "search"))
    sizes = [len(gzip.compress((ROOT / "static" / file).read_bytes(), 6)) for file in files if "vendor" not in file]
    assert len(gzip.compress(html.encode(), 6)) + sum(sizes) <= 25 * KB


# What a browser may do ------------------------------------------------------------------------------


@every_page
def test_a_page_holds_no_script_or_style_of_its_own_and_asks_no_other_host(shelf, name):
    for who, client in shelf.clients.items():
        html = client.get(shelf.addresses[name]).content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == [], who
        assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=\"|javascript:", html) == [], who
        assert re.findall(r'\b(?:src|srcset)="(?:https?:)?//[^"]*"', html) == [], who
        assert re.findall(r'<link[^>]*href="(?:https?:)?//[^"]*"', html) == [], who


@pytest.mark.parametrize("path", ["/", "/library/", "/accounts/login/", "/nothing-is-here/", "/feed/", "/healthz/"])
def test_the_policy_of_every_answer_is_strict(shelf, path):
    answer = Client().get(path)
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert answer["X-Frame-Options"] in ("DENY", "SAMEORIGIN")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_only_the_admin_may_have_scripts_of_its_own(shelf):
    client = Client()
    client.force_login(shelf.people["secretariat"])
    assert "'unsafe-inline'" in client.get("/admin/")["Content-Security-Policy"]
    assert "unsafe" not in client.get("/")["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in client.get("/admin/")["Content-Security-Policy"]


# Addresses ------------------------------------------------------------------------------------------


def test_the_sign_in_pages_of_wagtail_lead_to_ours(shelf):
    assert Client().get("/admin/login/").url.startswith("/accounts/login/")
    assert Client().get("/_util/login/?next=/library/").url == "/accounts/login/?next=/library/"
    secretary = Client()
    secretary.force_login(shelf.people["secretariat"])
    assert secretary.get("/admin/login/?next=/admin/").url == "/accounts/login/?next=/admin/"
    assert secretary.get("/admin/logout/").url == "/accounts/logout/"


def test_health_tells_states_and_no_content(shelf):
    answer = Client().get("/healthz/")
    assert answer.json() == {"database": "ok", "search": "ok"}
    assert answer["Cache-Control"] == "no-store"


def test_robots_are_told_where_the_map_is_and_what_to_leave(shelf):
    text = Client().get("/robots.txt").content.decode()
    assert f"Sitemap: {settings.WAGTAILADMIN_BASE_URL}/sitemap.xml" in text
    for path in ("/admin/", "/account/", "/accounts/", "/search/"):
        assert f"Disallow: {path}" in text


QUERIES = [
    "q=%00",
    "q=%22",
    "q=" + "a" * 100_000,
    "q=%ED%A0%80",
    "q=%22%22%22+-+-%22",
    "page=-1",
    "page=99999999999",
    "page=x",
    "kind=%00&topic=%27",
    "year=abcd&language=xx",
    "year=9999",
    "group=%F0%9F%98%80&audience=nobody",
]
LISTS = ("/search/", "/library/", "/events/", "/guidebooks/", "/standards/", "/groups/", "/search/suggest/", "/")


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_no_query_string_is_an_error(shelf, query):
    for path in (
        "/search/",
        "/library/",
        "/events/",
        "/guidebooks/",
        "/standards/",
        "/groups/",
        "/search/suggest/",
        "/",
    ):
        for client in shelf.clients.values():
            assert client.get(f"{path}?{query}").status_code == 200, path
