"""The standards section of the tests, and a maker of standards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import HubPage
from hub.models import HomePage
from standards.models import Clause, ClauseSource, StandardIndexPage, StandardPage
from tests import personas


@pytest.fixture
def section(home: HomePage) -> StandardIndexPage:
    """The standards section in English, open to all."""
    return StandardIndexPage.objects.get(locale=home.locale)


@pytest.fixture
def make_standard(section: StandardIndexPage) -> Callable[..., StandardPage]:
    """Make a standard: ``make_standard("S6", clauses=["First", "Second"], rests_on={1: [page]})``."""

    def make(number: str = "S1", parent: HubPage | None = None, **fields: Any) -> StandardPage:
        above = HubPage.objects.get(pk=(parent or section).pk).specific
        texts = fields.pop("clauses", ["A first thing.", "A second thing."])
        rests_on = fields.pop("rests_on", {})
        fields.setdefault("title", f"Standard {number}")
        fields.setdefault("audience", "public")
        fields.setdefault("edition", "Draft 1")
        standard = StandardPage(number=number, **fields)
        clauses = []
        for place, text in enumerate(texts, start=1):
            clause = Clause(number=place, text=f"<p>{text}</p>", guidance="<p>How to do it.</p>", sort_order=place)
            clause.rests_on.set(
                [ClauseSource(page=page, sort_order=n) for n, page in enumerate(rests_on.get(place, []))]
            )
            clauses.append(clause)
        standard.clauses.set(clauses)
        page: StandardPage = above.add_child(instance=standard)
        return page

    return make


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    """One of every sort of visitor."""
    return personas.make_personas()


@pytest.fixture
def client_of(people: dict[str, Any]) -> Callable[[str], Client]:
    """A client of one sort of visitor."""

    def client(name: str) -> Client:
        found = Client()
        if name != "anonymous":
            found.force_login(people[name])
        return found

    return client
