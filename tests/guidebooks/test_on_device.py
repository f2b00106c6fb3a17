"""What a device may keep, and when the browser is told to forget."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from lxml import html

from members.models import WorkingGroup
from tests import personas

pytestmark = pytest.mark.django_db
FORGET = '"cache", "storage"'


@pytest.fixture
def people() -> dict[str, Any]:
    """Everybody, and the working group of those who are in one."""
    found = personas.make_personas()
    return {**found, "group": WorkingGroup.objects.get(slug=personas.GROUP)}


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def book(make_book, make_chapter, people):
    """An open guidebook with a chapter for everyone, one for members and one for the group."""
    page = make_book("Open", slug="open")
    make_chapter(page, "For all", text="Words for all.")
    make_chapter(page, "For members", audience="members", text="Words for members.")
    make_chapter(page, "For the group", audience="group", working_group=people["group"], text="Words of the group.")
    return page


def words(client: Client, book: Any) -> str:
    answer = client.get(f"/offline/{book.pk}/")
    assert answer.status_code == 200
    return str(html.fromstring(answer.content.decode()).text_content())


def offered(client: Client, book: Any) -> list[str]:
    return html.fromstring(client.get(book.url).content.decode()).xpath("//@data-copy")


def choose(book: Any, offline: str) -> None:
    page = type(book).objects.get(pk=book.pk)
    page.offline = offline
    page.save()


def test_pages_of_a_group_stay_out_unless_the_guidebook_says_yes(book, people):
    for name in ("group_full", "secretariat"):
        client = client_of(people[name])
        choose(book, "")
        assert "Words for members." in words(client, book)
        assert "group" not in words(client, book).lower(), name
        choose(book, "yes")
        assert "Words of the group." in words(client, book)
        choose(book, "no")
        assert client.get(f"/offline/{book.pk}/").status_code == 404
        assert offered(client, book) == []
    choose(book, "yes")
    assert "Words for members" not in words(Client(), book)


def test_a_guidebook_of_a_group_is_not_offered_unless_it_says_yes(make_book, people):
    book = make_book("Ours", slug="ours", audience="group", working_group=people["group"])
    client = client_of(people["group_full"])
    assert offered(client, book) == []
    assert client.get(f"/offline/{book.pk}/").status_code == client.head(f"/offline/{book.pk}/").status_code == 404
    choose(book, "yes")
    assert offered(client, book) == [f"/offline/{book.pk}/"]
    assert client.get(f"/offline/{book.pk}/").status_code == client.head(f"/offline/{book.pk}/").status_code == 200
    assert client_of(people["othermember"]).get(f"/offline/{book.pk}/").status_code == 404


def test_links_to_pages_of_a_group_are_words_in_a_copy(make_book, make_chapter, people):
    own = make_book("Secret title", slug="secret-title", audience="group", working_group=people["group"])
    book = make_book("Open", slug="open")
    make_chapter(book, "One", text=f'See <a linktype="page" id="{own.pk}">there</a>.')
    client = client_of(people["group_full"])
    assert "secret-title" in client.get(f"/taken/{book.pk}/open.html").content.decode()
    assert "secret-title" not in client.get(f"/offline/{book.pk}/").content.decode()


def test_a_copy_has_no_script_and_leads_back_to_the_list_in_its_language(book):
    for prefix in ("", "/de"):
        answer = Client().get(f"{prefix}/offline/{book.pk}/")
        page = html.fromstring(answer.content.decode())
        assert page.xpath("//script") == []
        assert page.xpath("//*[@class='kept']//a/@href") == [f"{prefix}/offline/"]
        assert "default-src 'none'" in answer["Content-Security-Policy"].split("; ")
        assert answer["Cache-Control"] == "private, no-store"


def test_the_worker_stands_below_the_path_it_may_reach_and_stores_nothing():
    answer = Client().get("/offline/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assert ".put(" not in answer.content.decode()
    assert ".add" not in answer.content.decode().replace("addEventListener", "")


def test_the_list_of_a_device_names_nobody_to_strangers(people):
    page = Client().get("/offline/")
    assert 'data-owner=""' in page.content.decode()
    assert not page.cookies
    mine = html.fromstring(client_of(people["full"]).get("/offline/").content.decode()).xpath("//@data-owner")[0]
    other = html.fromstring(client_of(people["associate"]).get("/offline/").content.decode()).xpath("//@data-owner")[0]
    again = html.fromstring(client_of(people["full"]).get("/offline/").content.decode()).xpath("//@data-owner")[0]
    assert mine == again != other
    assert str(people["full"].pk) != mine


def sign_in(person: Any, kept_by: str = "") -> Any:
    client = Client()
    if kept_by:
        client.cookies["kept_by"] = kept_by
    return client.post("/accounts/login/", {"login": person.email, "password": personas.PASSWORD})


def test_signing_in_makes_the_browser_forget_another_persons_copies_only(people):
    mine = html.fromstring(client_of(people["full"]).get("/offline/").content.decode()).xpath("//@data-owner")[0]
    for kept_by, forgets in (("", False), (mine, False), ("somebody-else", True)):
        answer = sign_in(people["full"], kept_by)
        assert answer.status_code == 302
        assert answer.get("Clear-Site-Data") == (FORGET if forgets else None), kept_by


def test_signing_out_makes_the_browser_forget_everything(people):
    answer = client_of(people["full"]).post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == FORGET
    assert answer.cookies["kept_by"]["max-age"] == 0


def test_a_refused_sign_in_forgets_nothing(people):
    client = Client()
    client.cookies["kept_by"] = "somebody-else"
    answer = client.post("/accounts/login/", {"login": people["full"].email, "password": "wrong"})
    assert "Clear-Site-Data" not in answer
