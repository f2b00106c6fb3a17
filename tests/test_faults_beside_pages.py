"""Faults in the rule beside the pages, made on purpose: the door tests must notice each.

As in tests/test_faults.py, for what groups, members and readers have of their own: what goes on inside a group and what
is given to it, what readers keep, what changed, editions and citations, exported lists, notes of those who tried it,
reading lists, and what is taken away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Q

import groups.agenda
import groups.suggestions
import groups.views
import guidebooks.reading.versions
import guidebooks.reading.views
import guidebooks.taking.views
import hub.exporting
import hub.numbers
import hub.reading_lists
import resources.tried
from core import edition_pages, editions
from core.access import Viewer
from core.models import Edition, HubPage, HubPageQuerySet
from core.templatetags import items
from groups.circle import Circle, circle_of, inside
from groups.people import people_of
from groups.records import Suggestion
from guidebooks.models import ChapterPage, GuidebookPage, PrivateNote, Reading
from guidebooks.taking.kept import Keeping
from hub import lists
from hub.models import ReadingList
from members.models import User
from tests.doors import groups as of_groups
from tests.doors import library, reading, taking
from tests.doors.scenario import Item, World

pytestmark = pytest.mark.django_db

ALL_SEEING = Viewer(sees_all=True, signed_in=True)


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Puts something wrong in the place of what is right, until the test ends."""
    return monkeypatch


@pytest.fixture(autouse=True)
def _shelf(settings: Any, tmp_path: Any) -> None:
    """What is taken away with a fault is kept where no other test finds it."""
    settings.VAR_DIR = tmp_path


def few(world: World, kind: str, *states: str) -> list[Item]:
    """Some pages, so that a check takes a moment."""
    return [world.one(kind, state) for state in states]


# Working groups -------------------------------------------------------------------------------------


def test_a_page_inside_a_group_for_everybody_who_is_signed_in_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(groups.agenda, "inside", circle_of)
    with pytest.raises(AssertionError, match=r"othermember is shown .*(task|decision) of inside"):
        of_groups.check_groups(world, ["othermember"], ["en"])


def test_a_page_of_leads_for_everybody_inside_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(groups.views, "led", inside)
    with pytest.raises(AssertionError, match=r"group_associate is shown .*request of inside"):
        of_groups.check_groups(world, ["group_associate"], ["en"])


def test_requests_to_join_in_sight_of_all_people_of_the_group_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(Circle, "may_lead", Circle.sees_inside)
    with pytest.raises(AssertionError, match=r"group_full is shown .*asker of inside"):
        of_groups.check_groups(world, ["group_full"], ["en"])


def test_people_of_every_group_in_place_of_this_groups_are_noticed(world: World, fault: pytest.MonkeyPatch):
    def of_all(group: Any) -> list[Any]:
        return [person for each in world.groups.values() for person in people_of(each)]

    fault.setattr(groups.views, "people_of", of_all)
    with pytest.raises(AssertionError, match=r"othermember is shown .*person of inside"):
        of_groups.check_groups(world, ["othermember"], ["en"])


def test_numbers_for_all_people_of_the_group_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(Circle, "may_write", Circle.sees_inside)
    with pytest.raises(AssertionError, match="number"):
        of_groups.check_groups(world, ["group_full"], ["en"])


def test_numbers_of_pages_that_an_author_may_not_open_are_noticed(world: World, fault: pytest.MonkeyPatch):
    rows_of = hub.numbers.rows_of
    fault.setattr(hub.numbers, "rows_of", lambda group, viewer, weeks: rows_of(group, ALL_SEEING, weeks))
    with pytest.raises(AssertionError, match=r"author is shown .*number of inside"):
        of_groups.check_groups(world, ["author"], ["en"])


def test_numbers_below_the_least_that_is_told_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(hub.numbers, "SEEN_FROM", 1)
    with pytest.raises(AssertionError, match=r"lead is shown .*word of few of inside"):
        of_groups.check_groups(world, ["lead"], ["en"])


def test_a_way_into_groups_whose_page_is_closed_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(groups.views, "outside", circle_of)
    with pytest.raises(AssertionError, match="join/ for associate"):
        of_groups.check_joining(world, ["associate"])


def test_suggestions_to_a_page_that_one_may_not_open_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(HubPageQuerySet, "visible_to", lambda pages, _viewer: pages.live())
    with pytest.raises(AssertionError, match="associate is shown"):
        of_groups.check_giving(world, ["associate"], few(world, "resource", "full"))


def test_suggestions_to_all_pages_in_sight_of_every_lead_are_noticed(world: World, fault: pytest.MonkeyPatch):
    cared_for = groups.suggestions.cared_for

    def all_of_them(viewer: Viewer, user: User) -> Any:
        return None if cared_for(viewer, user) is None else Suggestion.objects.all()

    fault.setattr(groups.suggestions, "cared_for", all_of_them)
    with pytest.raises(AssertionError, match=r"otherlead is shown .*suggestion of inside"):
        of_groups.check_giving(world, ["otherlead"], [])


# What readers keep, and what changed ----------------------------------------------------------------


def test_a_note_that_opens_to_whoever_knows_its_number_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(guidebooks.reading.views, "own_note", lambda _request, pk: PrivateNote.objects.get(pk=pk))
    with pytest.raises(AssertionError, match=r"full is shown .*note of note of"):
        reading.check_notes(world, ["full"])


def test_notes_that_are_taken_away_without_their_owners_name_are_noticed(world: World, fault: pytest.MonkeyPatch):
    shown_for = guidebooks.reading.notes.shown_for
    fault.setattr(
        guidebooks.reading.views.notes,
        "shown_for",
        lambda _notes, viewer: shown_for(PrivateNote.objects.order_by("pk"), viewer),
    )
    with pytest.raises(AssertionError, match=r"secretariat is shown .*note of note of"):
        reading.check_notes(world, ["secretariat"])


def test_a_chapter_that_can_be_written_on_before_one_may_open_it_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(guidebooks.reading.views, "open_chapter", lambda _request, pk: ChapterPage.objects.get(pk=pk))
    with pytest.raises(AssertionError, match="associate is shown"):
        reading.check_read(world, ["associate"], few(world, "chapter", "full"))


def test_old_words_that_were_taken_back_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(Reading, "shows_old_words", lambda _reading, _viewer: True)
    with pytest.raises(AssertionError, match=r"full is shown .*taken back of chapter"):
        reading.check_marks(world, ["full"], few(world, "chapter", "below guidebook public"))


def test_changes_of_a_book_in_chapters_that_one_may_not_open_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(HubPage, "descendants_for", lambda page, _viewer: HubPage.objects.descendant_of(page).live())
    fault.setattr(guidebooks.reading.versions, "visible", lambda _viewer: Q())
    with pytest.raises(AssertionError, match=r"associate is shown .*change of chapter"):
        reading.check_changes(world, ["associate"])


def test_changes_from_when_a_chapter_was_closed_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(guidebooks.reading.versions, "visible", lambda _viewer: Q())
    with pytest.raises(AssertionError, match=r"associate is shown .*closed change of version"):
        reading.check_changes(world, ["associate"])


# Editions and citations -----------------------------------------------------------------------------


def as_it_was_then(viewer: Viewer, page: int, number: int) -> tuple[Edition, HubPage, list[Edition]] | None:
    """An edition for those who could read it when it was closed, whoever may read its page today."""
    now = HubPage.objects.live().for_cards().filter(pk=page).first()
    known = editions.editions_for(now, viewer) if now else []
    return next(((each, now, known) for each in known if each.number == number), None)


def test_editions_that_ignore_who_may_read_the_page_today_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(edition_pages, "edition_for", as_it_was_then)
    fault.setattr(editions, "can_see", lambda _viewer, _thing: True)  # each part of an edition asks once more
    with pytest.raises(AssertionError, match="edition 1 of resource full for associate"):
        library.check_editions(world, ["associate"], few(world, "resource", "full"))


def test_citations_that_ignore_who_may_read_the_page_today_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(edition_pages, "edition_for", as_it_was_then)
    with pytest.raises(AssertionError, match=r"1\.ris of resource full for associate"):
        library.check_citations(world, ["associate"], few(world, "resource", "full"))


def test_editions_that_ignore_who_could_read_them_when_they_were_closed_are_noticed(
    world: World, fault: pytest.MonkeyPatch
):
    fault.setattr(editions, "visible", lambda _viewer: Q())
    with pytest.raises(AssertionError, match=r"associate is shown .*name of edition 2"):
        library.check_editions(world, ["associate"], few(world, "resource", "public"))


def test_chapters_of_an_edition_that_are_closed_today_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(editions, "can_see", lambda _viewer, _thing: True)
    with pytest.raises(AssertionError, match="associate is shown"):
        library.check_editions(world, ["associate"], few(world, "guidebook", "public"))


def test_editions_named_on_a_page_to_whom_they_are_closed_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(items, "editions_for", lambda page, _viewer: list(Edition.objects.filter(page=page.pk)))
    with pytest.raises(AssertionError, match=r"associate is shown .*name of edition 2"):
        library.check_editions(world, ["associate"], few(world, "resource", "public"))


def test_an_address_to_cite_that_leads_everybody_on_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(HubPageQuerySet, "listed_for", lambda pages, _viewer: pages.live())
    with pytest.raises(AssertionError, match="associate is shown"):
        library.check_permanent_addresses(world, ["associate"], few(world, "resource", "full"))


# Beside the library ---------------------------------------------------------------------------------


@pytest.mark.own_engine(reason="another engine is asked page by page")
def test_an_export_that_starts_from_all_pages_is_noticed(world: World, fault: pytest.MonkeyPatch):
    pages_of = hub.exporting.pages_of

    def of_all(cards: list[Any], _viewer: Viewer) -> list[HubPage]:
        return pages_of([replace(card, closed=False) for card in cards], ALL_SEEING)

    fault.setattr(hub.exporting, "pages_of", of_all)
    with pytest.raises(AssertionError, match=r"associate is shown .* of resource full_teaser"):
        library.check_exports(world, ["associate"])


def test_notes_of_those_who_tried_it_in_sight_of_strangers_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(resources.tried, "may_read", lambda _viewer: True)
    with pytest.raises(AssertionError, match=r"lapsed is shown .*result of note on resource public"):
        library.check_tried(world, ["lapsed"], ["public"])


def test_notes_that_everybody_in_the_group_takes_away_are_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(resources.tried, "may_remove", lambda page, _user, viewer: page.working_group_id in viewer.groups)
    with pytest.raises(AssertionError, match="remove/ for group_full"):
        library.check_tried(world, ["group_full"], ["group"])


def test_a_country_of_fewer_than_three_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(resources.tried, "FEWEST", 2)
    with pytest.raises(AssertionError, match=r"countries named to associate: .*Norway"):
        library.check_countries(world, ["associate"])


def test_countries_that_count_the_readers_own_note_are_noticed(world: World, fault: pytest.MonkeyPatch):
    countries_in = resources.tried.countries_in
    fault.setattr(resources.tried, "countries_in", lambda notes, _own=(): countries_in(notes))
    with pytest.raises(AssertionError, match=r"countries named to associate: .*Norway"):
        library.check_countries(world, ["associate"])


def test_a_reading_list_that_is_shared_with_any_group_is_noticed(world: World, fault: pytest.MonkeyPatch):
    def with_any(user: User, viewer: Viewer, pk: int) -> ReadingList | None:
        found = ReadingList.objects.filter(pk=pk).first()
        return found if found and (found.user_id == user.pk or (found.group_id and viewer.groups)) else None

    fault.setattr(lists, "list_for", with_any)
    with pytest.raises(AssertionError, match=r"othermember is shown .*of list of lead"):
        library.check_reading_lists(world, ["othermember"])


def test_a_reading_list_that_shows_what_its_owner_may_open_is_noticed(world: World, fault: pytest.MonkeyPatch):
    pages_of = lists.pages_of
    fault.setattr(lists, "pages_of", lambda items, _viewer: pages_of(items, ALL_SEEING))
    with pytest.raises(AssertionError, match=r"group_associate is shown .*title of"):
        library.check_reading_lists(world, ["group_associate"])


def test_a_reading_list_that_everybody_it_is_shared_with_changes_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(hub.reading_lists, "own", lambda request, pk: hub.reading_lists.readable(request, pk)[0])
    with pytest.raises(AssertionError, match="change/ of lead for group_full"):
        library.check_reading_lists(world, ["group_full"])


# Taken away -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", taking.KINDS)
def test_a_book_that_is_taken_away_with_every_chapter_is_noticed(world: World, fault: pytest.MonkeyPatch, kind: str):
    gather = guidebooks.taking.views.gather
    fault.setattr(guidebooks.taking.views, "gather", lambda page, _viewer: gather(page, ALL_SEEING))
    with pytest.raises(AssertionError, match=f"{kind} of guidebook public for associate holds .*of chapter full"):
        taking.check_taken(world, ["associate"], few(world, "guidebook", "public"), [kind])


def test_a_book_that_is_taken_away_by_whoever_knows_its_number_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(guidebooks.taking.views, "open_book", lambda pk, _viewer: GuidebookPage.objects.get(pk=pk))
    with pytest.raises(AssertionError, match="html of guidebook full for associate: 200"):
        taking.check_taken(world, ["associate"], few(world, "guidebook", "full"), ["html"])


def test_a_file_that_was_made_for_one_reader_and_kept_for_all_is_noticed(world: World, fault: pytest.MonkeyPatch):
    def for_all(keeping: Keeping, page: Any, viewer: Viewer) -> None:
        right(keeping, page, viewer)
        keeping.name = f"{keeping.generation}-all"

    right = Keeping.__init__
    fault.setattr(Keeping, "__init__", for_all)
    with pytest.raises(AssertionError, match="html of guidebook public for associate holds"):
        taking.check_taken(world, ["full", "associate"], few(world, "guidebook", "public"), ["html"])


def test_a_device_that_keeps_what_is_for_a_group_is_noticed(world: World, fault: pytest.MonkeyPatch):
    fault.setattr(GuidebookPage, "viewer_on_device", lambda _page, viewer: viewer)
    with pytest.raises(AssertionError, match=r"offline copy of guidebook public for lead holds .*of chapter group"):
        taking.check_offline_copies(world, ["lead"], few(world, "guidebook", "public"))
