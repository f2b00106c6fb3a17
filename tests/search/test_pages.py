"""Pages of the hub: what Wagtail saves as a base page is indexed as what it is, and its admin searches the index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from wagtail.models import Page

from core.audience import set_audience
from core.models import HubPage
from hub.models import PlainPage
from members.models import User
from search import library, outbox
from search.indexing import FEW
from search.rebuilding import rebuild, verify
from search.snapshot import snapshot
from search.store import Store

PUBLIC = frozenset({"public"})

Make = Callable[..., PlainPage]


@pytest.fixture
def pages(store: Store, make_page: Make) -> dict[str, PlainPage]:
    rebuild()
    section = make_page("Section")
    pages = {"section": section, "zebra": make_page("Zebra"), "below": make_page("Okapi below", parent=section)}
    outbox.drain_now()
    return pages


def found(query: str, keys: frozenset[str] | None = PUBLIC) -> list[tuple[str, str]]:
    return [(hit.model, hit.title) for hit in library.find(query, keys=keys).hits]


def test_a_page_saved_as_a_base_page_stays_what_it_is(pages: dict[str, PlainPage]) -> None:
    base = Page.objects.get(pk=pages["zebra"].pk)
    base.title = "Zebra and more"
    base.save()
    outbox.drain_now()
    assert found("zebra") == [("hub.PlainPage", "Zebra and more")]
    assert list(PlainPage.objects.search("more")) == [pages["zebra"]]


def test_a_moved_page_is_found_under_its_new_key(pages: dict[str, PlainPage], store: Store) -> None:
    set_audience(pages["section"], "full")
    Page.objects.get(pk=pages["zebra"].pk).move(Page.objects.get(pk=pages["section"].pk), pos="last-child")
    outbox.drain_now()
    assert found("zebra okapi") == []
    assert len(found("zebra okapi", frozenset({"public", "members", "full"}))) == 2
    now = snapshot(store)
    assert len(list(Page.objects.search("zebra"))) == 1
    held = [name for name in now.terms("ref", "") if now.live[now.postings("ref", name).documents].any()]
    assert len(held) == len(set(held))


def test_unpublishing_and_deleting_take_a_page_out(pages: dict[str, PlainPage]) -> None:
    Page.objects.get(pk=pages["zebra"].pk).specific.unpublish()
    outbox.drain_now()
    assert found("zebra", None) == []
    assert [page.pk for page in Page.objects.search("zebra")] == [pages["zebra"].pk]
    Page.objects.get(pk=pages["section"].pk).delete()
    outbox.drain_now()
    assert found("okapi section", None) == []
    assert list(Page.objects.search("okapi")) == []


def test_many_pages_named_by_a_base_class_are_indexed_as_what_they_are(make_page: Make, store: Store) -> None:
    rebuild()
    made = [make_page(f"Zebra {number}") for number in range(FEW + 3)]
    outbox.drain_now()
    outbox.put(HubPage, [page.pk for page in made])
    outbox.drain_now()
    assert len(found("zebra")) == len(made)
    assert {model for model, _ in found("zebra")} == {"hub.PlainPage"}
    assert verify(store) == ([], [])


def test_the_admin_searches_and_chooses_through_the_index(
    pages: dict[str, PlainPage], client: Any, caplog: Any
) -> None:
    client.force_login(User.objects.create_superuser("s@example.org", "index-test-1", display_name="S"))
    for address in (
        "/admin/pages/search/?q=zebra",
        "/admin/pages/search/results/?q=zebra&ordering=title",
        "/admin/choose-page/search/?q=zebra",
        "/admin/choose-page/search/?q=zeb",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "Zebra" in answer.content.decode(), address
    assert not [record for record in caplog.records if record.name.startswith("search")]


def test_wagtails_own_command_builds_the_same(pages: dict[str, PlainPage], store: Store) -> None:
    call_command("update_index", verbosity=0)
    assert verify(store) == ([], [])
    assert found("zebra") == [("hub.PlainPage", "Zebra")]
