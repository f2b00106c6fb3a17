"""Every way of writing a page leaves its access key true, and none but set_audience opens anything.

After each test the whole tree is computed again and compared with what is stored (tests/conftest.py).
"""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import OperationalError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import (
    Locale,
    Page,
    PageLogEntry,
    PageViewRestriction,
)
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from core import lines
from core.audience import check_integrity, close_files, files_left_open, set_audience
from core.models import FileOfPage, HubDocument, HubPage
from hub.models import HomePage, PlainPage
from members.models import WorkingGroup
from tests import personas

pytestmark = pytest.mark.django_db

Make = Callable[..., PlainPage]


def key(page: Page) -> str:
    """The stored access key."""
    return HubPage.objects.get(pk=page.pk).access_key


def fresh(page: Page) -> PlainPage:
    """The page as it is stored now."""
    return PlainPage.objects.get(pk=page.pk)


@pytest.fixture
def groups(db: None) -> list[WorkingGroup]:
    return [WorkingGroup.objects.create(name=name, slug=name.lower(), kind="theme") for name in ("One", "Two")]


@pytest.fixture
def secretary(db: None) -> Any:
    people = personas.make_personas()
    return people["secretariat"]


@pytest.fixture
def admin(secretary: Any) -> Client:
    client = Client()
    client.force_login(secretary)
    return client


def form(**fields: Any) -> dict[str, Any]:
    """The editor's form of a plain page, filled in."""
    fields.setdefault("title", "A page")
    fields.setdefault("slug", "a-page")
    return nested_form_data(
        {
            "summary": "",
            "body": streamfield([]),
            "files": inline_formset([]),
            "comments": inline_formset([]),
            "topics": "",
            "keywords": "",
            **fields,
        }
    )


# Making ---------------------------------------------------------------------------------------------


def test_a_page_made_in_the_editor_takes_the_stricter_of_its_audience_and_its_section(admin, make_page):
    section = make_page("Section", audience="full")
    address = reverse("wagtailadmin_pages:add", args=["hub", "plainpage", section.pk])
    answer = admin.post(address, form(audience="full", **{"action-publish": "1"}))
    assert answer.status_code == 302
    assert key(PlainPage.objects.get(slug="a-page")) == "full"


def test_the_editor_refuses_a_page_wider_than_its_section(admin, make_page):
    section = make_page("Section", audience="full")
    address = reverse("wagtailadmin_pages:add", args=["hub", "plainpage", section.pk])
    answer = admin.post(address, form(audience="public", **{"action-publish": "1"}))
    assert "wider than the section" in answer.content.decode()
    assert not PlainPage.objects.filter(slug="a-page").exists()


@pytest.mark.parametrize("audience", ["public", "members", "full"])
def test_a_draft_that_is_published_later_has_its_key_from_the_beginning(make_page, audience):
    section = make_page("Section", audience="members")
    page = make_page("Child", parent=section, audience=audience, live=False)
    assert key(page) == ("members" if audience == "public" else audience)
    page.save_revision().publish()
    assert key(page) == ("members" if audience == "public" else audience)


def test_a_page_is_closed_until_somebody_says_who_may_read_it(home):
    assert HubPage._meta.get_field("access_key").default == "nobody"
    page = home.add_child(instance=PlainPage(title="No word on readers"))
    assert key(page) == "members"


def test_a_page_of_a_group_without_the_group_is_for_nobody(make_page):
    assert key(make_page(audience="group")) == "nobody"


# Saving and publishing ------------------------------------------------------------------------------


def opened(page: PlainPage) -> PlainPage:
    """The page in hand, pretending to be open."""
    page.audience, page.working_group_id, page.teaser = "public", None, True
    page.access_key = page.standing_key = "public"
    page.teaser_listed = True
    return page


def test_no_save_opens_a_page(make_page):
    page = make_page(audience="full")
    opened(fresh(page)).save()
    opened(fresh(page)).save(update_fields=["audience", "access_key", "standing_key", "teaser"])
    base = Page.objects.get(pk=page.pk)
    base.title = "Saved as a plain page"
    base.save()
    opened(HubPage.objects.get(pk=page.pk)).save()
    stored = fresh(page)
    assert (stored.access_key, stored.audience, stored.teaser) == ("full", "full", False)


def test_saving_in_the_editor_keeps_who_may_read(admin, make_page):
    page = make_page(audience="full", slug="kept")
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    data = form(slug="kept", title="New words", audience="public", teaser="on", **{"action-publish": "1"})
    assert admin.post(address, data).status_code == 302
    assert (fresh(page).title, key(page)) == ("New words", "full")


def test_publishing_a_forged_revision_opens_nothing(make_page):
    page = make_page(audience="full")
    revision = page.save_revision()
    revision.content |= {"audience": "public", "access_key": "public", "standing_key": "public", "teaser": True}
    revision.save()
    revision.publish()
    assert (key(page), fresh(page).teaser) == ("full", False)


def test_an_old_revision_brings_back_words_but_not_readers(make_page):
    page = make_page("Old words", audience="public")
    old = page.save_revision()
    set_audience(page, "full")
    old.publish()
    assert (fresh(page).title, key(page)) == ("Old words", "full")


def test_reverting_in_the_editor_keeps_who_may_read(admin, make_page):
    page = make_page("Old words", audience="public", slug="kept")
    old = page.save_revision()
    set_audience(page, "full")
    assert admin.get(reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, old.pk])).status_code == 200
    data = form(slug="kept", title="Old words", revision=old.pk, audience="public", **{"action-publish": "1"})
    assert admin.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data).status_code == 302
    assert key(page) == "full"


def test_a_schedule_publishes_for_the_readers_of_that_day(make_page):
    page = make_page(audience="public", live=False)
    page.go_live_at = timezone.now() - timedelta(minutes=1)
    page.save_revision(approved_go_live_at=page.go_live_at)
    set_audience(page, "full")
    call_command("publish_scheduled", verbosity=0)
    assert (fresh(page).live, key(page)) == (True, "full")


def test_a_section_that_runs_out_closes_what_is_below_it(make_page):
    section = make_page("Section", expire_at=timezone.now() - timedelta(minutes=1))
    page = make_page("Child", parent=section)
    call_command("publish_scheduled", verbosity=0)
    assert (fresh(section).live, key(page)) == (False, "nobody")


def test_a_move_in_the_editor_keeps_what_the_old_section_demanded(admin, make_page):
    closed, opened_section = make_page("Closed", audience="full"), make_page("Open")
    page = make_page("Child", parent=closed, audience="members")
    below = make_page("Below", parent=page, audience="members")
    admin.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, opened_section.pk]))
    assert fresh(page).path.startswith(fresh(opened_section).path)
    assert key(page) == key(below) == "full"


def test_a_move_into_a_closed_section_closes(make_page):
    closed, page = make_page("Closed", audience="full"), make_page("Page")
    below = make_page("Below", parent=page)
    fresh(page).move(fresh(closed), "last-child")
    assert key(page) == key(below) == "full"


def test_a_page_of_one_group_does_not_go_into_the_section_of_another(admin, make_page, groups):
    one, two = (make_page(group.name, audience="group", working_group=group) for group in groups)
    page = make_page("Child", parent=one)
    assert not fresh(page).can_move_to(fresh(two))
    admin.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, two.pk]))
    assert fresh(page).path.startswith(fresh(one).path)
    assert key(page) == f"group:{groups[0].pk}"


def test_a_page_that_code_moves_into_the_section_of_another_group_is_for_nobody(make_page, groups):
    one, two = (make_page(group.name, audience="group", working_group=group) for group in groups)
    page = make_page("Child", parent=one)
    fresh(page).move(fresh(two), "last-child")
    assert key(page) == "nobody"


def test_a_page_moved_out_from_below_a_draft_is_as_closed_as_its_own_section_was(make_page):
    draft = make_page("Draft", audience="members", live=False)
    page, elsewhere = make_page("Child", parent=draft), make_page("Open")
    assert key(page) == "nobody"
    fresh(page).move(fresh(elsewhere), "last-child")
    assert key(page) == "members"


def test_another_order_changes_nothing(admin, make_page):
    section = make_page("Section", audience="full")
    first, second = (make_page(title, parent=section, audience="members") for title in ("First", "Second"))
    admin.post(reverse("wagtailadmin_pages:set_page_position", args=[second.pk]) + "?position=0")
    assert fresh(second).path < fresh(first).path
    assert (key(first), key(second), fresh(first).audience) == ("full", "full", "members")


def test_another_address_changes_nothing(make_page):
    section = make_page("Section", audience="full", slug="before")
    page = make_page("Child", parent=section, audience="members", slug="child")
    section = fresh(section)
    section.slug = "after"
    section.save()
    assert fresh(page).url_path.endswith("/after/child/")
    assert key(page) == "full"


# Copies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"keep_live": False}, {"recursive": True}, {"copy_revisions": False}])
def test_a_copy_is_as_closed_as_what_it_was_made_of(make_page, options):
    closed, target = make_page("Closed", audience="full"), make_page("Open")
    page = make_page("Child", parent=closed, audience="members")
    make_page("Below", parent=page, audience="members")
    copy = fresh(page).copy(to=fresh(target), **options)
    assert key(copy) == "full"
    assert all(key(below) == "full" for below in HubPage.objects.descendant_of(fresh(copy)))
    if not copy.live:
        copy.save_revision().publish()
        assert key(copy) == "full"


def test_a_copy_that_asks_to_be_open_stays_closed(make_page):
    page, target = make_page(audience="full"), make_page("Open")
    asked = {"audience": "public", "access_key": "public", "slug": "asked"}
    assert key(fresh(page).copy(to=fresh(target), update_attrs=asked)) == "full"


def test_a_copy_in_the_editor_is_as_closed_as_what_it_was_made_of(admin, make_page):
    closed, target = make_page("Closed", audience="full"), make_page("Open")
    page = make_page("Child", parent=closed, audience="members")
    data = {"new_title": "Copy", "new_slug": "copied", "new_parent_page": target.pk, "publish_copies": "on"}
    assert admin.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), data).status_code == 302
    copy = PlainPage.objects.get(slug="copied")
    assert (copy.live, copy.access_key) == (True, "full")


def test_a_copy_from_below_a_draft_is_as_closed_as_its_own_section_was(make_page):
    draft = make_page("Draft", audience="members", live=False)
    page, target = make_page("Child", parent=draft), make_page("Open")
    copy = fresh(page).copy(to=fresh(target))
    assert key(copy) == "members"


# Aliases --------------------------------------------------------------------------------------------


@pytest.fixture
def alias_of(make_page: Make) -> Callable[..., tuple[PlainPage, Page]]:
    """A page of a full section and its alias in an open one."""

    def make() -> tuple[PlainPage, Page]:
        closed, target = make_page("Closed", audience="full"), make_page("Open")
        page = make_page("Child", parent=closed, audience="members")
        return page, fresh(page).create_alias(parent=fresh(target))

    return make


def test_an_alias_is_as_closed_as_its_source_and_follows_it(alias_of, groups):
    page, alias = alias_of()
    assert key(alias) == "full"
    set_audience(fresh(page), "group", groups[0])
    assert key(alias) == key(page) == f"group:{groups[0].pk}+full"


def test_what_an_alias_takes_over_from_its_source_opens_nothing(alias_of):
    page, alias = alias_of()
    source = fresh(page)
    source.title = "New words"
    source.save_revision().publish()
    assert (fresh(alias).title, key(alias)) == ("New words", "full")


def test_an_alias_that_becomes_a_page_of_its_own_keeps_what_its_source_demanded(admin, alias_of):
    page, alias = alias_of()
    assert admin.post(reverse("wagtailadmin_pages:convert_alias", args=[alias.pk])).status_code == 302
    set_audience(HubPage.objects.get(pk=fresh(page).line[-1].pk), "public")
    set_audience(fresh(page), "public")
    assert fresh(alias).alias_of_id is None
    assert (key(page), key(alias)) == ("public", "full")


def test_an_alias_keeps_what_its_source_demanded_when_the_source_is_deleted(admin, alias_of):
    page, alias = alias_of()
    assert admin.post(reverse("wagtailadmin_pages:delete", args=[page.pk])).status_code == 302
    assert not PlainPage.objects.filter(pk=page.pk).exists()
    assert key(alias) == "full"


def test_an_alias_is_closed_while_something_above_its_source_is_a_draft(alias_of):
    page, alias = alias_of()
    PlainPage.objects.get(pk=fresh(page).line[-1].pk).unpublish()
    assert key(alias) == "nobody"


# Languages ------------------------------------------------------------------------------------------


def test_a_translation_is_as_closed_as_its_original(make_page, home):
    german = Locale.objects.get(language_code="de")
    section = make_page("Section", audience="full")
    page = make_page("Child", parent=section, audience="members")
    version = fresh(page).copy_for_translation(german, copy_parents=True)
    assert key(version) == "full"
    version.save_revision().publish()
    # The parents are aliases of the originals, so they are as closed as these.
    assert [key(above) for above in fresh(version).line[1:]] == ["full"]
    assert key(version) == "full"


def test_a_translation_asked_for_in_the_editor_is_as_closed_as_its_original(admin, make_page):
    page = make_page("Page", audience="full")
    make_page("Child", parent=page, audience="members")
    german = Locale.objects.get(language_code="de")
    address = reverse("simple_translation:submit_page_translation", args=[page.pk])
    assert admin.post(address, {"locales": [german.pk], "include_subtree": "on"}).status_code == 302
    versions = HubPage.objects.filter(locale=german, depth__gt=2, kind="page")
    assert [version.standing_key for version in versions] == ["full", "full"]


def test_what_the_sync_of_trees_makes_is_as_closed_as_its_original(admin, make_page, settings):
    settings.WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = True
    section = make_page("Section", audience="full")
    address = reverse("wagtailadmin_pages:add", args=["hub", "plainpage", section.pk])
    assert admin.post(address, form(audience="full", **{"action-publish": "1"})).status_code == 302
    page = PlainPage.objects.get(slug="a-page", locale__language_code="en")
    synced = HubPage.objects.filter(translation_key=page.translation_key).exclude(pk=page.pk)
    assert {version.locale.language_code for version in synced} == {"de", "fr", "ar"}
    assert {key(version) for version in synced} == {"full"}


def test_who_may_read_changes_in_all_languages_or_in_one(make_page):
    german = Locale.objects.get(language_code="de")
    page = make_page(audience="public")
    version = fresh(page).copy_for_translation(german)
    version.save_revision().publish()
    set_audience(fresh(page), "full")
    assert (key(page), key(version)) == ("full", "full")
    set_audience(fresh(page), "members", all_languages=False)
    assert (key(page), key(version)) == ("members", "full")


# Querysets and fixtures -----------------------------------------------------------------------------


def test_querysets_refuse_to_write_who_may_read(make_page):
    page = make_page(audience="full")
    for name in ("audience", "working_group", "working_group_id", "teaser", "access_key", "standing_key"):
        for pages in (HubPage.objects, PlainPage.objects):
            with pytest.raises(ValueError, match="set_audience"):
                pages.filter(pk=page.pk).update(**{name: None})
        if not name.endswith("_id"):
            with pytest.raises(ValueError, match="set_audience"):
                HubPage.objects.bulk_update([page], [name])
    assert key(page) == "full"


def test_a_queryset_that_unpublishes_closes_what_is_below(make_page):
    section = make_page("Section")
    page = make_page("Child", parent=section)
    HubPage.objects.filter(pk=section.pk).update(live=False)
    assert key(page) == "nobody"
    HubPage.objects.filter(pk=section.pk).update(live=True)
    assert key(page) == "public"
    with pytest.raises(ValueError, match="live"):
        HubPage.objects.bulk_update([fresh(section)], ["live"])


@pytest.mark.breaks_keys
def test_what_writes_past_all_of_this_is_met_at_the_gate_and_found(make_page, client, caplog):
    section = make_page("Section", slug="section")
    page = make_page("Child", parent=section, slug="child")
    Page.objects.filter(pk=section.pk).update(live=False)
    assert key(page) == "public"
    with caplog.at_level(logging.ERROR, "core.models.pages"):
        assert client.get("/section/child/").status_code == 404
    assert f"Page {page.pk} holds access key public, its line says nobody" in caplog.text
    assert [problem.page for problem in check_integrity()] == [page.pk]
    check_integrity(mend=True)
    assert key(page) == "nobody"
    assert check_integrity() == []


def test_plain_pages_of_wagtail_that_are_saved_close_what_is_below(make_page):
    section = make_page("Section")
    page = make_page("Child", parent=section)
    Page.objects.get(pk=section.pk).unpublish()
    assert key(page) == "nobody"
    base = Page.objects.get(pk=section.pk)
    base.live = True
    base.save()
    assert key(page) == "public"


def test_a_fixture_that_says_too_much_is_not_believed(make_page, django_capture_on_commit_callbacks):
    section = make_page("Section", audience="full")
    page = make_page("Child", parent=section, audience="members", teaser=False)
    written = io.StringIO()
    with transaction.atomic():
        call_command("dumpdata", "wagtailcore.page", "core.hubpage", "hub.plainpage", stdout=written)
    rows = json.loads(written.getvalue())
    for row in rows:
        if row["model"] == "core.hubpage" and row["pk"] == page.pk:
            row["fields"] |= {"access_key": "members", "standing_key": "members", "teaser": False}
    with django_capture_on_commit_callbacks(execute=True):
        from django.core import serializers

        for restored in serializers.deserialize("json", json.dumps(rows)):
            restored.save()
        assert key(page) == "nobody"
    assert key(page) == "full"


# Sections and groups --------------------------------------------------------------------------------


def test_what_is_below_a_section_follows_it_when_it_closes_and_when_it_opens(make_page, groups):
    section = make_page("Section")
    page = make_page("Child", parent=section, audience="members")
    for audience, group, expected in [
        ("full", None, "full"),
        ("group", groups[0], f"group:{groups[0].pk}"),
        ("group_full", groups[1], f"group:{groups[1].pk}+full"),
        ("public", None, "members"),
    ]:
        set_audience(fresh(section), audience, group)
        assert key(page) == expected


def test_a_section_that_goes_to_another_group_closes_the_pages_of_the_first(make_page, groups):
    section = make_page("Section", audience="members", working_group=groups[0])
    page = make_page("Child", parent=section, audience="group", working_group=groups[0])
    set_audience(fresh(section), "group", groups[1])
    assert key(page) == "nobody"


def test_a_group_that_owns_pages_cannot_be_deleted(make_page, groups):
    page = make_page(audience="group", working_group=groups[0])
    with pytest.raises(models.ProtectedError):
        groups[0].delete()
    assert key(page) == f"group:{groups[0].pk}"


def test_unpublishing_closes_what_is_below_and_publishing_opens_no_more_than_before(make_page):
    section = make_page("Section", audience="members")
    page = make_page("Child", parent=section, audience="full")
    fresh(section).unpublish()
    assert key(page) == "nobody"
    fresh(section).save_revision().publish()
    assert key(page) == "full"


def test_a_refused_change_leaves_everything_as_it_was(make_page, groups):
    german = Locale.objects.get(language_code="de")
    page = make_page("Page", audience="full")
    version = fresh(page).copy_for_translation(german)
    for audience, group, teaser in [
        ("everyone", None, None),
        ("group", None, None),
        ("public", None, True),
        ("group", groups[0], True),
    ]:
        with pytest.raises(ValidationError):
            set_audience(fresh(page), audience, group, teaser=teaser)
        assert (key(page), HubPage.objects.get(pk=version.pk).standing_key) == ("full", "full")


# The admin's actions on many pages ------------------------------------------------------------------


def bulk(admin: Client, action: str, pages: list[Page], **data: Any) -> None:
    """Do something to several pages at once, as the editor does."""
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    ids = "&".join(f"id={page.pk}" for page in pages)
    answer = admin.post(f"{address}?next=/admin/&{ids}", data)
    assert answer.status_code == 302, answer.content[:500]


def test_unpublishing_and_publishing_many_pages_keeps_keys_true(admin, make_page):
    section = make_page("Section", audience="members")
    page = make_page("Child", parent=section, audience="full")
    bulk(admin, "unpublish", [section], include_descendants="")
    assert (fresh(section).live, key(page)) == (False, "nobody")
    bulk(admin, "publish", [section, page], include_descendants="on")
    assert (key(section), key(page)) == ("members", "full")


def test_moving_many_pages_keeps_what_their_section_demanded(admin, make_page):
    closed, target = make_page("Closed", audience="full"), make_page("Open")
    pages = [make_page(f"Child {number}", parent=closed, audience="members") for number in (1, 2)]
    bulk(admin, "move", pages, chooser=target.pk)
    assert all(fresh(page).path.startswith(fresh(target).path) for page in pages)
    assert [key(page) for page in pages] == ["full", "full"]


def test_deleting_many_pages_leaves_their_aliases_closed(admin, alias_of):
    page, alias = alias_of()
    bulk(admin, "delete", [page])
    assert key(alias) == "full"


# The dialog -----------------------------------------------------------------------------------------


def dialog(page: Page) -> str:
    return reverse("core_who_may_read", args=[page.pk])


def test_the_dialog_changes_who_may_read_and_says_so_in_the_history(admin, secretary, make_page):
    page = make_page("Page", audience="public")
    below = make_page("Child", parent=page)
    assert admin.get(dialog(page)).status_code == 200
    answer = admin.post(dialog(page), {"audience": "full", "teaser": "on", "all_languages": "on"})
    assert answer.status_code == 302
    assert (key(page), key(below), fresh(page).teaser_listed) == ("full", "full", True)
    entry = PageLogEntry.objects.get(page=page.pk, action="hub.set_audience")
    assert entry.user == secretary
    assert (entry.data["before"]["audience"], entry.data["after"]["audience"]) == ("public", "full")


def test_the_dialog_refuses_in_words_and_changes_nothing(admin, make_page):
    section = make_page("Section", audience="full")
    page = make_page("Child", parent=section, audience="full")
    answer = admin.post(dialog(page), {"audience": "members", "all_languages": "on"})
    assert answer.status_code == 200
    assert "wider than the section" in answer.content.decode()
    answer = admin.post(dialog(page), {"audience": "group", "all_languages": "on"})
    assert "Choose the working group" in answer.content.decode()
    assert key(page) == "full"
    assert not PageLogEntry.objects.filter(action="hub.set_audience").exists()


def test_the_dialog_offers_to_close_the_files_that_nothing_needs_open(admin, make_page):
    page, other = make_page("Page", audience="public"), make_page("Other")
    mine, shared = (
        HubDocument.objects.create(title=title, file=clean_file(title), audience="public") for title in "ab"
    )
    FileOfPage.objects.create(page=page, document=mine)
    for both in (page, other):
        FileOfPage.objects.create(page=both, document=shared)
    for changed in (page, other):
        fresh(changed).save()
    answer = admin.post(dialog(page), {"audience": "full", "all_languages": "on"})
    assert answer.url == reverse("core_close_files", args=[page.pk])
    assert [file.pk for file, _key in files_left_open(fresh(page))] == [mine.pk]
    assert admin.get(answer.url).status_code == 200
    assert admin.post(answer.url).status_code == 302
    mine.refresh_from_db()
    shared.refresh_from_db()
    assert (mine.access_key, shared.access_key) == ("full", "public")
    assert close_files(fresh(page)) == 0


def clean_file(name: str) -> Any:
    from django.core.files.base import ContentFile

    file = ContentFile(b"words", name=f"{name}.txt")
    file.is_clean = True  # type: ignore[attr-defined]
    return file


def test_the_dialog_is_for_those_who_may_publish(make_page):
    page = make_page("Page", audience="full")
    people = personas.make_personas()
    for name in ("lead", "author", "board", "full"):
        client = Client()
        client.force_login(people[name])
        assert client.post(dialog(page), {"audience": "public"}).status_code == 404
    assert key(page) == "full"


# The check ------------------------------------------------------------------------------------------


@pytest.mark.breaks_keys
def test_the_check_finds_wrong_keys_restrictions_and_pages_that_are_none_of_ours(make_page, home):
    page = make_page("Page", audience="public")
    models.QuerySet(HubPage).filter(pk=page.pk).update(access_key="members")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    stranger = Page.objects.get(pk=home.pk).add_child(instance=Page(title="A stranger", slug="stranger"))
    told = {(problem.page, problem.what.split(",")[0].split(" Derived")[0]) for problem in check_integrity()}
    assert told == {
        (page.pk, "holds"),
        (page.pk, "has a view restriction"),
        (stranger.pk, "is no HubPage and knows no access rule"),
    }


def test_the_check_takes_three_queries_however_many_pages_there_are(make_page, django_assert_num_queries):
    for number in range(5):
        make_page(f"Page {number}")
    with django_assert_num_queries(3):  # the tree, pages that are no HubPage, restrictions
        assert check_integrity() == []


# Many -----------------------------------------------------------------------------------------------


def test_changing_a_section_of_ten_thousand_pages_takes_few_queries(make_page, django_assert_max_num_queries):
    section = make_page("Section")
    many(section, 10_000)
    assert HubPage.objects.descendant_of(fresh(section)).filter(access_key="public").count() == 10_000
    section = fresh(section)
    # Eleven, the two of the transaction, four for what readers keep of it, and on PostgreSQL that for the tree's lock.
    with django_assert_max_num_queries(18 if connection.vendor == "postgresql" else 17):
        set_audience(section, "full")
    assert HubPage.objects.descendant_of(fresh(section)).filter(access_key="full").count() == 10_000


def many(section: PlainPage, number: int) -> None:
    """Put pages below a section with a handful of inserts, as no editor could."""
    page_type = ContentType.objects.get_for_model(HubPage)
    made = Page.objects.bulk_create(
        [
            Page(
                title=f"Page {place}",
                draft_title=f"Page {place}",
                slug=f"page-{place}",
                url_path=f"{section.url_path}page-{place}/",
                path=Page._get_path(section.path, section.depth + 1, place),
                depth=section.depth + 1,
                locale_id=section.locale_id,
                content_type=page_type,
            )
            for place in range(1, number + 1)
        ],
        batch_size=500,
    )
    Page.objects.filter(pk=section.pk).update(numchild=number)
    defaults = {field.column: field.get_db_prep_save(field.get_default(), connection) for field in OWN_COLUMNS}
    defaults |= {"audience": "public", "access_key": "public", "standing_key": "public"}
    names, marks = ", ".join(["page_ptr_id", *defaults]), ", ".join(["%s"] * (len(defaults) + 1))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO core_hubpage ({names}) VALUES ({marks})",
            [[page.pk, *defaults.values()] for page in made],
        )


OWN_COLUMNS = [field for field in HubPage._meta.local_concrete_fields if field.name != "page_ptr"]


# Two at once ----------------------------------------------------------------------------------------


def at_once(*deeds: Callable[[], object]) -> list[Exception]:
    """Do things at the same moment, each with a connection of its own; gives what went wrong."""
    start, wrong = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        try:
            start.wait()
            deed()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_leave_true_keys():
    home = HomePage.objects.get(depth=2, locale__language_code="en")

    def plain(title: str, parent: HubPage, **fields: Any) -> PlainPage:
        return HubPage.objects.get(pk=parent.pk).specific.add_child(instance=PlainPage(title=title, **fields))

    for number in range(6):
        closes = number % 2 == 0
        section = plain(f"Section {number}", home, audience="public" if closes else "full")
        target = plain(f"Target {number}", home, audience="public" if closes else "members")
        moved = plain("Moved", section, audience="public")
        # Wagtail itself moves pages as plain ones; that may be told to try again, but never leaves a wrong key.
        mover = fresh(moved) if number < 4 else Page.objects.get(pk=moved.pk)
        wrong = at_once(
            lambda section=section, closes=closes: set_audience(fresh(section), "full" if closes else "public"),
            lambda section=section: plain("New", section, audience="public"),
            lambda mover=mover, target=target: mover.move(fresh(target), "last-child"),
        )
        assert wrong == [] or (number >= 4 and all(isinstance(error, OperationalError) for error in wrong))
        assert check_integrity() == []


@pytest.mark.django_db(transaction=True)
def test_the_lock_of_the_tree_lets_one_write_after_the_other():
    home = HomePage.objects.get(depth=2, locale__language_code="en")
    page = home.add_child(instance=PlainPage(title="Page", audience="public"))
    order: list[str] = []
    first_holds, second_waits = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            lines.lock()
            first_holds.set()
            second_waits.wait(5)
            order.append("first")

    def second() -> None:
        first_holds.wait(5)
        second_waits.set()
        set_audience(fresh(page), "full")
        order.append("second")

    assert at_once(first, second) == []
    assert order == ["first", "second"]
    assert key(page) == "full"
