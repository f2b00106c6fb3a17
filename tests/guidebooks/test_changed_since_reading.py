"""What changed since a chapter was read: to whom it is shown, which words, and what never comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from wagtail.management.commands.purge_revisions import purge_revisions

from core.access import viewer_for
from core.audience import set_audience
from core.editions import close_edition
from core.models import Edition, EditionPart, HubPage, Topic
from guidebooks.models import ChapterPage, GuidebookPage, Reading, Version
from guidebooks.reading.readings import changed_for
from members.models import Participation, WorkingGroup
from tests import personas

pytestmark = pytest.mark.django_db

TEXT = "Ask the mother first. Then ask the school."


@pytest.fixture
def people() -> dict[str, Any]:
    """Every sort of visitor."""
    return personas.make_personas()


@pytest.fixture
def member(people: dict[str, Any], client: Client) -> Client:
    """An associate who is signed in."""
    client.force_login(people["associate"])
    return client


@pytest.fixture
def chapter(make_book: Any, make_chapter: Any) -> ChapterPage:
    """A published chapter for members with one paragraph, a heading, a table, a figure and a list."""
    made: ChapterPage = make_chapter(
        make_book("The book", edition="Edition 2"), "Who to ask", audience="members", live=False, body=body(TEXT)
    )
    publish(made)
    return ChapterPage.objects.get(pk=made.pk)


def body(words: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "heading", "id": "11111111-0", "value": {"level": "2", "text": "Whom", "anchor": ""}},
        {"type": "paragraph", "id": "22222222-0", "value": f"<p>{words}</p>"},
        {"type": "paragraph", "id": "33333333-0", "value": "<p>It stays as it is.</p>"},
        *more,
    ]


def publish(page: HubPage, words: str | None = None, **fields: Any) -> None:
    """Publish an edit, through a revision as the editor does."""
    page = HubPage.objects.get(pk=page.pk).specific
    if words is not None:
        page.body = body(words)
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()


def html(client: Client, page: HubPage, query: str = "") -> str:
    answer = client.get(page.url + query)
    assert answer.status_code == 200
    return answer.content.decode()


def main(text: str) -> str:
    return text.partition('<main id="content"')[2].partition("</main>")[0]


def read(client: Client, page: HubPage) -> None:
    """Press the button at the end of the chapter."""
    digest = re.search(r'name="digest" value="(\w+)"', html(client, page))
    assert digest
    answer = client.post(f"/account/reading/{page.pk}/", {"digest": digest[1]})
    assert answer.status_code == 302
    assert answer.url == page.url


def marks(text: str) -> tuple[list[str], list[str]]:
    """The words in ``ins`` and in ``del``."""
    heard = re.sub(r'<(span|p) class="visually-hidden">[^<]*</\1>', "", text)
    plain = [re.sub(r"<[^>]*>", "", found) for found in re.findall(r"<ins[^>]*>(.*?)</ins>", heard, re.S)]
    return plain, [re.sub(r"<[^>]*>", "", found) for found in re.findall(r"<del[^>]*>(.*?)</del>", heard, re.S)]


# What is shown --------------------------------------------------------------------------------------


def test_one_word_that_was_edited_is_one_insertion_and_one_deletion(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    assert "Changed since you read it" not in html(member, chapter)
    publish(chapter, TEXT.replace("mother", "father"))
    page = html(member, chapter)
    assert "Changed since you read it on" in page
    assert "in 1 place" in page
    assert marks(page) == ([], [])
    assert 'href="?changes#changed"' in page
    assert marks(html(member, chapter, "?changes")) == (["father"], ["mother"])


def test_a_screen_reader_is_told_in_its_own_language(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    publish(chapter, TEXT.replace("mother", "father"))
    page = html(member, chapter, "?changes")
    assert '<del><span class="visually-hidden">(deleted: </span>mother' in page
    assert '<ins><span class="visually-hidden">(inserted: </span>father' in page


def test_titles_headings_new_blocks_and_gone_blocks_are_marked(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    page = ChapterPage.objects.get(pk=chapter.pk)
    table = {
        "columns": [{"type": "text", "heading": "Who"}],
        "rows": [{"values": ["<p>A cell</p>"]}],
        "caption": "",
    }
    page.title, page.summary = "Whom to ask", "A summary."
    page.body = [
        {"type": "heading", "id": "11111111-0", "value": {"level": "2", "text": "Whom first", "anchor": ""}},
        {"type": "paragraph", "id": "33333333-0", "value": "<p>It stays as it is.</p>"},
        {"type": "table", "id": "44444444-0", "value": {"table": table, "row_names": False}},
    ]
    page.save_revision().publish()
    assert "in 5 places" in html(member, chapter)
    added, gone = marks(main(html(member, chapter, "?changes")))
    assert gone == ["Who", TEXT] or gone == [TEXT, "Who"]
    assert {"Whom", "A summary.", "first"} <= set(added)
    assert any("A cell" in words for words in added)


def test_a_figure_whose_picture_changed_says_so(member: Client, chapter: ChapterPage) -> None:
    figure = {"image": None, "alt": "A house", "decorative": False, "caption": "<p>Where</p>", "credit": ""}
    publish(chapter, body=body(TEXT, {"type": "figure", "id": "5" * 8, "value": {**figure, "decorative": True}}))
    read(member, chapter)
    publish(chapter, body=body(TEXT, {"type": "figure", "id": "5" * 8, "value": {**figure, "credit": "", "alt": ""}}))
    page = html(member, chapter, "?changes")
    assert "The picture, or what is said to stand in it, has changed." in page


def test_footnotes_that_changed_are_marked_where_they_stand(member: Client, chapter: ChapterPage) -> None:
    def notes(words: str) -> dict[str, Any]:
        value = [{"type": "item", "id": "n1", "value": {"label": "a", "text": f"<p>{words}</p>"}}]
        return {"type": "footnotes", "id": "66666666-0", "value": value}

    publish(chapter, body=body("Ask her.[^a]", notes("In the spring of 2020.")))
    read(member, chapter)
    publish(chapter, body=body("Ask her.[^a]", notes("In the autumn of 2020.")))
    page = html(member, chapter, "?changes")
    assert marks(page) == (["autumn"], ["spring"])
    assert 'id="note-1"' in page


def test_a_chapter_that_was_never_a_draft_is_compared_too(member: Client, make_book: Any, make_chapter: Any) -> None:
    chapter = make_chapter(make_book("Imported"), "Whole", body=body(TEXT))
    assert chapter.live_revision_id is None
    read(member, chapter)
    publish(chapter, TEXT.replace("mother", "father"))
    assert marks(html(member, chapter, "?changes")) == (["father"], ["mother"])


def test_a_block_with_a_new_name_and_much_the_same_words_is_no_new_block(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    page = ChapterPage.objects.get(pk=chapter.pk)
    page.body = [{**block, "id": f"9{number}"} for number, block in enumerate(body(TEXT.replace("mother", "father")))]
    page.save_revision().publish()
    assert marks(html(member, chapter, "?changes")) == (["father"], ["mother"])


def test_after_one_has_seen_the_changes_nothing_has_changed(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    publish(chapter, TEXT.replace("mother", "father"))
    read(member, chapter)
    assert "Changed since" not in html(member, chapter)
    assert "Nothing has changed since you last read this chapter." in html(member, chapter, "?changes")
    assert Reading.objects.count() == 1


def test_a_change_that_was_taken_back_is_none(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    publish(chapter, "Other words.")
    publish(chapter, TEXT)
    assert "Changed since" not in html(member, chapter)


def test_small_corrections_do_not_show_as_changed(member: Client, chapter: ChapterPage, people: Any) -> None:
    read(member, chapter)
    publish(chapter, TEXT.replace("mother", "mothr"), change_is_minor=True, change_note="A slip.")
    assert "Changed since" not in html(member, chapter)
    assert not changed_for(people["associate"], viewer_for(people["associate"])).exists()
    publish(chapter, TEXT.replace("mother", "father"))
    assert marks(html(member, chapter, "?changes")) == (["father"], ["mother"])
    assert changed_for(people["associate"], viewer_for(people["associate"])).get().pk == chapter.pk


def test_the_members_home_names_what_changed_and_only_what_is_open(
    member: Client, chapter: ChapterPage, django_assert_max_num_queries: Any
) -> None:
    read(member, chapter)
    home = HubPage.objects.get(depth=2, locale__language_code="en")
    assert "Changed since I read it" not in html(member, home)
    publish(chapter, TEXT.replace("mother", "father"))
    html(member, home)  # warms what is kept between requests
    with django_assert_max_num_queries(14):
        page = html(member, home)
    assert "Changed since I read it" in page
    assert page.index("Changed since I read it") < page.index("Who to ask")
    set_audience(HubPage.objects.get(pk=chapter.pk), "full")
    assert "Who to ask" not in html(member, home)


def test_a_draft_is_never_compared(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    draft = ChapterPage.objects.get(pk=chapter.pk)
    draft.body = body("A secret draft.")
    draft.save_revision()
    for query in ("", "?changes"):
        page = html(member, chapter, query)
        assert "Changed since" not in page
        assert "secret" not in page
    publish(chapter, "A clean text.")
    assert "secret" not in html(member, chapter, "?changes")


def test_a_revision_that_was_written_over_is_not_believed(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    revision = ChapterPage.objects.get(pk=chapter.pk).live_revision
    draft = ChapterPage.objects.get(pk=chapter.pk)
    draft.body = body("A secret draft.")
    draft.save_revision(overwrite_revision=revision)
    publish(chapter, "A clean text.")
    page = html(member, chapter, "?changes")
    assert "secret" not in page
    assert "no longer kept" in page


def test_where_the_text_of_then_is_no_longer_kept_this_is_said(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    publish(chapter, TEXT.replace("mother", "father"))
    purge_revisions()
    page = html(member, chapter, "?changes")
    assert "The text of that day is no longer kept" in page
    assert marks(page) == ([], [])
    assert 'href="?changes' not in page


# What never comes back ------------------------------------------------------------------------------


def withheld(client: Client, page: HubPage) -> bool:
    """Whether old words are kept back, with a word about it; the new ones are marked in any case."""
    shown = html(client, page, "?changes")
    assert "father" in marks(shown)[0]
    return "mother" not in shown and "What stood there before is not shown" in shown


def test_words_of_an_unpublished_text_do_not_come_back(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    ChapterPage.objects.get(pk=chapter.pk).unpublish()
    publish(chapter, TEXT.replace("mother", "father"))
    assert withheld(member, chapter)


def test_nor_those_of_a_book_that_was_unpublished(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    book = GuidebookPage.objects.get()
    book.unpublish()
    publish(chapter, TEXT.replace("mother", "father"))
    publish(book)
    assert withheld(member, chapter)


def test_nor_those_an_editor_takes_back(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    publish(chapter, TEXT.replace("mother", "father"), change_withdraws=True)
    publish(chapter, TEXT.replace("mother", "father") + " More.")
    assert withheld(member, chapter)
    assert not Version.objects.filter(page=chapter).latest("pk").page.specific.change_withdraws


def test_what_an_editor_takes_back_is_erased_from_editions_too(member: Client, chapter: ChapterPage) -> None:
    book = GuidebookPage.objects.get()
    close_edition(book, "First", 1)
    address = f"/editions/{book.pk}/1/"
    assert "mother" in member.get(f"{address}{chapter.slug}/").content.decode()
    publish(chapter, TEXT.replace("mother", "father"), change_withdraws=True)
    assert member.get(f"{address}{chapter.slug}/").status_code == 404
    assert chapter.title not in member.get(address).content.decode()
    assert not [part for part in EditionPart.objects.filter(page=chapter) if len(part.body) or part.summary]
    close_edition(book, "Second", 2)
    assert "father" in member.get(f"/editions/{book.pk}/2/{chapter.slug}/").content.decode()

    publish(book, change_withdraws=True)
    assert member.get(address).status_code == 200
    assert Edition.objects.get(page=book, number=2).summary == ""


def test_nor_those_of_a_text_that_was_closed_to_the_reader_in_between(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    page = HubPage.objects.get(pk=chapter.pk)
    set_audience(page, "full")
    publish(chapter, TEXT.replace("mother", "father"))
    assert member.get(chapter.url).status_code == 404
    set_audience(HubPage.objects.get(pk=chapter.pk), "members")
    assert withheld(member, chapter)


def test_but_who_could_read_it_all_the_time_is_shown_them(chapter: ChapterPage, people: Any, client: Client) -> None:
    client.force_login(people["full"])
    read(client, chapter)
    set_audience(HubPage.objects.get(pk=chapter.pk), "full")
    publish(chapter, TEXT.replace("mother", "father"))
    set_audience(HubPage.objects.get(pk=chapter.pk), "members")
    assert marks(html(client, chapter, "?changes")) == (["father"], ["mother"])


def test_words_that_were_for_a_group_are_not_shown_to_who_has_left_it(
    make_book: Any, make_chapter: Any, people: Any, client: Client
) -> None:
    group = WorkingGroup.objects.get(slug=personas.GROUP)
    chapter = make_chapter(
        make_book("Book", audience="members"), "For us", audience="group", working_group=group, body=body(TEXT)
    )
    client.force_login(people["group_associate"])
    stays = Client()
    stays.force_login(people["author"])
    read(client, chapter)
    read(stays, chapter)
    set_audience(HubPage.objects.get(pk=chapter.pk), "members", group)
    publish(chapter, TEXT.replace("mother", "father"))
    Participation.objects.filter(user=people["group_associate"]).delete()
    assert withheld(client, chapter)
    assert marks(html(stays, chapter, "?changes")) == (["father"], ["mother"])


def test_moving_a_chapter_through_a_closed_book_keeps_its_words_back(
    member: Client, chapter: ChapterPage, make_book: Any
) -> None:
    read(member, chapter)
    closed = make_book("Closed", audience="full")
    ChapterPage.objects.get(pk=chapter.pk).move(closed, "last-child")
    ChapterPage.objects.get(pk=chapter.pk).move(GuidebookPage.objects.get(title="The book"), "last-child")
    set_audience(HubPage.objects.get(pk=chapter.pk), "members")
    publish(chapter, TEXT.replace("mother", "father"))
    assert withheld(member, ChapterPage.objects.get(pk=chapter.pk))


def test_not_even_the_secretariat_is_shown_what_was_taken_back(
    chapter: ChapterPage, people: Any, client: Client
) -> None:
    client.force_login(people["secretariat"])
    read(client, chapter)
    publish(chapter, TEXT.replace("mother", "father"), change_withdraws=True)
    assert withheld(client, chapter)


# What is noted --------------------------------------------------------------------------------------


def test_reading_notes_nothing_by_itself(member: Client, chapter: ChapterPage) -> None:
    html(member, chapter)
    html(member, chapter, "?changes")
    assert not Reading.objects.exists()


def test_strangers_get_neither_form_nor_cookie(client: Client, make_book: Any, make_chapter: Any) -> None:
    chapter = make_chapter(make_book("Open"), "Open", body=body(TEXT))
    answer = client.get(chapter.url)
    assert not answer.cookies
    assert b"<form method" not in main(answer.content.decode()).encode()
    assert b"reading.js" not in answer.content
    assert answer["Cache-Control"].startswith("public")
    assert client.post(f"/account/reading/{chapter.pk}/", {"digest": "x"}).url.startswith("/accounts/login/")


def test_noting_twice_makes_one_record_and_a_script_gets_no_page(member: Client, chapter: ChapterPage) -> None:
    digest = re.search(r'name="digest" value="(\w+)"', html(member, chapter))[1]  # type: ignore[index]
    for _time in range(2):
        answer = member.post(
            f"/account/reading/{chapter.pk}/", {"digest": digest}, headers={"X-Requested-With": "fetch"}
        )
        assert (answer.status_code, answer.content) == (204, b"")
    assert Reading.objects.count() == 1
    assert Version.objects.filter(page=chapter).count() == 1


def test_a_text_that_changed_meanwhile_is_not_noted_as_read(member: Client, chapter: ChapterPage) -> None:
    digest = re.search(r'name="digest" value="(\w+)"', html(member, chapter))[1]  # type: ignore[index]
    publish(chapter, "Other words.")
    answer = member.post(f"/account/reading/{chapter.pk}/", {"digest": digest}, follow=True)
    assert "Nothing was noted" in answer.content.decode()
    for wrong in ("", "x", "0" * 64):
        answer = member.post(
            f"/account/reading/{chapter.pk}/", {"digest": wrong}, headers={"X-Requested-With": "fetch"}
        )
        assert answer.status_code == 409
    assert not Reading.objects.exists()


def test_what_one_may_not_open_can_not_be_noted(member: Client, chapter: ChapterPage) -> None:
    set_audience(HubPage.objects.get(pk=chapter.pk), "full")
    for pk in (chapter.pk, 999_999, GuidebookPage.objects.get().pk):
        assert member.post(f"/account/reading/{pk}/", {"digest": "x"}).status_code == 404
        assert member.get(f"/account/reading/{pk}/").status_code == 404


def test_reading_is_forgotten_with_one_press(member: Client, chapter: ChapterPage, people: Any) -> None:
    read(member, chapter)
    other = Client()
    other.force_login(people["full"])
    read(other, chapter)
    assert "You read this on" in html(member, chapter)
    answer = member.post("/account/reading/forget/", {"page": chapter.pk, "from": "chapter"})
    assert answer.url == chapter.url
    assert "I have read this" in html(member, chapter)
    read(member, chapter)
    assert "Who to ask" in member.get("/account/reading/").content.decode()
    member.post("/account/reading/forget/", {"all": "1"})
    assert "Nothing is noted" in member.get("/account/reading/").content.decode()
    assert Reading.objects.get().user == people["full"]


def test_of_a_chapter_that_is_closed_now_the_list_says_no_title(member: Client, chapter: ChapterPage) -> None:
    read(member, chapter)
    set_audience(HubPage.objects.get(pk=chapter.pk), "full")
    page = member.get("/account/reading/").content.decode()
    assert "Who to ask" not in page
    assert "A chapter you can no longer open" in page


@pytest.mark.parametrize("where", ["chapter", "book", "narrower"])
def test_of_readers_of_well_being_nothing_is_noted(
    member: Client, chapter: ChapterPage, make_topics: Callable[[], dict[str, Topic]], where: str
) -> None:
    topics = make_topics()
    read(member, chapter)
    page = HubPage.objects.get(pk=chapter.pk).specific if where != "book" else GuidebookPage.objects.get()
    page.topics.set([topics["narrow" if where == "narrower" else "broad"]])
    page.save_revision().publish()
    assert not Reading.objects.exists()
    shown = html(member, chapter)
    assert "it is not noted who reads it" in shown
    assert "I have read this" not in shown
    digest = Version.objects.filter(page=chapter).latest("pk").digest
    member.post(f"/account/reading/{chapter.pk}/", {"digest": digest})
    assert not Reading.objects.exists()


@pytest.fixture
def make_topics(db: None) -> Callable[[], dict[str, Topic]]:
    """The topic of well-being and one below it."""

    def make() -> dict[str, Topic]:
        broad = Topic.objects.create(name="Looking after oneself", slug="looking-after-oneself")
        return {"broad": broad, "narrow": Topic.objects.create(name="Sleep", slug="sleep", parent=broad)}

    return make


# Costs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?changes"])
def test_a_changed_chapter_with_notes_costs_few_queries(
    member: Client, chapter: ChapterPage, query: str, django_assert_max_num_queries: Any
) -> None:
    read(member, chapter)
    for anchor in ("b-11111111", "b-22222222"):
        member.post(f"/account/notes/on/{chapter.pk}/", {"place": anchor, "text": "Mine"})
    publish(chapter, TEXT.replace("mother", "father"))
    html(member, chapter)
    with django_assert_max_num_queries(14):
        html(member, chapter, query)


def test_contents_show_what_was_read(member: Client, chapter: ChapterPage, make_chapter: Any) -> None:
    make_chapter(GuidebookPage.objects.get(), "Unread", text="Unread.")
    read(member, chapter)
    for page in (chapter, GuidebookPage.objects.get()):
        contents = [item.read for item in member.get(page.url).context["contents"].items]
        assert contents == [True, False]
