"""Reads of a group's pages: counted without persons, shown from five on, to those who look after the pages."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from core.models import HubPage, Topic
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from guidebooks.models import ChapterPage, GuidebookPage
from hub import reads, spool
from hub.models import PageReads, PageWord
from members.models import today
from resources.models import ResourcePage
from tests import personas

pytestmark = pytest.mark.django_db

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"}
NAMES = sorted(personas.NAMES)
INSIDE = {"author", "lead", "secretariat"}
LAST_WEEK = reads.week_of(today()) - timedelta(weeks=1)


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    """A folder of this test's own for the spool."""
    settings.VAR_DIR = tmp_path
    cache.clear()
    return tmp_path


@pytest.fixture
def people(db):
    return personas.make_personas()


@pytest.fixture
def client_of(people):
    def client(name: str) -> Client:
        found = Client(headers=BROWSER)
        if people[name].is_authenticated:
            found.force_login(people[name])
        return found

    return client


@pytest.fixture
def group_home(home, people) -> WorkingGroupPage:
    group = personas.make_groups()[personas.GROUP]
    section = WorkingGroupIndexPage.objects.get(locale=home.locale)
    return section.add_child(instance=WorkingGroupPage(title="G", working_group=group, audience="public"))


@pytest.fixture
def page(group_home) -> ResourcePage:
    return below(group_home, ResourcePage(title="Of the group", audience="public"))


def below(parent: HubPage, page: Any) -> Any:
    return HubPage.objects.get(pk=parent.pk).specific.add_child(instance=page)


def spooled(var: Path) -> list[str]:
    path = var / "reads" / "lines"
    return path.read_text().splitlines() if path.exists() else []


# What is counted -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_read_leaves_week_and_page_and_nothing_of_the_reader(name, client_of, page, var):
    assert client_of(name).get(page.url).status_code == 200
    expected = [] if name in INSIDE else [f"{reads.week_of(today())} {page.pk}"]
    assert spooled(var) == expected


def test_a_read_writes_nothing_to_the_database(client_of, page, django_assert_max_num_queries):
    visitor = client_of("associate")
    visitor.get(page.url)  # menus and the like are kept from then on
    with django_assert_max_num_queries(14) as asked:
        visitor.get(page.url)
    assert not [query for query in asked.captured_queries if not query["sql"].lstrip("(").startswith("SELECT")]
    assert not PageReads.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "curl/8.0"},
        {"User-Agent": ""},
        {"Sec-Purpose": "prefetch"},
        {"Sec-Fetch-Dest": "empty"},
    ],
)
def test_programs_are_not_counted(headers, page, var):
    Client(headers={**BROWSER, **headers}).get(page.url)
    assert spooled(var) == []


def test_neither_heads_nor_refusals_nor_ways_to_other_pages_are_counted(client_of, group_home, make_page, var):
    closed = below(group_home, ResourcePage(title="Closed", audience="full", teaser=True))
    plain = make_page("Of no group", audience="public")
    visitor = client_of("associate")
    for address in (closed.url, group_home.url, "/", "/library/", "/groups/", plain.url):
        visitor.get(address)
    Client(headers=BROWSER).get(closed.url)
    visitor.head(below(group_home, ResourcePage(title="Open", audience="public")).url)
    assert spooled(var) == []


@pytest.mark.parametrize("slug", ["looking-after-oneself", "well-being"])
def test_pages_on_looking_after_oneself_are_not_counted_nor_is_what_stands_below_them(
    slug, client_of, group_home, var, settings
):
    settings.WELL_BEING_TOPICS = [slug]
    broad = Topic.objects.create(name="Looking after oneself", slug=slug)
    narrow = Topic.objects.create(name="Strain", slug="strain", parent=broad)
    visitor = client_of("associate")
    book = GuidebookPage(title="Book", audience="public")
    book.topics.set([narrow])
    book = below(group_home, book)
    chapter = below(book, ChapterPage(title="Chapter", audience="public"))
    practice = ResourcePage(title="Practice", audience="public")
    practice.topics.set([broad])
    practice = below(group_home, practice)
    cache.clear()
    for page in (book, chapter, practice):
        assert visitor.get(page.url).status_code == 200
    assert spooled(var) == []
    for each in (book, chapter, practice):  # what slipped through before the topic was known
        reads.note(each.pk, ["strain"], today())
    assert reads.count(today()) == 0
    assert not PageReads.objects.exists()
    assert not PageWord.objects.exists()


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("http://testserver/search/?q=Siblings+-prison+title:Parents", ["parents", "siblings"]),
        ("http://testserver/de/search/?q=Geschwister", ["geschwister"]),
        ("http://testserver/library/?q=siblings&kind=practice", ["siblings"]),
        ("http://testserver/search/?q=anna@example.org", []),
        ("http://testserver/search/?q=0151+2345", []),
        ("http://testserver/groups/?q=siblings", []),
        ("https://elsewhere.example/search/?q=siblings", []),
        ("http://[bad", []),
        ("", []),
    ],
)
def test_the_words_of_the_search_that_led_here_are_counted_singly(before, words, client_of, page, var):
    client_of("associate").get(page.url, headers={"Referer": before})
    begins = f"{reads.week_of(today())} {page.pk}"
    assert spooled(var) == [begins, *(f"{begins} {word}" for word in words)]


def test_a_full_disk_is_no_error(client_of, page, var):
    (var / "reads").write_text("a file where the folder should be")
    assert client_of("associate").get(page.url).status_code == 200


# Counting --------------------------------------------------------------------------------------------


def test_counting_adds_up_and_counts_once(page, var):
    for _time in range(3):
        reads.note(page.pk, ["siblings"], today())
    out = StringIO()
    for _time in range(2):
        call_command("count_reads", stdout=out)
    assert out.getvalue() == "3\n0\n"
    reads.note(page.pk, [], today())
    reads.count(today())
    assert PageReads.objects.get().times == 4


def test_a_spool_that_takes_several_transactions_is_counted_whole(page, monkeypatch):
    monkeypatch.setattr(spool, "AT_ONCE", 2)
    found = ["samovar", "siblings", "mentor", "prison", "family"]
    for _time in range(reads.SEEN_FROM):
        reads.note(page.pk, found, today())
    assert reads.count(today()) == reads.SEEN_FROM
    assert PageReads.objects.get().times == reads.SEEN_FROM
    assert set(PageWord.objects.values_list("word", flat=True)) == set(found)


def test_a_word_is_written_down_from_the_fifth_time_on(page):
    for time in range(5):
        assert not PageWord.objects.exclude(word="").exists(), time
        reads.note(page.pk, ["samovar"], today())
        reads.count(today())
    assert PageWord.objects.get().word == "samovar"


def test_junk_and_pages_that_are_gone_are_passed_over(page, var):
    reads.note(page.pk, [], today())
    reads.note(999_999, ["word"], today())
    with (var / "reads" / "lines").open("ab") as file:
        file.write(b"\xff\xfe\n9999-99-99 1\n2026-01-01\nhalf a line\n0001-01-01 1\n" + b"1" * 500)
    assert reads.count(today()) == 1


def test_numbers_are_forgotten_after_half_a_year(page):
    reads.note(page.pk, ["siblings"], today())
    reads.count(today())
    reads.count(today() + reads.KEPT - timedelta(days=7))
    assert PageReads.objects.exists()
    reads.count(today() + reads.KEPT + timedelta(days=7))
    assert not PageReads.objects.exists()
    assert not PageWord.objects.exists()


# Showing ---------------------------------------------------------------------------------------------

NUMBERS = f"/working-groups/{personas.GROUP}/numbers/"


def counted(page: HubPage, times: int, week: date = LAST_WEEK, word: str = "", found: int = 0) -> None:
    PageReads.objects.create(page_id=page.pk, week=week, times=times)
    if word:
        code = reads.digest(page.pk, week, word)
        PageWord.objects.create(page_id=page.pk, week=week, digest=code, times=found, word=word if found >= 5 else "")


@pytest.mark.parametrize("name", NAMES)
def test_leads_and_authors_see_the_numbers_of_their_group(name, client_of, page):
    counted(page, 12, word="siblings", found=7)
    answer = client_of(name).get(NUMBERS)
    assert answer.status_code == (200 if name in INSIDE else 404)
    assert (b">12<" in answer.content) == (b"siblings" in answer.content) == (name in INSIDE)


def test_nothing_below_five_is_shown_nor_the_week_that_runs(client_of, page):
    counted(page, 4, word="samovar", found=4)
    counted(page, 99, reads.week_of(today()))
    counted(page, 5, LAST_WEEK - timedelta(weeks=1))
    answer = client_of("lead").get(NUMBERS)
    (row,) = answer.context["rows"]
    assert row["times"] == [None, 5, None, None]
    assert row["words"] == []
    html = answer.content.decode()
    assert "fewer than 5" in html
    assert ">99<" not in html


def test_the_order_tells_nothing_of_small_numbers(client_of, group_home):
    for title, times in [("A", 1), ("B", 4), ("C", 0), ("D", 9)]:
        counted(below(group_home, ResourcePage(title=title, audience="public")), times)
    assert [row["title"] for row in client_of("author").get(NUMBERS).context["rows"]] == ["D", "A", "B", "C"]


def test_pages_an_author_may_not_open_and_those_of_other_groups_are_not_listed(client_of, group_home, home):
    counted(below(group_home, ResourcePage(title="For full", audience="full")), 50)
    other = personas.make_groups()[personas.OTHER_GROUP]
    section = WorkingGroupIndexPage.objects.get(locale=home.locale)
    theirs = section.add_child(instance=WorkingGroupPage(title="T", working_group=other, audience="public"))
    counted(below(theirs, ResourcePage(title="Theirs", audience="public")), 60)
    assert client_of("author").get(NUMBERS).context["rows"] == []
    assert [row["title"] for row in client_of("lead").get(NUMBERS).context["rows"]] == ["For full"]
    assert client_of("lead").get(f"/working-groups/{personas.OTHER_GROUP}/numbers/").status_code == 404


def test_the_numbers_cost_few_queries(client_of, group_home, django_assert_max_num_queries):
    for number in range(30):
        counted(below(group_home, ResourcePage(title=f"P{number}", audience="public")), number)
    visitor = client_of("lead")
    visitor.get(NUMBERS)
    with django_assert_max_num_queries(14):
        visitor.get(NUMBERS)
