"""People for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from members.baseline import make_baseline
from members.models import User
from tests.personas import PASSWORD


@pytest.fixture(autouse=True)
def baseline(db: None) -> None:
    """Tiers, activities and staff groups, whatever an earlier test flushed."""
    make_baseline()


@pytest.fixture
def make_user() -> Callable[..., User]:
    """Make a person: ``make_user("ada@example.org", display_name="Ada")``."""

    def make(email: str = "ada@example.org", **fields: Any) -> User:
        return User.objects.create_user(email, PASSWORD, **{"display_name": "Ada", **fields})

    return make


@pytest.fixture
def user(make_user: Callable[..., User]) -> User:
    """A person without a membership."""
    return make_user()


@pytest.fixture
def secretariat(make_user: Callable[..., User]) -> User:
    """Somebody who runs the hub, without being its administrator."""
    from django.contrib.auth.models import Group

    person = make_user("office@example.org", display_name="Office")
    person.groups.add(Group.objects.get(name="Secretariat"))
    return person
