"""Faults in the rule, made on purpose: the door tests must notice each.

A check that passes says little until it has been seen to fail. Each test here breaks one thing, as a slip of the pen
would, and runs the very checks of tests/test_doors.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import core.access
import core.models.files
import hub.alerts
import hub.saved_searches
import members.rights
from core.access import viewer_for
from core.models import HubPageQuerySet
from members.models import Membership, User, WorkingGroup
from members.rights import Rights, grace, own_memberships, rights_of, running
from search import asking, library
from search.rebuilding import rebuild
from search.view import View
from tests.doors import checks
from tests.doors.scenario import World

pytestmark = pytest.mark.django_db


def of_groups(world: World) -> list[Any]:
    """Pages that only a working group reads."""
    return [world.one(kind, state) for kind in ("resource", "event") for state in ("group", "group_full")]


def test_without_a_fault_the_checks_pass(world: World):
    checks.check_pages(world, ["othermember", "group_associate"], of_groups(world))
    checks.check_search(world, ["anonymous"], [world.one("resource", "members")])
    checks.check_facets(world, ["anonymous"])
    checks.check_suggestions(world, ["anonymous"])
    checks.check_search_in_files(world, ["anonymous"])
    checks.check_search_feeds(world, ["anonymous"])
    checks.check_search_alerts(world)
    checks.check_days(world)


def test_any_group_in_place_of_this_group_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    def with_any_group(user: User, on: date | None = None) -> Rights:
        rights = rights_of(user, on)
        groups = frozenset(WorkingGroup.objects.values_list("pk", flat=True)) if rights.groups else rights.groups
        return Rights(rights.is_member, rights.full_access, groups, rights.sees_all)

    monkeypatch.setattr(core.access, "rights_of", with_any_group)
    with pytest.raises(AssertionError, match="othermember"):
        checks.check_pages(world, ["othermember"], of_groups(world))


def test_a_tier_that_does_not_count_inside_a_group_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    def without_tier(user: User, on: date | None = None) -> Any:
        viewer = viewer_for(user, on)
        keys = viewer.keys | {f"group:{group}+full" for group in viewer.groups}
        return core.access.Viewer(keys, viewer.sees_all, viewer.signed_in)

    monkeypatch.setattr(core.access, "viewer_for", without_tier)
    with pytest.raises(AssertionError, match="group_full"):
        checks.check_pages(world, ["group_associate"], of_groups(world))


def test_a_search_without_a_filter_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    whole = asking.viewer_set
    monkeypatch.setattr(asking, "viewer_set", lambda now, keys: whole(now, None))
    with pytest.raises(AssertionError, match="is counted"):
        checks.check_search(world, ["anonymous"], [world.one("resource", "members")])
    with pytest.raises(AssertionError, match="anonymous"):
        checks.check_search_pages(world, ["anonymous"])
    with pytest.raises(AssertionError, match="terms for anonymous"):
        checks.check_terms(world, ["anonymous"])


def test_recommendations_without_a_filter_are_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(HubPageQuerySet, "listed_for", lambda pages, _viewer: pages.live())
    with pytest.raises(AssertionError, match="recommended to anonymous"):
        checks.check_recommended(world, ["anonymous"])


def test_a_file_that_is_as_open_as_its_page_is_noticed(world: World):
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(core.models.files, "fold", lambda of_page, of_file: of_page)
        rebuild()
        with pytest.raises(AssertionError, match="text of document"):
            checks.check_search_in_files(world, ["anonymous"])
    rebuild()
    checks.check_search_in_files(world, ["anonymous"])


def test_facets_without_a_filter_are_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    count = library.Search.facets

    def over_all(search: library.Search, names: Sequence[str]) -> dict[str, dict[str, int]]:
        return count(library.Search(asking.viewer_set(search.now.snapshot, None), search.asked), names)

    monkeypatch.setattr(library.Search, "facets", over_all)
    with pytest.raises(AssertionError, match="for anonymous"):
        checks.check_facets(world, ["anonymous"])
    with pytest.raises(AssertionError, match="is in facets"):
        checks.check_search(world, ["anonymous"], [world.one("resource", "members")])


def test_facets_of_items_in_place_of_what_was_found_of_them_are_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    def of_items(view: View, names: Sequence[str], mask: np.ndarray, known: np.ndarray) -> dict[str, dict[str, int]]:
        folding = view.snapshot.folding
        held = np.zeros(folding.slot_count, bool)
        held[folding.slots[view.held(mask)[folding.items]]] = True
        return folding.count_by(view.snapshot, names, np.packbits(held, bitorder="little").view(np.uint64))

    monkeypatch.setattr(View, "by_facet", of_items)
    with pytest.raises(AssertionError, match="for anonymous"):
        checks.check_facets(world, ["anonymous"])


def test_corrections_out_of_the_whole_index_are_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    forgiven = library.forgiven

    def over_all(search: library.Search, *how: Any, **more: Any) -> tuple[library.Search, str, tuple[str, ...]]:
        whole = library.Search(asking.viewer_set(search.now.snapshot, None), search.asked)
        return search, *forgiven(whole, *how, **more)[1:]

    monkeypatch.setattr(library, "forgiven", over_all)
    with pytest.raises(AssertionError, match="is offered"):
        checks.check_search_in_files(world, ["anonymous"])


def test_a_feed_that_asks_for_no_membership_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub.alerts, "may_be_told", lambda viewer: True)
    with pytest.raises(AssertionError, match="the feed of lapsed is there"):
        checks.check_search_feeds(world, ["anonymous"])


def test_a_feed_of_other_keys_than_its_owners_now_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    of_full = core.access.viewer_for(world.people["full"])
    monkeypatch.setattr(hub.saved_searches, "viewer_for", lambda user: of_full)
    with pytest.raises(AssertionError, match="the feed of"):
        checks.check_search_feeds(world, ["anonymous"])


def test_alerts_with_other_keys_than_those_of_the_moment_are_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    of_full = core.access.viewer_for(world.people["full"])
    monkeypatch.setattr(hub.alerts, "viewer_for", lambda user, on=None: of_full)
    with pytest.raises(AssertionError, match=r"mails to .*lapsed"):
        checks.check_search_alerts(world)


def test_suggestions_without_a_filter_are_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    suggest = library.suggest
    monkeypatch.setattr(library, "suggest", lambda typed, *, keys, limit=8: suggest(typed, keys=None, limit=limit))
    with pytest.raises(AssertionError, match="anonymous is offered"):
        checks.check_suggestions(world, ["anonymous"])
    with pytest.raises(AssertionError, match="anonymous is shown"):
        checks.check_suggestions_in_browser(world, ["anonymous"])


def a_day_early(user: User, on: date) -> Any:
    """Memberships that end before their last day."""
    return Membership.objects.filter(user=user, starts_on__lte=on, ends_on__gt=on - grace())


def a_day_late(user: User, on: date) -> Any:
    """Memberships that open a day after their last."""
    return own_memberships(user, on) | Membership.objects.filter(user=user, ends_on=on - grace() - timedelta(days=1))


@pytest.mark.parametrize("fault", [a_day_early, a_day_late])
def test_an_end_that_is_off_by_one_day_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch, fault: Any):
    monkeypatch.setattr(members.rights, "own_memberships", fault)
    with pytest.raises(AssertionError, match="member-of-days"):
        checks.check_days(world)


def test_a_place_in_a_group_that_ends_a_day_early_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(members.rights, "running", lambda on: running(on + timedelta(days=1)))
    with pytest.raises(AssertionError, match="leaving-a-seat"):
        checks.check_days(world)
