"""What leads and authors do in Wagtail's admin, and what is refused there."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.models import Collection, TaskState
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, rich_text, streamfield

from core.audience import set_audience
from core.desk import desk_for
from core.models import FileOfPage, HubDocument, HubImage, HubPage, Keyword, Topic
from groups.models import WorkingGroupPage
from groups.provisioning import homes_of
from guidebooks.models import ChapterPage, GuidebookPage
from hub.admin_files import section_of
from members.models import Office, Participation, User, today
from resources.models import ResourcePage
from tests import personas
from tests.groups.desk import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    """A working group at work."""
    return Desk(personas.make_personas())


def theirs(desk: Desk, title: str = "Quite closed", **fields: Any) -> ResourcePage:
    """A live page of the other group's."""
    group = personas.make_groups()[personas.OTHER_GROUP]
    home = WorkingGroupPage.objects.get(pk=homes_of(group).get().pk)
    fields = {"audience": "group", "working_group": group, **fields}
    page: ResourcePage = home.add_child(instance=ResourcePage(title=title, resource_kind="practice", **fields))
    return page


def picture(desk: Desk, group_slug: str = personas.OTHER_GROUP, **fields: Any) -> HubImage:
    """A picture in the collection of a group."""
    out = io.BytesIO()
    Image.new("RGB", (64, 40), "teal").save(out, "PNG")
    group = personas.make_groups()[group_slug]
    fields = {"audience": "group", "working_group": group, **fields}
    image = HubImage(title="Their picture", file=SimpleUploadedFile("p.png", out.getvalue()), **fields)
    image.collection = Collection.objects.get(space__working_group=group)
    image.save()
    return image


def our_document(desk: Desk) -> HubDocument:
    """A document for members in the group's collection, which the lead uploaded."""
    document = HubDocument(
        title="Ours",
        file=SimpleUploadedFile("ours.txt", b"Words."),
        audience="members",
        collection=desk.space.collection,
        uploaded_by_user=desk.people["lead"],
    )
    document.save()
    return document


def with_body(desk: Desk, name: str, page: Any, *blocks: tuple[str, Any]) -> Any:
    """Save a page with this body."""
    data = desk.form(name, page)
    data = {key: value for key, value in data.items() if not key.startswith("body-")}
    return desk.client(name).post(
        f"/admin/pages/{page.pk}/edit/", {**data, **nested_form_data({"body": streamfield(list(blocks))})}
    )


def latest(page: Any) -> Any:
    """The page as its latest revision has it."""
    return HubPage.objects.get(pk=page.pk).specific.get_latest_revision_as_object()


def link_to(page: Any) -> tuple[str, Any]:
    """A block that leads to a page."""
    return "link", {"page": str(page.pk), "clause": "", "text": "See there"}


def test_opened_and_saved_unchanged_a_live_page_is_as_it_was(desk: Desk):
    page = HubPage.objects.get(pk=theirs(desk).pk).specific
    page.save_revision().publish()
    page = HubPage.objects.get(pk=page.pk).specific
    name = "secretariat"
    desk.client(name).post(f"/admin/pages/{page.pk}/edit/", desk.form(name, page))
    assert page.published_on
    assert latest(page).published_on == page.published_on


# What may be picked ---------------------------------------------------------------------------------


def test_a_page_may_lead_to_what_its_author_may_open(desk: Desk):
    page = desk.page()
    answer = with_body(desk, "author", page, link_to(theirs(desk, audience="members")))
    assert answer.status_code == 302
    assert "See there" in str(latest(page).body.raw_data[0])


def test_a_link_to_a_closed_page_is_refused_and_answers_as_one_to_nothing(desk: Desk):
    page, closed = desk.page(), theirs(desk)
    before = page.get_latest_revision().pk
    answer = with_body(desk, "author", page, link_to(closed))
    assert answer.status_code == 200
    assert b"a page that is not there" in answer.content
    assert b"Quite closed" not in answer.content
    assert HubPage.objects.get(pk=page.pk).latest_revision_id == before


def test_a_picture_of_another_group_is_refused(desk: Desk):
    page, image = desk.page(), picture(desk)
    figure = {"image": str(image.pk), "alt": "A picture", "caption": rich_text(""), "credit": ""}
    answer = with_body(desk, "author", page, ("figure", figure))
    assert answer.status_code == 200
    assert b"a file that is not there" in answer.content
    assert b"Their picture" not in answer.content


def test_what_the_secretariat_put_there_stays(desk: Desk):
    closed = theirs(desk)
    page = desk.page(body=[{"type": "link", "value": {"page": closed.pk, "clause": "", "text": ""}}])
    assert b"Quite closed" not in desk.client("author").get(f"/admin/pages/{page.pk}/edit/").content
    answer = with_body(desk, "author", page, link_to(closed), ("paragraph", rich_text("<p>More.</p>")))
    assert answer.status_code == 302
    assert len(latest(page).body) == 2


def test_a_topic_that_stands_on_closed_pages_alone_is_as_one_that_is_not_there(desk: Desk):
    page, closed = desk.page(), theirs(desk)
    topic = Topic.objects.create(name="Their own topic", slug="their-own")
    Topic.objects.create(name="Unused yet", slug="unused-yet")
    closed.topics.add(topic)
    closed.save()
    keyword = Keyword.objects.create(name="their-keyword", slug="their-keyword")
    closed.keywords.add(keyword)
    closed.save()
    lead = desk.client("lead")
    assert lead.get("/admin/tag-autocomplete/core/topic/", {"term": "Their"}).json() == []
    assert lead.get("/admin/tag-autocomplete/core/keyword/", {"term": "their"}).json() == []
    assert lead.get("/admin/tag-autocomplete/core/topic/", {"term": "Unused"}).json() == ["Unused yet"]
    desk.edit("lead", page, topics='"Their own topic", "Unused yet", "Not at all"')
    assert sorted(topic.name for topic in latest(page).topics.all()) == ["Unused yet"]


# New pages ------------------------------------------------------------------------------------------


def test_no_list_tells_whether_a_page_has_others_below_it_that_are_closed(desk: Desk):
    book, chapters = desk.book(chapters=1)
    HubPage.objects.get(pk=chapters[0].pk).specific.delete()
    hidden = {"audience": "group_full", "working_group": desk.group}
    desk.page(ChapterPage, "lead", above=book, title="Closed to the author", **hidden)
    lists = f"/admin/pages/{desk.home.pk}/"
    assert "has_child_pages" not in desk.client("author").get(lists).content.decode()
    asked = {answer: desk.client("author").get(lists, {"has_child_pages": answer}) for answer in ("true", "false")}
    assert all(book.title in answer.content.decode() for answer in asked.values())
    assert "has_child_pages" in desk.client("secretariat").get(lists).content.decode()


def test_a_new_page_is_for_readers_of_whom_its_author_is_one(desk: Desk):
    address = f"/admin/pages/add/resources/resourcepage/{desk.home.pk}/"
    offered = {
        name: [value for value, _label in desk.client(name).get(address).context["form"].fields["audience"].choices]
        for name in ("author", "lead")
    }
    assert "full" not in offered["author"]
    assert "group_full" not in offered["author"]
    assert {"full", "group_full", "group", "members"} <= set(offered["lead"])


def test_a_new_page_belongs_to_a_group_of_ones_own(desk: Desk):
    address = f"/admin/pages/add/resources/resourcepage/{desk.home.pk}/"
    html = desk.client("lead").get(address).content.decode()
    assert "Prison and probation" not in html
    data = querydict_from_html(html, form_id="page-edit-form").dict()
    data.update(nested_form_data({"body": streamfield([("paragraph", rich_text("<p>Words.</p>"))])}))
    other = personas.make_groups()[personas.OTHER_GROUP]
    wrong = {**data, "title": "Mine", "slug": "mine", "audience": "group", "working_group": str(other.pk)}
    assert desk.client("lead").post(address, wrong).status_code == 200
    assert not HubPage.objects.filter(slug="mine").exists()
    right = {**wrong, "working_group": str(desk.group.pk)}
    assert desk.client("lead").post(address, right).status_code == 302
    assert HubPage.objects.get(slug="mine").owner == desk.people["lead"]


def test_nothing_is_made_in_the_section_of_another_group(desk: Desk):
    elsewhere = homes_of(personas.make_groups()[personas.OTHER_GROUP]).get()
    for path in (f"/admin/pages/add/resources/resourcepage/{elsewhere.pk}/", f"/admin/pages/{elsewhere.pk}/edit/"):
        assert desk.client("lead").get(path).status_code == 404
        assert desk.client("lead").post(path, {"title": "Mine"}).status_code == 404


# Files ----------------------------------------------------------------------------------------------


def test_an_upload_goes_to_the_groups_collection_and_to_the_readers_of_its_section(desk: Desk):
    out = io.BytesIO()
    Image.new("RGB", (64, 40), "teal").save(out, "PNG")
    sent = {"title": "Mine", "files[]": SimpleUploadedFile("mine.png", out.getvalue(), "image/png")}
    answer = desk.client("author").post("/admin/images/multiple/add/", sent)
    assert answer.json()["success"], answer.content
    image = HubImage.objects.get(title="Mine")
    assert image.collection == desk.space.collection
    assert (image.audience, image.working_group) == ("members", desk.group)
    paper = {"title": "Paper", "files[]": SimpleUploadedFile("paper.txt", b"Words.", "text/plain")}
    assert desk.client("lead").post("/admin/documents/multiple/add/", paper).json()["success"]
    assert HubDocument.objects.get(title="Paper").collection == desk.space.collection


def test_who_may_open_a_file_is_only_ever_narrowed_and_never_wider_than_the_section(desk: Desk):
    document = our_document(desk)
    address, data = f"/admin/documents/edit/{document.pk}/", {"title": "Ours", "audience": "public"}

    def sent(**changed: str) -> tuple[str, str]:
        answer = desk.client("lead").post(address, {**data, **changed})
        document.refresh_from_db()
        return document.audience, answer.content.decode()

    audience, told = sent()
    assert (audience, "wider than the section of the group" in told) == ("members", True)
    assert sent(audience="group", working_group=str(desk.group.pk))[0] == "group"
    audience, told = sent(audience="members")
    assert (audience, "Only the secretariat opens a file to more people" in told) == ("group", True)

    HubDocument.objects.filter(pk=document.pk).update(audience="public", access_key="public")
    assert sent(title="Ours, renamed", working_group=str(desk.group.pk))[0] == "public"
    assert document.title == "Ours, renamed"


def test_a_new_file_may_be_for_everybody_only_where_the_section_is(desk: Desk):
    def sent(name: str) -> HubDocument | None:
        paper = SimpleUploadedFile(f"{name}.txt", b"Words.", "text/plain")
        desk.client("lead").post("/admin/documents/add/", {"title": name, "file": paper, "audience": "public"})
        return HubDocument.objects.filter(title=name).first()

    assert sent("Before") is None
    set_audience(desk.home, "public", desk.group)
    made = sent("After")
    assert made is not None
    assert made.audience == "public"


def associate_lead(desk: Desk) -> User:
    """A lead who is an associate member, and so may not read what is for full members."""
    lead = desk.holder("newcomer")
    lead.memberships.all().delete()
    personas.member(lead, "associate", today() - timedelta(days=60), today() + timedelta(days=300))
    return lead


def test_a_section_that_the_person_may_not_read_is_not_taken_for_an_open_one(desk: Desk):
    newcomer = associate_lead(desk)
    set_audience(desk.home, "group_full", desk.group)
    place = desk_for(User.objects.get(pk=newcomer.pk))
    assert place is not None
    assert section_of(place, desk.space.collection_id) == (f"group:{desk.group.pk}+full", desk.group.pk)
    paper = SimpleUploadedFile("paper.txt", b"Words.", "text/plain")
    assert desk.client("newcomer").post("/admin/documents/multiple/add/", {"title": "Paper", "files[]": paper}).json()
    assert HubDocument.objects.get(title="Paper").audience == "group_full"
    for audience in ("public", "members", "group"):
        wide = SimpleUploadedFile("wide.txt", b"Words.", "text/plain")
        sent = {"title": "Wide", "file": wide, "audience": audience, "working_group": str(desk.group.pk)}
        assert desk.client("newcomer").post("/admin/documents/add/", sent).status_code == 200
    assert not HubDocument.objects.filter(title="Wide").exists()


def test_the_list_of_checks_does_not_name_a_picture_the_writer_may_not_know(desk: Desk):
    associate_lead(desk)
    image = picture(desk, personas.GROUP, audience="full", working_group=None)
    page = desk.page(by="newcomer", body=[("figure", {"image": image, "alt": "", "decorative": False})])
    address = f"/admin/reviews/send/{page.pk}/"
    told = desk.client("newcomer").get(address).content.decode()
    assert "Say what “A picture” shows" in told
    assert image.title not in told
    assert image.title in desk.client("lead").get(address).content.decode()


def test_a_file_is_not_exchanged_for_another_that_nobody_has_read(desk: Desk):
    document = our_document(desk)
    other = SimpleUploadedFile("other.txt", b"Other words.", "text/plain")
    address = f"/admin/documents/edit/{document.pk}/"
    assert b'type="file"' not in desk.client("lead").get(address).content
    desk.client("lead").post(address, {"title": "Renamed", "audience": "members", "file": other})
    document.refresh_from_db()
    with document.open_file() as found:
        assert (document.title, found.read()) == ("Renamed", b"Words.")


def test_a_file_that_a_closed_page_uses_is_not_deleted_and_the_page_is_not_named(desk: Desk):
    document = our_document(desk)
    FileOfPage.objects.create(page_id=theirs(desk).pk, document=document)
    address = f"/admin/documents/delete/{document.pk}/"
    asked = desk.client("lead").get(address)
    assert asked.status_code == 200
    assert b"Quite closed" not in asked.content
    answer = desk.client("lead").post(address, follow=True)
    assert b"something on the hub still uses it" in answer.content
    assert HubDocument.objects.filter(pk=document.pk).exists()


# Lead and author, and the end of an office --------------------------------------------------------------


def test_who_writes_sends_and_who_leads_answers(desk: Desk):
    page = desk.page(by="author")
    assert desk.send("author", page).status_code in (200, 302)
    step = TaskState.objects.get(pk=desk.step(page).pk)
    for action in ("approve", "reject"):
        address = f"/admin/pages/workflow/action/{page.pk}/{action}/{step.pk}/"
        assert desk.client("author").get(address).status_code == 404
        assert desk.client("author").post(address, {"comment": ""}).status_code == 404
        assert desk.client("lead").get(address).status_code == 200


@pytest.mark.parametrize("end", ["office", "group", "membership"])
def test_the_day_after_an_office_everything_is_shut_and_nothing_is_saved(desk: Desk, end: str):
    page = desk.page(by="lead")
    data = desk.form("lead", page, title="Changed after the end")
    yesterday = today() - timedelta(days=1)
    lead = User.objects.get(pk=desk.people["lead"].pk)
    ended: Any = {
        "office": Office.objects.filter(user=lead),
        "group": lead.participations.all(),
        "membership": lead.memberships.all(),
    }[end]
    before = HubPage.objects.get(pk=page.pk).latest_revision_id
    assert desk.client("lead").get("/admin/").status_code == 200
    if end == "membership":  # with its days of grace
        ended.update(starts_on=yesterday - timedelta(days=200), ends_on=yesterday - timedelta(days=60))
    else:
        ended.update(ends_on=yesterday)
    assert desk.client("lead").post(f"/admin/pages/{page.pk}/edit/", data).status_code == 404
    for path in ("/admin/", "/admin/pages/", f"/admin/pages/{page.pk}/edit/", "/admin/images/", "/admin/sprite/"):
        assert desk.client("lead").get(path).status_code == 404, path
    assert HubPage.objects.get(pk=page.pk).latest_revision_id == before


def test_who_has_an_office_finds_what_to_do_and_nothing_more(desk: Desk):
    page = desk.client("author").get("/admin/")
    html = page.content.decode()
    assert "Family and community" in html
    assert f"/admin/pages/{desk.home.pk}/add_subpage/" in html
    for closed in ("/admin/reports/", "/admin/users/", "/admin/snippets/", "/admin/redirects/", "/admin/workflows/"):
        assert closed not in html, closed
    for opened in ("/admin/pages/", "/admin/images/", "/admin/documents/"):
        assert opened in html


# The order of pages ---------------------------------------------------------------------------------


def titles_below(page: Any) -> list[str]:
    """The titles of the pages below one, in the order in which they stand."""
    return list(HubPage.objects.child_of(page).order_by("path").values_list("title", flat=True))


def put(desk: Desk, name: str, page: Any, position: Any) -> Any:
    """What the handle of a row in the list of pages sends."""
    return desk.client(name).post(f"/admin/pages/{page.pk}/set_position/?position={position}")


@pytest.mark.parametrize(("name", "handles"), [("lead", True), ("author", False), ("secretariat", True)])
def test_chapters_stand_in_the_order_of_the_book_and_only_who_may_move_them_is_offered_handles(
    desk: Desk, name: str, handles: bool
):
    fields = {"audience": "group", "working_group": desk.home.working_group}
    book = desk.home.add_child(instance=GuidebookPage(title="Calls", **fields))
    for title in ("Zeroth", "Middle", "After"):
        book.add_child(instance=ChapterPage(title=title)).save_revision()
    html = desk.client(name).get(f"/admin/pages/{book.pk}/").content.decode()
    places = [html.index(title) for title in ("Zeroth", "Middle", "After")]
    assert places == sorted(places)
    assert ("data-w-orderable-target" in html) == handles
    # Arrows and Enter on the handle do what dragging does.
    assert ("keydown.up->w-orderable#up" in html) == handles
    home = desk.client(name).get(f"/admin/pages/{desk.home.pk}/").content.decode()
    assert ("?ordering=ord" in home) == handles


def test_a_lead_orders_the_chapters_of_a_book_and_readers_go_on_in_the_new_order(desk: Desk):
    book, (first, second, third) = desk.book(chapters=3)
    for page in (book, first, second, third):
        page.get_latest_revision().publish()
    first_url = HubPage.objects.get(pk=first.pk).url
    before = HubPage.objects.get(pk=third.pk)
    assert put(desk, "lead", third, 0).status_code == 200
    assert titles_below(book) == ["Chapter 3", "Chapter 1", "Chapter 2"]
    assert put(desk, "lead", third, 1).status_code == 200
    assert titles_below(book) == ["Chapter 1", "Chapter 3", "Chapter 2"]
    chapter = desk.client("full").get(first_url)
    assert chapter.context["contents"].next.title == "Chapter 3"
    between = desk.client("full").get(HubPage.objects.get(pk=third.pk).url).context["contents"]
    assert (between.previous.title, between.next.title) == ("Chapter 1", "Chapter 2")
    after = HubPage.objects.get(pk=third.pk)
    # No words have changed: nothing waits for a review, nobody is told of a new version.
    assert (after.live_revision_id, after.latest_revision_id) == (before.live_revision_id, before.latest_revision_id)
    assert (after.last_published_at, after.has_unpublished_changes) == (before.last_published_at, False)
    assert after.access_key == before.access_key


def test_drafts_too_have_an_order_and_a_place_past_the_end_is_the_last(desk: Desk):
    book, (first, *_others) = desk.book(chapters=3)
    for position in (99, "9" * 18):
        assert put(desk, "lead", first, position).status_code == 200
        assert titles_below(book) == ["Chapter 2", "Chapter 3", "Chapter 1"]
    assert put(desk, "lead", first, 2).status_code == 200
    assert desk.client("lead").post(f"/admin/pages/{first.pk}/set_position/").status_code == 200
    assert titles_below(book) == ["Chapter 2", "Chapter 3", "Chapter 1"]


@pytest.mark.parametrize("name", ["author", "otherlead", "full"])
def test_for_all_others_there_is_no_order_to_change(desk: Desk, name: str):
    book, (first, *_others) = desk.book(chapters=3)
    answers = [put(desk, name, first, 2), desk.client(name).post("/admin/pages/999999/set_position/?position=2")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert titles_below(book) == ["Chapter 1", "Chapter 2", "Chapter 3"]


def test_what_a_place_is_is_a_number_and_nothing_else_is_asked(desk: Desk):
    book, (first, *_others) = desk.book(chapters=2)
    address = f"/admin/pages/{first.pk}/set_position/"
    for query in ("position=-1", "position=1.5", "position=last", f"position_page={book.pk}", f"target={book.pk}"):
        assert desk.client("lead").post(f"{address}?{query}").status_code == 404, query
    assert desk.client("lead").post(address, {"position_page": book.pk}).status_code == 404
    assert titles_below(book) == ["Chapter 1", "Chapter 2"]


def test_a_place_is_one_among_the_pages_that_are_shown(desk: Desk):
    """Neither the answer nor the order tells that something closed stands between them."""
    book, (_first, second) = desk.book(chapters=2)
    closed = {"audience": "group_full", "working_group": desk.group, "title": "Closed"}
    hidden = desk.page(ChapterPage, "lead", above=book, **closed)
    third = desk.page(ChapterPage, "author", above=book, title="Chapter 3", audience="public")
    HubPage.objects.get(pk=hidden.pk).move(HubPage.objects.get(pk=second.pk), pos="left")
    assert titles_below(book) == ["Chapter 1", "Closed", "Chapter 2", "Chapter 3"]
    # A lead who is no full member, and so may not read it.
    desk.people["associate lead"] = lead = personas.make_user("associate-lead")
    personas.member(lead, "associate", today() - timedelta(days=9), today() + timedelta(days=9))
    Participation.objects.create(user=lead, group=desk.group, starts_on=today())
    Office.objects.create(user=lead, group=desk.group, role=Office.Role.LEAD, starts_on=today())
    html = desk.client("associate lead").get(f"/admin/pages/{book.pk}/").content.decode()
    assert "data-w-orderable-target" in html
    assert "Closed" not in html
    assert put(desk, "associate lead", hidden, 0).status_code == 404
    assert put(desk, "associate lead", third, 1).status_code == 200
    assert [title for title in titles_below(book) if title != "Closed"] == ["Chapter 1", "Chapter 3", "Chapter 2"]
    assert put(desk, "associate lead", third, 2).status_code == 200
    assert titles_below(book) == ["Chapter 1", "Closed", "Chapter 2", "Chapter 3"]


def test_the_homes_of_groups_are_ordered_by_the_secretariat_alone(desk: Desk):
    section = HubPage.objects.get(pk=desk.home.pk).line[-1]
    before = titles_below(section)
    assert put(desk, "lead", desk.home, 1 - before.index(desk.home.title)).status_code == 404
    assert titles_below(section) == before
    assert put(desk, "secretariat", desk.home, 1 - before.index(desk.home.title)).status_code == 200
    assert titles_below(section) == before[::-1]


def test_no_page_goes_to_another_parent(desk: Desk):
    book, (first, *_others) = desk.book(chapters=2)
    elsewhere = desk.page(GuidebookPage, "lead", title="Another book")
    lead = desk.people["lead"]
    page = HubPage.objects.get(pk=first.pk)
    assert page.permissions_for_user(lead).can_move_to(HubPage.objects.get(pk=book.pk))
    assert not page.permissions_for_user(lead).can_move_to(HubPage.objects.get(pk=elsewhere.pk))
    assert not page.permissions_for_user(desk.people["author"]).can_move_to(HubPage.objects.get(pk=book.pk))
    for address in (f"/admin/pages/{first.pk}/move/", f"/admin/pages/{first.pk}/move/{elsewhere.pk}/confirm/"):
        assert desk.client("lead").get(address).status_code == 404
        assert desk.client("lead").post(address).status_code == 404
    assert "/move/" not in desk.client("lead").get(f"/admin/pages/{book.pk}/").content.decode()


def test_the_secretariat_has_no_desk(desk: Desk):
    assert desk_for(desk.people["secretariat"]) is None
    listed = desk.client("secretariat").get("/admin/choose-page/")
    assert listed.status_code == 200
    assert desk.client("secretariat").get("/admin/reports/locked/").status_code == 200


# What is not offered --------------------------------------------------------------------------------


def test_who_has_an_office_is_offered_nothing_to_do_with_many_things_at_once(desk: Desk):
    picture(desk, personas.GROUP, audience="members", working_group=None)
    document = HubDocument(
        title="Ours", file=SimpleUploadedFile("ours.txt", b"Words."), collection=desk.space.collection
    )
    document.save()
    book, _chapters = desk.book()
    lists = ("/admin/images/", "/admin/images/?layout=list", "/admin/documents/", f"/admin/pages/{desk.home.pk}/")
    for address in (*lists, "/admin/images/results/", "/admin/documents/results/"):
        shown = {name: desk.client(name).get(address) for name in ("lead", "secretariat")}
        assert [answer.status_code for answer in shown.values()] == [200, 200], address
        html = {name: answer.content.decode() for name, answer in shown.items()}
        for mark in (
            "data-bulk-action-checkbox",
            "data-bulk-action-select-all",
            "bulk-actions-choices",
            "/admin/bulk/",
        ):
            assert mark not in html["lead"], (address, mark)
        assert "data-bulk-action-checkbox" in html["secretariat"], address
        for mark in ("bulk-action-checkbox", "data-bulk-action-select-all", "bulk-actions-choices", "/admin/bulk/"):
            assert mark not in html["lead"], (address, mark)
    assert book.title in desk.client("lead").get(f"/admin/pages/{desk.home.pk}/").content.decode()
