"""Guidebooks are read in order, and nobody sees or counts what they may not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.access import ANONYMOUS, Viewer
from core.models import HubPage
from guidebooks.contents import Contents
from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage
from guidebooks.shelf import covers_of
from tests.personas import make_personas

MEMBER = Viewer(frozenset({"public", "members"}), signed_in=True)
WORD = "wombat"


@pytest.fixture
def book(make_book: Any, make_chapter: Any) -> GuidebookPage:
    """Four chapters, the second for members only, the third with two parts of which one is closed."""
    made: GuidebookPage = make_book("The book", summary="About it.", edition="Edition 3")
    make_chapter(made, "One", text="one " * 250)
    make_chapter(made, "Two closed", text=f"{WORD} " * 900, audience="members", summary=f"All on {WORD}s")
    three = make_chapter(made, "Three", text="three")
    make_chapter(three, "Three first", text="word")
    make_chapter(three, "Three closed", text=f"{WORD} " * 900, audience="members")
    make_chapter(three, "Three last", text="word")
    make_chapter(made, "Four", text="four")
    return made


def at(title: str) -> ChapterPage:
    return ChapterPage.objects.get(title=title)


def contents(book: HubPage, viewer: Viewer, title: str | None = None) -> Contents:
    return Contents.of(book, viewer, current=at(title) if title else None)


def test_a_stranger_sees_contents_without_gaps(book: GuidebookPage) -> None:
    shown = contents(book, ANONYMOUS)
    assert [(item.number, item.title) for item in shown.items] == [
        ("1", "One"), ("2", "Three"), ("2.1", "Three first"), ("2.2", "Three last"), ("3", "Four"),
    ]  # fmt: skip
    assert shown.minutes == 2 + 1 + 1 + 1 + 1


def test_a_member_sees_all_chapters_and_which_are_not_for_everybody(book: GuidebookPage) -> None:
    shown = contents(book, MEMBER)
    assert [item.number for item in shown.items] == ["1", "2", "3", "3.1", "3.2", "3.3", "4"]
    assert [item.title for item in shown.items if item.audience == "members"] == ["Two closed", "Three closed"]


@pytest.mark.parametrize(
    ("title", "position", "before", "after"),
    [
        ("One", "Chapter 1 of 3", None, "Three"),
        ("Three", "Chapter 2 of 3", "One", "Three first"),
        ("Three first", "Part 1 of 2 in chapter 2", "Three", "Three last"),
        ("Three last", "Part 2 of 2 in chapter 2", "Three first", "Four"),
        ("Four", "Chapter 3 of 3", "Three last", None),
    ],
)
def test_ways_onward_go_through_all_levels_and_around_what_is_closed(
    book: GuidebookPage, title: str, position: str, before: str | None, after: str | None
) -> None:
    shown = contents(book, ANONYMOUS, title)
    assert shown.position == position
    assert (shown.previous.title if shown.previous else None) == before
    assert (shown.next.title if shown.next else None) == after


def test_contents_at_hand_open_only_the_way_to_the_chapter(book: GuidebookPage) -> None:
    assert [item.title for item in contents(book, ANONYMOUS, "One").at_hand] == ["One", "Three", "Four"]
    beside = contents(book, ANONYMOUS, "Three last").at_hand
    assert [item.title for item in beside] == ["One", "Three", "Three first", "Three last", "Four"]
    assert [item.title for item in contents(book, ANONYMOUS, "Three").parts] == ["Three first", "Three last"]


def test_pages_show_a_stranger_nothing_of_closed_chapters(book: GuidebookPage, client: Client) -> None:
    for page in [book, at("One"), at("Three"), at("Three last"), at("Four")]:
        answer = client.get(page.url)
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "closed" not in html.lower().replace("closed to you", "")
        assert WORD not in html
    for title in ("Two closed", "Three closed"):
        assert client.get(at(title).url).status_code == 404


def test_a_cover_counts_only_what_its_reader_may_open(book: GuidebookPage, make_book: Any, make_chapter: Any) -> None:
    closed = make_book("For members", audience="members", teaser=True, summary="A teaser.")
    make_chapter(closed, "Inside", text="word " * 500, audience="members")
    listed = list(GuidebookPage.objects.listed_for(ANONYMOUS).for_cards().order_by("path"))
    covers = covers_of(listed, ANONYMOUS)
    assert [(c.title, c.closed, c.chapters, c.minutes) for c in covers] == [
        ("The book", False, 3, 6),
        ("For members", True, 0, 0),
    ]
    open_to_member = covers_of(listed, MEMBER)
    assert [(c.closed, c.chapters) for c in open_to_member] == [(False, 4), (False, 1)]


def test_the_section_lists_open_books_and_teasers_across_owners(
    book: GuidebookPage, make_book: Any, section: GuidebookIndexPage, client: Client
) -> None:
    make_book("Teased", audience="members", teaser=True)
    make_book("Hidden", audience="members")
    html = client.get(section.url).content.decode()
    assert "The book" in html
    assert "Teased" in html
    assert "Hidden" not in html
    assert "2 guidebooks" in html


def test_an_empty_section_says_what_will_be_there(section: GuidebookIndexPage, client: Client) -> None:
    assert "Guidebooks of the working groups will stand here" in client.get(section.url).content.decode()


def test_one_book_stands_once_in_the_best_language(
    book: GuidebookPage, section: GuidebookIndexPage, client: Client
) -> None:
    german = GuidebookIndexPage.objects.get(locale__language_code="de")
    german.add_child(
        instance=GuidebookPage(
            title="Das Buch", slug="das-buch", audience="public", translation_key=book.translation_key
        )
    )
    english = client.get(section.url).content.decode()
    assert "The book" in english
    assert "Das Buch" not in english
    assert "1 guidebook" in english
    assert "Das Buch" in client.get(german.url).content.decode()
    assert "Das Buch" not in client.get(book.url).content.decode()
    assert 'hreflang="de"' in client.get(book.url).content.decode()


@pytest.fixture
def rich_chapter(make_book: Any, make_chapter: Any, make_page: Any) -> ChapterPage:
    """A long chapter with links, notes, a table and headings."""
    target = make_page("Target")
    blocks: list[dict[str, Any]] = []
    for n in range(150):
        if n % 10 == 0:
            heading = {"level": "2", "text": f"Heading {n}", "anchor": ""}
            blocks.append({"type": "heading", "value": heading, "id": f"{n:08d}-head"})
        text = f'<p>{"Words of a sentence. " * 12}[^n{n}] <a linktype="page" id="{target.pk}">link</a></p>'
        blocks.append({"type": "paragraph", "value": text, "id": f"{n:08x}-para"})
    notes = [
        {"type": "item", "id": f"n{n}", "value": {"label": f"n{n}", "text": f"<p>Note {n}</p>"}}
        for n in range(0, 150, 5)
    ]
    blocks.append({"type": "footnotes", "value": notes})
    made: ChapterPage = make_chapter(make_book("Big"), "Rich", body=blocks, summary="All of it.")
    return made


def test_a_chapter_has_its_notes_beside_the_text_and_an_anchor_on_each_paragraph(
    rich_chapter: ChapterPage, client: Client
) -> None:
    html = client.get(rich_chapter.url).content.decode()
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert len([name for name in ids if name.startswith("b-")]) == 150 + 15
    first = html.index('id="b-00000000"')
    assert '<a href="#note-1" id="ref-1"' in html[first : first + 600]
    assert html.index('id="note-1"') < html.index('id="b-00000001"')
    assert html.index('id="note-2"') > html.index('id="b-00000005"')
    assert 'href="#ref-1"' in html
    assert "[^n1]" in html  # A mark without a note stays what it is.
    for target in re.findall(r'href="#([^"]+)"', html):
        assert target in ids


def test_a_long_chapter_stays_light_and_has_no_inline_style_or_script(
    rich_chapter: ChapterPage, client: Client
) -> None:
    html = client.get(rich_chapter.url).content.decode()
    assert len(html) < 120_000
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\son\w+=", html)


def reads(client: Client, page: HubPage, most: int, limit: Callable[..., Any]) -> int:
    client.get(page.url)  # Warms what is kept between requests.
    with limit(most) as asked:
        answer = client.get(page.url)
    assert answer.status_code == 200
    assert not [
        query["sql"] for query in asked if not query["sql"].lstrip("( ").startswith(("SELECT", "SAVEPOINT", "RELEASE"))
    ]
    return len(asked)


def test_reading_costs_few_queries_however_long_the_book(
    rich_chapter: ChapterPage,
    make_chapter: Any,
    client: Client,
    django_assert_max_num_queries: Any,
) -> None:
    few = reads(client, rich_chapter, 10, django_assert_max_num_queries)
    for n in range(30):
        make_chapter(rich_chapter.book, f"Chapter {n}", text="words")
    assert reads(client, rich_chapter, 10, django_assert_max_num_queries) == few
    reads(client, rich_chapter.book.specific, 10, django_assert_max_num_queries)


def test_a_member_reads_with_few_queries_too(
    rich_chapter: ChapterPage, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(make_personas()["group_full"])
    reads(client, rich_chapter, 14, django_assert_max_num_queries)
    reads(client, rich_chapter.book.specific, 14, django_assert_max_num_queries)


def test_the_section_costs_the_same_for_many_books(
    section: GuidebookIndexPage,
    make_book: Any,
    make_chapter: Any,
    client: Client,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(3):
        make_chapter(make_book(f"Book {n}"), "Inside", text="words")
    few = reads(client, section, 10, django_assert_max_num_queries)
    for n in range(3, 23):
        make_chapter(make_book(f"Book {n}"), "Inside", text="words")
    assert reads(client, section, 10, django_assert_max_num_queries) == few


def test_a_chapter_is_found_at_its_headed_sections(make_book: Any, make_chapter: Any) -> None:
    heading = {"level": "2", "text": "Ask first", "anchor": "ask-first"}
    chapter = make_chapter(
        make_book("Book"),
        "Chapter",
        body=[
            {"type": "paragraph", "value": "<p>Before all.</p>"},
            {"type": "heading", "value": heading},
            {"type": "paragraph", "value": "<p>Ask the family.[^1]</p>"},
        ],
    )
    top, part = chapter.search_entries()
    assert (top.text, top.anchor, top.main) == ("Before all.", "", True)
    assert (part.text, part.anchor, part.label) == ("Ask the family.", "#ask-first", "Ask first")
    assert part.key == "public"


def test_a_draft_chapter_can_be_looked_at_in_its_place(book: GuidebookPage, make_chapter: Any) -> None:
    draft = make_chapter(book, "Draft", text="draft", live=False)
    shown = Contents.of(book, ANONYMOUS, current=draft)
    assert shown.current is not None
    assert shown.current.title == "Draft"
    assert [item.title for item in contents(book, ANONYMOUS).chapters] == ["One", "Three", "Four"]


def test_where_guidebooks_and_chapters_may_stand_is_written() -> None:
    assert GuidebookPage.parent_page_types == ["guidebooks.GuidebookIndexPage", "groups.WorkingGroupPage"]
    assert ChapterPage.allowed_parent_page_models() == [GuidebookPage, ChapterPage]
    assert ChapterPage.allowed_subpage_models() == [ChapterPage]
