"""Editions: what was published stays as it was, and is read only by those who may read it then and now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import ModelLogEntry, PageLogEntry

from core.access import ANONYMOUS, viewer_for
from core.audience import set_audience
from core.editions import close_edition, edition_for, editions_for, parts_for
from core.models import Edition, EditionPart, HubPage
from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage
from standards.models import Clause, StandardIndexPage, StandardPage

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db


def below(parent: HubPage, title: str, text: str, **fields: Any) -> ChapterPage:
    """A chapter below a book or a chapter."""
    page = ChapterPage(title=title, slug=title.lower(), **{"audience": "public", **fields})
    page.body = [{"type": "paragraph", "value": f"<p>{text}</p>"}]
    return HubPage.objects.get(pk=parent.pk).specific.add_child(instance=page)


@pytest.fixture
def book(home: Any) -> GuidebookPage:
    """A book with three chapters, the second for full members and with a part of its own."""
    page = GuidebookPage(title="The book", slug="book", audience="public", authors="Okoro, Miriam")
    page.body = [{"type": "paragraph", "value": "<p>Opening words.</p>"}]
    made: GuidebookPage = GuidebookIndexPage.objects.get(locale=home.locale).add_child(instance=page)
    below(made, "One", "First words.")
    two = below(made, "Two", "Second words.", audience="full")
    below(two, "Deeper", "Deep words.")
    below(made, "Three", "Third words.")
    return made


def read(client: Client, path: str) -> str:
    """What stands at an address, which must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def chapter(slug: str) -> ChapterPage:
    return ChapterPage.objects.get(slug=slug)


def test_an_edition_keeps_the_text_as_it_was_and_leads_to_the_newest(book: Any, client: Client) -> None:
    close_edition(book, "Edition 1, May 2026", 1)
    one = chapter("one")
    one.body = [{"type": "paragraph", "value": "<p>Rewritten words.</p>"}]
    one.title = "One again"
    one.save_revision().publish()
    first = read(client, f"/editions/{book.pk}/1/one/")
    assert "First words." in first
    assert "Rewritten" not in first
    assert "One again" not in first
    assert "This is Edition 1, May 2026" in first
    assert "It is the newest edition" in first
    assert '<meta name="robots" content="noindex" />' in first
    assert client.get(f"/editions/{book.pk}/1/")["X-Robots-Tag"] == "noindex"
    close_edition(book, "Edition 2, May 2027", 2)
    assert "Rewritten words." in read(client, f"/editions/{book.pk}/2/one/")
    cover = read(client, f"/editions/{book.pk}/1/")
    assert f'The newest is <a href="/editions/{book.pk}/2/">Edition 2, May 2027</a>' in cover
    assert f'<a href="{book.url}">Read it as it is today</a>' in cover
    assert "Opening words." in cover
    assert "Okoro, Miriam" in cover
    assert f"/editions/{book.pk}/1/" in read(client, f"/cite/{book.pk}/1.bib")
    page = read(client, book.url)
    assert f'href="/editions/{book.pk}/1/">Edition 1, May 2026</a>' in page
    assert f'href="/editions/{book.pk}/2/">Edition 2, May 2027</a>' in page


def test_the_text_of_an_edition_is_not_found_by_search(book: Any, client: Client, library: Any, indexed: Make) -> None:
    close_edition(book, "Edition 1", 1)
    one = chapter("one")
    one.body = [{"type": "paragraph", "value": "<p>Other.</p>"}]
    one.save_revision().publish()
    indexed()
    assert "0 results" in read(client, "/search/?q=%22First+words%22&exact=1")


def test_it_outlives_its_revisions_moving_renaming_and_deleted_chapters(book: Any, client: Client) -> None:
    close_edition(book, "Edition 1", 1)
    for page in (book, *ChapterPage.objects.all()):
        page.revisions.all().delete()
    book.slug = "renamed"
    book.save()
    chapter("one").delete()
    assert "First words." in read(client, f"/editions/{book.pk}/1/one/")
    assert "Third words." in read(client, f"/editions/{book.pk}/1/three/")


def test_a_chapter_is_read_only_by_who_may_read_it_then_and_now(book: Any, client_of: Make) -> None:
    close_edition(book, "Edition 1", 1)
    stranger, associate, full = (client_of(name) for name in ("anonymous", "associate", "full"))
    path = f"/editions/{book.pk}/1/two/"
    for client, status in ((stranger, 404), (associate, 404), (full, 200)):
        assert client.get(path).status_code == status
        assert client.get(f"{path}deeper/").status_code == status
    # Numbers have no gap where a closed chapter stands.
    assert ">2</span><span>Three" in read(stranger, f"/editions/{book.pk}/1/three/")
    assert ">3</span><span>Three" in read(full, f"/editions/{book.pk}/1/three/")
    # Opened today, it was closed then.
    set_audience(chapter("two"), "public")
    assert stranger.get(path).status_code == 404
    assert full.get(path).status_code == 200
    # Closed today, it was open then.
    set_audience(chapter("one"), "full")
    assert stranger.get(f"/editions/{book.pk}/1/one/").status_code == 404
    assert full.get(f"/editions/{book.pk}/1/one/").status_code == 200
    assert "One" not in read(stranger, f"/editions/{book.pk}/1/").split("Contents")[1]


def test_when_the_page_is_closed_its_editions_close_at_once(book: Any, client_of: Make, groups: Any) -> None:
    close_edition(book, "Edition 1", 1)
    stranger, associate, full, in_group = (client_of(n) for n in ("anonymous", "associate", "full", "group_full"))
    paths = [
        f"/editions/{book.pk}/1/",
        f"/editions/{book.pk}/1/one/",
        f"/cite/{book.pk}/1.bib",
        f"/editions/{book.pk}/",
    ]
    for path in paths:
        assert stranger.get(path).status_code in (200, 302)
    set_audience(book, "full")
    for path in paths:
        assert stranger.get(path).status_code == 404
        assert associate.get(path).status_code == 404
        assert full.get(path).status_code in (200, 302)
    set_audience(book, "group", groups["family-and-community"])
    for path in paths:
        assert full.get(path).status_code == 404
        assert in_group.get(path).status_code in (200, 302)
    HubPage.objects.get(pk=book.pk).specific.unpublish()
    for path in paths:
        assert in_group.get(path).status_code == 404


def test_what_was_withdrawn_before_it_was_deleted_stays_closed(book: Any, client_of: Make, groups: Any) -> None:
    close_edition(book, "Edition 1", 1)
    chapter("one").unpublish()
    full = client_of("full")
    assert full.get(f"/editions/{book.pk}/1/one/").status_code == 404
    chapter("one").delete()
    assert full.get(f"/editions/{book.pk}/1/one/").status_code == 404
    set_audience(chapter("three"), "full")
    chapter("three").delete()
    assert full.get(f"/editions/{book.pk}/1/three/").status_code == 200
    assert client_of("associate").get(f"/editions/{book.pk}/1/three/").status_code == 404
    set_audience(chapter("two"), "group", groups["family-and-community"])
    chapter("two").delete()
    assert full.get(f"/editions/{book.pk}/1/two/").status_code == 404
    assert full.get(f"/editions/{book.pk}/1/two/deeper/").status_code == 404


def test_a_draft_is_no_part_and_a_page_that_is_not_published_has_no_edition(book: Any) -> None:
    below(book, "Draft", "Draft words.", live=False)
    edition, _new = close_edition(book, "Edition 1", 1)
    assert [part.title for part in edition.parts.all()] == ["The book", "One", "Two", "Deeper", "Three"]
    book.unpublish()
    for page, name, number in ((book, "Edition 2", 2), (chapter("one"), "Edition 1", 1)):
        with pytest.raises(ValidationError):
            close_edition(page, name, number)


def test_closing_twice_makes_one_and_a_number_is_given_once(book: Any) -> None:
    first, is_new = close_edition(book, "Edition 1", 1)
    again, is_new_again = close_edition(book, " Edition  1 ", 1)
    assert (first.pk, is_new, is_new_again) == (again.pk, True, False)
    for name, number in (("Another", 1), ("Edition 3", 3), ("", 2), ("x" * 61, 2)):
        with pytest.raises(ValidationError):
            close_edition(book, name, number)
    assert Edition.objects.count() == 1


def test_a_resource_and_a_standard_are_kept_with_all_they_say(make_resource: Make, home: Any, client: Client) -> None:
    page = make_resource("A practice", risks="Promising too much.", text="Body words.")
    close_edition(page, "Edition 1", 1)
    said = read(client, f"/editions/{page.pk}/1/")
    assert "What can go wrong" in said
    assert "Promising too much." in said
    assert "Body words." in said
    standard = StandardPage(title="Care", number="S9", edition="Draft 1", audience="public")
    standard.clauses.set([Clause(number=1, text="<p>They do it.</p>", guidance="<p>Like this.</p>")])
    StandardIndexPage.objects.get(locale=home.locale).add_child(instance=standard)
    close_edition(standard, "Draft 1", 1)
    standard.clauses.set([])
    standard.save_revision().publish()
    said = read(client, f"/editions/{standard.pk}/1/")
    for words in ("S9.1", "They do it.", "Like this."):
        assert words in said


def test_links_in_an_edition_are_shown_to_who_may_follow_them(make_resource: Make, client_of: Make) -> None:
    closed = make_resource("Hidden", audience="full")
    page = make_resource("A practice", text=f'See <a linktype="page" id="{closed.pk}">the other</a>.')
    close_edition(page, "Edition 1", 1)
    path = f"/editions/{page.pk}/1/"
    assert closed.url not in read(client_of("anonymous"), path)
    assert closed.url in read(client_of("full"), path)


def test_the_editions_a_viewer_is_told_of_are_those_he_may_open(book: Any, people: Any) -> None:
    set_audience(book, "full")
    close_edition(book, "Edition 1", 1)
    set_audience(book, "public")
    close_edition(book, "Edition 2", 2)
    page = HubPage.objects.get(pk=book.pk)
    assert [each.number for each in editions_for(page, ANONYMOUS)] == [2]
    assert [each.number for each in editions_for(page, viewer_for(people["full"]))] == [1, 2]
    assert edition_for(ANONYMOUS, book.pk, 1) is None
    found = edition_for(ANONYMOUS, book.pk, 2)
    assert found is not None
    # All of it was for full members when the first was closed; of the second only what has no audience of its own.
    assert [part.title for part in parts_for(found[0], ANONYMOUS)] == ["The book", "One", "Three"]


# The editor -----------------------------------------------------------------------------------------


def test_the_secretariat_closes_an_edition_in_the_editor_and_takes_one_away(book: Any, client_of: Make) -> None:
    client = client_of("secretariat")
    path = f"/admin/editions/{book.pk}/"
    assert path in client.get(f"/admin/pages/{book.pk}/edit/").content.decode()
    page = read(client, path)
    assert "Edition 1, " in page
    for _time in range(2):  # sent twice
        assert client.post(path, {"name": "Edition 1, May 2026", "number": 1}).status_code in (200, 302)
    assert Edition.objects.count() == 1
    assert "Somebody else has closed an edition" in client.post(path, {"name": "B", "number": 1}).content.decode()
    assert "required" in client.post(path, {"name": "", "number": 2}).content.decode()
    kept = Edition.objects.get()
    assert client.post(path, {"withdraw": kept.pk}).status_code == 302
    assert not EditionPart.objects.exists()
    for name in ("anonymous", "secretariat"):
        assert client_of(name).get(f"/editions/{book.pk}/1/").status_code == 404
    assert "Edition 2, " in read(client, path)  # its number stays used
    assert PageLogEntry.objects.filter(action__in=["hub.close_edition", "hub.withdraw_edition"]).count() == 2
    assert not ModelLogEntry.objects.filter(action="hub.close_edition").exists()


def test_nobody_else_closes_an_edition(book: Any, client_of: Make) -> None:
    for name in ("anonymous", "full", "lead", "author", "board"):
        answer = client_of(name).post(f"/admin/editions/{book.pk}/", {"name": "Mine", "number": 1})
        assert answer.status_code in (302, 404)
    assert not Edition.objects.exists()


@pytest.mark.parametrize("path", ["0/", "1/nothing/", "1/one/one/", "99999/", "1/../2/", "1/one"])
def test_what_is_no_edition_is_not_there(book: Any, client: Client, path: str) -> None:
    close_edition(book, "Edition 1", 1)
    assert client.get(f"/editions/{book.pk}/{path}").status_code in (301, 404)


def test_a_part_costs_few_queries(book: Any, client_of: Make, django_assert_max_num_queries: Make) -> None:
    close_edition(book, "Edition 1", 1)
    for name, most in (("anonymous", 10), ("full", 14)):
        client = client_of(name)
        for path in (f"/editions/{book.pk}/1/", f"/editions/{book.pk}/1/one/"):
            client.get(path)
            with django_assert_max_num_queries(most):
                client.get(path)
