"""Whatever way a page is written, its access key says what its line of ancestors says."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.audience import check_integrity, set_audience
from core.models import HubPage
from members.models import WorkingGroup

pytestmark = pytest.mark.django_db


def key(page: HubPage) -> str:
    return HubPage.objects.get(pk=page.pk).access_key


@pytest.fixture
def groups():
    return [WorkingGroup.objects.create(name=name, slug=name.lower(), kind="theme") for name in ("One", "Two")]


def test_a_new_page_takes_the_stricter_of_its_own_audience_and_its_section(make_page):
    section = make_page("Section", audience="full")
    assert key(make_page("Child", parent=section, audience="members")) == "full"


def test_a_group_page_under_a_full_section_is_for_full_members_of_the_group(make_page, groups):
    section = make_page("Section", audience="full")
    page = make_page("Child", parent=section, audience="group", working_group=groups[0])
    assert key(page) == f"group:{groups[0].pk}+full"


def test_two_groups_in_one_line_leave_nobody(make_page, groups):
    section = make_page("Section", audience="group", working_group=groups[0])
    assert key(make_page("C", parent=section, audience="group", working_group=groups[1])) == "nobody"


def test_saving_a_page_never_changes_who_may_read_it(make_page):
    page = make_page(audience="full")
    page.audience, page.access_key, page.teaser = "public", "public", True
    page.save()
    assert key(page) == "full"
    assert (page.audience, page.access_key, page.teaser) == ("full", "full", False)


def test_publishing_an_old_revision_keeps_the_audience_of_today(make_page):
    page = make_page(audience="public")
    old = page.save_revision()
    set_audience(page, "full")
    old.publish()
    assert key(page) == "full"


def test_an_unpublished_ancestor_closes_what_is_below_it(make_page):
    section = make_page("Section")
    page = make_page("Child", parent=section)
    HubPage.objects.get(pk=section.pk).specific.unpublish()
    assert key(page) == "nobody"
    HubPage.objects.get(pk=section.pk).specific.save_revision().publish()
    assert key(page) == "public"


def test_a_moved_page_keeps_what_it_was_closed_to(make_page):
    closed, opened = make_page("Closed", audience="full"), make_page("Open")
    page = make_page("Child", parent=closed, audience="members")
    below = make_page("Below", parent=page, audience="members")
    page.move(opened, "last-child")
    assert key(page) == key(below) == "full"


def test_a_copy_keeps_what_its_source_was_closed_to(make_page):
    closed, opened = make_page("Closed", audience="full"), make_page("Open")
    page = make_page("Child", parent=closed, audience="members")
    copy = page.copy(to=opened, recursive=True)
    assert key(copy) == "full"


def test_an_alias_keeps_what_its_source_was_closed_to_even_after_the_source_is_gone(make_page):
    closed, opened = make_page("Closed", audience="full"), make_page("Open")
    page = make_page("Child", parent=closed, audience="members")
    alias = page.create_alias(parent=opened)
    assert key(alias) == "full"
    HubPage.objects.get(pk=page.pk).specific.delete()
    assert key(alias) == "full"


def test_the_database_refuses_a_key_looser_than_the_audience(make_page):
    from django.db import models

    page = make_page(audience="full")
    with pytest.raises(IntegrityError), transaction.atomic():
        models.QuerySet(HubPage).filter(pk=page.pk).update(access_key="members")


def test_a_wider_audience_than_the_section_is_refused_in_words(make_page):
    section = make_page("Section", audience="full")
    page = make_page("Child", parent=section, audience="full")
    with pytest.raises(ValidationError, match="wider than the section"):
        set_audience(page, "members")
    assert key(page) == "full"


def test_changing_the_audience_of_a_section_takes_as_many_queries_for_many_as_for_few(
    make_page, django_assert_max_num_queries
):
    section = make_page("Section")
    for number in range(30):
        make_page(f"Child {number}", parent=section)
    section.refresh_from_db()
    with django_assert_max_num_queries(20):
        set_audience(section, "members")
    assert check_integrity() == []
