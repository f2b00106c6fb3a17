"""Four eyes, through the admin as people use it: who may say yes, to what, and what goes live."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import TaskState, WorkflowState
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, rich_text, streamfield

from core.audience import set_audience
from core.models import HubPage
from groups.submissions import Submission
from groups.workflow import BoardDecision
from guidebooks.models import ChapterPage
from members.models import Tier, today
from search import outbox
from standards.models import StandardIndexPage, StandardPage
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db


def is_live(page) -> bool:
    return HubPage.objects.get(pk=page.pk).live


# The way of a page ----------------------------------------------------------------------------------


def test_an_author_writes_and_sends_and_a_lead_publishes(desk):
    page = desk.page(title="Quintessence of desistance")
    answer = desk.edit("author", page, title="Quintessence of desistance", **{"action-submit": "1"})
    assert answer.url == f"/admin/reviews/send/{page.pk}/"
    answer = desk.send("author", page)
    assert answer.status_code == 302
    assert answer.url == desk.url(page)
    assert not is_live(page)
    answer = desk.approve("lead", page)
    assert answer.status_code == 302
    assert answer.url == "/admin/reviews/"
    assert is_live(page)
    page.refresh_from_db()
    assert not page.has_unpublished_changes
    assert desk.client("full").get(page.url).status_code == 200
    outbox.drain_now()  # what a commit does; a test commits nothing
    answer = desk.client("full").get("/search/", {"q": "quintessence"})
    assert "Quintessence of desistance" in answer.content.decode()


def test_the_approver_needs_no_right_to_publish_and_gets_none(desk):
    page = desk.page()
    desk.send("author", page)
    assert not page.permissions_for_user(desk.people["lead"]).can_publish()
    answer = desk.client("lead").post(desk.url(page), desk.read("lead", page), follow=True)
    assert answer.status_code == 200
    assert "live now" in answer.content.decode()
    assert is_live(page)
    assert not page.permissions_for_user(desk.people["lead"]).can_publish()


def test_an_author_does_not_approve(desk):
    page = desk.page()
    desk.send("author", page)
    answer = desk.client("author").get(desk.url(page))
    assert "I have read it: approve" not in answer.content.decode()
    answer = desk.client("author").post(desk.url(page), desk.read("author", page))
    assert answer.status_code == 409
    assert "This step is for others." in answer.content.decode()
    assert not is_live(page)


def test_a_lead_who_wrote_the_last_version_does_not_approve_it_and_another_lead_does(desk):
    desk.holder("lead2")
    page = desk.page()
    desk.edit("lead", page, text="Improved by the lead.")
    desk.send("author", page)
    shown = desk.client("lead").get(desk.url(page)).content.decode()
    assert "The last version is yours" in shown
    assert "I have read it: approve" not in shown
    answer = desk.client("lead").post(desk.url(page), desk.read("lead", page))
    assert answer.status_code == 409
    assert "The last version is yours" in answer.content.decode()
    assert not is_live(page)
    assert desk.approve("lead2", page).status_code == 302
    assert is_live(page)


def test_wagtails_own_buttons_and_addresses_open_no_other_way(desk):
    desk.holder("lead2")
    page = desk.page(by="lead")
    form = desk.form("lead", page)
    desk.send("lead", page)
    step = desk.step(page)
    for name in ("lead", "lead2", "author"):
        action = f"/admin/pages/workflow/action/{page.pk}/approve/{step.pk}/"
        desk.client(name).post(action, {"comment": ""})
        desk.client(name).post(action, {"comment": "", "read": "guessed"})
        posted = {"action-workflow-action": "1", "workflow-action-name": "approve"}
        for extra in ({}, {"comment": ""}, {"read": "guessed"}):
            data = {**form, **posted, "workflow-action-extra-data": json.dumps(extra)}
            desk.client(name).post(f"/admin/pages/{page.pk}/edit/", data)
        desk.client(name).post(f"/admin/pages/{page.pk}/edit/", {**form, "action-publish": "1"})
    assert not is_live(page)
    assert TaskState.objects.get(pk=step.pk).status == TaskState.STATUS_IN_PROGRESS
    shown = desk.client("lead2").get(f"/admin/pages/workflow/action/{page.pk}/approve/{step.pk}/")
    assert "Read it first" in shown.content.decode()


def test_what_is_sent_twice_is_sent_once_and_what_is_approved_twice_goes_live_once(desk):
    page = desk.page()
    desk.send("author", page)
    answer = desk.send("author", page)
    assert answer.status_code == 302
    assert WorkflowState.objects.count() == Submission.objects.count() == 1
    data, url = desk.read("lead", page), desk.url(page)
    assert desk.client("lead").post(url, data).status_code == 302
    assert desk.client("lead").post(url, data).status_code == 409
    assert page.revisions.count() == 1


def test_a_book_is_sent_from_the_list_of_its_chapters_with_nothing_but_what_changed(desk):
    book, (first, _second) = desk.book("lead")
    listed, way = f"/admin/pages/{book.pk}/", f"/admin/reviews/send/{book.pk}/"
    assert way in desk.client("lead").get(listed).content.decode()
    for page in (book, *HubPage.objects.child_of(book)):
        HubPage.objects.get(pk=page.pk).specific.get_latest_revision().publish()
    assert way not in desk.client("lead").get(listed).content.decode()
    chapter = HubPage.objects.get(pk=first.pk).specific
    chapter.summary = "Said anew."
    chapter.save_revision(user=desk.people["lead"])
    assert way in desk.client("lead").get(listed).content.decode()
    html = desk.client("lead").get(way).content.decode()
    assert f'value="{first.pk}"' in html
    assert f'value="{book.pk}"' not in html


def test_strangers_to_the_group_find_no_review(desk):
    page = desk.page()
    desk.send("author", page)
    url = desk.url(page)
    for name in ("otherlead", "full", "group_full", "board", "lapsed"):
        for address in (url, f"/admin/reviews/send/{page.pk}/"):
            assert desk.client(name).get(address).status_code == 404, name
            assert desk.client(name).post(address, {"action": "approve"}).status_code == 404, name
    assert desk.client("otherlead").get("/admin/reviews/").status_code == 200
    assert page.title not in desk.client("otherlead").get("/admin/reviews/").content.decode()
    for name in ("full", "board"):
        assert desk.client(name).get("/admin/reviews/").status_code == 404


# Groups with one lead -------------------------------------------------------------------------------


def test_where_a_group_has_one_lead_the_secretariat_is_the_second_pair_of_eyes(desk):
    page = desk.page(by="lead", title="Only mine")
    desk.send("lead", page)
    assert "Only mine" in desk.client("secretariat").get("/admin/reviews/").content.decode()
    waiting = desk.client("secretariat").get("/admin/reviews/").context["waiting"]
    assert [row["title"] for row in waiting] == ["Only mine"]
    assert desk.client("lead").get("/admin/reviews/").context["waiting"] == []
    assert desk.approve("secretariat", page).status_code == 302
    assert is_live(page)


def test_with_a_second_lead_the_secretariat_is_not_asked(desk):
    desk.holder("lead2")
    page = desk.page(by="lead")
    desk.send("lead", page)
    assert desk.client("secretariat").get("/admin/reviews/").context["waiting"] == []
    assert len(desk.client("lead2").get("/admin/reviews/").context["waiting"]) == 1


def test_a_group_may_be_set_so_that_one_lead_publishes_what_is_not_public(desk):
    answer = desk.client("secretariat").post("/admin/working-groups/publishing/", {"alone": [desk.group.pk]})
    assert answer.status_code == 302
    page = desk.page(by="lead")
    desk.send("lead", page)
    assert desk.approve("lead", page).status_code == 302
    assert is_live(page)
    # What everybody may read still needs somebody else, and the secretariat.
    public = desk.page(by="lead", audience="public", above=public_home(desk), title="Open")
    desk.send("lead", public)
    assert desk.client("lead").post(desk.url(public), desk.read("lead", public)).status_code == 409
    assert desk.approve("secretariat", public).status_code == 302
    assert is_live(public)
    # An author gains nothing by it.
    draft = desk.page(by="author", title="Not alone")
    desk.send("author", draft)
    assert desk.client("author").post(desk.url(draft), desk.read("author", draft)).status_code == 409


def public_home(desk):
    from core.audience import set_audience

    page = HubPage.objects.get(pk=desk.home.pk)
    set_audience(page, "public", desk.group)
    desk.home.refresh_from_db()
    return desk.home


# What everybody may read, and standards -------------------------------------------------------------


def test_what_everybody_may_read_goes_to_the_secretariat_too(desk):
    page = desk.page(audience="public", above=public_home(desk))
    desk.send("author", page)
    assert desk.approve("lead", page).status_code == 302
    assert not is_live(page), "the secretariat has not read it"
    assert [row["url"] for row in desk.client("secretariat").get("/admin/reviews/").context["waiting"]] == [
        desk.url(page)
    ]
    answer = desk.client("lead").post(desk.url(page), desk.read("lead", page))
    assert answer.status_code == 409
    assert desk.approve("secretariat", page).status_code == 302
    assert is_live(page)


def test_a_title_that_everybody_may_read_goes_to_the_secretariat_too(desk):
    page = desk.page(audience="members", teaser=True, above=public_home(desk))
    desk.send("author", page)
    assert "title and summary are shown to everyone" in desk.client("lead").get(desk.url(page)).content.decode()
    assert desk.approve("lead", page).status_code == 302
    assert not is_live(page)
    assert desk.approve("secretariat", page).status_code == 302
    assert is_live(page)


def test_what_was_taken_offline_comes_back_through_the_secretariat(desk):
    page = desk.page()
    desk.send("author", page)
    desk.approve("lead", page)
    assert is_live(page)
    HubPage.objects.get(pk=page.pk).specific.unpublish()
    desk.send("author", page)
    assert desk.approve("lead", page).status_code == 302
    assert not is_live(page)
    assert desk.approve("secretariat", page).status_code == 302
    assert is_live(page)


def test_what_members_read_does_not(desk):
    page = desk.page()
    desk.send("author", page)
    desk.approve("lead", page)
    assert is_live(page)


def a_standard(desk):
    section = StandardIndexPage.objects.get(locale=desk.home.locale)
    page = section.add_child(
        instance=StandardPage(
            title="A standard",
            number="S91",
            edition="1",
            summary="What to hold to.",
            audience="public",
            review_by=today() + timedelta(days=100),
            live=False,
        )
    )
    page.topics.add(desk.topic)
    page.save_revision(user=desk.people["secretariat"])
    return page


def test_a_standard_is_read_by_a_second_person_of_the_secretariat(desk):
    desk.second_secretary()
    page = a_standard(desk)
    assert desk.send("secretariat", page).status_code == 302
    assert desk.client("secretariat").post(desk.url(page), desk.read("secretariat", page)).status_code == 409
    assert desk.approve("secretary2", page).status_code == 302
    assert is_live(page)


def test_standards_wait_for_the_board_where_the_secretariat_has_said_so(desk):
    desk.second_secretary()
    desk.client("secretariat").post("/admin/working-groups/publishing/", {"board": "on"})
    assert BoardDecision.objects.get().active
    page = a_standard(desk)
    desk.send("secretariat", page)
    desk.approve("secretary2", page)
    assert not is_live(page)
    assert desk.step(page).task.name == "The board decides"
    assert desk.approve("secretary2", page, comment="Decided on 3 March.").status_code == 302
    assert is_live(page)
    # A group's page has nothing to do with it.
    other = desk.page()
    desk.send("author", other)
    desk.approve("lead", other)
    assert is_live(other)


# What was read is what goes live --------------------------------------------------------------------


def test_a_page_in_review_is_changed_by_nobody_but_the_secretariat(desk):
    page = desk.page()
    form = desk.form("author", page)
    desk.send("author", page)
    for name in ("author", "lead"):
        answer = desk.client(name).post(f"/admin/pages/{page.pk}/edit/", {**form, "title": "Changed"})
        assert "locked" in answer.content.decode()
        shown = desk.client(name).get(f"/admin/pages/{page.pk}/edit/").content.decode()
        assert "what was read is what goes live" in shown
        assert desk.url(page) in shown
    assert page.revisions.count() == 1
    assert desk.edit("secretariat", page, title="Corrected").status_code == 302
    assert page.revisions.count() == 2


def test_what_was_changed_while_somebody_read_is_not_approved_by_what_was_read(desk):
    page = desk.page()
    desk.send("author", page)
    data = desk.read("lead", page)
    desk.edit("secretariat", page, title="Corrected meanwhile")
    answer = desk.client("lead").post(desk.url(page), {**data, "comment": "Good work."})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "changed while you were reading" in shown
    assert "Good work." in shown, "what was written is not lost"
    assert not is_live(page)
    assert desk.approve("lead", page).status_code == 302
    page.refresh_from_db()
    assert (page.live, page.title) == (True, "Corrected meanwhile")


def test_an_autosave_into_the_same_version_is_a_change_too(desk):
    page = desk.page(by="lead")
    desk.send("lead", page)
    desk.edit("secretariat", page, title="First")
    desk.holder("lead2")
    data = desk.read("lead2", page)
    revision = page.revisions.latest("pk")
    revision.content = {**revision.content, "title": "Second"}
    revision.save()
    assert desk.client("lead2").post(desk.url(page), data).status_code == 409
    assert not is_live(page)


def test_whoever_changed_it_in_review_does_not_approve_it(desk):
    desk.second_secretary()
    page = desk.page(by="lead")
    desk.send("lead", page)
    desk.edit("secretariat", page, title="Corrected")
    assert desk.client("secretariat").post(desk.url(page), desk.read("secretariat", page)).status_code == 409
    # The lead is not the last to have written now, and reads what the secretariat has changed.
    assert desk.approve("lead", page).status_code == 302
    assert is_live(page)


def test_a_change_between_two_steps_is_read_by_a_lead_again(desk):
    desk.second_secretary()
    page = desk.page(audience="public", above=public_home(desk))
    desk.send("author", page)
    desk.approve("lead", page)
    desk.edit("secretariat", page, title="Changed at the second step")
    assert desk.approve("secretary2", page).status_code == 302
    assert not is_live(page), "no lead has read this version"
    assert desk.approve("lead", page).status_code == 302
    assert is_live(page)


def test_asked_for_changes_then_edited_then_sent_again(desk):
    page = desk.page()
    desk.send("author", page)
    assert desk.client("lead").post(desk.url(page), {"action": "reject", "changes-comment": ""}).status_code == 200
    assert desk.ask_for_changes("lead", page, "Say where it was tried.").status_code == 302
    shown = desk.client("author").get(desk.url(page)).content.decode()
    assert "Say where it was tried." in shown
    assert desk.edit("author", page, text="Tried in Nairobi.", **{"action-submit": "1"}).url.endswith(
        f"send/{page.pk}/"
    )
    assert desk.send("author", page).status_code == 302
    assert desk.approve("lead", page).status_code == 302
    assert is_live(page)
    assert "Nairobi" in str(HubPage.objects.get(pk=page.pk).specific.body)


def test_whoever_sent_a_page_takes_it_back(desk):
    page = desk.page()
    desk.send("author", page)
    url = f"{desk.url(page)}take-back/"
    assert desk.client("lead").post(url).status_code == 404
    assert desk.client("author").get(url).status_code == 405
    assert desk.client("author").post(url).status_code == 302
    assert desk.client("author").post(url).status_code == 302
    assert HubPage.objects.get(pk=page.pk).current_workflow_state is None
    assert desk.edit("author", page, title="Better").status_code == 302


def test_what_is_approved_just_before_it_is_taken_back_stays_approved(desk):
    page = desk.page()
    desk.send("author", page)
    url = f"{desk.url(page)}take-back/"
    with meanwhile(lambda: desk.approve("lead", page), after='FROM "wagtailcore_taskstate" INNER JOIN'):
        assert desk.client("author").post(url).status_code == 302
    assert is_live(page)
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_APPROVED


def test_without_its_list_of_checks_nothing_is_approved(desk):
    page = desk.page()
    page.get_workflow().start(page, desk.people["author"])
    answer = desk.client("lead").post(desk.url(page), desk.read("lead", page))
    assert answer.status_code == 409
    assert "without its list of checks" in answer.content.decode()
    assert not is_live(page)


def test_a_page_sent_away_by_deleting_its_workflow_state_is_not_published(desk):
    page = desk.page()
    desk.send("author", page)
    step = desk.step(page)
    step.workflow_state.cancel()
    answer = desk.client("lead").post(f"/admin/reviews/{step.pk}/", {"action": "approve", "read": "x", "comment": ""})
    assert answer.status_code == 409
    assert not is_live(page)


def test_what_has_a_time_set_goes_live_at_that_time(desk):
    page = desk.page(go_live_at=timezone.now() + timedelta(days=3))
    desk.send("author", page)
    answer = desk.client("lead").post(desk.url(page), desk.read("lead", page), follow=True)
    assert "goes live at the time that is set" in answer.content.decode()
    page.refresh_from_db()
    assert not page.live
    assert page.approved_schedule


def test_no_answer_is_a_clear_error(desk):
    page = desk.page()
    desk.send("author", page)
    answer = desk.client("lead").post(desk.url(page), {})
    assert "Choose one of the two answers." in answer.content.decode()
    answer = desk.client("lead").post(desk.url(page), {"action": "reject", "changes-comment": "x" * 2001})
    assert "2000" in answer.content.decode()


def test_a_page_locked_by_its_sender_is_not_open_to_him_in_review(desk):
    page = desk.page()
    desk.client("author").post(f"/admin/pages/{page.pk}/lock/")
    page.refresh_from_db()
    assert page.locked
    form = desk.form("author", page)
    desk.send("author", page)
    answer = desk.client("author").post(f"/admin/pages/{page.pk}/edit/", {**form, "title": "Behind the reader's back"})
    assert "locked" in answer.content.decode()
    desk.client("author").post(f"/admin/pages/{page.pk}/lock/")
    page.refresh_from_db()
    assert not page.locked
    assert page.revisions.count() == 1


def test_what_somebody_else_has_locked_is_not_sent(desk):
    page = desk.page()
    desk.client("lead").post(f"/admin/pages/{page.pk}/lock/")
    answer = desk.send("author", page)
    assert answer.status_code == 409
    assert "locked by somebody else" in answer.content.decode()


def test_a_page_in_review_is_not_deleted_by_leads_and_authors(desk):
    page = desk.page()
    desk.send("author", page)
    for name in ("author", "lead"):
        answer = desk.client(name).post(f"/admin/pages/{page.pk}/delete/", follow=True)
        assert "Take it back first" in answer.content.decode()
    assert HubPage.objects.filter(pk=page.pk).exists()


# The list of checks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ({"summary": ""}, "Write a summary"),
        ({"review_by": None}, "Set the day by which"),
        ({"review_by": today() - timedelta(days=1)}, "has gone by"),
        (
            {"body": [{"type": "figure", "value": {"image": None, "alt": "", "decorative": False}}]},
            "Say what the picture",
        ),
    ],
)
def test_what_is_missing_is_said_beside_it_and_nothing_is_sent(desk, gap, words):
    page = desk.page(**gap)
    shown = desk.client("author").get(f"/admin/reviews/send/{page.pk}/").content.decode()
    assert words in shown
    answer = desk.send("author", page, note="Please look at the end.")
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert words in shown
    assert "Nothing was sent." in shown
    assert "Please look at the end." in shown, "what was written is kept"
    assert not WorkflowState.objects.exists()


def test_topics_are_asked_for(desk):
    page = desk.page()
    page.topics.clear()
    page.save_revision(user=desk.people["author"])
    assert "Choose one topic" in desk.send("author", page).content.decode()


@pytest.mark.parametrize("tick", ["audience", "names"])
def test_each_tick_is_needed(desk, tick):
    page = desk.page()
    data = {"page": [str(page.pk)], "audience": "on", "names": "agreed", "note": ""}
    del data[tick]
    answer = desk.client("author").post(f"/admin/reviews/send/{page.pk}/", data)
    assert answer.status_code == 200
    assert tick in answer.context["form"].errors
    assert not WorkflowState.objects.exists()


def test_ticks_are_kept_with_what_was_sent(desk):
    page = desk.page()
    desk.send("author", page, names="none", note="A question at the end.")
    sent = Submission.objects.get()
    assert (sent.names, sent.by) == ("none", desk.people["author"])
    shown = desk.client("lead").get(desk.url(page)).content.decode()
    assert "Nobody is named" in shown
    assert "A question at the end." in shown


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        ("members", "everybody whose membership of the network is current"),
        ("full", "people and organisations who do exit"),
        ("group", "the people in this working group"),
        ("group_full", "Full members in “Family and community”"),
    ],
)
def test_who_will_read_it_is_said_in_words(desk, audience, words):
    page = desk.page(audience=audience, working_group=desk.group)
    assert words in desk.client("lead").get(f"/admin/reviews/send/{page.pk}/").content.decode()


def test_a_review_publishes_for_the_readers_of_that_day(desk):
    page = desk.page(audience="members")
    desk.send("author", page)
    set_audience(HubPage.objects.get(pk=page.pk).specific, "full", desk.group)
    assert desk.approve("lead", page).status_code == 302
    assert HubPage.objects.get(pk=page.pk).access_key == "full"
    assert desk.client("full").get(page.url).status_code == 200
    assert desk.client("associate").get(page.url).status_code == 404


def test_what_full_members_read_is_reviewed_by_leads_who_are(desk):
    """The author of these tests is an associate member: the tier is too low, in the editor too."""
    book, chapters = desk.book(by="lead")
    closed = desk.page(ChapterPage, "lead", above=book, title="Zqx for full members", audience="full")
    shown = desk.client("author").get(f"/admin/reviews/send/{book.pk}/").content.decode()
    assert chapters[0].title in shown
    assert "Zqx" not in shown
    assert desk.client("author").get(f"/admin/reviews/send/{closed.pk}/").status_code == 404
    desk.send("lead", book, page=[str(book.pk), str(closed.pk)])
    assert desk.client("author").get(desk.url(closed)).status_code == 404
    assert desk.client("author").get(desk.url(book)).status_code == 404, "it names what was sent with it"
    assert "Zqx" not in desk.client("author").get("/admin/reviews/").content.decode()
    assert desk.client("author").get("/admin/reviews/").context["on_the_way"] == []
    # A second lead of a lower tier cannot read it, so he is not asked; the secretariat is.
    low = desk.holder("low")
    low.memberships.update(tier=Tier.objects.get(code="associate"))
    assert desk.client("low").get("/admin/reviews/").context["waiting"] == []
    assert desk.client("low").get(desk.url(book)).status_code == 404
    assert len(desk.client("secretariat").get("/admin/reviews/").context["waiting"]) == 1
    assert desk.approve("secretariat", book).status_code == 302
    assert is_live(closed)


def test_a_reviewer_compares_with_what_is_live(desk):
    page = desk.page(title="First title")
    desk.send("author", page)
    assert "Nothing of it is live yet." in desk.client("lead").get(desk.url(page)).content.decode()
    desk.approve("lead", page)
    desk.edit("author", page, title="Second title")
    page.refresh_from_db()
    desk.send("author", page)
    shown = desk.client("lead").get(desk.url(page)).content.decode()
    address = f"/admin/pages/{page.pk}/revisions/compare/live...{page.latest_revision_id}/"
    assert address in shown
    compared = desk.client("lead").get(address)
    assert compared.status_code == 200
    assert "Second" in compared.content.decode()
    assert "deletion" in compared.content.decode()


@pytest.mark.parametrize("name", ["author", "lead"])
def test_what_is_first_to_do_with_a_draft_is_to_send_it(desk, name):
    page = desk.page()
    address = f"/admin/pages/{page.pk}/edit/"

    def first() -> str:
        return desk.client(name).get(address).context["action_menu"].default_item.name

    assert first() == "action-submit"
    assert desk.client("secretariat").get(address).context["action_menu"].default_item.name == "action-save-draft"
    desk.send("author", page)
    assert first() != "action-submit"
    desk.approve("lead", page)
    assert first() == "action-save-draft", "nothing is new"


def test_a_page_that_is_sent_as_it_was_is_not_the_work_of_whoever_sends_it(desk):
    page = desk.page(by="author")
    desk.edit("author", page, title="By the author")
    before = HubPage.objects.get(pk=page.pk).latest_revision_id
    html = desk.client("lead").get(f"/admin/pages/{page.pk}/edit/").content.decode()
    unchanged = querydict_from_html(html, form_id="page-edit-form").dict()
    block = HubPage.objects.get(pk=page.pk).specific.get_latest_revision_as_object().body.raw_data[0]
    unchanged |= nested_form_data({"body": streamfield([("paragraph", rich_text(block["value"]))])})
    unchanged["body-0-id"] = block["id"]
    answer = desk.client("lead").post(f"/admin/pages/{page.pk}/edit/", {**unchanged, "action-submit": "1"})
    assert answer.url == f"/admin/reviews/send/{page.pk}/"
    assert HubPage.objects.get(pk=page.pk).latest_revision_id == before
    assert desk.send("lead", page).status_code == 302
    assert desk.approve("lead", page).status_code == 302
    assert is_live(page)


def test_what_is_changed_and_sent_is_saved_first(desk):
    page = desk.page(by="author")
    data = desk.form("lead", page, title="Better", **{"action-submit": "1"})
    answer = desk.client("lead").post(f"/admin/pages/{page.pk}/edit/", data)
    assert answer.url == f"/admin/reviews/send/{page.pk}/"
    latest = HubPage.objects.get(pk=page.pk).latest_revision
    assert (latest.content["title"], latest.user) == ("Better", desk.people["lead"])


def test_what_waits_for_somebody_does_not_stand_below_once_more(desk):
    page, book = desk.page(title="Once"), desk.book(by="lead")[0]
    desk.send("author", page)
    desk.send("lead", book)
    shown = desk.client("lead").get("/admin/reviews/")
    assert [row["title"] for row in shown.context["waiting"]] == ["Once"]
    assert [row["title"] for row in shown.context["on_the_way"]] == ["A book"]
    assert shown.content.decode().count(">Once<") == 1
    desk.client("lead").post(f"/admin/reviews/{desk.step(book).pk}/take-back/")
    shown = desk.client("lead").get("/admin/reviews/").content.decode()
    assert "Nothing else is in review." in shown
    assert "Nothing is in review" not in shown
    assert [row["title"] for row in desk.client("author").get("/admin/reviews/").context["on_the_way"]] == ["Once"]


def test_whoever_sent_a_page_is_told_who_decides_next(desk):
    page, by_lead = desk.page(audience="public", above=public_home(desk)), desk.page(by="lead", title="By the lead")
    desk.send("author", page)
    shown = desk.client("author").get(desk.url(page)).content.decode()
    assert "A lead of the group reads this next, and approves it or asks for changes." in shown
    assert "You get a mail when there is an answer." in shown
    desk.approve("lead", page)
    shown = {name: desk.client(name).get(desk.url(page)).content.decode() for name in ("author", "lead")}
    assert all("The secretariat reads this next" in each for each in shown.values())
    assert "You get a mail" not in shown["lead"], "he did not send it"
    # The only lead cannot read his own work.
    desk.send("lead", by_lead)
    assert "The secretariat reads this next" in desk.client("author").get(desk.url(by_lead)).content.decode()


# Several pages together -----------------------------------------------------------------------------


def everything(book, chapters) -> list[str]:
    return [str(page.pk) for page in (book, *chapters)]


def test_a_book_and_its_chapters_are_one_review_and_go_live_together(desk):
    book, chapters = desk.book()
    shown = desk.client("author").get(f"/admin/reviews/send/{book.pk}/").content.decode()
    assert all(chapter.title in shown for chapter in chapters)
    assert desk.send("author", book, page=everything(book, chapters)).status_code == 302
    assert Submission.objects.count() == 3
    assert len(set(Submission.objects.values_list("together", flat=True))) == 1
    rows = desk.client("lead").get("/admin/reviews/").context["waiting"]
    assert [row["title"] for row in rows] == ["A book and 2 more"]
    assert desk.approve("lead", chapters[0]).status_code == 302, "whichever of them is asked for"
    assert all(is_live(page) for page in (book, *chapters))


def test_if_one_of_them_cannot_go_live_none_does(desk):
    book, chapters = desk.book()
    desk.send("author", book, page=everything(book, chapters))
    data, url = desk.read("lead", book), desk.url(book)
    broken = chapters[1].latest_revision
    broken.content = {**broken.content, "title": ""}
    broken.save()
    answer = desk.client("lead").post(url, data)
    assert answer.status_code == 409, "it was changed meanwhile"
    answer = desk.approve("lead", book)
    assert answer.status_code == 409
    assert "nothing was published" in answer.content.decode()
    assert not any(is_live(page) for page in (book, *chapters))
    assert desk.step(book).status == TaskState.STATUS_IN_PROGRESS


def test_chapters_put_in_another_order_meanwhile_are_still_what_was_read(desk):
    book, chapters = desk.book()
    desk.send("author", book, page=everything(book, chapters))
    data, url = desk.read("lead", book), desk.url(book)
    assert desk.client("lead").post(f"/admin/pages/{chapters[1].pk}/set_position/?position=0").status_code == 200
    assert desk.client("lead").post(url, data).status_code == 302
    assert all(is_live(page) for page in (book, *chapters))


def test_one_chapter_by_the_reader_stops_them_all(desk):
    desk.holder("lead2")
    book, chapters = desk.book()
    desk.edit("lead", chapters[1], text="By the lead.")
    desk.send("author", book, page=everything(book, chapters))
    assert desk.client("lead").post(desk.url(book), desk.read("lead", book)).status_code == 409
    assert not is_live(chapters[0])
    assert desk.approve("lead2", book).status_code == 302
    assert is_live(chapters[1])


def test_where_each_lead_wrote_one_chapter_the_secretariat_reads(desk):
    desk.holder("lead2")
    book, chapters = desk.book()
    desk.edit("lead", chapters[0], text="By one.")
    desk.edit("lead2", chapters[1], text="By the other.")
    desk.send("author", book, page=everything(book, chapters))
    for name in ("lead", "lead2"):
        assert desk.client(name).get("/admin/reviews/").context["waiting"] == []
        assert desk.client(name).post(desk.url(book), desk.read(name, book)).status_code == 409
    assert len(desk.client("secretariat").get("/admin/reviews/").context["waiting"]) == 1
    assert desk.approve("secretariat", book).status_code == 302
    assert is_live(chapters[1])


def test_changes_are_asked_for_and_taken_back_for_all_of_them(desk):
    book, chapters = desk.book()
    desk.send("author", book, page=everything(book, chapters))
    desk.ask_for_changes("lead", book)
    assert desk.edit("author", chapters[0], text="Changed.").status_code == 302
    assert desk.send("author", book, page=everything(book, chapters)).status_code == 302
    desk.client("author").post(f"{desk.url(chapters[1])}take-back/")
    assert not WorkflowState.objects.active().exists()


def test_of_a_live_book_only_changed_chapters_are_offered(desk):
    book, chapters = desk.book()
    desk.send("author", book, page=everything(book, chapters))
    desk.approve("lead", book)
    desk.edit("author", chapters[1], text="New words.")
    rows = desk.client("author").get(f"/admin/reviews/send/{book.pk}/").context["rows"]
    assert [row["page"].pk for row in rows] == [chapters[1].pk]
    assert desk.send("author", book, page=[str(chapters[1].pk)]).status_code == 302
    assert desk.step(chapters[1])
    assert HubPage.objects.get(pk=book.pk).current_workflow_state is None


def test_a_page_that_is_not_below_is_not_sent_with_it(desk):
    book, _chapters = desk.book()
    other = desk.page(title="Elsewhere")
    answer = desk.send("author", book, page=[str(book.pk), str(other.pk)])
    assert answer.status_code == 200
    assert "What can be sent has changed" in answer.content.decode()
    answer = desk.client("author").post(f"/admin/reviews/send/{book.pk}/", {"audience": "on", "names": "none"})
    assert "Choose at least one page." in answer.content.decode()
    assert not WorkflowState.objects.exists()


def test_pages_sent_together_wait_for_the_secretariat_if_one_of_them_is_public(desk):
    book, chapters = desk.book(audience="public", above=public_home(desk))
    desk.send("author", book, page=everything(book, chapters))
    desk.approve("lead", book)
    assert not is_live(book)
    assert desk.approve("secretariat", book).status_code == 302
    assert is_live(book)
    assert is_live(chapters[1])
