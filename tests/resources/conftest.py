"""A library with an index of its own, makers of resources and topics, and a browser for each sort of visitor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from core.models import HubPage, Keyword, Topic
from hub.models import HomePage
from members.models import WorkingGroup
from resources.models import ResourceIndexPage, ResourcePage
from search import outbox
from search.rebuilding import rebuild
from tests import engine, personas

AUDIENCES = ("public", "members", "full", "group", "group_full")
SEES = {
    "anonymous": {"public"},
    "lapsed": {"public"},
    "student": {"public", "members"},
    "associate": {"public", "members"},
    "full": {"public", "members", "full"},
    "seat": {"public", "members", "full"},
    "group_associate": {"public", "members", "group"},
    "group_full": set(AUDIENCES),
    "author": {"public", "members", "group"},
    "lead": set(AUDIENCES),
    "othermember": {"public", "members"},
    "otherlead": {"public", "members", "full"},
    "secretariat": set(AUDIENCES),
    "board": {"public", "members", "full"},
}


@pytest.fixture
def library(home: HomePage, settings: Any, tmp_path: Path) -> ResourceIndexPage:
    """The library, open to all, and an empty index."""
    settings.WAGTAILSEARCH_BACKENDS = engine.backends(tmp_path / "index")
    page = ResourceIndexPage.objects.filter(locale=home.locale).first()
    assert page is not None  # every hub has one
    rebuild()
    cache.clear()  # the generation in its keys was rolled back with the test before
    return page


@pytest.fixture
def indexed() -> Callable[[], None]:
    """Bring into the index what was saved; outside a test this happens when the change is committed."""
    return outbox.drain_now


@pytest.fixture
def groups(db: None) -> dict[str, WorkingGroup]:
    """The two working groups of the tests, by short name."""
    return personas.make_groups()


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    """One of every sort of visitor."""
    return personas.make_personas()


@pytest.fixture
def client_of(people: dict[str, Any]) -> Callable[[str], Client]:
    """A client of one sort of visitor."""

    def client(name: str) -> Client:
        found = Client()
        if people[name].is_authenticated:
            found.force_login(people[name])
        return found

    return client


@pytest.fixture
def make_topic(db: None) -> Callable[..., Topic]:
    """Make a topic: ``make_topic("housing", parent=reintegration)``."""

    def make(slug: str, parent: Topic | None = None, **fields: Any) -> Topic:
        fields.setdefault("name", slug.replace("-", " ").capitalize())
        topic, _new = Topic.objects.get_or_create(slug=slug, defaults={"parent": parent, **fields})
        return topic

    return make


@pytest.fixture
def make_resource(library: ResourceIndexPage, make_topic: Callable[..., Topic]) -> Callable[..., ResourcePage]:
    """Make a resource: ``make_resource("Title", audience="full", topics=["housing"], text="Words.")``."""

    def make(title: str = "A practice", parent: HubPage | None = None, **fields: Any) -> ResourcePage:
        topics, keywords = fields.pop("topics", []), fields.pop("keywords", [])
        text = fields.pop("text", "")
        fields.setdefault("audience", "public")
        fields.setdefault("published_on", datetime(2025, 3, 4, tzinfo=UTC))
        if fields["audience"].startswith("group"):
            fields.setdefault("working_group", personas.make_groups()[personas.GROUP])
        page = ResourcePage(title=title, **fields)
        if text:
            page.body = [{"type": "paragraph", "value": f"<p>{text}</p>"}]
        page.topics.set([make_topic(slug) for slug in topics])
        page.keywords.set([Keyword.objects.get_or_create(name=word, defaults={"slug": word})[0] for word in keywords])
        above = HubPage.objects.get(pk=(parent or library).pk).specific
        made: ResourcePage = above.add_child(instance=page)
        return made

    return make


@pytest.fixture
def one_of_each(make_resource: Callable[..., ResourcePage]) -> dict[str, ResourcePage]:
    """A resource for each audience, each with a topic, a keyword, a setting and a year of its own."""
    settings = dict(zip(AUDIENCES, ("community", "family", "prison", "online", "health"), strict=True))
    return {
        audience: make_resource(
            f"Resource {audience}",
            audience=audience,
            summary=f"Summary {audience}",
            topics=[f"topic-{audience}"],
            keywords=[f"word-{audience}"],
            setting=[settings[audience]],
            published_on=datetime(2015 + number, 5, 1, tzinfo=UTC),
            text=f"bodyword{audience.replace('_', '')} about things",
        )
        for number, audience in enumerate(AUDIENCES)
    }
