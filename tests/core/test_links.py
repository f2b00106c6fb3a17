"""Links in rich text lead only those on who may open their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.rich_text import expand_db_html

from core import links
from core.access import Viewer
from core.reader import ReaderKnown


@pytest.fixture
def reading_as() -> Any:
    """Answer a request of a viewer: ``reading_as(viewer, lambda: …)``."""

    def read(viewer: Viewer, write: Callable[[], str]) -> str:
        request = RequestFactory().get("/")
        request._viewer = viewer
        said: list[str] = []
        ReaderKnown(lambda _request: said.append(write()))(request)
        return said[0]

    return read


MEMBER = Viewer(frozenset({"public", "members"}), signed_in=True)


def test_a_link_to_a_closed_page_is_words_to_a_stranger_and_a_link_to_a_member(make_page: Any, reading_as: Any) -> None:
    page = make_page("Closed", audience="members")
    text = f'<p>See <a linktype="page" id="{page.pk}" anchor="part">this</a>.</p>'
    assert expand_db_html(text) == "<p>See <a>this</a>.</p>"
    assert reading_as(Viewer(), lambda: expand_db_html(text)) == "<p>See <a>this</a>.</p>"
    shown = reading_as(MEMBER, lambda: expand_db_html(text))
    assert shown == f'<p>See <a href="{page.url}#part">this</a>.</p>'
    assert expand_db_html(text) == "<p>See <a>this</a>.</p>"  # Nobody reads any more.


def test_a_link_to_a_draft_or_to_nothing_is_words_to_everybody(make_page: Any, reading_as: Any) -> None:
    page = make_page("Draft", live=False)
    for target in (page.pk, 999_999, "nonsense", "9" * 30):
        text = f'<a linktype="page" id="{target}">this</a>'
        assert reading_as(Viewer(sees_all=True), lambda text=text: expand_db_html(text)) == "<a>this</a>"


def test_many_links_cost_one_query(make_page: Any, django_assert_num_queries: Any) -> None:
    pages = [make_page(f"Page {n}") for n in range(5)]
    assert all(page.url for page in pages)  # The site's root is known.
    text = "".join(f'<a linktype="page" id="{page.pk}">x</a>' for page in pages)
    with django_assert_num_queries(1):
        expand_db_html(text)


def test_a_clause_is_found_by_whoever_said_how(
    make_page: Any, monkeypatch: pytest.MonkeyPatch, reading_as: Any
) -> None:
    page = make_page("Standard 2", audience="members")
    monkeypatch.setattr(links, "_find_clauses", lambda numbers: {"S2.4": (page, "S2.4")})
    text = '<a linktype="clause" id="S2.4">clause</a> <a linktype="clause" id="S9.9">none</a>'
    assert expand_db_html(text) == "<a>clause</a> <a>none</a>"
    shown = reading_as(MEMBER, lambda: expand_db_html(text))
    assert shown == f'<a href="{page.url}#S2.4">clause</a> <a>none</a>'


def test_anchors_and_clauses_survive_the_editor(make_page: Any) -> None:
    page = make_page()
    converter = ContentstateConverter(features=["link"])
    text = (
        f'<p data-block-key="abcde"><a linktype="page" id="{page.pk}" anchor="part">a</a> '
        f'<a linktype="page" id="{page.pk}">b</a> <a linktype="clause" id="S2.4">c</a> '
        '<a href="https://example.org/#x">d</a></p>'
    )
    again = converter.to_database_format(converter.from_database_format(text))
    for link in (
        f'id="{page.pk}" anchor="part"',
        'linktype="clause"',
        'id="S2.4"',
        'href="https://example.org/#x"',
    ):
        assert link in again or " ".join(reversed(link.split(" "))) in again
    assert again.count("<a ") == 4
