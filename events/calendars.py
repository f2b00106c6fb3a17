"""One event as a calendar file.

Calendars are copied to telephones and to servers of others. So a file never holds the link for joining, and of an
event that is not open to everybody it holds nothing but the time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event

from core.access import PUBLIC

if TYPE_CHECKING:
    from events.models import EventPage

NEUTRAL = "INDEX event"  # the same in every language, so that it tells nothing


def calendar_of(event: EventPage) -> bytes:
    """The calendar file of an event, for somebody who may open it. Its times are UTC, which no calendar can misread."""
    entry = Event()
    entry.add("uid", f"event-{event.translation_key}@{settings.WAGTAIL_SITE_NAME.lower()}")
    entry.add("dtstamp", _second(event.last_published_at or event.published_on or timezone.now()))
    entry.add("dtstart", _second(event.starts_at))
    entry.add("dtend", _second(event.ends_at))
    if event.access_key == PUBLIC:
        entry.add("summary", event.title)
        entry.add("url", f"{settings.WAGTAILADMIN_BASE_URL}{event.url}")
        if event.summary:
            entry.add("description", event.summary)
    else:
        entry.add("summary", NEUTRAL)
        entry.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", "-//INDEX//hub//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
