"""What all tests share: the tree's home, a factory of pages, and the check after each that keys are true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.audience import check_integrity
from core.models import HubPage
from hub.models import HomePage, PlainPage
from tests import engine
from tests.doors.stage import staged

# Modules that take minutes. They begin first, so that no worker is left alone with one of them at the end.
LONG = [
    "tests/test_doors.py",
    "tests/hub/test_admin_doors.py",
    "tests/hub/test_admin_faults.py",
    "tests/browser/test_accessibility.py",
    "tests/test_faults.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is long; leave out, with the reason each gives, what only the hub's own engine can do."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONG)))
    if engine.IS_OWN:
        return
    for item in items:
        if marker := item.get_closest_marker("own_engine"):
            item.add_marker(pytest.mark.skip(reason=f"the hub's own engine only: {marker.kwargs['reason']}"))


@pytest.fixture
def home(db: None) -> HomePage:
    """The English home page."""
    return HomePage.objects.get(locale__language_code="en", depth=2)


@pytest.fixture
def make_page(home: HomePage) -> Callable[..., PlainPage]:
    """Make a plain page: ``make_page("Title", audience="full", parent=section)``."""

    def make(title: str = "A page", parent: HubPage | None = None, **fields: Any) -> PlainPage:
        above = HubPage.objects.get(pk=(parent or home).pk).specific
        fields.setdefault("audience", "public")
        page: PlainPage = above.add_child(instance=PlainPage(title=title, **fields))
        return page

    return make


@pytest.fixture(autouse=True)
def keys_stay_true(request: pytest.FixtureRequest) -> Any:
    """After every test with a database, the stored access keys are what the tree says they are."""
    node = request.node
    uses_database = bool(
        node.get_closest_marker("django_db") or {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    )
    if uses_database:
        request.getfixturevalue("_django_db_helper")  # so that it is torn down after this one
    yield
    if uses_database and not node.get_closest_marker("breaks_keys"):
        assert check_integrity() == []


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A hub with things of every kind, open and closed in every way; the same for all tests of a module."""
    with django_db_blocker.unblock(), staged(tmp_path_factory.mktemp("world")) as built:
        yield built
