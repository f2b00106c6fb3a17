"""Reading lists: one's own alone, shared with a group only with what each of them may open, and taken away as files."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.audience import set_audience
from hub import lists
from hub.models import ListedPage, ReadingList
from members.models import Membership, today
from tests import personas
from tests.meanwhile import meanwhile

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db
LISTS = "/account/lists/"


def said(answer: Any) -> str:
    """The words of an answer, which must be there."""
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


def keep(user: Any, *pages: Any, title: str = "For Monday", **fields: Any) -> ReadingList:
    """A list of somebody's with these pages."""
    reading = lists.make_list(user, title)
    for name, value in fields.items():
        setattr(reading, name, value)
    reading.save()
    for page in pages:
        lists.put(reading, page)
    return reading


# Saving ---------------------------------------------------------------------------------------------


def test_a_member_saves_a_page_from_its_foot_and_twice_makes_one(make_resource: Make, client_of: Make) -> None:
    page = make_resource("A practice", audience="members")
    client = client_of("associate")
    path = f"{LISTS}save/?page={page.pk}"
    assert f'href="{path}"' in client.get(page.url).content.decode()
    assert "A practice" in said(client.get(path))
    for _time in range(2):
        answer = client.post(f"{LISTS}save/", {"page": page.pk, "title": "", "line": "Read first."})
        assert answer.status_code == 302
    reading = ReadingList.objects.get()
    assert reading.title == "Bookmarks"
    assert [(item.page_id, item.line) for item in reading.items.all()] == [(page.pk, "Read first.")]
    shown = said(client.get(f"{LISTS}{reading.pk}/"))
    assert "A practice" in shown
    assert "Read first." in shown


def test_saved_twice_at_once_it_is_in_one_list_once(make_resource: Make, people: Any, client_of: Make) -> None:
    page, client = make_resource("A practice", audience="members"), client_of("associate")
    sent = {"page": page.pk, "title": "For Monday", "line": "Read first."}

    def first() -> None:
        client_of("associate").post(f"{LISTS}save/", sent)

    with meanwhile(first, after="COUNT("):
        answer = client.post(f"{LISTS}save/", sent)
    reading = ReadingList.objects.get()
    assert answer.url == f"{LISTS}{reading.pk}/"
    reading.items.all().delete()
    with meanwhile(first, after='MAX("hub_listedpage"'):
        assert client.post(f"{LISTS}save/", {**sent, "line": "Read this first."}).status_code == 302
    assert [(item.page_id, item.line) for item in reading.items.all()] == [(page.pk, "Read this first.")]


def test_it_goes_into_the_list_that_is_chosen_or_into_a_new_one(
    make_resource: Make, people: Any, client_of: Make
) -> None:
    first, second = make_resource("First"), make_resource("Second")
    reading = keep(people["associate"])
    client = client_of("associate")
    client.post(f"{LISTS}save/", {"page": first.pk, "into": reading.pk})
    client.post(f"{LISTS}save/", {"page": second.pk, "into": reading.pk, "title": "Another"})
    assert [item.page_id for item in reading.items.all()] == [first.pk]
    assert ReadingList.objects.get(title="Another").items.get().page_id == second.pk


def test_a_stranger_sees_no_way_to_lists_and_is_asked_to_sign_in(make_resource: Make, client: Client) -> None:
    page = make_resource("A practice")
    assert "Save to a list" not in client.get(page.url).content.decode()
    for path in (LISTS, f"{LISTS}save/?page={page.pk}", f"{LISTS}1/", f"{LISTS}1/export/bib/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "/accounts/login/" in answer.url


def test_what_one_may_not_open_or_is_no_page_cannot_be_saved(
    make_resource: Make, client_of: Make, library: Any, people: Any
) -> None:
    closed = make_resource("Closed", audience="full", teaser=True)
    client = client_of("associate")
    for asked in (closed.pk, library.pk, 99999, "x", "", "²", "9" * 40):
        assert client.get(f"{LISTS}save/", {"page": asked}).status_code == 404
        assert client.post(f"{LISTS}save/", {"page": asked, "title": "Mine"}).status_code == 404
    assert not ReadingList.objects.exists()
    reading = keep(people["full"])
    page = make_resource("Open")
    answer = client.post(f"{LISTS}save/", {"page": page.pk, "into": reading.pk})
    assert answer.status_code in (200, 302)
    assert not reading.items.exists()


def test_there_are_limits_and_nothing_typed_is_lost(
    make_resource: Make, people: Any, client_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_LISTS", 2)
    monkeypatch.setattr(lists, "MOST_ITEMS", 2)
    pages = [make_resource(f"Page {number}") for number in range(3)]
    reading = keep(people["associate"], *pages[:2])
    keep(people["associate"], title="Two")
    client = client_of("associate")
    full = client.post(f"{LISTS}save/", {"page": pages[2].pk, "into": reading.pk, "line": "Typed words"})
    assert "as many as it can hold" in said(full)
    assert "Typed words" in full.content.decode()
    for answer in (
        client.post(f"{LISTS}save/", {"page": pages[2].pk, "title": "Three", "line": "Typed words"}),
        client.post(LISTS, {"title": "Three", "note": "Typed words"}),
    ):
        assert "as many as one can" in said(answer)
        assert "Typed words" in answer.content.decode()
    assert ReadingList.objects.count() == 2


# Keeping --------------------------------------------------------------------------------------------


def test_a_list_is_made_changed_ordered_and_deleted(make_resource: Make, people: Any, client_of: Make) -> None:
    client = client_of("associate")
    for _time in range(2):
        answer = client.post(LISTS, {"title": " For Monday ", "note": "Three texts."})
    reading = ReadingList.objects.get()
    assert answer.url == f"{LISTS}{reading.pk}/"
    assert (reading.title, reading.note) == ("For Monday", "Three texts.")
    for title in ("First", "Second", "Third"):
        lists.put(reading, make_resource(title))
    first, second, third = reading.items.all()
    path = f"{LISTS}{reading.pk}/items"
    client.post(f"{path}/{third.pk}/", {"up": "1"})
    client.post(f"{path}/{first.pk}/", {"up": "1"})
    client.post(f"{path}/{second.pk}/", {"down": "1"})
    client.post(f"{path}/{second.pk}/", {"line": "Say this.\r\n" + "x" * 400})
    assert [item.page.title for item in reading.items.all()] == ["First", "Third", "Second"]
    assert len(reading.items.get(pk=second.pk).line) <= 300
    for _time in range(2):
        assert client.post(f"{path}/{first.pk}/", {"remove": "1"}).status_code == 302
    assert reading.items.count() == 2
    answer = client.post(f"{LISTS}{reading.pk}/change/", {"title": "", "note": "Kept"})
    assert "Kept" in answer.content.decode()
    keep(people["associate"], title="Taken")
    assert "of this title already" in said(client.post(f"{LISTS}{reading.pk}/change/", {"title": "Taken"}))
    client.post(f"{LISTS}{reading.pk}/change/", {"title": "New", "note": ""})
    assert ReadingList.objects.get(pk=reading.pk).title == "New"
    for _time in range(2):
        assert client.post(f"{LISTS}{reading.pk}/delete/").status_code == 302
    assert not ReadingList.objects.filter(title="New").exists()
    assert not ListedPage.objects.exists()


def test_a_list_is_its_owners_alone_whatever_rank_one_has(make_resource: Make, people: Any, client_of: Make) -> None:
    page = make_resource("Listed thing")
    reading = keep(people["associate"], page, title="A private title", note="A private note")
    item = reading.items.get()
    for name in ("lapsed", "full", "lead", "board", "secretariat"):
        client = client_of(name)
        for path in ("", "change/", "export/bib/", "export/csv/"):
            assert client.get(f"{LISTS}{reading.pk}/{path}").status_code == 404, (name, path)
        assert client.post(f"{LISTS}{reading.pk}/change/", {"title": "Taken"}).status_code == 404
        assert client.post(f"{LISTS}{reading.pk}/items/{item.pk}/", {"remove": "1"}).status_code == 404
        client.post(f"{LISTS}{reading.pk}/delete/")
        assert "A private" not in client.get(LISTS).content.decode()
    assert reading.items.count() == 1
    assert "private" not in str(reading)


def test_an_item_that_is_closed_now_has_no_title(make_resource: Make, people: Any, client_of: Make) -> None:
    page, other = make_resource("Was open"), make_resource("Stays open")
    reading = keep(people["associate"], page, other)
    set_audience(page, "full", teaser=True)
    client = client_of("associate")
    shown = said(client.get(f"{LISTS}{reading.pk}/"))
    assert "An item you can no longer open" in shown
    assert "Was open" not in shown
    assert "Stays open" in shown
    for form in ("bib", "ris", "txt", "csv"):
        answer = client.get(f"{LISTS}{reading.pk}/export/{form}/")
        assert "Stays open" in answer.content.decode()
        assert "Was open" not in answer.content.decode()
        assert answer["Content-Disposition"] == f'attachment; filename="index-list.{form}"'
    assert client.get(f"{LISTS}{reading.pk}/export/exe/").status_code == 404


# Sharing --------------------------------------------------------------------------------------------


def test_a_shared_list_shows_each_of_the_group_what_he_or_she_may_open(
    make_resource: Make, people: Any, client_of: Make, groups: Any
) -> None:
    group = groups[personas.GROUP]
    pages = [make_resource("For all"), make_resource("For the full", audience="full")]
    reading = keep(people["lead"], *pages, group=group)
    path = f"{LISTS}{reading.pk}/"
    for name, titles in (("group_full", {"For all", "For the full"}), ("group_associate", {"For all"})):
        client = client_of(name)
        answer = client.get(path)
        words = said(answer)
        assert {title for title in ("For all", "For the full") if title in words} == titles
        assert "by A lead" in words
        assert "no longer open" not in words
        assert "of at most" not in words
        assert "lead@example.org" not in answer.content.decode()
        assert "For Monday" in said(client.get(LISTS))
        exported = client.get(f"{path}export/csv/").content.decode()
        assert {title for title in ("For all", "For the full") if title in exported} == titles
        assert client.get(f"{path}change/").status_code == 404
        assert client.post(f"{path}items/{reading.items.first().pk}/", {"remove": "1"}).status_code == 404
    for name in ("associate", "otherlead", "lapsed", "secretariat", "board"):
        assert client_of(name).get(path).status_code == 404, name
        assert "For Monday" not in client_of(name).get(LISTS).content.decode()


def test_many_shared_lists_cost_no_more_queries_than_one(
    people: Any, client_of: Make, groups: Any, django_assert_num_queries: Make
) -> None:
    client = client_of("lead")
    client.get(LISTS)
    with CaptureQueriesContext(connection) as with_none:
        client.get(LISTS)
    for name in ("author", "group_full", "group_associate"):
        for title in ("One", "Two"):
            keep(people[name], title=title, group=groups[personas.GROUP])
    with django_assert_num_queries(len(with_none)):
        assert said(client.get(LISTS)).count("One") == 3


def test_sharing_ends_with_the_place_in_the_group_and_with_the_membership(
    make_resource: Make, people: Any, client_of: Make, groups: Any
) -> None:
    reading = keep(people["author"], make_resource("A thing"), group=groups[personas.GROUP])
    path, reader = f"{LISTS}{reading.pk}/", client_of("lead")
    assert reader.get(path).status_code == 200
    people["author"].participations.update(ends_on=today() - timedelta(days=1))
    assert reader.get(path).status_code == 404
    assert "not in the group" in said(client_of("author").get(path))
    people["author"].participations.update(ends_on=None)
    Membership.objects.filter(user=people["author"]).update(
        starts_on=today() - timedelta(days=400), ends_on=today() - timedelta(days=200)
    )
    assert reader.get(path).status_code == 404


def test_one_shares_only_with_a_group_one_is_in(people: Any, client_of: Make, groups: Any, library: Any) -> None:
    reading = keep(people["author"])
    client = client_of("author")
    for slug, status in ((personas.OTHER_GROUP, 200), (personas.GROUP, 302)):
        answer = client.post(f"{LISTS}{reading.pk}/change/", {"title": "T", "group": groups[slug].pk})
        assert answer.status_code == status
    reading.refresh_from_db()
    assert reading.group == groups[personas.GROUP]
    assert "Prison" not in said(client.get(f"{LISTS}{reading.pk}/change/"))


def test_a_long_list_costs_few_queries_and_writes_nothing(
    make_resource: Make, people: Any, client_of: Make, django_assert_max_num_queries: Make
) -> None:
    reading = keep(people["full"], *[make_resource(f"Page {number}") for number in range(12)])
    client = client_of("full")
    for path in (LISTS, f"{LISTS}{reading.pk}/", f"{LISTS}{reading.pk}/export/bib/"):
        client.get(path)
        with django_assert_max_num_queries(14) as asked:
            client.get(path)
        assert all(query["sql"].lstrip("( ").startswith("SELECT") for query in asked.captured_queries)
