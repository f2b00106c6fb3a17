"""What owners should look at: pages past their date of review. Each sees what is his own group's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import RequestFactory

from core.models import BrokenLink
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from hub.models import HomePage, PlainPage
from hub.upkeep import BrokenLinks, ToReview, to_review
from members.models import today
from tests import personas

pytestmark = pytest.mark.django_db

YESTERDAY = timedelta(days=-1)


@pytest.fixture
def people():
    return personas.make_personas()


@pytest.fixture
def pages(people):
    """One late page of each group, one of the secretariat's, and one that is not late."""
    groups = personas.make_groups()
    section = WorkingGroupIndexPage.objects.get(locale__language_code="en")
    made = {}
    for slug, group in groups.items():
        made[slug] = WorkingGroupPage(
            title=f"Home of {slug}", audience="group", working_group=group, review_by=today() + YESTERDAY
        )
        section.add_child(instance=made[slug])
    home = HomePage.objects.get(locale__language_code="en")
    made["own"] = PlainPage(title="Money", audience="public", review_by=today() + YESTERDAY * 9)
    made["fresh"] = PlainPage(title="Fresh", audience="public", review_by=today())
    for name in ("own", "fresh"):
        home.add_child(instance=made[name])
    return made


def shown_to(person, panel):
    request = RequestFactory().get("/admin/")
    request.user = person
    return panel.get_context_data({"request": request})


def test_a_page_is_late_the_day_after(pages):
    on = today()
    assert pages["fresh"] not in to_review(on)
    assert pages["fresh"].pk in to_review(on + timedelta(days=1)).values_list("pk", flat=True)
    assert not to_review(date(2000, 1, 1))


def test_each_owner_is_told_of_what_is_his(people, pages):
    def titles(name):
        return [page.title for page in shown_to(people[name], ToReview())["pages"]]

    assert titles("secretariat")[0] == "Money"  # the latest first
    assert len(titles("secretariat")) == 3
    assert titles("lead") == titles("author") == [pages[personas.GROUP].title]
    assert titles("otherlead") == [pages[personas.OTHER_GROUP].title]
    for name in ("group_full", "full", "board", "lapsed"):
        assert titles(name) == []


def test_broken_links_are_told_to_the_owner_alone(people, pages):
    for page in pages.values():
        BrokenLink.objects.create(
            page_id=page.pk,
            url=f"https://gone.example/{page.pk}",
            reason="gone",
            first_seen="2027-01-01T00:00Z",
            last_seen="2027-01-01T00:00Z",
        )

    def told(name):
        return [link.page_id for link in shown_to(people[name], BrokenLinks())["links"]]

    assert len(told("secretariat")) == 4
    assert told("lead") == [pages[personas.GROUP].pk]
    assert told("otherlead") == [pages[personas.OTHER_GROUP].pk]
    assert told("full") == []


def test_what_is_for_full_members_of_the_group_is_not_told_to_an_author_who_is_none(people, pages):
    """Neither how many such pages there are, nor the addresses they link to."""
    closed = PlainPage(
        title="Closed",
        audience="group_full",
        working_group=personas.make_groups()[personas.GROUP],
        review_by=today() + YESTERDAY,
    )
    pages[personas.GROUP].add_child(instance=closed)
    BrokenLink.objects.create(
        page_id=closed.pk,
        url="https://gone.example/closed",
        reason="gone",
        first_seen="2027-01-01T00:00Z",
        last_seen="2027-01-01T00:00Z",
    )
    for name, there in (("lead", True), ("author", False)):
        assert (closed.pk in [page.pk for page in shown_to(people[name], ToReview())["pages"]]) is there
        assert [link.page_id for link in shown_to(people[name], BrokenLinks())["links"]] == [closed.pk] * there


def test_a_draft_is_not_late(pages):
    pages["own"].unpublish()
    assert pages["own"].pk not in to_review().values_list("pk", flat=True)


def test_the_first_page_of_the_editor_says_it(client, people, pages):
    client.force_login(people["secretariat"])
    html = client.get("/admin/").content.decode()
    assert "Pages to look at again" in html
    assert f"/admin/pages/{pages['own'].pk}/edit/" in html
    assert f"/admin/pages/{pages['fresh'].pk}/edit/" not in html


def test_more_than_fit_are_counted(people, pages):
    home = HomePage.objects.get(locale__language_code="en")
    for number in range(21):
        home.add_child(instance=PlainPage(title=f"Late {number}", audience="public", review_by=date(2020, 1, 1)))
    said = shown_to(people["secretariat"], ToReview())
    assert len(said["pages"]) == 20
    assert said["more"] == 4
