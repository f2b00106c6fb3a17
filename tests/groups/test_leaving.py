"""Leaving an office: nothing of the group's is lost, and nothing stays with whoever has left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command

from core.models import HubPage
from groups.leaving import open_all_stale_locks, without_author
from groups.permissions import settle
from members.models import Office, User, today
from tests import personas

pytestmark = pytest.mark.django_db
YESTERDAY = today() - timedelta(days=1)


def leave(person: User) -> None:
    """The term of office has ended yesterday; nobody pressed a button, no signal was sent."""
    Office.objects.filter(user=person).update(ends_on=YESTERDAY)


def test_a_term_that_has_ended_closes_the_editor_at_the_next_request(desk):
    page = desk.page()
    form = desk.form("author", page)
    leave(desk.people["author"])
    settle(User.objects.get(pk=desk.people["author"].pk))
    answer = desk.client("author").post(f"/admin/pages/{page.pk}/edit/", {**form, "title": "Too late"})
    assert answer.status_code in (302, 404)
    page.refresh_from_db()
    assert page.title != "Too late"
    assert page.revisions.count() == 1
    assert desk.client("author").get(f"/admin/reviews/send/{page.pk}/").status_code in (302, 404)


def test_owning_a_page_gives_nothing_to_whoever_has_left(desk):
    page = desk.page()
    person = User.objects.get(pk=desk.people["author"].pk)
    assert page.owner_id == person.pk
    assert page.permissions_for_user(person).can_edit()
    leave(person)
    settle(person)
    assert not page.permissions_for_user(person).can_edit()
    assert not person.has_perm("wagtailadmin.access_admin")


def test_open_drafts_stay_and_a_lead_sees_that_they_have_no_author(desk):
    page = desk.page(title="Half written")
    assert desk.client("lead").get("/admin/reviews/").context["without_author"] == []
    leave(desk.people["author"])
    answer = desk.client("lead").get("/admin/reviews/")
    assert [each.pk for each in answer.context["without_author"]] == [page.pk]
    assert "Half written" in answer.content.decode()
    assert "Half written" not in desk.client("otherlead").get("/admin/reviews/").content.decode()
    assert desk.edit("lead", page, text="Gone on with.").status_code == 302
    assert without_author([desk.group]) == []


def test_where_no_lead_is_left_the_secretariat_sees_them(desk):
    page = desk.page()
    assert page.pk not in [p.pk for p in desk.client("secretariat").get("/admin/reviews/").context["without_author"]]
    leave(desk.people["author"])
    leave(desk.people["lead"])
    assert page.pk in [p.pk for p in desk.client("secretariat").get("/admin/reviews/").context["without_author"]]


def test_what_waited_for_the_person_alone_goes_to_the_secretariat(desk):
    page = desk.page()
    desk.send("author", page)
    assert desk.client("secretariat").get("/admin/reviews/").context["waiting"] == []
    leave(desk.people["lead"])
    waiting = desk.client("secretariat").get("/admin/reviews/").context["waiting"]
    assert [row["url"] for row in waiting] == [desk.url(page)]
    answer = desk.client("lead").post(desk.url(page), {"action": "approve", "read": "x"})
    assert answer.status_code in (302, 404)
    assert desk.approve("secretariat", page).status_code == 302
    assert HubPage.objects.get(pk=page.pk).live


def lock(page, person) -> None:
    page.locked, page.locked_by = True, person
    page.save(update_fields=["locked", "locked_by"])


def test_locks_open_when_whoever_holds_them_leaves(desk):
    page = desk.page()
    lock(page, desk.people["author"])
    assert "locked" in desk.edit("lead", page).content.decode()
    Office.objects.get(user=desk.people["author"]).delete()
    page.refresh_from_db()
    assert not page.locked, "at once, where somebody ends the term"


def test_a_lock_of_somebody_whose_term_ran_out_opens_for_whoever_meets_it(desk):
    page = desk.page()
    lock(page, desk.people["author"])
    leave(desk.people["author"])
    shown = desk.client("lead").get(f"/admin/pages/{page.pk}/edit/", follow=True)
    assert "Page locked" not in shown.content.decode()
    assert desk.edit("lead", page, title="Open").status_code == 302
    page.refresh_from_db()
    assert (page.locked, page.draft_title) == (False, "Open")


def test_the_nightly_command_opens_them_too_and_no_others(desk):
    old, kept, staff = desk.page(title="Old"), desk.page(title="Kept"), desk.page(title="Staff")
    gone = desk.holder("gone", Office.Role.AUTHOR)
    lock(old, gone)
    lock(kept, desk.people["author"])
    lock(staff, desk.people["secretariat"])
    leave(gone)
    call_command("remind_reviewers")
    assert list(HubPage.objects.filter(locked=True).order_by("pk")) == [
        HubPage.objects.get(pk=kept.pk),
        HubPage.objects.get(pk=staff.pk),
    ]
    assert open_all_stale_locks() == 0


def test_an_office_in_another_group_opens_nothing_here(desk):
    page = desk.page()
    lock(page, personas.User.objects.get(email="otherlead@example.org"))
    assert open_all_stale_locks() == 1
