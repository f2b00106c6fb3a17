"""What an editor says about a change stands with the chapter and the book, for those who could read that version."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.test.utils.form_data import querydict_from_html

from core.audience import set_audience
from core.models import HubPage
from guidebooks.models import ChapterPage, GuidebookPage, Version
from members.models import WorkingGroup
from tests import personas
from tests.guidebooks.test_changed_since_reading import body, publish, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Any]:
    """Every sort of visitor."""
    return personas.make_personas()


@pytest.fixture
def secretary(people: dict[str, Any], client: Client) -> Client:
    """The secretariat, signed in."""
    client.force_login(people["secretariat"])
    return client


@pytest.fixture
def book(make_book: Any, make_chapter: Any) -> GuidebookPage:
    """An open book with two published chapters."""
    made: GuidebookPage = make_book("The book", edition="Edition 2")
    for title in ("One", "Two"):
        publish(make_chapter(made, title, live=False, body=body(title)))
    return made


def at(title: str) -> ChapterPage:
    return ChapterPage.objects.get(title=title)


def shown(client: Client, page: HubPage) -> str:
    answer = client.get(f"/changes/{page.pk}/")
    assert answer.status_code == 200
    return answer.content.decode().partition('<main id="content"')[2].partition("</main>")[0]


def test_a_change_stands_with_the_chapter_by_date_edition_and_note(book: GuidebookPage, client: Client) -> None:
    publish(at("One"), "One, better", change_note="A paragraph on schools was added.")
    page = shown(client, at("One"))
    assert "A paragraph on schools was added." in page
    assert "First published." in page
    assert "Edition 2" in page
    assert f"{at('One').last_published_at:%B}"[:3] in page
    assert "Changes" in client.get(at("One").url).content.decode()


def test_the_note_is_said_once(book: GuidebookPage) -> None:
    publish(at("One"), "One, better", change_note="Said once.", change_is_minor=True)
    page = at("One")
    assert (page.change_note, page.change_is_minor) == ("", False)
    assert page.get_latest_revision_as_object().change_note == ""
    publish(page, "One, better still")
    assert list(Version.objects.filter(page=page).values_list("note", "is_minor")) == [
        ("", False),
        ("Said once.", True),
        ("", False),
    ]


def test_a_note_waits_with_its_draft_and_its_date_to_go_live(book: GuidebookPage, client: Client) -> None:
    page = at("One")
    page.body, page.change_note = body("One, better"), "Not yet said."
    page.save_revision()
    assert "Not yet said." not in shown(client, page)
    at("One").get_latest_revision().publish()
    assert "Not yet said." in shown(client, page)


def test_small_corrections_stand_with_the_chapter_and_not_with_the_book(book: GuidebookPage, client: Client) -> None:
    publish(at("One"), "One, better", change_note="A slip.", change_is_minor=True)
    assert "A slip." in shown(client, at("One"))
    assert "small correction" in shown(client, at("One"))
    assert "A slip." not in shown(client, book)


def test_the_book_lists_what_changed_in_all_its_chapters(book: GuidebookPage, client: Client) -> None:
    publish(at("One"), "One, better", change_note="First change.")
    publish(at("Two"), "Two, better", change_note="Second change.")
    publish(book, change_note="The book itself.")
    page = shown(client, book)
    for words in ("First change.", "Second change.", "The book itself."):
        assert words in page
    assert page.index("The book itself.") < page.index("Second change.") < page.index("First change.")
    assert f"/changes/{book.pk}/" in client.get(book.url).content.decode()


def test_nobody_is_named(book: GuidebookPage, people: dict[str, Any], client: Client) -> None:
    page = at("One")
    page.change_note = "Changed."
    page.save_revision(user=people["lead"]).publish(user=people["secretariat"])
    assert "A lead" not in shown(client, page)
    assert "A secretariat" not in shown(client, page)


def test_changes_of_what_is_closed_are_not_there(
    book: GuidebookPage, make_chapter: Any, people: dict[str, Any], client: Client
) -> None:
    closed = make_chapter(book, "Closed", audience="members", live=False, body=body("x"))
    publish(closed, change_note="Something closed.")
    assert client.get(f"/changes/{closed.pk}/").status_code == 404
    assert client.get("/changes/999999/").status_code == 404
    assert "closed" not in shown(client, book).lower()
    member = Client()
    member.force_login(people["associate"])
    assert "Something closed." in shown(member, closed)
    assert "Something closed." in shown(member, book)


def test_what_was_said_while_it_was_for_a_group_stays_with_the_group(
    book: GuidebookPage, make_chapter: Any, people: dict[str, Any], client: Client
) -> None:
    group = WorkingGroup.objects.get(slug=personas.GROUP)
    page = make_chapter(book, "Ours", audience="group", working_group=group, live=False, body=body("x"))
    publish(page, change_note="The case of the baker is out.")
    set_audience(HubPage.objects.get(pk=page.pk), "public", group)
    publish(page, "y", change_note="Open to all.")
    assert "baker" not in shown(client, page)
    assert "Open to all." in shown(client, page)
    insider = Client()
    insider.force_login(people["author"])
    assert "baker" in shown(insider, page)


def test_history_of_a_chapter_published_before_its_book_is_there(
    make_book: Any, make_chapter: Any, client: Client
) -> None:
    draft = make_book("Draft", live=False)
    chapter = make_chapter(draft, "Early", live=False, body=body("x"))
    publish(chapter)
    publish(draft)
    assert "First published." in shown(client, chapter)


def test_where_nothing_changed_yet_the_page_says_so(make_book: Any, make_chapter: Any, client: Client) -> None:
    chapter = make_chapter(make_book("Imported"), "Whole", text="Words.")
    assert "No change yet" in shown(client, chapter)
    assert not Version.objects.exists()


def test_that_somebody_read_a_chapter_does_not_show_in_its_history(
    make_book: Any, make_chapter: Any, people: dict[str, Any], client: Client
) -> None:
    chapter = make_chapter(make_book("Imported"), "Whole", text="Words.")
    before = shown(client, chapter)
    reader = Client()
    reader.force_login(people["full"])
    read(reader, chapter)
    assert Version.objects.filter(page=chapter).exists()
    assert shown(client, chapter) == before


def test_strangers_get_an_answer_a_cache_may_keep_in_few_queries(
    book: GuidebookPage, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        publish(at("One"), f"One {number}", change_note=f"Change {number}.")
    for page in (book, at("One")):
        shown(client, page)
        with django_assert_max_num_queries(10):
            answer = client.get(f"/changes/{page.pk}/")
        assert not answer.cookies
        assert answer["Cache-Control"].startswith("public")


# In the editor --------------------------------------------------------------------------------------


def test_the_editor_asks_what_changed_once_there_is_something_published(
    book: GuidebookPage, make_chapter: Any, secretary: Client
) -> None:
    draft = make_chapter(book, "Draft", live=False, body=body("x"))
    edit = secretary.get(f"/admin/pages/{at('One').pk}/edit/").content.decode()
    for name in ("change_note", "change_is_minor", "change_withdraws"):
        assert f'name="{name}"' in edit
    new = secretary.get(f"/admin/pages/{draft.pk}/edit/").content.decode()
    assert 'name="change_note"' not in new


def test_an_editor_publishes_with_a_note(book: GuidebookPage, secretary: Client) -> None:
    page = at("One")
    html = secretary.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    data = querydict_from_html(html, form_id="page-edit-form")
    data["body-count"] = "1"
    data.update({"body-0-type": "paragraph", "body-0-order": "0", "body-0-deleted": "", "body-0-id": "22222222-0"})
    data["body-0-value"] = (
        '{"blocks": [{"key": "a", "text": "Edited.", "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}], "entityMap": {}}'  # noqa: E501
    )
    data.update({"change_note": "Rewritten.", "change_is_minor": "on", "action-publish": "1"})
    answer = secretary.post(f"/admin/pages/{page.pk}/edit/", data)
    assert answer.status_code == 302
    version = Version.objects.filter(page=page).latest("pk")
    assert (version.note, version.is_minor) == ("Rewritten.", True)
    assert "Edited." in Client().get(page.url).content.decode()
    again = secretary.get(f"/admin/pages/{page.pk}/edit/").context["form"]
    assert again["change_note"].value() == ""
