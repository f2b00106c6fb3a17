"""Leads and authors in Wagtail's admin: what is open to them, and that nothing of others' is in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from hub.admin_doors import OPEN
from tests import personas
from tests.doors import admin_checks
from tests.doors.admin_scenario import AUTHOR, LEAD, TWO, Admin, build_admin
from tests.test_doors import ADMIN_ROUTES

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def admin(world: Any, django_db_blocker: Any) -> Admin:
    """The world with two groups at work."""
    with django_db_blocker.unblock():
        return build_admin(world)


def test_every_open_door_is_there_and_each_of_its_arguments_is_known():
    names = {admin_checks.view_name(route): route for route in ADMIN_ROUTES.values()}
    assert [name for name in OPEN if name not in names] == []
    for name, door in OPEN.items():
        assert set(names[name].pattern.pattern.converters) | set(names[name].pattern.pattern.regex.groupindex) == set(
            door.path
        ), name


@pytest.mark.parametrize("name", [LEAD, TWO, AUTHOR])
def test_nothing_of_another_group_is_in_any_answer(admin: Admin, name: str):
    crawl = admin_checks.Crawl(admin, name, ADMIN_ROUTES)
    crawl.all()
    assert crawl.asked > 1000


@pytest.mark.parametrize("name", [LEAD, AUTHOR])
def test_nothing_of_another_group_can_be_changed(admin: Admin, name: str):
    with transaction.atomic():
        admin_checks.Crawl(admin, name, ADMIN_ROUTES).posts()
        transaction.set_rollback(True)


def test_own_things_are_there(admin: Admin):
    admin_checks.check_lists(admin)


def test_all_without_an_office_find_no_admin(admin: Admin):
    for name in personas.NAMES:
        if name in (LEAD, AUTHOR, "otherlead", "secretariat"):
            continue
        for path in ("/admin/", "/admin/pages/", f"/admin/pages/{admin.ours.pages['readable'].pk}/edit/"):
            answer = admin.world.clients[name].get(path)
            assert answer.status_code == (302 if name == "anonymous" else 404), f"{path} for {name}"
    assert admin.world.clients["otherlead"].get("/admin/").status_code == 200
