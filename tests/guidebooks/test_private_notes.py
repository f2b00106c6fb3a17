"""Private notes and bookmarks are their owner's alone, in every answer and in the database."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.test import Client, override_settings
from wagtail.models import ReferenceIndex

from core.audience import set_audience
from core.models import HubPage
from core.sealed import seal, unseal
from guidebooks.models import ChapterPage, GuidebookPage, PrivateNote
from guidebooks.reading import notes
from tests import personas
from tests.guidebooks.test_changed_since_reading import TEXT, body, publish

pytestmark = pytest.mark.django_db

SECRET = "Ask again about the wombat"
ANCHOR = "b-22222222"


@pytest.fixture
def people() -> dict[str, Any]:
    """Every sort of visitor."""
    return personas.make_personas()


@pytest.fixture
def chapter(make_book: Any, make_chapter: Any) -> ChapterPage:
    """A published chapter for members."""
    made: ChapterPage = make_chapter(make_book("The book"), "Who to ask", audience="members", live=False)
    publish(made, TEXT)
    return ChapterPage.objects.get(pk=made.pk)


@pytest.fixture
def member(people: dict[str, Any], client: Client) -> Client:
    """An associate who is signed in."""
    client.force_login(people["associate"])
    return client


def keep(client: Client, page: HubPage, text: str = SECRET, anchor: str = ANCHOR, **more: str) -> Any:
    return client.post(f"/account/notes/on/{page.pk}/", {"place": anchor, "text": text, **more})


def seen(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


# Keeping --------------------------------------------------------------------------------------------


def test_a_note_is_written_on_a_paragraph_and_stands_with_the_chapter(member: Client, chapter: ChapterPage) -> None:
    form = seen(member, f"/account/notes/on/{chapter.pk}/?place={ANCHOR}")
    assert "Ask the mother first." in form
    assert "Write nothing by which a person can be known." in form
    assert keep(member, chapter).url == f"/account/notes/on/{chapter.pk}/"
    for path in (chapter.url, "/account/notes/", f"/account/notes/on/{chapter.pk}/"):
        assert SECRET in seen(member, path), path
    assert f'data-block="{ANCHOR}"' in seen(member, chapter.url)


def test_from_the_chapter_one_comes_back_to_the_paragraph(member: Client, chapter: ChapterPage) -> None:
    assert keep(member, chapter, **{"from": "chapter"}).url == f"{chapter.url}#{ANCHOR}"


def test_sent_twice_it_is_kept_once_and_sent_anew_it_is_changed(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    keep(member, chapter)
    keep(member, chapter, "Better so")
    assert [note.text for note in PrivateNote.objects.all()] == ["Better so"]


def test_without_words_it_is_a_bookmark(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter, "  ", "b-11111111")
    assert "Bookmark" in seen(member, "/account/notes/")
    assert PrivateNote.objects.get().text == ""


def test_two_thousand_characters_are_the_most_and_nothing_typed_is_lost(member: Client, chapter: ChapterPage) -> None:
    line = "x" * 99
    assert keep(member, chapter, "\r\n".join([line] * 20)).status_code == 302  # 1,999 as the browser counts
    refused = keep(member, chapter, "y" * 2001)
    assert refused.status_code == 200
    text = refused.content.decode()
    assert "y" * 2001 in text
    assert "at most 2000 characters" in text
    assert PrivateNote.objects.get().text.startswith("x")


def test_as_many_notes_as_one_can_keep_are_kept_and_no_more(
    member: Client, chapter: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "MOST_NOTES", 1)
    keep(member, chapter)
    refused = keep(member, chapter, "Another", "b-11111111").content.decode()
    assert "You keep 1 notes and bookmarks, which is as many as one can." in refused
    assert "Another" in refused
    assert keep(member, chapter, "Still changed").status_code == 302
    assert PrivateNote.objects.count() == 1


def test_a_paragraph_that_went_while_one_wrote_loses_no_word(member: Client, chapter: ChapterPage) -> None:
    answer = keep(member, chapter, anchor="b-99999999").content.decode()
    assert "no longer in the chapter" in answer
    assert SECRET in answer
    assert '<select id="choose" name="place">' in answer
    assert not PrivateNote.objects.exists()


def test_a_note_on_a_heading_whose_anchor_is_too_long_is_kept_by_its_block(
    member: Client, chapter: ChapterPage
) -> None:
    page = ChapterPage.objects.get(pk=chapter.pk)
    long = {"level": "2", "text": "Whom", "anchor": "w" * 256}
    page.body = [{"type": "heading", "id": "44444444-0", "value": long}]
    page.save_revision(clean=False).publish()
    assert "no longer in the chapter" in keep(member, chapter, anchor="w" * 256).content.decode()
    assert keep(member, chapter, anchor="b-44444444").status_code == 302
    assert PrivateNote.objects.get().anchor == "b-44444444"


def test_a_note_is_changed_and_deleted(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    note = PrivateNote.objects.get()
    assert SECRET in seen(member, f"/account/notes/{note.pk}/")
    member.post(f"/account/notes/{note.pk}/", {"text": "Other words"})
    assert "Other words" in seen(member, "/account/notes/")
    for _time in range(2):
        assert member.post(f"/account/notes/{note.pk}/delete/").status_code == 302
    assert "You have kept nothing yet" in seen(member, "/account/notes/")


# Staying with the words -----------------------------------------------------------------------------


def test_when_the_paragraph_changes_the_note_stays_and_says_so(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    publish(chapter, TEXT.replace("mother", "father"))
    page = seen(member, f"/account/notes/on/{chapter.pk}/")
    assert "The paragraph has changed since you wrote this." in page
    assert "Ask the mother first." in page  # what it was written on


def test_when_the_paragraph_goes_the_note_stays_and_says_so(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    publish(chapter, body=body(TEXT)[:1])
    page = seen(member, chapter.url)
    assert SECRET in page
    assert "This paragraph is no longer in the chapter." in page


def test_a_note_survives_reordering_and_publishing_again(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    publish(chapter, body=list(reversed(body(TEXT))))
    page = seen(member, chapter.url)
    assert f'data-block="{ANCHOR}"' in page
    assert "has changed since" not in page


def test_words_that_were_taken_back_are_not_shown_with_the_note(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    publish(chapter, TEXT.replace("mother", "father"), change_withdraws=True)
    for path in (chapter.url, "/account/notes/", f"/account/notes/on/{chapter.pk}/", "/account/notes/export/json/"):
        page = seen(member, path)
        assert SECRET in page
        assert "mother" not in page, path


def test_of_a_chapter_that_is_closed_now_neither_title_nor_words_are_shown(
    member: Client, chapter: ChapterPage
) -> None:
    keep(member, chapter)
    note = PrivateNote.objects.get()
    set_audience(HubPage.objects.get(pk=chapter.pk), "full")
    paths = ("/account/notes/", f"/account/notes/{note.pk}/", "/account/notes/export/txt/")
    for path in (*paths, "/account/notes/export/json/"):
        page = seen(member, path)
        assert SECRET in page
        for closed in ("Who to ask", "mother", "who-to-ask"):
            assert closed not in page, path
    for path in paths:
        assert "chapter you can no longer open" in seen(member, path)
    assert member.get(f"/account/notes/on/{chapter.pk}/").status_code == 404
    assert keep(member, chapter).status_code == 404


def test_when_the_chapter_is_deleted_the_note_stays(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    GuidebookPage.objects.get().delete()
    assert SECRET in seen(member, "/account/notes/")
    note = PrivateNote.objects.get()
    assert member.post(f"/account/notes/{note.pk}/", {"text": "Still mine"}).status_code == 302


# Nobody else ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in personas.NAMES if name != "associate"])
def test_nobody_else_is_shown_a_note(member: Client, chapter: ChapterPage, people: dict[str, Any], name: str) -> None:
    keep(member, chapter)
    note, other = PrivateNote.objects.get(), Client()
    if name != "anonymous":
        other.force_login(people[name])
    for path in (chapter.url, "/account/notes/", f"/account/notes/on/{chapter.pk}/", "/account/notes/export/json/"):
        assert SECRET not in other.get(path).content.decode(), path
    wanted = 302 if name == "anonymous" else 404
    assert other.get(f"/account/notes/{note.pk}/").status_code == wanted
    assert other.post(f"/account/notes/{note.pk}/", {"text": "taken"}).status_code == wanted
    assert other.post(f"/account/notes/{note.pk}/delete/").status_code == 302
    assert PrivateNote.objects.get().text == SECRET


def test_the_database_does_not_hold_its_words(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM guidebooks_privatenote")
        row = str(cursor.fetchall())
    assert "wombat" not in row
    assert "mother" not in row
    assert not ReferenceIndex.model_is_indexable(PrivateNote)
    with pytest.raises(FieldError):
        PrivateNote.objects.filter(text=SECRET).exists()


def test_no_search_and_no_admin_finds_it(member: Client, chapter: ChapterPage, people: dict[str, Any]) -> None:
    keep(member, chapter)
    secretary = Client()
    secretary.force_login(people["secretariat"])
    for path in ("/search/?q=wombat", "/admin/search/?q=wombat", f"/admin/pages/{chapter.pk}/edit/", "/admin/"):
        assert SECRET not in secretary.get(path, follow=True).content.decode()


def test_a_note_is_taken_away_as_text_and_as_json(member: Client, chapter: ChapterPage) -> None:
    keep(member, chapter)
    answer = member.get("/account/notes/export/json/")
    assert answer["Content-Disposition"] == 'attachment; filename="notes.json"'
    assert answer["Cache-Control"] == "private, no-store"
    (entry,) = json.loads(answer.content)["notes"]
    assert (entry["chapter"], entry["note"]) == ("Who to ask", SECRET)
    assert entry["address"].endswith(f"{chapter.url}#{ANCHOR}")
    text = seen(member, "/account/notes/export/txt/")
    assert f"> {TEXT}\n{SECRET}" in text
    assert member.get("/account/notes/export/exe/").status_code == 404


# Sealing --------------------------------------------------------------------------------------------


def test_what_is_sealed_is_opened_with_the_secret_and_its_predecessors_only() -> None:
    with override_settings(SECRET_KEY="one"):
        sealed = seal("Words")
        assert sealed != seal("Words")
        assert unseal(sealed) == "Words"
    with override_settings(SECRET_KEY="two", SECRET_KEY_FALLBACKS=["one"]):
        assert unseal(sealed) == "Words"
    with override_settings(SECRET_KEY="two"):
        assert unseal(sealed) is None
    assert (seal(""), unseal("")) == ("", "")


def test_a_note_whose_secret_is_lost_says_so_and_stands_in_nobodys_way(member: Client, chapter: ChapterPage) -> None:
    with override_settings(SECRET_KEY="one"):
        member.force_login(personas.User.objects.get(email="associate@example.org"))
        keep(member, chapter)
    member.force_login(personas.User.objects.get(email="associate@example.org"))
    for path in (chapter.url, "/account/notes/", f"/account/notes/on/{chapter.pk}/", "/account/notes/export/txt/"):
        assert "can no longer be read" in seen(member, path).replace("&#x27;", "'"), path
    note = PrivateNote.objects.get()
    assert member.post(f"/account/notes/{note.pk}/", {"text": "Anew"}).status_code == 302
    assert PrivateNote.objects.get().text == "Anew"
