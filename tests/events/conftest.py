"""The events section of the tests, and a maker of events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import HubPage
from events.models import EventIndexPage, EventPage, EventSpeaker
from hub.models import HomePage
from tests import personas

JOIN = "https://meet.example/the-secret-room"


@pytest.fixture
def section(home: HomePage) -> EventIndexPage:
    """The events section in English, open to all."""
    return EventIndexPage.objects.get(locale=home.locale)


@pytest.fixture
def make_event(section: EventIndexPage) -> Callable[..., EventPage]:
    """Make an event: ``make_event("Title", in_days=3, audience="full", speakers=["Ada"])``."""

    def make(title: str = "An event", parent: HubPage | None = None, **fields: Any) -> EventPage:
        topics = fields.pop("topics", [])
        above = HubPage.objects.get(pk=(parent or section).pk).specific
        days = fields.pop("in_days", 3)
        fields.setdefault("starts_at", (timezone.now() + timedelta(days=days)).replace(microsecond=0))
        fields.setdefault("audience", "public")
        fields.setdefault("join_link", JOIN)
        event = EventPage(title=title, **{k: v for k, v in fields.items() if k != "speakers"})
        event.topics.set(topics)
        names = fields.get("speakers", ["Miriam"])
        event.speakers.set([EventSpeaker(name=name, role="Counsellor") for name in names])
        page: EventPage = above.add_child(instance=event)
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


def utc(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
