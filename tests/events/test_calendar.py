"""The calendar file of one event: for whom it is, and what it never holds."""

from __future__ import annotations

import pytest
from icalendar import Calendar

from tests import personas
from tests.events.conftest import JOIN, utc

pytestmark = pytest.mark.django_db


def entry_of(response):
    calendar = Calendar.from_ical(response.content)
    (entry,) = calendar.walk("VEVENT")
    return entry


def test_a_public_event_is_in_the_calendar_with_title_and_time(client, make_event):
    event = make_event(
        "Talking; with, parents",
        summary="Two of us show how.\nA second line.",
        starts_at=utc(2031, 3, 30, 0, 30),
        duration_minutes=90,
        time_zone="Europe/Berlin",
    )
    response = client.get(f"/events/calendar/{event.pk}.ics")
    entry = entry_of(response)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert str(entry["summary"]) == "Talking; with, parents"
    assert entry["dtstart"].dt == utc(2031, 3, 30, 0, 30)
    assert entry["dtend"].dt == utc(2031, 3, 30, 2)
    assert b"DTSTART:20310330T003000Z" in response.content
    assert str(entry["url"]).endswith(event.url)


@pytest.mark.parametrize("name", personas.NAMES)
def test_no_calendar_file_holds_the_join_link(name, client_of, make_event):
    event = make_event(poor_line=f"<p>{JOIN}</p>")
    response = client_of(name).get(f"/events/calendar/{event.pk}.ics")
    assert response.status_code == 200
    assert b"meet.example" not in response.content


@pytest.mark.parametrize("name", personas.NAMES)
@pytest.mark.parametrize("teaser", [True, False])
def test_the_calendar_file_of_a_closed_event_is_for_those_who_may_open_it(name, teaser, client_of, make_event):
    event = make_event("Canary title", summary="Canary words", audience="full", teaser=teaser)
    response = client_of(name).get(f"/events/calendar/{event.pk}.ics")
    if name not in {"full", "seat", "group_full", "lead", "otherlead", "secretariat", "board"}:
        assert response.status_code == 404
        return
    assert str(entry_of(response)["summary"]) == "INDEX event"
    assert b"anary" not in response.content
    assert event.slug.encode() not in response.content
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "canary" not in response["Content-Disposition"]


def test_drafts_and_numbers_of_nothing_give_the_same_404(client, make_event):
    event = make_event()
    event.unpublish()
    draft = client.get(f"/events/calendar/{event.pk}.ics")
    nothing = client.get("/events/calendar/99999999999999999999999.ics")
    assert draft.status_code == nothing.status_code == 404


def test_a_page_that_is_no_event_has_no_calendar_file(client, section):
    assert client.get(f"/events/calendar/{section.pk}.ics").status_code == 404


def test_only_reading_is_answered(client, make_event):
    event = make_event()
    assert client.post(f"/events/calendar/{event.pk}.ics").status_code == 405


def test_the_same_event_keeps_its_identity_in_a_calendar(client, make_event):
    event = make_event()
    address = f"/events/calendar/{event.pk}.ics"
    first, second = client.get(address).content, client.get(address).content
    assert first == second
