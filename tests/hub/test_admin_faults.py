"""Each layer that keeps leads and authors to their own taken away: the crawl of the admin must notice."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q

import core.desk
import core.forms
import hub.middleware
from core.desk import Desk
from hub import admin_policies
from tests.doors import admin_checks
from tests.doors.admin_scenario import AUTHOR, LEAD, Admin, build_admin
from tests.test_doors import ADMIN_ROUTES

pytestmark = pytest.mark.django_db
# A few addresses in which each layer matters; the whole is in test_admin_doors.
FEW = [
    route
    for route in ADMIN_ROUTES
    if route
    in (
        "admin/pages/<int:parent_page_id>/",
        "admin/pages/<int:page_id>/edit/",
        "admin/pages/<int:page_id>/history/",
        "admin/choose-page/search/",
        "admin/tag-autocomplete/<slug:app_name>/<slug:model_name>/",
        "admin/reports/site-history/",
        "admin/images/",
    )
]


@pytest.fixture(scope="module")
def admin(world: Any, django_db_blocker: Any) -> Admin:
    """The world with two groups at work."""
    with django_db_blocker.unblock():
        return build_admin(world)


def crawl(admin: Admin, name: str) -> None:
    """A short tour."""
    admin_checks.Crawl(admin, name, ADMIN_ROUTES).all(FEW)


@pytest.mark.parametrize("name", [LEAD, AUTHOR])
def test_without_a_fault_the_tour_finds_nothing(admin: Admin, name: str):
    assert len(FEW) == 7
    crawl(admin, name)


def test_doors_that_all_stand_open_are_noticed(admin: Admin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub.middleware, "is_open", lambda desk, request, match: True)
    with pytest.raises(AssertionError, match="lead is shown"):
        crawl(admin, LEAD)


def test_lists_of_all_pages_are_noticed(admin: Admin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Desk, "pickable_pages", property(lambda desk: ~Q(pk__in=[])))
    with pytest.raises(AssertionError, match="lead is shown"):
        crawl(admin, LEAD)


def test_permissions_that_follow_the_tree_alone_are_noticed(admin: Admin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(admin_policies.PagesOfDesk, "_own", lambda policy, user, pages: pages)
    monkeypatch.setattr(core.desk, "title_for_desk", lambda page, title: title)
    with pytest.raises(AssertionError, match="author is shown"):
        crawl(admin, AUTHOR)


def test_titles_without_a_net_are_noticed(admin: Admin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(core.desk, "title_for_desk", lambda page, title: title)
    with pytest.raises(AssertionError, match="lead is shown"):
        crawl(admin, LEAD)


def test_saving_without_a_check_is_noticed(admin: Admin, monkeypatch: pytest.MonkeyPatch):
    admin_checks.check_saving(admin)
    monkeypatch.setattr(core.forms, "unpickable", lambda *given: iter(()))
    with pytest.raises(AssertionError, match="was saved"):
        admin_checks.check_saving(admin)
