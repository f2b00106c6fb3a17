"""Two people at one page: nothing that was written is lost, and both know of each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.admin.models import EditingSession

from core.models import HubPage
from guidebooks.models import ChapterPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def chapter(desk):
    _book, chapters = desk.book(chapters=1)
    return chapters[0]


def ping(desk, name: str, page):
    """What the editor asks every few seconds."""
    session = EditingSession.objects.filter(user=desk.people[name], object_id=str(page.pk)).latest("pk")
    return desk.client(name).post(
        f"/admin/editing-sessions/ping/wagtailcore/page/{page.pk}/{session.pk}/",
        {"revision_id": page.latest_revision_id, "revision_created_at": page.latest_revision_created_at.isoformat()},
    )


def test_each_is_told_that_the_other_is_there(desk, chapter):
    for name in ("author", "lead"):
        desk.client(name).get(f"/admin/pages/{chapter.pk}/edit/")
    answer = ping(desk, "author", chapter)
    assert answer.status_code == 200
    assert [session["user"] for session in answer.json()["other_sessions"]] == ["A lead"]


def test_each_is_told_that_the_other_has_saved(desk, chapter):
    form = desk.form("lead", chapter, text="By the lead.")
    desk.client("author").get(f"/admin/pages/{chapter.pk}/edit/")
    desk.client("lead").post(f"/admin/pages/{chapter.pk}/edit/", form)
    sessions = ping(desk, "author", chapter).json()["other_sessions"]
    assert any(session["revision_id"] for session in sessions)


def test_both_versions_are_kept_and_the_second_is_told(desk, chapter):
    first, second = desk.form("author", chapter, text="By the author."), desk.form("lead", chapter, text="By the lead.")
    url = f"/admin/pages/{chapter.pk}/edit/"
    answer = desk.client("author").post(url, first, follow=True)
    assert "Somebody else saved" not in answer.content.decode()
    answer = desk.client("lead").post(url, second, follow=True)
    shown = answer.content.decode()
    assert "Somebody else saved this page while you were writing. Both versions are kept" in shown
    kept = [str(revision.as_object().body) for revision in chapter.revisions.order_by("pk")]
    assert any("By the author." in text for text in kept)
    assert "By the lead." in kept[-1]
    author, lead = chapter.revisions.order_by("-pk")[1], chapter.revisions.order_by("-pk")[0]
    compare = f"/admin/pages/{chapter.pk}/revisions/compare/{author.pk}...{lead.pk}/"
    assert compare in shown
    assert desk.client("lead").get(compare).status_code == 200


def test_an_autosave_over_somebody_elses_version_is_refused(desk, chapter):
    mine = desk.form("author", chapter, text="Mine, still being typed.")
    desk.edit("lead", chapter, text="By the lead.")
    answer = desk.client("author").post(
        f"/admin/pages/{chapter.pk}/edit/", mine, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "invalid_revision"
    assert "By the lead." in str(HubPage.objects.get(pk=chapter.pk).specific.get_latest_revision_as_object().body)


def test_a_page_that_somebody_is_writing_on_is_not_deleted(desk, chapter):
    desk.client("author").get(f"/admin/pages/{chapter.pk}/edit/")
    answer = desk.client("secretariat").post(f"/admin/pages/{chapter.pk}/delete/")
    assert answer.status_code == 409
    assert "Somebody has this page" in answer.content.decode()
    book = HubPage.objects.get(pk=chapter.pk).specific.book
    answer = desk.client("secretariat").post(f"/admin/pages/{book.pk}/delete/")
    assert answer.status_code == 409, "nor with the book around it"
    assert ChapterPage.objects.filter(pk=chapter.pk).exists()


def test_one_who_has_gone_away_does_not_hold_it_for_ever(desk, chapter):
    desk.client("author").get(f"/admin/pages/{chapter.pk}/edit/")
    EditingSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=11))
    assert desk.client("secretariat").post(f"/admin/pages/{chapter.pk}/delete/").status_code == 302
    assert not ChapterPage.objects.filter(pk=chapter.pk).exists()
