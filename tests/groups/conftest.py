"""The working groups section of the tests, and a maker of homes of groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from hub.models import HomePage
from tests import personas
from tests.groups.desk import Desk


@pytest.fixture
def section(home: HomePage) -> WorkingGroupIndexPage:
    """The working groups section in English, open to all."""
    return WorkingGroupIndexPage.objects.get(locale=home.locale)


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    """One of every sort of visitor."""
    return personas.make_personas()


@pytest.fixture
def make_home(section: WorkingGroupIndexPage, people: dict[str, Any]) -> Callable[..., WorkingGroupPage]:
    """Make the home of a group: ``make_home()`` is that of the tests' group, for members, with a teaser."""

    def make(slug: str = personas.GROUP, **fields: Any) -> WorkingGroupPage:
        group = personas.make_groups()[slug]
        fields.setdefault("title", group.name)
        fields.setdefault("audience", "members")
        page: WorkingGroupPage = section.add_child(instance=WorkingGroupPage(working_group=group, **fields))
        return page

    return make


@pytest.fixture
def client_of(people: dict[str, Any]) -> Callable[[str], Client]:
    """A client of one sort of visitor."""

    def client(name: str) -> Client:
        found = Client()
        if name != "anonymous":
            found.force_login(people[name])
        return found

    return client


@pytest.fixture
def desk(people: dict[str, Any]) -> Desk:
    """A working group with a space, a lead and an author, all at work in the admin."""
    return Desk(people)
